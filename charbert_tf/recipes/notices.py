"""Notices: what a recipe says before it does what takes long."""

import dataclasses
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.robustness.evaluated_model import EvaluatedModel

Notice = Callable[[str], None]
"""What takes a notice, one line, and shows it to the user."""


def print_notice(text: str) -> None:
    """Prints a notice among the results, as suits a notebook.

    Args:
        text: the notice.

    Example:
        >>> print_notice("Loading my_tagger")
        Loading my_tagger
    """
    print(text, flush=True)


def print_aside(text: str) -> None:
    """Prints a notice on standard error, beside results that others may read.

    Args:
        text: the notice.

    Example:
        >>> print_aside("Loading my_tagger")
    """
    print(text, file=sys.stderr, flush=True)


def load_tensorflow(notice: Notice) -> None:
    """Imports TensorFlow, which takes seconds, and says so if it was not yet.

    Args:
        notice: shows what is said.

    Example:

    ```python
    load_tensorflow(print_notice)  # Loading TensorFlow
    ```
    """
    if "tensorflow" not in sys.modules:
        notice("Loading TensorFlow")
        importlib.import_module("tensorflow")


def tell_device(
    notice: Notice, strategy: "tf.distribute.Strategy | None" = None
) -> None:
    """Says what is computed on.

    Args:
        notice: shows what is said.
        strategy: the distribution strategy, if there is one.

    Example:

    ```python
    tell_device(print_notice)  # Running on a CPU with 2 cores
    ```
    """
    import tensorflow as tf  # Not above: it takes seconds, which are to be announced.

    replicas = 1 if strategy is None else strategy.num_replicas_in_sync
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        device = f"a GPU ({details.get('device_name', 'of no name')})"
    else:
        cores = len(os.sched_getaffinity(0))
        device = f"a CPU with {cores} core{'s' if cores > 1 else ''}"
    each = "" if replicas == 1 else f"{replicas} replicas, each on "
    notice(f"Running on {each}{device}")


def telling_of_its_graph(model: "EvaluatedModel", notice: Notice) -> "EvaluatedModel":
    """Has a model say when it first predicts, for then its graph is traced.

    Args:
        model: the model.
        notice: shows what is said.

    Returns:
        A model that predicts the same.

    Example:

    ```python
    model = telling_of_its_graph(EvaluatedModel("BERT", predict, labels), print_notice)
    model.predict(examples)  # Tracing BERT
    ```
    """
    is_told = False

    def predict(examples):
        nonlocal is_told
        if not is_told:
            notice(f"Tracing {model.name}: its first predictions take longer")
            is_told = True
        return model.predict(examples)

    return dataclasses.replace(model, predict=predict)
