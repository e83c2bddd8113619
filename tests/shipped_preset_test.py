"""The preset that is kept with the code: it opens, and it sees through typos."""

import pathlib

import numpy as np
import pytest

import charbert_tf

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "presets" / "charbert_minilm"
SENTENCES = [
    ("The government announced a new budget.", "The goverment anounced a new bugdet."),
    ("He scored twice in the second half.", "He scroed twcie in the secnod hafl."),
    ("The film is boring and far too long.", "The flim is boirng and far too lnog."),
    ("Install the package before you start.", "Intsall the pakcage befroe you satrt."),
    ("Her sister lives in a quiet village.", "Her sitser lievs in a queit villgae."),
]


@pytest.fixture(scope="module")
def classifier():
    return charbert_tf.TextClassifier.from_preset(str(FOLDER), num_classes=2)


def vectors(model, texts):
    """Means over the words of both channels, of length 1."""
    features = model.preprocessor(texts)
    outputs = model.backbone(features)
    both = np.concatenate(
        [outputs["sequence_output"], outputs["char_sequence_output"]], axis=-1
    )
    mask = np.array(features["padding_mask"], np.float32)[..., None]
    means = (both * mask).sum(axis=1) / mask.sum(axis=1)
    return means / np.linalg.norm(means, axis=-1, keepdims=True)


def test_a_sentence_is_nearest_to_itself_with_typos(classifier):
    clean, typed = (
        vectors(classifier, list(texts)) for texts in zip(*SENTENCES, strict=True)
    )
    assert (clean @ typed.T).argmax(axis=1).tolist() == list(range(len(SENTENCES)))


def test_its_text_is_that_of_bert(classifier):
    tokenizer = classifier.preprocessor.tokenizer
    assert (tokenizer.normalizer_version, tokenizer.lowercase) == (2, True)
    assert len(classifier.preprocessor.characters) == 1001


def test_its_files_are_small_and_documented():
    assert (FOLDER / "model.weights.h5").stat().st_size < 46e6
    assert "Limits" in (FOLDER / "README.md").read_text(encoding="utf-8")
