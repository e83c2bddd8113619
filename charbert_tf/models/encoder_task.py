"""EncoderTask: what the heads on an encoder have in common."""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.constructor_arguments import (
    constructor_arguments,
    refuse_unknown,
)
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.encoders.saved_class import saved_class
from charbert_tf.encoders.text_vectors import EmbedsTexts
from charbert_tf.graphs.local_graph import local_graph
from charbert_tf.model_card import WithCard
from charbert_tf.models.any_backbone import AnyBackbone
from charbert_tf.models.charbert_backbone import is_charbert
from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.checked_preprocessor import CheckedPreprocessor
from charbert_tf.models.list_inputs import ListInputs
from charbert_tf.models.noised_batches import noised_batches
from charbert_tf.models.released_head import HuggingFaceHead, ReleasedHead
from charbert_tf.third_party_internals import preset_loader, saved_dtype

# What every task takes beside what its class names.
_OF_EVERY_TASK = ("name", "trainable", "compile")
# In the configuration of the optimizer, beside Keras's own keys.
_IS_BUILT = "is_built"
# A head that reads all tokens leaves the encoder's pooler as it is.
_POOLER_IS_UNREAD = (
    r"Gradients do not exist for variables "
    r"\['[^']*pooled_dense[^']*'(, '[^']*pooled_dense[^']*')*\] when"
)


