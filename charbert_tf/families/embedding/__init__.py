"""Vectors of sentences that are near where these mean the same: model, losses, task."""
