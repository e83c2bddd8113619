"""TrainingStep: one update of the weights, under any tf.distribute strategy."""

import functools
from typing import NamedTuple

import keras
import tensorflow as tf

from charbert_tf.third_party_internals import keep_gradients_of_devices
from charbert_tf.training.distribution import building_scope
from charbert_tf.training.objective import Objective, Term
from charbert_tf.training.part_gradients import PartGradients

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


# How often a layer may draw dropout in a forward pass without the next one's numbers.
_DRAWS_OF_A_PASS = 16


class StepReport(NamedTuple):
    """What a step tells, the same on every worker.

    Attributes:
        terms: The objective's terms, summed over the batch.
        tokens: float32 scalar, the real tokens of the batch.
        is_broken: bool scalar, whether the loss or its gradient is not finite; the
            weights are then as they were.
        is_stop_wanted: bool scalar, whether any worker wants to stop.
        gradient_norm: float32 scalar, the global norm of the batch's gradient before
            it is clipped.
    """

    terms: dict[str, Term]
    tokens: tf.Tensor
    is_broken: tf.Tensor
    is_stop_wanted: tf.Tensor
    gradient_norm: tf.Tensor


class _Counts(NamedTuple):
    """The labels' weights by term, and the real tokens, of some rows."""

    weights: dict[str, tf.Tensor]
    tokens: tf.Tensor


