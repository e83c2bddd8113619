"""Measurements, each run as `python -m benchmarks.NAME`."""

import official  # noqa: F401  keeps TensorFlow's start-up messages off the screen
