"""GroupedAdamW: AdamW with a learning rate of its own for some of the weights."""

from collections.abc import Collection

import keras
import tensorflow as tf

# Biases and norms (and the GRU's biases) are not decayed, as in BERT's recipe.
_NOT_DECAYED = ("bias", "gamma", "beta")


@keras.saving.register_keras_serializable(package="charbert_tf")
class GroupedAdamW(keras.optimizers.AdamW):
    """AdamW that moves new weights faster than pretrained ones.

    Weight decay leaves out biases and layer norms. It goes with the pretrained weights'
    learning rate for all: new weights do not decay faster.

    Args:
        learning_rate: float or schedule, of the pretrained weights.
        multiplier: float. What the learning rate of the new weights is multiplied by.
        new_variables: The variables that count as new; by default none.
        weight_decay: float. Defaults to 0.01.
        **kwargs: Other arguments of `keras.optimizers.AdamW`, but not `amsgrad`.

    Raises:
        ValueError: If `amsgrad` is given.

    Example:

    ```python
    optimizer = GroupedAdamW(
        1e-4, multiplier=5.0, new_variables=backbone.char_encoder.variables
    )
    ```
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-4,
        multiplier: float = 1.0,
        new_variables: Collection[keras.Variable] = (),
        weight_decay: float = 0.01,
        **kwargs,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, **kwargs)
        if self.amsgrad:
            raise ValueError("`amsgrad` is not supported.")
        self.multiplier = multiplier
        self._new_ids = {id(variable) for variable in new_variables}
        self.exclude_from_weight_decay(var_names=list(_NOT_DECAYED))

    def build(self, variables) -> None:
        """Makes the moments, and notes which variables are new.

        Args:
            variables: The model's trainable variables.
        """
        super().build(variables)
        self._multipliers = [
            self.multiplier if id(variable) in self._new_ids else 1.0
            for variable in variables
        ]

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Updates one variable.

        Args:
            gradient: Its gradient.
            variable: The variable.
            learning_rate: The pretrained weights' learning rate at this step.
        """
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        # Keras's own update is the same, in ten passes over the memory, not in one.
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, variable.dtype) * self._multipliers[index],
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.convert_to_tensor(tf.cast(gradient, variable.dtype)),
        )

    def get_config(self):
        """Returns the arguments that can be written down: not the variables."""
        return {**super().get_config(), "multiplier": self.multiplier}
