"""RoBERTa and XLM-R: the encoder, and what its checkpoints look like."""
