"""HeldOutEvaluation: how well a pretraining does on text that it does not see."""

import tensorflow as tf

from charbert_tf.training.objective import (
    Objective,
    Term,
    accuracies_text,
    means_of,
    measures_of,
)
from charbert_tf.training.progress import ScalarWriter


class HeldOutEvaluation:
    """What pretraining does once in a while: `Trainer.train`'s `on_epoch_end`.

    It computes each term's loss and accuracy, without dropout, prints them and writes
    them beside the training's for TensorBoard, as `held_out/mlm_accuracy` and so on.

    Args:
        objective: The pretraining's.
        dataset: Batches that end, the same each time: features, labels and weights.
        epoch_steps: int. The steps between two evaluations at epochs' ends.
        directory: The run's folder, for `tensorboard/`; `None` for none.

    Attributes:
        scores: What the last evaluation gave, by name.

    Example:

    ```python
    batches = PretrainingText(["dev.txt"]).dataset(preprocessor, 32, seed=0).take(20)
    evaluation = HeldOutEvaluation(CrossEntropy(pretrainer), batches, epoch_steps=500)
    trainer.train(dataset, 10_000, epoch_steps=500, on_epoch_end=evaluation)
    ```
    """

    def __init__(
        self,
        objective: Objective,
        dataset: tf.data.Dataset,
        epoch_steps: int,
        directory: str | None = None,
    ):
        self._dataset = dataset
        self._epoch_steps = epoch_steps
        self._scalars = ScalarWriter(directory, group="held_out")
        self._terms = tf.function(
            lambda *batch: objective(batch, training=False),
            input_signature=dataset.element_spec,
            autograph=False,
        )
        self.scores: dict[str, float] = {}

    def __call__(self, epoch: int) -> bool:
        """Evaluates the model after an epoch.

        Args:
            epoch: int. Epochs done.

        Returns:
            False: there is always use in going on.
        """
        self.evaluate(epoch * self._epoch_steps)
        return False

    def evaluate(self, step: int) -> None:
        """Evaluates the model as it is.

        Args:
            step: int. Steps done.
        """
        sums: dict[str, Term] | None = None
        for batch in self._dataset:
            terms = self._terms(*batch)
            sums = terms if sums is None else tf.nest.map_structure(tf.add, sums, terms)
        means = means_of(sums or {})
        self.scores = measures_of(means)
        told = accuracies_text(means)
        print(f"held-out text after step {step}: {told}", flush=True)
        self._scalars.write(step, self.scores)
