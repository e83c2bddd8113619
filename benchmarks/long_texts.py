"""Time and memory that long texts take.

  python -m benchmarks.long_texts

Prints how long it takes to make the features of all windows of a context, and of a
sentence, by their words: processor time, the least of some rounds. Then exports a
tagger and a question answerer and asks each, in a process of its own, first about a
short text and then about a long one: what the process holds after the one, and at most
during the other.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable

import keras_nlp
import tensorflow as tf
from absl import flags

import charbert_tf
from benchmarks import compared_models, timing
from charbert_tf.export.serving_module import ServingModule
from official import command

_WORDS = flags.DEFINE_list("words", "2000,4000,8000,16000", "Words of the texts.")
_ROUNDS = flags.DEFINE_integer("rounds", 3, "Calls that are timed.", lower_bound=1)
_SIZE = flags.DEFINE_enum("size", "small", list(compared_models.SIZES), "The models'.")
_TAGGED = flags.DEFINE_integer("tagged", 1_000_000, "Characters a tagger is asked.")
_ASKED = flags.DEFINE_integer("asked", 100_000, "Characters of a question's context.")

_QUESTION = "Who wrote it?"
_STRIDE = 128
_BATCH_SIZE = 32
_LETTERS = "etaoinshrdlcumwfgypbvk"
_CHARACTERS = [" ", *_LETTERS, ".", "?", "W", "<unk>"]
_VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?"),
    *_LETTERS,
    *(f"##{letter}" for letter in _LETTERS),
    *(f"{first}{second}" for first in _LETTERS for second in _LETTERS),
    *(f"##{first}{second}" for first in _LETTERS for second in _LETTERS),
]

# Linux counts in KiB.
_ASK = """
import json
import resource
import sys

import tensorflow as tf
import tensorflow_text

folder, short, long = json.load(sys.stdin)
serve = tf.saved_model.load(folder).signatures["serving_default"]

def peak(texts):
    serve(**{name: tf.constant([text]) for name, text in texts.items()})
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

print(json.dumps([peak(short), peak(long)]))
"""


def main() -> None:
    """Runs the benchmark."""
    counts = [int(count) for count in _WORDS.value]
    texts = {count: _text(count) for count in counts}
    for name, make in (("answerer", _of_answerer), ("tagger", _of_tagger)):
        functions = {f"{count:,} words": make(texts[count]) for count in counts}
        timings = timing.time_in_turn(functions, _ROUNDS.value)
        print(f"features of a {name}")
        for count, of_count in zip(counts, timings.values(), strict=True):
            seconds = min(of_count.processor)
            each = 1e6 * seconds / count
            print(f"{count:10,} words{seconds:9.3f} s{each:9.1f} us a word")
    long = _text(max(_TAGGED.value, _ASKED.value) // 3)
    _print_peak(
        charbert_tf.TokenClassifier,
        {"labels": ["O", "B-X", "I-X"], "num_classes": 3},
        {"text": long[:1_000]},
        {"text": long[: _TAGGED.value]},
    )
    _print_peak(
        charbert_tf.QuestionAnswerer,
        {},
        {"question": _QUESTION, "context": long[:1_000]},
        {"question": _QUESTION, "context": long[: _ASKED.value]},
    )


def _text(num_words: int) -> str:
    """Sentences of ten words of one to nine letters."""
    choose = random.Random(0)
    words = [
        "".join(choose.choices(_LETTERS, k=choose.randint(1, 9))) + "." * (at % 10 == 9)
        for at in range(num_words)
    ]
    return " ".join(words)


def _preprocessor(preprocessor_cls: type):
    return preprocessor_cls(
        keras_nlp.models.BertTokenizer(_VOCABULARY, lowercase=False),
        _CHARACTERS,
        sequence_length=compared_models.SIZES[_SIZE.value].tokens,
    )


def _of_answerer(text: str) -> Callable[[], None]:
    preprocessor = _preprocessor(charbert_tf.QuestionAnswererPreprocessor)

    @tf.function
    def windows(question, context):
        texts = preprocessor.tokenize((question, context))
        starts, _ = preprocessor.windows(texts, _STRIDE)
        return texts.moved(starts.value_rowids(), starts.values)

    @tf.function(reduce_retracing=True)
    def features(windows, first):
        rows = tf.range(first, tf.minimum(first + _BATCH_SIZE, tf.size(windows.start)))
        return preprocessor.features_and_offsets(tf.gather(windows, rows))

    def call():
        of_text = windows(tf.constant([_QUESTION]), tf.constant([text]))
        for first in range(0, len(of_text.start), _BATCH_SIZE):
            features(of_text, tf.constant(first))

    return call


def _of_tagger(text: str) -> Callable[[], None]:
    preprocessor = _preprocessor(charbert_tf.TokenClassifierPreprocessor)

    @tf.function
    def features(words):
        words = preprocessor.tokenize(words)
        parts = preprocessor.parts(words, preprocessor.windows(words))
        return preprocessor.features_and_positions(parts)

    words = tf.RaggedTensor.from_row_splits(text.split(), [0, len(text.split())])
    return lambda: features(words)


def _print_peak(model_cls: type, arguments: dict, short: dict, long: dict) -> None:
    backbone = compared_models.charbert(compared_models.SIZES[_SIZE.value])
    preprocessor = _preprocessor(model_cls.preprocessor_cls)
    model = model_cls(backbone, preprocessor=preprocessor, **arguments)
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.join(folder, "exported")
        ServingModule.of(model).export(folder)
        outcome = subprocess.run(
            [sys.executable, "-c", _ASK],
            input=json.dumps([folder, short, long]),
            capture_output=True,
            check=True,
            text=True,
        )
    before, peak = json.loads(outcome.stdout)
    characters = max(map(len, long.values()))
    print(
        f"{model_cls.__name__}, {characters:,} characters: {peak - before:,.0f} MiB "
        f"above the {before:,.0f} MiB of a short text"
    )


if __name__ == "__main__":
    command.run(main)
