"""The measurements of `benchmarks.gpu_check`, a group of cells a file."""
