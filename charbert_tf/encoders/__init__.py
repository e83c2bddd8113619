"""Plain encoders, BERT's and RoBERTa's, as their checkpoints describe them."""
