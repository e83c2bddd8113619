"""Whether training and what it saves are right on this machine."""

import functools
import os
import tempfile
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

import charbert_tf
from benchmarks.on_gpu.cell import Cell
from benchmarks.on_gpu.training_text import TrainingText
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.pretraining.char_encoder_warm_start import CharEncoderWarmStart
from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.progress import Progress
from charbert_tf.training.trainer import Trainer

_PRECISIONS = ("float32", "mixed_bfloat16")
_STEPS, _TOY_STEPS, _BATCH_SIZE, _SEED = 200, 4, 64, 0
_QUESTIONS = ["Schedule a corutine on the event lop.", "", "Parse an XML documnt."]


def training(text: TrainingText, toy: bool) -> Iterator[Cell]:
    """200 steps of pretraining and of the warm start, in each precision.

    Args:
        text: What to learn from.
        toy: Whether to take few steps and a tiny size.

    Yields:
        The cells.
    """
    seen: dict[tuple, np.ndarray] = {}
    for stage in ("pretraining", "warm start"):
        for precision in _PRECISIONS:
            measure = functools.partial(_train, text, stage, precision, seen, toy)
            yield Cell(f"{stage}, {precision}", measure)
    measure = functools.partial(
        _train, text, "pretraining", "mixed_bfloat16", seen, toy, jit_compile=True
    )
    yield Cell("pretraining, mixed_bfloat16, XLA", measure)


def portability(text: TrainingText, toy: bool) -> Iterator[Cell]:
    """What is exported here: its operations, and what a CPU computes of it.

    Args:
        text: Whose vocabularies the model has.
        toy: Whether to take a tiny size.

    Yields:
        The cell.
    """
    for tensor_float_32 in (False, True):
        name = f"export, TensorFloat-32 {'on' if tensor_float_32 else 'off'}"
        measure = functools.partial(_export, text, tensor_float_32, toy)
        yield Cell(name, measure)


class _Losses(Progress):
    def __init__(self):
        super().__init__(None, is_printed=False)
        self.losses: list[float] = []

    def add(self, step, terms, tokens):
        super().add(step, terms, tokens)
        self.losses.append(sum(float(t.loss / t.weight) for t in terms.values()))


def _train(
    text, stage: str, precision: str, seen: dict, toy: bool, jit_compile: bool = False
) -> dict:
    keras.utils.set_random_seed(_SEED)
    keras.config.set_dtype_policy(precision)
    options = {"static_shapes": True} if jit_compile else {}
    pretrainer = pretrainer_from_scratch(text, toy, **options)
    objective = CrossEntropy(pretrainer)
    preprocessor, rate = pretrainer.preprocessor, 1e-3
    if stage == "warm start":
        objective = CharEncoderWarmStart(pretrainer)
        preprocessor, rate = objective.preprocessor, 2e-3
    progress, steps = _Losses(), _TOY_STEPS if toy else _STEPS
    dataset = text.dataset(preprocessor, 4 if toy else _BATCH_SIZE, _SEED)
    # A broken step is an error.
    Trainer(objective, GroupedAdamW(rate), jit_compile=jit_compile).train(
        dataset, steps, progress
    )
    losses = np.array(progress.losses)
    last = len(losses) // 5 or 1
    end = losses[-last:].mean()
    values = f"loss {losses[0]:.3f} to {end:.3f}"
    reference = seen.setdefault((stage,), losses)
    if reference is not losses:
        noise = reference[-last:].std() + 1e-12
        gap = end - reference[-last:].mean()
        values += f"; {gap:+.3f} to float32's, whose steps vary by {noise:.3f}"
    return {"note": f"{steps} steps, none broken, {values}"}


