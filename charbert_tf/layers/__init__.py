"""Keras layers: the character encoder and the interaction of the two channels."""
