"""Pretraining steps: as TensorFlow runs them and compiled, beside a plain BERT."""

import dataclasses
import functools
from collections.abc import Iterator

import keras
import tensorflow as tf

import charbert_tf
from benchmarks import compared_models
from benchmarks.on_gpu.cell import Cell, milliseconds, with_memory
from benchmarks.pretraining_step import pretraining_step

TOY = compared_models.Size(16, 1, 2, 2, 8)
SIZES = {
    "small 256x128": compared_models.Size(384, 6, 12, 256, 128),
    "base 32x384": compared_models.Size(768, 12, 12, 32, 384),
}
_PRODUCT, _TOY_PRODUCT, _PRODUCTS = 8192, 256, 20
_PRECISION = "mixed_bfloat16"


def peak(toy: bool) -> dict[str, float]:
    """What is called the peak: products of two bfloat16 matrices of 8,192 x 8,192.

    Args:
        toy: Whether to multiply small ones.

    Returns:
        `ms` of a product, and `TFLOP/s`.
    """
    size = _TOY_PRODUCT if toy else _PRODUCT
    matrix = tf.cast(tf.random.stateless_normal([size, size], (0, 0)), tf.bfloat16)
    matrix /= tf.cast(size, tf.bfloat16) ** 0.5

    @tf.function(autograph=False)
    def multiply():
        product = matrix
        for _ in range(_PRODUCTS):
            product = tf.matmul(product, matrix)
        return product[0, 0]

    values = milliseconds(multiply)
    seconds = values["ms"] / 1000 / _PRODUCTS
    return {"ms": 1000 * seconds, "TFLOP/s": 2e-12 * size**3 / seconds}


def before_and_after(toy: bool) -> Iterator[Cell]:
    """The peak, and CharBERT's steps as TensorFlow runs them and compiled.

    Args:
        toy: Whether to take a tiny size.

    Yields:
        The cells.
    """
    yield Cell("peak: bfloat16 product of 8192", functools.partial(peak, toy))
    for size in ("small 256x128", "base 32x384"):
        for jit_compile in (False, True):
            yield _cell("CharBERT", size, jit_compile, toy)


def plain(toy: bool) -> Iterator[Cell]:
    """The steps of a plain BERT: our own and keras-nlp's.

    Args:
        toy: Whether to take a tiny size.

    Yields:
        The cells.
    """
    for size in ("base 32x384", "small 256x128"):
        yield _cell("BERT", size, True, toy)
        yield _cell("keras-nlp BERT", size, False, toy)


def larger(toy: bool) -> Iterator[Cell]:
    """A batch that is twice as large, for its memory.

    Args:
        toy: Whether to take a tiny size.

    Yields:
        The cell.
    """
    yield _cell("CharBERT", "base 64x384", True, toy)


def _cell(model: str, size: str, jit_compile: bool, toy: bool) -> Cell:
    name = f"step, {model}, {size}, {'XLA' if jit_compile else 'as TensorFlow runs it'}"
    measure = functools.partial(_step, model, size, jit_compile, toy)
    return Cell(name, functools.partial(with_memory, measure))


def _step(kind: str, size_name: str, jit_compile: bool, toy: bool) -> dict:
    keras.config.set_dtype_policy(_PRECISION)
    size = TOY if toy else _size(size_name)
    model = compared_models.pretrainer(_backbone(kind, size))
    batch = compared_models.random_batch(model, size)
    spec = tf.data.Dataset.from_tensors(batch).element_spec
    step = pretraining_step(model, spec, jit_compile)
    values = milliseconds(lambda: step(*batch))
    operations = 3 * compared_models.forward_operations(
        size, has_characters=kind == "CharBERT", has_heads=True
    )
    seconds = values["ms"] / 1000
    return values | {
        "tokens/s": size.batch_size * size.tokens / seconds,
        "TFLOP/s": operations / seconds / 1e12,
    }


def _size(name: str) -> compared_models.Size:
    if name in SIZES:
        return SIZES[name]
    return dataclasses.replace(SIZES["base 32x384"], batch_size=64)


def _backbone(kind: str, size: compared_models.Size) -> keras.Model:
    if kind == "CharBERT":
        return compared_models.charbert(size)
    if kind == "BERT":
        return charbert_tf.BertEncoder(**compared_models.arguments(size))
    return compared_models.bert(size)
