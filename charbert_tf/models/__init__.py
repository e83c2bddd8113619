"""The backbone and the heads on top of it, or of a plain keras-nlp encoder."""
