"""PyTorch's state dicts: their files, and how tensors become Keras's weights."""
