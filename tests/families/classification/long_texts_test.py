"""Texts that are longer than a classifier: cut, and told, or seen through windows."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText

LENGTH = 12
LABELS = ["a", "b", "c"]


@pytest.fixture(scope="module")
def texts():
    choose = random.Random(0)
    words = ["the", "fine", "film", "语", "😀", "in", "x."]
    return [
        " ".join(choose.choices(words, k=count)) for count in (0, 1, 8, 9, 10, 30, 100)
    ]


@pytest.fixture(scope="module")
def is_cut(classifier, texts):
    token_ids = classifier.preprocessor.subword_tokenizer(tf.constant(texts)).token_ids
    is_cut = (token_ids.row_lengths() > LENGTH - 2).numpy().tolist()
    assert 0 < sum(is_cut) < len(texts)
    return is_cut


@pytest.fixture(scope="module")
def classifier(make_encoder, tokenizer, characters):
    keras.utils.set_random_seed(0)
    encoder = make_encoder(max_sequence_length=LENGTH)
    preprocessor = charbert_tf.TextClassifierPreprocessor(
        tokenizer, characters, sequence_length=LENGTH
    )
    backbone = charbert_tf.CharBertBackbone(encoder, len(characters))
    classifier = charbert_tf.TextClassifier(
        backbone, len(LABELS), preprocessor, labels=LABELS
    )
    rng = np.random.default_rng(0)
    for weight in classifier.weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
    return classifier


def plain_windows(tokens, others):
    """The beginnings and ends of windows, one after another."""
    room = LENGTH - 2 if others is None else LENGTH - 3
    shown = min(tokens, room)
    if others is not None:
        # The first text has the bigger half where both are long.
        shown = min(tokens, max(room - others[0], (room + others[1]) // 2))
    starts = range(0, max(tokens - shown, 0) + max(shown // 2, 1), max(shown // 2, 1))
    return [(start, min(start + shown, tokens)) for start in starts]


@pytest.mark.parametrize("has_pairs", [False, True])
def test_windows_are_slices(classifier, texts, has_pairs):
    preprocessor = classifier.preprocessor
    tokenize = preprocessor.subword_tokenizer
    pairs = [(one, other) for one in texts for other in texts]
    columns = tuple(map(tf.constant, zip(*pairs, strict=True)))[: 1 + has_pairs]
    windows, counts = preprocessor.windows(columns)
    tokens = [tokenize(column).token_ids.to_list() for column in columns]
    found = iter(zip(*(of.token_ids.to_list() for of in windows), strict=True))
    for count, *of_row in zip(counts.numpy(), *tokens, strict=True):
        lengths = list(map(len, of_row))
        others = [None]
        if has_pairs:
            others = [(lengths[1], 1), (lengths[0], 0)]
        expected = [
            [row[slice(*window)] for window in plain_windows(len(row), other)]
            for row, other in zip(of_row, others, strict=True)
        ]
        assert count == max(map(len, expected))
        for at in range(count):
            shown = [of[min(at, len(of) - 1)] for of in expected]
            assert list(next(found)) == shown
    assert next(found, None) is None
    # The first windows are what is kept otherwise.
    first = np.cumsum(counts) - counts
    kept = preprocessor.features(
        tf.nest.map_structure(lambda v: tf.gather(v, first), windows)
    )
    for name, values in preprocessor(columns).items():
        assert values.numpy().tolist() == kept[name].numpy().tolist()


def test_cut_is_told_and_windows_are_averaged(classifier, texts, is_cut, capsys):
    examples = [LabelledText(text, None, "a", 1) for text in texts]
    cut = ClassificationTask("text", "label")
    logits = classifier(classifier.preprocessor(texts), training=False).numpy()
    expected = [LABELS[row.argmax()] for row in logits]
    for _ in range(2):
        assert cut.predict(classifier, examples) == expected
    # Once.
    assert capsys.readouterr().err == (
        f"{sum(is_cut)} of 7 texts are longer than 12 tokens and cut: give "
        "--long_texts=windows to see all of them\n"
    )

    windows, counts = classifier.preprocessor.windows(tf.constant(texts))
    probabilities = tf.nn.softmax(
        classifier(classifier.preprocessor.features(windows), training=False)
    ).numpy()
    parts = np.split(probabilities, np.cumsum(counts)[:-1])
    means = np.stack([part.mean(axis=0) for part in parts])
    shown = ClassificationTask("text", "label", long_texts="windows")
    predicted = shown.predict(classifier, examples)
    assert predicted == [LABELS[row.argmax()] for row in means]
    assert capsys.readouterr().err == ""
    assert np.abs(means - tf.nn.softmax(logits).numpy()).max() > 0.01

    for long_texts, probabilities, told in (
        ("cut", tf.nn.softmax(logits), is_cut),
        ("windows", means, [False] * 7),
    ):
        answers = classifier.classify(texts, long_texts=long_texts)
        found = [answer.probabilities for answer in answers]
        np.testing.assert_allclose(found, probabilities, atol=1e-5)
        assert [answer.is_cut for answer in answers] == told
        best = np.argmax(probabilities, axis=1)
        assert [answer.label for answer in answers] == [LABELS[at] for at in best]


def test_training_says_what_is_cut(classifier, texts, is_cut, capsys):
    examples = [LabelledText(text, None, "a", 1) for text in texts]
    task = ClassificationTask("text", "label")
    task.training_dataset(classifier, examples, 4, epochs=1, seed=0)
    assert capsys.readouterr().err == (
        f"{sum(is_cut)} of 7 texts are longer than 12 tokens and cut: raise "
        "--sequence_length\n"
    )


def test_another_word_for_it_is_refused(classifier):
    with pytest.raises(ValueError, match="not 'mean'"):
        ClassificationTask("text", "label", long_texts="mean")
    with pytest.raises(ValueError, match="not 'mean'"):
        ServingModule.of(classifier, long_texts="mean")
