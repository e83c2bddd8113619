r"""How far embeddings of sentences move under typos, before and after a short training.

  python -m benchmarks.embeddings_under_typos \
      --models=BERT=MiniLM,CharBERT=presets/charbert_minilm \
      --train=english_train.txt --test=english_heldout.txt --seed=0 --output=table.md

Texts are files of running text, of which sentences of 6 to 24 words are drawn. The
training is of pairs of a sentence and itself with a typo in half of its longer words;
the others of the batch are negatives. Measured are other sentences, with a typo in each
word of four letters or more:

- moved: the mean of 1 - cosine between a sentence and itself with typos,
- apart: the same between two sentences, each with the next one,
- found: for how many of those with typos the nearest of all clean ones is their own.

`moved` alone would be 0 for a model that makes one vector of all sentences. The table
has a row for each model, and of a CharBERT for the embeddings of both its channels
together (which are trained) and of each.
"""

import random

import keras
import numpy as np
import tensorflow as tf
from absl import flags

from charbert_tf import CharBertBackbone, SentenceEmbedder
from charbert_tf.attacks import get_attack
from charbert_tf.corpus.blocks import sentence_starts
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines
from charbert_tf.recipes.scoring_setup import folders_by_name
from official import command, named_models_flag

_MODELS = named_models_flag.define("presets or Hugging Face folders of encoders.")
_TRAIN = flags.DEFINE_string("train", None, "Text to train on.", required=True)
_TEST = flags.DEFINE_string("test", None, "Text to measure on.", required=True)
_OUTPUT = flags.DEFINE_string("output", None, "File for the table, in Markdown.")
_STEPS = flags.DEFINE_integer("steps", 100, "Steps of training.", lower_bound=1)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Pairs of a step.", lower_bound=2)
_LEARNING_RATE = flags.DEFINE_float("learning_rate", 5e-5, "Of AdamW.")
_SENTENCES = flags.DEFINE_integer(
    "sentences", 500, "How many sentences to measure.", lower_bound=2
)
_ATTACK = flags.DEFINE_string("attack", "mix", "What the typos are.")
_SEED = flags.DEFINE_integer("seed", 0, "Of sentences, typos, order and dropout.")

_FEWEST_WORDS, _MOST_WORDS = 6, 24
_TRAINING_RATE = 0.5
# Other typos than those that are measured.
_TRAINING_TYPOS = 1_000_000
_HEADER = "| model | training | moved | apart | found |\n|---|---|---|---|---|"


def main() -> None:
    """Runs the benchmark."""
    pairs = _pairs(
        _sentences(_TRAIN.value, _STEPS.value * _BATCH_SIZE.value),
        _TRAINING_RATE,
        _SEED.value + _TRAINING_TYPOS,
    )
    clean, attacked = _pairs(
        _sentences(_TEST.value, _SENTENCES.value), 1.0, _SEED.value
    )
    rows = [_HEADER]
    print(_HEADER, flush=True)
    for name, folder in folders_by_name(_MODELS.value).items():
        keras.utils.set_random_seed(_SEED.value)
        embedder = SentenceEmbedder.from_preset(folder)
        for training in ("none", f"{_STEPS.value} steps"):
            if training != "none":
                _train(embedder, *pairs)
            embeddings = embedder.embed(clean), embedder.embed(attacked)
            for title, of_channel in _by_channel(name, embedder, *embeddings).items():
                rows.append(_row(title, training, *of_channel))
                print(rows[-1], flush=True)
    if _OUTPUT.value is not None:
        with atomic_file(_OUTPUT.value) as file:
            file.write("".join(f"{row}\n" for row in rows))


def _sentences(path: str, count: int) -> list[str]:
    """Sentences of running text, drawn at random, each once."""
    found = {}
    for _, line in read_lines(path):
        starts = sentence_starts(line)
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            sentence = line[start:end].strip()
            if _FEWEST_WORDS <= len(sentence.split()) <= _MOST_WORDS:
                found[sentence] = None
    if len(found) < count:
        raise UserError(
            f"has {len(found)} sentences of {_FEWEST_WORDS} to {_MOST_WORDS} words, "
            f"and {count} are asked for: give a longer text, or lower --sentences, "
            "--steps or --batch_size",
            path,
        )
    return random.Random(_SEED.value).sample(list(found), count)


def _pairs(sentences: list[str], rate: float, seed: int) -> tuple[list[str], list[str]]:
    """Sentences, and the same with typos."""
    attack = get_attack(_ATTACK.value, rate=rate)
    attacked = [
        attack.attack_text(sentence, seed, index)
        for index, sentence in enumerate(sentences)
    ]
    return sentences, attacked


def _train(embedder: SentenceEmbedder, clean: list[str], attacked: list[str]) -> None:
    pairs = tf.data.Dataset.from_tensor_slices({"anchor": clean, "positive": attacked})
    embedder.compile(
        optimizer=keras.optimizers.AdamW(_LEARNING_RATE.value, clipnorm=1.0),
        loss="in_batch_negatives",
    )
    embedder.fit(pairs.batch(_BATCH_SIZE.value), verbose=2)


def _by_channel(
    name: str, embedder: SentenceEmbedder, *embeddings: np.ndarray
) -> dict[str, list[np.ndarray]]:
    """The embeddings by the model's name, and those of each channel of a CharBERT."""
    by_channel = {name: list(embeddings)}
    if isinstance(embedder.backbone, CharBertBackbone):
        # The means of both channels one after the other, shortened together.
        halves = zip(*(np.split(both, 2, axis=1) for both in embeddings), strict=True)
        for channel, half in zip(("tokens", "characters"), halves, strict=True):
            by_channel[f"{name}, {channel}"] = [
                part / np.linalg.norm(part, axis=1, keepdims=True) for part in half
            ]
    return by_channel


def _row(title: str, training: str, before: np.ndarray, after: np.ndarray) -> str:
    """How far embeddings are from those of the same sentences with typos."""
    moved = 1 - (before * after).sum(axis=1).mean()
    apart = 1 - (before * np.roll(before, 1, axis=0)).sum(axis=1).mean()
    nearest = (after @ before.T).argmax(axis=1)
    found = (nearest == np.arange(len(before))).mean()
    return f"| {title} | {training} | {moved:.3f} | {apart:.3f} | {100 * found:.1f} % |"


if __name__ == "__main__":
    command.run(main)
