"""Adversaries: the edits that do a model most harm, found by asking for its loss."""
