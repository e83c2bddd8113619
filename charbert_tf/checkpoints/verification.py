"""Whether a converted model computes what PyTorch computes from the same tensors."""

from collections.abc import Mapping

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.checkpoints.torch_reference import TorchReference
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.models.pretrainer import Pretrainer


def largest_difference(
    model: keras_nlp.models.Backbone | keras_nlp.models.Task,
    source: HuggingFaceFolder,
    features: Mapping[str, tf.Tensor],
) -> float:
    """Compares all outputs with PyTorch's, computed from a folder's tensors.

    Args:
        model: The backbone or head that was read from the folder, or written to it.
        source: The folder.
        features: As the preprocessors make them. Padding counts where the model masks
            it and the authors' code does not.

    On a GPU `tensor_float_32_note` says what of the difference is the GPU's.

    Returns:
        The largest absolute difference of any output at any position.

    Raises:
        ImportError: If PyTorch is not installed.

    Example:

    ```python
    source = HuggingFaceFolder("bert-base-cased")
    assert largest_difference(source.load_encoder()[0], source, features) < 1e-4
    ```
    """
    expected = TorchReference(source)(features)
    tensors = {name: tf.convert_to_tensor(value) for name, value in features.items()}
    actual = _outputs(model, tensors)
    return max(
        float(np.abs(np.asarray(value) - expected[name]).max())
        for name, value in actual.items()
    )


def _outputs(model, features: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    backbone = getattr(model, "backbone", model)
    outputs = backbone({name: features[name] for name in backbone.input})
    if not isinstance(outputs, dict):
        outputs = {"sequence_output": outputs}
    shape = tf.shape(features["token_ids"])
    everywhere = tf.broadcast_to(tf.range(shape[1]), shape)
    features = features | {"mlm_positions": everywhere, "nlm_positions": everywhere}
    features = {name: features[name] for name in model.input}
    if isinstance(model, Pretrainer):
        return outputs | model(features)
    if isinstance(model, TokenClassifier):
        return outputs | {"token_logits": model(features)}
    if isinstance(model, TextClassifier):
        return outputs | {"text_logits": model(features)}
    if isinstance(model, QuestionAnswerer):
        logits = model(features)
        ends = [logits["start_logits"], logits["end_logits"]]
        return outputs | {"token_logits": tf.stack(ends, axis=-1)}
    return outputs
