"""The flag of a user's own metric, by which models are compared."""

from absl import flags

METRIC = flags.DEFINE_string(
    "metric",
    None,
    "A metric of yours that comes before the task's own scores, and that models are "
    "compared by: my_package.my_module:MyMetric, a subclass of "
    "charbert_tf.families.metric.Metric.",
)
