"""DistilBERT: the encoder, and what its checkpoints look like."""
