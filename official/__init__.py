"""The commands, each run as `python -m official.NAME --help`."""

import os

from charbert_tf.quiet_tensorflow import QuietTensorFlow

# Keras would otherwise take the backend of the user's keras.json, which may be another.
os.environ["KERAS_BACKEND"] = "tensorflow"

QuietTensorFlow.install()
