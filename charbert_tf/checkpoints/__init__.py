"""Models that are on disk already: presets, Hugging Face's and the authors' folders."""

from charbert_tf.checkpoints.huggingface import load_huggingface, save_huggingface
from charbert_tf.checkpoints.released import load_released, save_released

__all__ = ["load_huggingface", "load_released", "save_huggingface", "save_released"]