class TrainingStep:
    """Computes the gradient of a global batch, clips it and updates the weights.

    Every replica computes its share of the rows, in `accumulation_steps` parts one
    after the other. The loss is divided by the labels of the whole batch, and a part's
    dropout depends on the part alone (and how wide it is padded), so that a batch gives
    the same step however many replicas and accumulation steps it is divided among; only
    the parts' number counts, and without dropout not even that.

    Args:
        objective: What to minimise.
        optimizer: A Keras optimizer, built in the strategy's scope. From now on it
            takes gradients that are summed over the replicas already.
        strategy: The distribution strategy.
        clip_norm: float. The gradient's global norm is clipped to this.
        accumulation_steps: int. Parts that a replica computes one after the other, to
            save memory.
        jit_compile: bool. Whether XLA compiles the step but for the character encoder;
            for batches of static shapes.

    Example:

    ```python
    step = tf.function(TrainingStep(objective, optimizer, tf.distribute.get_strategy()))
    report = step(batch, tf.constant(1, tf.int64), tf.constant(False))
    ```
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: keras.optimizers.Optimizer,
        strategy: tf.distribute.Strategy,
        clip_norm: float = 1.0,
        accumulation_steps: int = 1,
        jit_compile: bool = False,
    ):
        self.objective = objective
        self.optimizer = optimizer
        self.strategy = strategy
        self.clip_norm = clip_norm
        self.accumulation_steps = accumulation_steps
        self._is_compiled = jit_compile
        model = objective.model
        self._part_gradients = PartGradients(objective, jit_compile)
        self._variables = self._part_gradients.variables
        self.dropout_states = _dropout_states(model)
        is_float16 = model.compute_dtype == "float16"
        self.loss_scale = LossScale() if is_float16 else None
        with building_scope(strategy):
            optimizer.build(self._variables)
        # The norm is that of the whole batch's gradient, so it is summed before; Keras
        # would send all gradients a second time.
        keep_gradients_of_devices(optimizer)

    def __call__(
        self,
        batch: tuple,
        number: tf.Tensor,
        is_stop_wanted: tf.Tensor,
        input_pipelines: int = 1,
    ) -> StepReport:
        """Makes a step.

        Args:
            batch: Features, labels and weights: of the global batch, or this worker's
                rows of it.
            number: int64 scalar, the step's number.
            is_stop_wanted: bool scalar, whether this worker wants to stop.
            input_pipelines: int. Among how many workers the global batch is divided: of
                n workers, worker w has its rows w, w + n, ...; with 1 each has it all.

        Returns:
            The report.
        """
        gradients, sums, counts, norm = self.strategy.run(
            functools.partial(self._gradients, input_pipelines=input_pipelines),
            args=(batch, number, is_stop_wanted),
        )
        # Summed, they are the same on all replicas.
        sums, counts, norm = tf.nest.map_structure(
            lambda value: self.strategy.experimental_local_results(value)[0],
            (sums, counts, norm),
        )
        are_finite = tf.math.is_finite(norm)
        is_broken = self._is_broken(sums, are_finite)
        tf.cond(
            are_finite & ~is_broken,
            lambda: self.strategy.run(self._apply, args=gradients),
            lambda: None,
        )
        if self.loss_scale is not None:
            self.loss_scale.update(are_finite)
        terms = {
            name: Term(sums[name][0], sums[name][1], weight)
            for name, weight in counts.weights.items()
        }
        return StepReport(terms, counts.tokens, is_broken, sums["stops"] > 0, norm)

    def _gradients(self, batch, number, is_stop_wanted, input_pipelines):
        """The clipped gradient, the terms and the counts of the global batch."""
        replica = tf.distribute.get_replica_context()
        # That are given the same batch, and which of them this one is.
        replicas = replica.num_replicas_in_sync // input_pipelines
        pipeline = replica.replica_id_in_sync_group // replicas
        index = replica.replica_id_in_sync_group % replicas
        counts = replica.all_reduce("SUM", self._counts(_every(batch, index, replicas)))
        part_count = replicas * self.accumulation_steps

        def of_part(turn):
            part = index + turn * replicas
            # Among the parts of all workers.
            place = pipeline + part * input_pipelines
            place_count = part_count * input_pipelines
            self._seed_dropout(number * place_count + tf.cast(place, tf.int64))
            # Convolutions fail on no rows: an empty part computes one, for nothing.
            is_empty = part >= tf.shape(tf.nest.flatten(batch)[0])[0]
            first = tf.where(is_empty, 0, part)
            rows = _every(batch, first, part_count)
            share = tf.where(is_empty, 0.0, 1.0)
            return self._of_rows(rows, batch, counts.weights, share)

        if self.accumulation_steps == 1:
            gradients, terms = of_part(0)
        else:
            gradients, terms = self._accumulated(of_part, counts.weights)
        gradients = self._of_trained(gradients)
        terms["stops"] = tf.cast(is_stop_wanted, tf.float32)
        gradients, terms = replica.all_reduce("SUM", (gradients, terms))
        factor, norm = self._clipping(gradients)
        return (gradients, factor), terms, counts, norm

    def _counts(self, rows):
        tokens = tf.reduce_sum(tf.cast(rows[0]["padding_mask"], tf.float32))
        return _Counts(self.objective.weights(rows), tokens)

    def _accumulated(self, of_part, names):
        """The sum over the parts; a loop from zeros on traces one of them alone."""
        zeros = (
            [tf.zeros_like(variable.value) for variable in self._variables],
            {name: tf.zeros(2) for name in names},
        )
        _, sums = tf.while_loop(
            lambda turn, _: turn < self.accumulation_steps,
            lambda turn, sums: (
                turn + 1,
                tf.nest.map_structure(tf.add, sums, of_part(turn)),
            ),
            (0, zeros),
        )
        return sums

    def _of_trained(self, values):
        return [
            value
            for value, is_trained in zip(
                values, self._part_gradients.is_trained, strict=True
            )
            if is_trained
        ]

    def _of_rows(self, rows, batch, weights, share):
        factor = share
        if self.loss_scale is not None:
            factor *= self.loss_scale.value
        gradients, terms = self._part_gradients(rows, batch, weights, factor)
        return gradients, {name: share * sums for name, sums in terms.items()}

    def _seed_dropout(self, pass_number):
        for state in self.dropout_states:
            state.assign(tf.stack([state[0], pass_number * _DRAWS_OF_A_PASS]))

    def _clipping(self, gradients):
        """What the gradients are multiplied by, and their norm."""
        scale = 1.0 if self.loss_scale is None else self.loss_scale.value
        norm = self._compile(tf.linalg.global_norm)(gradients) / scale
        factor = self.clip_norm / tf.maximum(norm, self.clip_norm) / scale
        return factor, norm

    def _apply(self, gradients, factor):
        variables = self._of_trained(self._variables)

        def update(gradients, factor):
            # One factor, for each multiplication passes over all the weights' memory.
            gradients = [gradient * factor for gradient in gradients]
            self.optimizer.apply(gradients, variables)

        self._compile(update)(gradients, factor)

    def _compile(self, function):
        if not self._is_compiled:
            return function
        return tf.function(function, jit_compile=True, autograph=False)

    def _is_broken(self, sums, are_finite):
        losses = tf.stack([sums[name][0] for name in sums if name != "stops"])
        is_broken = ~tf.reduce_all(tf.math.is_finite(losses))
        if self.loss_scale is None:
            return is_broken | ~are_finite
        # Else the scale is halved and the batch left out.
        return is_broken | (~are_finite & (self.loss_scale.value <= 1.0))


def _every(batch: tuple, first, stride: int) -> tuple:
    """The rows first, first + stride, ..."""
    return tf.nest.map_structure(lambda value: value[first::stride], batch)


def _dropout_states(model: keras.Model) -> list[tf.Variable]:
    """The states of dropout's random numbers, which the model's weights lack."""
    return [v.value for v in model.variables if v.name == "seed_generator_state"]
