"""The span of a context that answers a question: SQuAD's JSON, the head, the scores."""
