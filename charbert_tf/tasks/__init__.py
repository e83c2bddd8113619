"""Task families, one module each: reading their files, their labels, their scores."""
