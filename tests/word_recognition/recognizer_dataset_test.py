"""What a recogniser is trained on, and that its training goes on after a stop."""

import bz2
import collections

import keras
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.files.errors import UserError
from charbert_tf.word_recognition import recognizer_dataset
from charbert_tf.word_recognition.recognizer_dataset import (
    word_recognition_dataset,
    word_recognition_files,
)
from charbert_tf.word_recognition.recognizer_vocabulary import RecognizerVocabulary
from charbert_tf.word_recognition.word_recognizer import WordRecognizer

LINES = ["The Film was not dull, 1996!", "", "It IS a fine film", "the rare word of it"]


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(LINES) + "\n")
    return [str(path)]


@pytest.fixture(autouse=True)
def few_shuffled_sentences(monkeypatch):
    """Filling the buffer takes hundreds of epochs of so short a text."""
    monkeypatch.setattr(recognizer_dataset, "_SHUFFLED_SENTENCES", 50)


def new_recognizer(paths):
    keras.utils.set_random_seed(0)
    return WordRecognizer(*RecognizerVocabulary.learn(paths, 4), hidden_dim=3)


def batches(paths, recognizer, noise_rate):
    return word_recognition_dataset(paths, recognizer, 5, 4, noise_rate, seed=0)


def test_features_labels_and_weights(paths):
    recognizer = new_recognizer(paths)
    assert recognizer.words == ["film", "it", "the", "a", "<unk>"]
    # The parts of the lines, of four words at most.
    parts = [
        *(["the", "film", "was", "not"], ["dull", ",", "1996", "!"]),
        *(["it", "is", "a", "fine"], ["film"], ["the", "rare", "word", "of"], ["it"]),
    ]
    seen = {}
    for features, labels, weights in batches(paths, recognizer, 0.0).take(40):
        for row in zip(features["semi_characters"], labels, weights, strict=True):
            seen[row[0].numpy().tobytes().rstrip(b"\0")] = [v.numpy() for v in row]
    expected = {}
    for part in parts:
        features = recognizer.semi_characters(tf.ragged.constant([part]))
        key = features["semi_characters"].numpy()
        ids = [recognizer.words.index(w) if w in recognizer.words else 4 for w in part]
        expected[key.tobytes().rstrip(b"\0")] = (
            ids,
            [float(any(map(str.isalpha, word))) for word in part],
        )
    assert seen.keys() == expected.keys()
    for key, (ids, has_letter) in expected.items():
        _, labels, weights = seen[key]
        assert labels[: len(ids)].tolist() == ids
        assert weights.tolist() == has_letter + [0.0] * (len(weights) - len(ids))


def test_noise_is_fresh_in_each_epoch(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(f"{i} recognition\n" for i in range(10, 99)))
    recognizer = new_recognizer([str(path)])
    noised = collections.defaultdict(list)
    for features, *_ in batches([str(path)], recognizer, 1.0).take(80):
        for number, word in features["semi_characters"].numpy():
            noised[number.tobytes()].append(word.tobytes())
    assert len(noised) == 89
    assert all(len(set(words)) > 1 for words in noised.values() if len(words) > 4)


@pytest.mark.slow
def test_a_stopped_training_goes_on_with_the_next_batch(paths, tmp_path):
    recognizer = new_recognizer(paths)
    expected = list(batches(paths, recognizer, 0.9).take(5))
    iterator = iter(batches(paths, recognizer, 0.9))
    for _ in range(3):
        next(iterator)
    saved = tf.train.Checkpoint(batches=iterator).write(str(tmp_path / "checkpoint"))
    again = iter(batches(paths, new_recognizer(paths), 0.9))
    tf.train.Checkpoint(batches=again).read(saved).assert_consumed()
    for batch in expected[3:]:
        tf.nest.map_structure(np.testing.assert_array_equal, next(again), batch)


def test_text_that_is_of_no_use(tmp_path):
    numbers, packed = tmp_path / "numbers.txt", tmp_path / "text.txt.bz2"
    numbers.write_text("1996 , 22 .\n")
    packed.write_bytes(bz2.compress(b"a fine film\n"))
    with pytest.raises(UserError, match=r"numbers.txt: no word has a letter: name"):
        RecognizerVocabulary.learn(word_recognition_files([str(numbers)]), 10)
    with pytest.raises(UserError, match=r"bz2: training does not read bzip2: "):
        word_recognition_files([str(packed)])
