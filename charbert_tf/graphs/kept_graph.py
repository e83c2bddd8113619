"""kept_graph: a graph that stays with a model until the model is another one."""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any, TypeVar

import keras

_Graph = TypeVar("_Graph")


@dataclasses.dataclass(frozen=True)
class _Kept:
    """Not a tuple, whose parts Keras would take for parts of the model."""

    made_of: tuple
    # Not their ids alone: that of one that is gone may be another's.
    variables: list[keras.Variable]
    graph: Any

    def is_of(self, made_of: tuple, variables: list[keras.Variable]) -> bool:
        return (
            self.made_of == made_of
            and len(self.variables) == len(variables)
            and all(map(operator.is_, self.variables, variables))
        )


def kept_graph(
    model: keras.Model, name: str, made_of: tuple, make: Callable[[], _Graph]
) -> _Graph:
    """Gives a graph, and makes it where what it was made of is there no more.

    Args:
        model: The model, which keeps it.
        name: The attribute to keep it in.
        made_of: What it depends on besides the model's variables, to be compared.
        make: Makes it, with the model's variables of that moment.

    Returns:
        What `make` gave, now or before.

    Example:

    ```python
    graph = kept_graph(classifier, "_my_graph", (), lambda: tf.function(classifier))
    ```
    """
    # Quantization and LoRA have others.
    variables = list(model.variables)
    kept = getattr(model, name, None)
    if kept is None or not kept.is_of(made_of, variables):
        kept = _Kept(made_of, variables, make())
        setattr(model, name, kept)
    return kept.graph
