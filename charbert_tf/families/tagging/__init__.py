"""A tag for every word: CoNLL-style files, the head, the scores."""
