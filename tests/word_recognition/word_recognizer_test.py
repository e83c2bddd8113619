"""A tiny recogniser learns to see through typos; alone, and with each back-off."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.attacks import get_attack
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.edited_examples import corrected_examples
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW, WarmupLinearDecay
from charbert_tf.training.trainer import Trainer
from charbert_tf.word_recognition.recognizer_dataset import word_recognition_dataset
from charbert_tf.word_recognition.recognizer_vocabulary import RecognizerVocabulary

TEXT = """
actor although another because between boring character comedy director don't evening
film further good great horror lovely music never people picture really scene screen
script small something story thought through together under watch water whole without
woman world writer young café zürich the of and to
"""
WORDS = TEXT.split()
STEPS = 150


@pytest.fixture(scope="module")
def sentences():
    """Fresh sentences of the words that it was trained on."""
    rng = random.Random(1)
    return [rng.choices(WORDS, k=rng.randint(1, 15)) for _ in range(100)]


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    rng = random.Random(0)
    lines = [" ".join(rng.choices(WORDS, k=rng.randint(2, 20))) for _ in range(500)]
    path.write_text("".join(f"{line.title()} 1996.\n" for line in lines), "utf-8")
    keras.utils.set_random_seed(0)
    vocabulary = RecognizerVocabulary.learn([str(path)], num_words=100)
    recognizer = charbert_tf.WordRecognizer(*vocabulary, hidden_dim=32)
    dataset = word_recognition_dataset([str(path)], recognizer, 16, 10, 0.9, seed=0)
    schedule = WarmupLinearDecay(2e-2, STEPS, STEPS // 10)
    Trainer(CrossEntropy(recognizer), GroupedAdamW(schedule)).train(dataset, STEPS)
    return recognizer


def always(word):
    """A recogniser that takes all words for the same one, or for an unknown one."""
    recognizer = charbert_tf.WordRecognizer(["film", "fun", "<unk>"], ["f", "<unk>"], 2)
    *weights, kernel, bias = recognizer.get_weights()
    bias[recognizer.words.index(word)] = 1.0
    recognizer.set_weights([*weights, 0 * kernel, bias])
    return recognizer


def attacked(sentences, seed=0):
    attack = get_attack("mix")
    return [
        attack.attack_words(words, seed, index) for index, words in enumerate(sentences)
    ]


def share_of_equal(sentences, others):
    pairs = [
        pair
        for both in zip(sentences, others, strict=True)
        for pair in zip(*both, strict=True)
    ]
    return sum(a == b for a, b in pairs) / len(pairs)


def test_most_typos_are_corrected(recognizer, sentences):
    corrector = charbert_tf.WordCorrector(recognizer)
    noised = attacked(sentences)
    assert share_of_equal(sentences, noised) < 0.25
    assert share_of_equal(sentences, corrector.correct(noised)) > 0.85
    assert share_of_equal(sentences, corrector.correct(sentences)) > 0.95
    assert {"the", "don't", "café", "<unk>"} < set(recognizer.words)
    assert not {"1996", "."} & set(recognizer.words)


def test_case_numbers_and_marks_stay(recognizer):
    typed = [["Beacuse", "tHe", "DIERCTOR", ",", "1996"], [], ["...", "WrITer"]]
    assert charbert_tf.WordCorrector(recognizer).correct(typed) == [
        ["Because", "tHe", "DIRECTOR", ",", "1996"],
        [],
        ["...", "WrITer"],
    ]


def test_text_keeps_all_but_its_words(recognizer):
    corrector = charbert_tf.WordCorrector(recognizer)
    texts = ["  Tgether,  the\tpoeple_(1996)\n", "", "...", "Dno't  thuoght!"]
    examples = [LabelledText(text, None, "1", line=1) for text in texts]
    assert [e.text for e in corrected_examples(examples, corrector)] == [
        "  Together,  the\tpeople_(1996)\n",
        "",
        "...",
        "Don't  thought!",
    ]


def test_backoffs():
    typed = [["Flm", "1996", "FNU"], [], ["!", "a"]]
    knows_none, says_film, says_fun = always("<unk>"), always("film"), always("fun")

    def correct(recognizer, backoff):
        return charbert_tf.WordCorrector(recognizer, backoff).correct(typed)

    assert correct(knows_none, "pass_through") == typed
    assert correct(knows_none, "neutral") == [["a", "1996", "a"], [], ["!", "a"]]
    guessed = [["Film", "1996", "FILM"], [], ["!", "film"]]
    assert correct(knows_none, says_film) == guessed
    assert correct(knows_none, knows_none) == typed
    for backoff in ("neutral", says_fun):
        assert correct(says_film, backoff) == guessed
    with pytest.raises(ValueError, match="Received: backoff=background"):
        correct(knows_none, "background")


def test_examples_keep_their_labels(tmp_path):
    corrector = charbert_tf.WordCorrector(always("film"))
    (tmp_path / "tags.txt").write_text("Flm O\n1996 B-X\n\nfnu O\n")
    task = TaggingTask()
    examples = task.read(str(tmp_path / "tags.txt"))
    corrected = task.corrected(examples, corrector)
    assert [list(e.words) for e in corrected] == [["Film", "1996"], ["film"]]
    assert [e.tags for e in corrected] == [e.tags for e in examples]

    (tmp_path / "pairs.tsv").write_text("0\tA  flm!\t(fnu)\tx\n")
    pairs = ClassificationTask(1, 3, 2, header=False)
    (pair,) = pairs.corrected(pairs.read(str(tmp_path / "pairs.tsv")), corrector)
    assert (pair.text, pair.text_pair) == ("Film  film!", "(film)")
    assert pair.label == "x"


def test_a_sentence_does_not_depend_on_the_others(recognizer, sentences):
    noised = attacked(sentences, seed=2)
    together = recognizer.recognize(noised)
    assert recognizer.recognize(noised[::-1]) == together[::-1]
    assert [recognizer.recognize([words])[0] for words in noised[:5]] == together[:5]

    features = recognizer.semi_characters(
        tf.ragged.constant([*noised[:2], ["the"] * 60])
    )
    alone = recognizer.semi_characters(tf.ragged.constant(noised[:1]))
    length = len(noised[0])
    np.testing.assert_allclose(
        recognizer(features)[0, :length], recognizer(alone)[0], atol=1e-5
    )


def test_saved_and_loaded(recognizer, sentences, tmp_path):
    recognizer.save_to_preset(str(tmp_path))
    loaded = charbert_tf.WordRecognizer.from_preset(str(tmp_path))
    noised = attacked(sentences, seed=3)
    expected = recognizer.recognize(noised)
    assert loaded.recognize(noised) == expected

    config = recognizer.get_config() | {"dtype": "mixed_bfloat16"}
    mixed = charbert_tf.WordRecognizer.from_config(config)
    mixed.set_weights(recognizer.get_weights())
    assert (
        mixed(recognizer.semi_characters(tf.ragged.constant([["a"]]))).dtype
        == "bfloat16"
    )
    assert share_of_equal(mixed.recognize(noised), expected) > 0.98
