"""What a graph is for, and what of a model is computed in which graph and batch."""
