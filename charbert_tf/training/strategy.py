"""The distribution strategy that fits the machine."""

import tensorflow as tf


def default_strategy() -> tf.distribute.Strategy:
    """Returns MirroredStrategy where there are several GPUs, else the default.

    Example:

    ```python
    with default_strategy().scope():
        classifier = charbert_tf.TextClassifier(backbone, num_classes=2)
    ```
    """
    if len(tf.config.list_logical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()
