"""EncoderTask: what the heads on an encoder have in common."""

import json
import os

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.graphs.local_graph import local_graph
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.noised_batches import noised_batches
from charbert_tf.third_party_internals import preset_loader


class EncoderTask(keras_nlp.models.Task):
    """A head on a `CharBertBackbone` or on a plain keras-nlp encoder.

    A keras-nlp task belongs to one backbone class; these heads serve all of them, so
    that CharBERT and its baselines differ in the encoder alone. A subclass sets
    `preprocessor_cls`, and `signature_cls` if it can be exported.

    Example:

    ```python
    classifier = charbert_tf.TextClassifier.from_preset("my_preset", num_classes=2)
    ```
    """

    def compile(self, *args, jit_compile: bool = False, **kwargs) -> None:
        """Configures training as `keras.Model.compile` does.

        Args:
            *args: Its arguments.
            jit_compile: bool. Whether XLA compiles the steps. Not by default, for
                batches have widths of their own, and XLA would compile each anew; it
                pays with a preprocessor of `static_shapes=True`.
            **kwargs: Its other arguments.
        """
        super().compile(*args, jit_compile=jit_compile, **kwargs)

    def call(self, inputs, training=None, mask=None, **kwargs):
        """Computes the outputs.

        Args:
            inputs: The features by name; others may be among them, for a tokenizer
                serves several encoders.
            training: bool. Whether there is dropout.
            mask: Unused.
            **kwargs: Other arguments of Keras's models.

        Returns:
            The outputs.
        """
        inputs = own_inputs(self, inputs)
        return super().call(inputs, training=training, mask=mask, **kwargs)

    def fit(
        self,
        x: object = None,
        y: object = None,
        batch_size: int | None = None,
        sample_weight: object = None,
        validation_split: float | None = None,
        **kwargs,
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit` does, with the preprocessor's training noise.

        Args:
            x: Texts, or a `tf.data.Dataset` of batches of texts and labels.
            y: Their labels.
            batch_size: int. Examples of a batch; 32 unless it is given.
            sample_weight: Their weights.
            validation_split: float. The share of the examples, the last ones, that is
                scored instead, without noise.
            **kwargs: Its other arguments.

        Returns:
            What `keras.Model.fit` returns.

        Raises:
            ValueError: If there is to be noise, and `validation_split` is given.
        """
        data = (x, y, sample_weight)
        noise = getattr(self.preprocessor, "training_noise", None)
        if noise is not None:
            if validation_split:
                raise ValueError(
                    "`validation_split` would split texts that are noised already: "
                    "give `validation_data`."
                )
            data = (noised_batches(self.preprocessor, *data, batch_size), None, None)
            batch_size = None
        x, y, sample_weight = data
        return super().fit(
            x,
            y,
            batch_size=batch_size,
            sample_weight=sample_weight,
            validation_split=validation_split,
            **kwargs,
        )

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        """Makes a step of `fit`, in a graph that is never saved.

        Args:
            data: Features, labels and weights.

        Returns:
            The metrics by name.
        """
        with local_graph():
            return super().train_step(data)

    @classmethod
    def from_preset(cls, preset: str, load_weights: bool = True, **kwargs):
        """Loads this task, or puts a new head on the encoder of a preset.

        Args:
            preset: A folder written by `save_to_preset` (of this task, of another, or
                of a backbone), any preset that keras-nlp reads, or a Hugging Face
                folder of one of the kinds of `ENCODERS`.
            load_weights: bool. Whether to load weights or draw them at random.
            **kwargs: Arguments of the constructor, such as `num_classes`.

        Returns:
            The task, with the preset's preprocessor attached if it has one.

        Raises:
            ValueError: If the folder is no preset.
        """
        # Always given, for keras-nlp cannot tell what to make of a saved mixed policy.
        dtype = kwargs.pop("dtype", None) or keras.config.dtype_policy()
        if cls.is_saved_in(preset):
            return preset_loader(preset).load_task(
                cls, load_weights, "num_classes" not in kwargs, dtype=dtype, **kwargs
            )
        if "backbone" not in kwargs:
            kwargs["backbone"] = _load_backbone(preset, load_weights, dtype)
        if "preprocessor" not in kwargs:
            kwargs["preprocessor"] = cls.load_preprocessor(preset)
        return cls(**kwargs)

    @classmethod
    def load_preprocessor(cls, preset: str, **kwargs) -> CharBertPreprocessor:
        """Loads the preprocessor that goes with a preset or a Hugging Face folder.

        Args:
            preset: As `from_preset` takes it.
            **kwargs: Arguments of the preprocessor that are to differ from the
                preset's, such as `sequence_length`.

        Returns:
            A preprocessor of this task, with the tokenizer and, if the preset has them,
            the characters.

        Raises:
            UserError: If a Hugging Face folder has no tokenizer, or a damaged one.
        """
        return cls.preprocessor_cls.from_preset(preset, **kwargs)

    @classmethod
    def is_saved_in(cls, preset: str) -> bool:
        """Whether a folder holds a task of this very class, and not its encoder alone.

        Args:
            preset: A preset's folder.

        Returns:
            Whether it does.
        """
        path = os.path.join(preset, "task.json")
        if not os.path.exists(path):
            return False
        with open(path, encoding="utf-8") as file:
            registered_name = json.load(file)["registered_name"]
        return keras.saving.get_registered_object(registered_name) is cls


def _load_backbone(preset: str, load_weights: bool, dtype):
    if not HuggingFaceFolder.is_one(preset):
        return keras_nlp.models.Backbone.from_preset(
            preset, load_weights=load_weights, dtype=dtype
        )
    source = HuggingFaceFolder(preset)
    return source.load_encoder(dtype)[0] if load_weights else source.make_encoder(dtype)


def token_representation(
    backbone: keras_nlp.models.Backbone, outputs: dict | keras.KerasTensor
) -> keras.KerasTensor:
    """What a head reads at each token: `[T ; H]`, or `T` of a plain encoder.

    Args:
        backbone: The encoder.
        outputs: Its outputs: a dict, or a keras-nlp encoder's only tensor.

    Returns:
        float tensor `(B, T, 2 * hidden_dim)`, or `(B, T, hidden_dim)`.

    Example:

    ```python
    tokens = token_representation(backbone, backbone(backbone.input))
    logits = keras.layers.Dense(2)(tokens)
    ```
    """
    if isinstance(backbone, CharBertBackbone):
        return keras.ops.concatenate(
            [outputs["sequence_output"], outputs["char_sequence_output"]], axis=-1
        )
    return outputs["sequence_output"] if isinstance(outputs, dict) else outputs
