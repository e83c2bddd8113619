"""ServingModule: a fine-tuned model as a SavedModel that takes strings."""

from typing import Any

import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.models.encoder_task import EncoderTask


class ServingModule:
    """The whole way from raw text to labels, as one graph.

    Args:
        signature: What the model takes and returns, and the graph between.

    Example:

    ```python
    ServingModule.of(classifier).export("my_saved_model")
    served = tf.saved_model.load("my_saved_model")
    served.signatures["serving_default"](text=tf.constant(["a borign film"]))
    ```
    """

    def __init__(self, signature: ServingSignature):
        self._signature = signature

    @staticmethod
    def of(model: EncoderTask, **options: Any) -> "ServingModule":
        """Returns the module for a model, with the signature that its head names.

        Args:
            model: A fine-tuned head with its preprocessor and labels.
            **options: Of its signature, such as `long_texts` of a `TextClassifier`, or
                `doc_stride` of a `QuestionAnswerer`.

        Returns:
            The module.

        Raises:
            TypeError: If the model has no signature, or its signature no such option.
            ValueError: If the model lacks its preprocessor or labels.
        """
        signature_cls = getattr(model, "signature_cls", None)
        if signature_cls is None:
            raise TypeError(f"{type(model).__name__} cannot be served.")
        return ServingModule(signature_cls(model, **options))

    def export(self, path: str) -> None:
        """Writes the SavedModel.

        Args:
            path: A folder that does not exist yet, or is empty.

        Raises:
            UserError: If the folder holds something, or cannot be written.
        """
        specs = [
            tf.TensorSpec([None], tf.string, name=name)
            for name in self._signature.input_names
        ]
        # Not the whole model: a keras-nlp tokenizer has tables of its own, which the
        # graph does not use and TF Serving would have to restore.
        exported = tf.Module()
        model = self._signature.model
        exported.weights = [weight.value for weight in model.variables]
        exported.serve = tf.function(self._signature.predict, input_signature=specs)
        with atomic_folder(path) as folder:
            tf.saved_model.save(
                exported, folder, signatures={"serving_default": exported.serve}
            )
