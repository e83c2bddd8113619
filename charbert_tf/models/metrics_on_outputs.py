"""metrics_on_outputs: metrics that know whether a head returns logits."""

from typing import Any

import keras
import tensorflow as tf

from charbert_tf.models.cross_entropies import CROSS_ENTROPIES, refuse_other_outputs

_ACCURACY = ("accuracy", "acc")
_CROSS_ENTROPIES = (
    keras.metrics.BinaryCrossentropy,
    keras.metrics.CategoricalCrossentropy,
    keras.metrics.SparseCategoricalCrossentropy,
)
# What compares outputs with numbers from 0 to 1, or takes their logarithm.
_OF_PROBABILITIES = (
    keras.metrics.AUC,
    keras.metrics.BinaryAccuracy,
    keras.metrics.BinaryIoU,
    keras.metrics.FBetaScore,
    keras.metrics.FalseNegatives,
    keras.metrics.FalsePositives,
    keras.metrics.KLDivergence,
    keras.metrics.Precision,
    keras.metrics.PrecisionAtRecall,
    keras.metrics.Recall,
    keras.metrics.RecallAtPrecision,
    keras.metrics.SensitivityAtSpecificity,
    keras.metrics.SpecificityAtSensitivity,
    keras.metrics.TrueNegatives,
    keras.metrics.TruePositives,
)
_FUNCTIONS_OF_PROBABILITIES = (
    keras.metrics.binary_accuracy,
    keras.metrics.kl_divergence,
)


@keras.saving.register_keras_serializable(package="charbert_tf")
class MetricOfProbabilities(keras.metrics.Metric):
    """A metric of probabilities, for a model that returns logits.

    Args:
        metric: The metric.
        activation: What makes probabilities of logits: `"sigmoid"` or `"softmax"`.
        **kwargs: Other arguments of a Keras metric.

    Example:
        >>> metric = MetricOfProbabilities(keras.metrics.Precision(), "sigmoid")
        >>> float(metric(tf.constant([1.0, 0.0]), tf.constant([0.2, -0.2])))
        1.0
    """

    def __init__(self, metric: keras.metrics.Metric, activation: str, **kwargs):
        super().__init__(**{"name": metric.name, **kwargs})
        self.metric = metric
        self.activation = activation

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: Any = None
    ) -> None:
        """Counts a batch.

        Args:
            y_true: Labels, as the metric takes them.
            y_pred: float tensor of logits, the classes last.
            sample_weight: Weights, as the metric takes them.
        """
        probabilities = keras.activations.get(self.activation)(y_pred)
        self.metric.update_state(y_true, probabilities, sample_weight=sample_weight)

    def result(self) -> tf.Tensor:
        """Returns what the metric says of the batches."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Forgets them."""
        self.metric.reset_state()

    def get_config(self):
        """Returns the constructor's arguments."""
        metric = keras.metrics.serialize(self.metric)
        return {**super().get_config(), "metric": metric, "activation": self.activation}

    @classmethod
    def from_config(cls, config):
        """Makes a metric as it was saved."""
        return cls(**{**config, "metric": keras.metrics.deserialize(config["metric"])})


def metrics_on_outputs(
    metrics: Any, from_logits: bool | None, activation: str | None = "softmax"
) -> Any:
    """Makes the metrics that `compile` is given those of a head's outputs.

    Keras takes all outputs for probabilities: of logits a threshold of 0.5 would be one
    of 0.62, and a cross-entropy clipped.

    Args:
        metrics: What `keras.Model.compile` takes: Keras metrics, their names, classes
            or functions, in a list or by output name. An object whose thresholds are
            not between 0 and 1, or that was made with `from_logits=True`, takes logits
            already.
        from_logits: bool. Whether the outputs are logits; `None` where that is unknown:
            then they are taken for probabilities.
        activation: What makes probabilities of logits; `None` of scores. Of `"sigmoid"`
            each output is right or wrong by itself, and `"accuracy"` is how many are.

    Returns:
        The same, with an object for what would take logits for probabilities.

    Raises:
        ValueError: If an object is one of what the head does not return, or there is no
            metric of a name.

    Example:
        >>> metrics = metrics_on_outputs(["accuracy"], True, "sigmoid")
        >>> float(metrics[0](tf.constant([[1.0, 0.0]]), tf.constant([[0.2, -0.2]])))
        1.0
    """
    return keras.tree.map_structure(
        lambda one: _on_outputs(one, from_logits, activation), metrics
    )


def _on_outputs(metric: Any, from_logits: bool | None, activation: str | None) -> Any:
    if isinstance(metric, str) and metric.lower() in _ACCURACY:
        if activation != "sigmoid":
            # Keras tells numbers of classes from one-hot labels when it sees them.
            return metric
        threshold = 0.0 if from_logits else 0.5
        return keras.metrics.BinaryAccuracy(metric, threshold=threshold)
    if activation is None:
        return metric
    if isinstance(metric, (*_CROSS_ENTROPIES, *CROSS_ENTROPIES.values())):
        refuse_other_outputs(metric, from_logits)
    if not from_logits:
        return metric
    if metric in CROSS_ENTROPIES:
        return keras.metrics.MeanMetricWrapper(
            metric, metric.__name__, from_logits=True
        )
    made = keras.metrics.get(metric)
    name = metric if isinstance(metric, str) else getattr(made, "name", None)
    if made in _FUNCTIONS_OF_PROBABILITIES:
        made = keras.metrics.MeanMetricWrapper(made, made.__name__)
    elif isinstance(made, _CROSS_ENTROPIES):
        is_told = made is metric
        return metric if is_told else type(made)(name=name, from_logits=True)
    elif not isinstance(made, _OF_PROBABILITIES) or _takes_logits(made):
        return metric
    return MetricOfProbabilities(made, activation, name=name or made.name)


def _takes_logits(metric: keras.metrics.Metric) -> bool:
    """Whether a metric was told to be one of logits."""
    config = metric.get_config()
    if "from_logits" in config:
        return config["from_logits"]
    thresholds = config.get("thresholds", config.get("threshold"))
    told = [] if thresholds is None else keras.tree.flatten(thresholds)
    return bool(told) and not any(0 < threshold < 1 for threshold in told)
