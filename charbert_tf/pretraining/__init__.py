"""MLM and NLM: the batches, the start from an encoder, the warm start."""
