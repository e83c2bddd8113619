"""From text to subwords and characters, inside the graph: words, tokenizers, noise."""
