"""HeldOutEvaluation: how well a pretraining does on text that it does not see."""

import os

import tensorflow as tf

from charbert_tf.training.objective import Objective, Term


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
        self._directory = directory
        self._writer = None
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
        self.scores = {}
        for name, (loss, correct, weight) in (sums or {}).items():
            weight = max(float(weight), 1e-9)
            self.scores[f"{name}_loss"] = float(loss) / weight
            self.scores[f"{name}_accuracy"] = float(correct) / weight
        told = "  ".join(
            f"{name.removesuffix('_accuracy')} {100 * value:.1f} %"
            for name, value in self.scores.items()
            if name.endswith("_accuracy")
        )
        print(f"held-out text after step {step}: {told}", flush=True)
        self._write(step)

    def _write(self, step: int) -> None:
        if self._directory is None:
            return
        if self._writer is None:
            folder = os.path.join(self._directory, "tensorboard")
            self._writer = tf.summary.create_file_writer(folder)
        with self._writer.as_default(step=step):
            for name, value in self.scores.items():
                tf.summary.scalar(f"held_out/{name}", value)
        self._writer.flush()