class EncoderTask(WithCard, CheckedPreprocessor, ListInputs):
    """A head on a `CharBertBackbone` or on a plain keras-nlp encoder.

    A keras-nlp task belongs to one backbone class; these heads serve all of them, so
    that CharBERT and its baselines differ in the encoder alone. A subclass is one of a
    task class of keras-nlp's, too, and sets `preprocessor_cls`, `signature_cls` if it
    can be exported, and `huggingface_head` and `released_head` if transformers has and
    the authors released such heads.

    Example:

    ```python
    classifier = charbert_tf.TextClassifier.from_preset("my_preset", num_classes=2)
    ```
    """

    backbone_cls = AnyBackbone
    # What makes its outputs logits, which the commands take, whatever was saved.
    logits_arguments: ClassVar[Mapping[str, Any]] = {}
    huggingface_head: ClassVar[HuggingFaceHead | None] = None
    released_head: ClassVar[ReleasedHead | None] = None

    def __init__(self, *, inputs: Any, outputs: Any, **kwargs):
        # Keras ignores what it does not know.
        refuse_unknown(type(self), kwargs, self.arguments())
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        self.check_preprocessor()
        if self.preprocessor is not None and isinstance(self.backbone, EmbedsTexts):
            self.backbone.remember_preprocessor(self.preprocessor)

    @classmethod
    def arguments(cls) -> list[str]:
        """Lists what the constructor takes.

        Returns:
            The names of its arguments.
        """
        names = constructor_arguments(cls, EncoderTask)
        own = [name for name in names if name not in ("inputs", "outputs")]
        return [*own, *_OF_EVERY_TASK]

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

    def training_batches(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Puts the preprocessor's training noise into what `fit` is given.

        Args:
            batches: Texts, labels and weights.

        Returns:
            The same, noised anew each time they are read, if there is noise.
        """
        noise = getattr(self.preprocessor, "training_noise", None)
        return batches if noise is None else noised_batches(self.preprocessor, batches)

    def make_train_function(self, force: bool = False) -> Callable:
        """Makes what `fit` calls for each step, as `keras.Model` does.

        Args:
            force: bool. Whether to make it anew.

        Returns:
            The function.
        """
        # Its variables come first: a step that makes them is traced twice.
        if not self.optimizer.built:
            with self.distribute_strategy.scope():
                self.optimizer.build(self.trainable_variables)
        return super().make_train_function(force)

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        """Makes a step of `fit`, in a graph that is never saved.

        Args:
            data: Features, labels and weights.

        Returns:
            The metrics by name.
        """
        # XLA has no kernel of cuDNN's.
        with local_graph(jit_compile=self.jit_compile), warnings.catch_warnings():
            warnings.filterwarnings("ignore", _POOLER_IS_UNREAD)
            return super().train_step(data)

    def get_compile_config(self) -> dict[str, Any]:
        """Returns what `compile_from_config` takes, the arguments of `compile`."""
        config = super().get_compile_config()
        # There Keras does not mind it, if it clones the model.
        if config.get("optimizer"):
            config["optimizer"] = {
                **keras.optimizers.serialize(self.optimizer),
                _IS_BUILT: self.optimizer.built,
            }
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as the model was that comes out of a `.keras` file.

        Args:
            config: What `get_compile_config` gave.
        """
        optimizer = config.get("optimizer")
        arguments = keras.saving.deserialize_keras_object(config)
        try:
            self.compile(**arguments)
        except ValueError as error:
            # It was taken when the file was written.
            warnings.warn(f"The model is not compiled as it was: {error}", stacklevel=2)
            return
        # Of a model that has not trained yet the file holds no slots.
        if isinstance(optimizer, dict) and optimizer.get(_IS_BUILT, True):
            self.optimizer.build(self.trainable_variables)

    def save_task_weights(self, filepath: str) -> None:
        """Saves what a preset has of the head; the optimizer is a `.keras` file's.

        Args:
            filepath: Where to.
        """
        with _without_optimizer(self):
            super().save_task_weights(filepath)

    def load_task_weights(self, filepath: str) -> None:
        """Loads what a preset has of the head.

        Args:
            filepath: What `save_task_weights` wrote.
        """
        # That of an older preset is no part of the head either.
        with _without_optimizer(self):
            super().load_task_weights(filepath)

    def quantize(
        self,
        mode: str | None = None,
        config: Any = None,
        filters: Any = None,
        **kwargs,
    ) -> None:
        """Quantises the encoder; the head stays, for a softmax wants all of its bits.

        Args:
            mode: string, such as `"int8"`, as `keras.Model.quantize` takes it.
            config: As `keras.Model.quantize` takes it.
            filters: As `keras.Model.quantize` takes it.
            **kwargs: As `keras.Model.quantize` takes it.
        """
        with warnings.catch_warnings():
            # One for each layer that has nothing to quantise.
            warnings.filterwarnings("ignore", "Layer .* does not have a `quantize")
            self.backbone.quantize(mode, config=config, filters=filters, **kwargs)
        self.train_function = self.test_function = self.predict_function = None

    @classmethod
    def from_preset(cls, preset: str, load_weights: bool = True, **kwargs):
        """Loads this task, or puts a new head on the encoder of a preset.

        Args:
            preset: A folder written by `save_to_preset` (of this task, of another, or
                of a backbone), any preset that keras-nlp reads, or a Hugging Face
                folder of one of the kinds of `ENCODERS`.
            load_weights: bool. Whether to load weights or draw them at random.
            **kwargs: Arguments of the constructor, such as `num_classes`, and of the
                preprocessor's, such as `sequence_length`; `dtype`, a policy.

        Returns:
            The task, with the preset's preprocessor attached if it has one.

        Raises:
            ValueError: If the folder is no preset.
            TypeError: If there is an argument that neither takes.
        """
        of_preprocessor = cls._take_preprocessor_arguments(kwargs)
        if of_preprocessor:
            kwargs["preprocessor"] = cls.load_preprocessor(preset, **of_preprocessor)
        dtype = _policy(preset, kwargs.pop("dtype", None))
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
    def _take_preprocessor_arguments(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Takes those out that are the preprocessor's; refuses what is nobody's."""
        own = cls.arguments()
        preprocessors = constructor_arguments(
            cls.preprocessor_cls, CharBertPreprocessor
        )
        refuse_unknown(cls, kwargs, [*own, "dtype", *preprocessors])
        taken = {name: kwargs[name] for name in kwargs if name not in [*own, "dtype"]}
        if taken and "preprocessor" in kwargs:
            raise TypeError(
                f"{', '.join(taken)} and a preprocessor were given: set the former on "
                "the preprocessor."
            )
        for name in taken:
            del kwargs[name]
        return taken

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
        return saved_class(preset, "task.json") is cls


@contextlib.contextmanager
def _without_optimizer(task: EncoderTask) -> Iterator[None]:
    optimizer = getattr(task, "optimizer", None)
    task.optimizer = None
    try:
        yield
    finally:
        task.optimizer = optimizer


def _policy(preset: str, dtype) -> keras.DTypePolicy:
    """What a preset is loaded with: what was asked for, and Keras's own policy else.

    Always given, for keras-nlp cannot tell what to make of a saved mixed policy; what
    was quantised can be loaded as that alone.
    """
    saved = None if HuggingFaceFolder.is_one(preset) else saved_dtype(preset)
    if dtype is None and isinstance(saved, keras.dtype_policies.DTypePolicyMap):
        return saved
    return dtype or keras.config.dtype_policy()


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
    if is_charbert(backbone):
        return keras.ops.concatenate(
            [outputs["sequence_output"], outputs["char_sequence_output"]], axis=-1
        )
    return outputs["sequence_output"] if isinstance(outputs, dict) else outputs
