"""How fast whole tasks go: pretraining on text, fine-tuning and serving."""

import functools
import os
import tempfile
import time
from collections.abc import Iterator

import keras
import tensorflow as tf

import charbert_tf
from benchmarks import compared_models
from benchmarks.on_gpu.cell import Cell, milliseconds, with_memory
from benchmarks.on_gpu.correctness_cells import make_classifier
from benchmarks.on_gpu.training_text import TrainingText
from benchmarks.pretraining_step import pretraining_step
from charbert_tf.export.serving_module import ServingModule

_SMALL = compared_models.Size(384, 6, 12, 128, 128)
_TOY = compared_models.Size(16, 1, 2, 4, 64)
_STEPS, _TOY_STEPS, _SEED = 40, 2, 0


def throughput(text: TrainingText, toy: bool) -> Iterator[Cell]:
    """Tokens and texts a second.

    Args:
        text: What is read.
        toy: Whether to take a tiny size.

    Yields:
        The cells.
    """
    for jit_compile in (False, True):
        name = f"pretraining on text, small 128x128{', XLA' if jit_compile else ''}"
        measure = functools.partial(_pretrain, text, jit_compile, toy)
        yield Cell(name, functools.partial(with_memory, measure))
    yield Cell("fine-tuning, small 32x64", functools.partial(_finetune, text, toy))
    for count in (1, 32, 256):
        measure = functools.partial(_serve, text, count, toy)
        yield Cell(f"serving, small, {count} texts", measure)


def _backbone(text, toy: bool) -> charbert_tf.CharBertBackbone:
    size = compared_models.arguments(_TOY if toy else _SMALL)
    size["vocabulary_size"] = text.vocabularies.tokenizer().vocabulary_size()
    return charbert_tf.CharBertBackbone(
        charbert_tf.BertEncoder(**size), len(text.vocabularies.characters())
    )


def _pretrain(text, jit_compile: bool, toy: bool) -> dict:
    """The loop with its input, beside the step alone on one batch."""
    keras.utils.set_random_seed(_SEED)
    keras.config.set_dtype_policy("mixed_bfloat16")
    size, vocabularies = _TOY if toy else _SMALL, text.vocabularies
    preprocessor = charbert_tf.PretrainerPreprocessor(
        vocabularies.tokenizer(),
        vocabularies.characters(),
        vocabularies.words(),
        sequence_length=size.tokens,
        static_shapes=jit_compile,
    )
    words = len(preprocessor.words)
    model = charbert_tf.Pretrainer(_backbone(text, toy), words, preprocessor)
    dataset = text.dataset(preprocessor, size.batch_size, _SEED)
    step = pretraining_step(model, dataset.element_spec, jit_compile)
    batches = iter(dataset)
    batch = next(batches)
    alone = milliseconds(lambda: step(*batch))
    waited, begin, steps = 0.0, time.perf_counter(), _TOY_STEPS if toy else _STEPS
    for _ in range(steps):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        step(*batch).numpy()
    seconds = time.perf_counter() - begin
    return {
        "ms": 1000 * seconds / steps,
        "first s": alone["first s"],
        "tokens/s": steps * size.batch_size * size.tokens / seconds,
        "note": f"{alone['ms']:.0f} ms alone; waited {waited / seconds:.0%} for input",
    }


def _finetune(text, toy: bool) -> dict:
    keras.utils.set_random_seed(_SEED)
    keras.config.set_dtype_policy("mixed_bfloat16")
    classifier = make_classifier(text, _backbone(text, toy))
    rows = 4 if toy else 32
    features = classifier.preprocessor(text.lines(rows))
    batch = (features, tf.range(rows) % 10, tf.ones([rows]))
    spec = tf.data.Dataset.from_tensors(batch).element_spec
    step = pretraining_step(classifier, spec)
    values = milliseconds(lambda: step(*batch))
    tokens = float(tf.reduce_sum(features["padding_mask"]))
    return values | {"tokens/s": 1000 * tokens / values["ms"]}


def _serve(text, count: int, toy: bool) -> dict:
    keras.utils.set_random_seed(_SEED)
    keras.config.set_dtype_policy("float32")
    classifier = make_classifier(text, _backbone(text, toy))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        ServingModule.of(classifier).export(path)
        served = tf.saved_model.load(path).signatures["serving_default"]
        lines = tf.constant(text.lines(count))
        values = milliseconds(lambda: served(text=lines)["probabilities"])
    return values | {"note": f"{1000 * count / values['ms']:.0f} texts/s"}
