"""own_inputs: of a preprocessor's features, those that a model takes."""

from collections.abc import Mapping
from typing import Any

import keras


def own_inputs(model: keras.Model, features: Any) -> Any:
    """Leaves out what a model has no input for.

    A tokenizer serves several encoders: BERT and DistilBERT have the same, and of the
    two only BERT takes `segment_ids`. Keras pairs a model's inputs with all that it is
    given, one after the other, whatever their names are.

    Args:
        model: A functional model, whose inputs have names.
        features: Tensors by name, or anything else, which stays what it is.

    Returns:
        The features that are inputs of the model; all if one of its inputs is missing,
        for Keras to say so.

    Example:

    ```python
    outputs = encoder(own_inputs(encoder, preprocessor(["a borign film"])))
    ```
    """
    names = model.input
    if not isinstance(features, Mapping) or not isinstance(names, Mapping):
        return features
    if not names.keys() <= features.keys():
        return features
    return {name: features[name] for name in names}
