"""noised_batches: what `fit` trains on where there is noise in training."""

import keras
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor


def noised_batches(
    preprocessor: CharBertPreprocessor, batches: tf.data.Dataset
) -> tf.data.Dataset:
    """Gives batches of noised texts, other ones each time the dataset is read.

    Args:
        preprocessor: Has the noise.
        batches: Texts as it takes them, labels and perhaps weights.

    Returns:
        A dataset of what `fit` takes. After `keras.utils.set_random_seed` it is the
        same in each run.

    Raises:
        NotImplementedError: If the task has no noise in training.

    Example:

    ```python
    rows = tf.data.Dataset.from_tensor_slices((["a fine film"], [1]))
    dataset = noised_batches(classifier.preprocessor, rows.batch(32))
    ```
    """
    preprocessor.check_training_noise()
    # A number for each batch, others in each epoch.
    seed = keras.random.randint((), 0, 2**31 - 1, dtype="int32")
    numbers = tf.data.Dataset.random(int(seed), rerandomize_each_iteration=True)

    def noised(number, *batch):
        texts, labels, weights = keras.utils.unpack_x_y_sample_weight(
            batch if len(batch) > 1 else batch[0]
        )
        count = tf.shape(tf.nest.flatten(labels)[0], tf.int64)[0]
        texts, labels = preprocessor.noised(texts, labels, tf.range(count), number)
        return keras.utils.pack_x_y_sample_weight(texts, labels, weights)

    return tf.data.Dataset.zip(numbers, batches).map(
        lambda number, batch: noised(number, *batch),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
