"""A label for a text or a pair of texts: TSV files, the head, the scores."""
