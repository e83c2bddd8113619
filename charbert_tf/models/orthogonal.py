"""orthogonal: the initial recurrent kernel of GRUs and LSTMs, in any precision."""

import keras
from keras import ops


def orthogonal(
    policy: str | keras.DTypePolicy | None,
) -> "keras.initializers.Initializer | str":
    """Returns what draws an orthogonal matrix for a layer.

    Args:
        policy: The layer's dtype policy.

    Returns:
        Keras's own initializer, by name, wherever TensorFlow can compute it.

    Example:

    ```python
    keras.layers.GRU(8, recurrent_initializer=orthogonal("bfloat16"), dtype="bfloat16")
    ```
    """
    is_half = keras.dtype_policies.get(policy).variable_dtype == "bfloat16"
    return Orthogonal() if is_half else "orthogonal"


@keras.saving.register_keras_serializable(package="charbert_tf")
class Orthogonal(keras.initializers.Orthogonal):
    """`keras.initializers.Orthogonal`, also where weights are bfloat16.

    TensorFlow decomposes no matrix of that type.

    Example:

    ```python
    kernel = Orthogonal()((16, 48), dtype="bfloat16")
    ```
    """

    def __call__(
        self, shape: tuple[int, ...], dtype: str | None = None
    ) -> keras.KerasTensor:
        """Draws a matrix.

        Args:
            shape: Its shape.
            dtype: Its type; by default Keras's.

        Returns:
            float tensor.
        """
        matrix = super().__call__(shape, "float32")
        return ops.cast(matrix, dtype or keras.config.floatx())
