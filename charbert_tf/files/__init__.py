"""Files: errors that name them, text files, atomic output, the folder of a run."""
