"""Models that are on disk already: presets and Hugging Face folders."""
