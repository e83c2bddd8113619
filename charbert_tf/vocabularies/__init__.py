"""Vocabularies of word pieces, characters and words: learnt from text, and read."""