def pretrainer_from_scratch(
    text: TrainingText, toy: bool, **options
) -> charbert_tf.Pretrainer:
    """The demonstration's CharBERT with random weights.

    Args:
        text: Whose vocabularies it has.
        toy: Whether to make a tiny one.
        **options: Further ones of the preprocessor.

    Returns:
        The model.
    """
    hidden_dim, num_layers = (16, 1) if toy else (128, 2)
    sizes = {
        "num_layers": num_layers,
        "num_heads": 4,
        "hidden_dim": hidden_dim,
        "intermediate_dim": 4 * hidden_dim,
        "max_sequence_length": 64,
    }
    return InitialPretrainer.from_scratch(
        text.vocabularies,
        encoder_options=sizes,
        sequence_length=64,
        noise_rate=0.3,
        seed=_SEED,
        **options,
    ).pretrainer


def make_classifier(
    text: TrainingText, encoder: keras.Model | None = None, toy: bool = False
) -> charbert_tf.TextClassifier:
    """A classifier of ten classes with the text's vocabularies.

    Args:
        text: Whose vocabularies it has.
        encoder: A `CharBertBackbone`; by default the demonstration's.
        toy: Whether to make a tiny one.

    Returns:
        The model, with random weights.
    """
    backbone = encoder or pretrainer_from_scratch(text, toy).backbone
    preprocessor = charbert_tf.TextClassifierPreprocessor(
        text.vocabularies.tokenizer(), text.vocabularies.characters(), 64
    )
    names = [str(number) for number in range(10)]
    return charbert_tf.TextClassifier(backbone, 10, preprocessor, labels=names)


def _export(text, tensor_float_32: bool, toy: bool) -> dict:
    tf.config.experimental.enable_tensor_float_32_execution(tensor_float_32)
    try:
        keras.utils.set_random_seed(_SEED)
        keras.config.set_dtype_policy("float32")
        classifier = make_classifier(text, toy=toy)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model")
            ServingModule.of(classifier).export(path)
            served = tf.saved_model.load(path).signatures["serving_default"]
            questions = tf.constant(_QUESTIONS)
            here = served(text=questions)["probabilities"].numpy()
            names = sorted(_operations(served.graph.as_graph_def()))
            there = text.on_cpu(path, _QUESTIONS)
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)
    of_gpus = [name for name in names if "Cudnn" in name]
    difference = float(np.abs(here - there).max())
    return {
        "note": f"{len(names)} kinds of operations, a GPU's own: {of_gpus or 'none'}; "
        f"a process without a GPU computes the same to {difference:.0e}"
    }


def _operations(graph_def) -> set[str]:
    nodes = [*graph_def.node]
    for function in graph_def.library.function:
        nodes += function.node_def
    return {node.op for node in nodes}


def mirrored(text: TrainingText, toy: bool) -> Iterator[Cell]:
    """Two replicas on one device, each half of it, beside one.

    Args:
        text: What to learn from.
        toy: Whether to take few steps and a tiny size.

    Yields:
        The cell.
    """
    yield Cell("two replicas on one device", functools.partial(_mirrored, text, toy))


def _mirrored(text, toy: bool) -> dict:
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    devices = [f"{kind}:{number}" for number in range(2)]
    strategies: dict[str, Callable] = {
        "one": tf.distribute.get_strategy,
        "two": lambda: tf.distribute.MirroredStrategy(
            devices,
            # NCCL refuses two replicas on one card.
            cross_device_ops=tf.distribute.HierarchicalCopyAllReduce(),
        ),
    }
    losses = {}
    for name, make in strategies.items():
        keras.utils.set_random_seed(_SEED)
        keras.config.set_dtype_policy("float32")
        strategy = make()
        with strategy.scope():
            pretrainer = pretrainer_from_scratch(text, toy)
        progress = _Losses()
        Trainer(CrossEntropy(pretrainer), GroupedAdamW(1e-3), strategy).train(
            text.dataset(pretrainer.preprocessor, 4 if toy else 16, _SEED), 3, progress
        )
        losses[name] = progress.losses
    printed = {name: [f"{loss:.3f}" for loss in of] for name, of in losses.items()}
    return {"note": f"losses of 3 steps: {printed} (dropout's numbers differ)"}
