"""WarmupLinearDecay: the learning rate of BERT's recipes."""

import keras
import tensorflow as tf
from keras import ops


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
