"""LossScale: keeps the gradients of float16 from vanishing."""

import tensorflow as tf

_INITIAL = 2.0**15
_STEPS_UNTIL_IT_GROWS = 2000


class LossScale(tf.Module):
    """A factor of the loss that is as large as float16's range allows.

    Small gradients are zero in float16 unless the loss is multiplied first. A step
    whose gradients overflow is left out and halves the factor; after 2,000 steps
    without one it doubles (Micikevicius et al., 2018,
    https://arxiv.org/abs/1710.03740, section 3.2). bfloat16 needs none of it.

    Example:

    ```python
    loss_scale = LossScale()
    gradients = tape.gradient(loss * loss_scale.value, weights)
    loss_scale.update(are_finite)
    ```
    """

    def __init__(self):
        self.value = tf.Variable(_INITIAL, trainable=False)
        self._steps_since = tf.Variable(0, dtype=tf.int64, trainable=False)

    def update(self, are_finite: tf.Tensor) -> None:
        """Adapts the factor to a step.

        Args:
            are_finite: bool scalar, whether the step's gradients are all finite.
        """
        steps = tf.where(are_finite, self._steps_since + 1, 0)
        grows = steps >= _STEPS_UNTIL_IT_GROWS
        factor = tf.where(are_finite, tf.where(grows, 2.0, 1.0), 0.5)
        # Below 1 a number that overflows is not the scale's fault.
        self.value.assign(tf.maximum(self.value * factor, 1.0))
        self._steps_since.assign(tf.where(grows, tf.zeros_like(steps), steps))
