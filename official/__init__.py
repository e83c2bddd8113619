"""The commands, each run as `python -m official.NAME --help`."""

import os
import sys

from official.quiet_tensorflow import QuietTensorFlow

# Keras would otherwise take the backend of the user's keras.json, which may be another.
os.environ["KERAS_BACKEND"] = "tensorflow"

# Whoever lowers TensorFlow's log level wants to see its messages.
if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
    sys.meta_path.insert(0, QuietTensorFlow())
