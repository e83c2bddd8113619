"""The optimiser of BERT, and the schedule of its learning rate."""

from collections.abc import Collection

import keras
import tensorflow as tf
from keras import ops

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


@keras.saving.register_keras_serializable(package="charbert_tf")
class WarmupLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly from zero to the peak, then falls linearly to zero.

    Args:
        peak: float. The highest learning rate.
        total_steps: int. Steps until it is zero again.
        warmup_steps: int. Steps until the peak.

    Example:

    ```python
    schedule = WarmupLinearDecay(3e-5, total_steps=1000, warmup_steps=100)
    optimizer = keras.optimizers.AdamW(schedule)
    ```
    """

    def __init__(self, peak: float, total_steps: int, warmup_steps: int):
        super().__init__()
        self.peak = peak
        self.total_steps = total_steps
        self.warmup_steps = warmup_steps

    def __call__(self, step: tf.Tensor | int) -> tf.Tensor:
        """Returns the learning rate.

        Args:
            step: int tensor, the number of updates so far.
        """
        # The first update is step 0 and must not be lost to a rate of zero.
        step = ops.cast(step, "float32") + 1.0
        warmup = step / max(self.warmup_steps, 1)
        remaining = self.total_steps + 1 - self.warmup_steps
        decay = (self.total_steps + 1 - step) / max(remaining, 1)
        return self.peak * ops.clip(ops.minimum(warmup, decay), 0.0, 1.0)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            "peak": self.peak,
            "total_steps": self.total_steps,
            "warmup_steps": self.warmup_steps,
        }
