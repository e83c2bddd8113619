"""Tagging of sentences that are longer than the model, and what is written of them."""

import io

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask

LENGTH = 12
LABELS = ["O", "B-LOC", "I-LOC"]


class ByFirstLetter:
    """Tags a word by its first subword: B in upper case, I in lower, O for the rest."""

    labels = LABELS

    def __init__(self, tokenizer):
        self.preprocessor = charbert_tf.TokenClassifierPreprocessor(
            tokenizer, sequence_length=LENGTH
        )
        tokens = np.array(tokenizer.get_vocabulary())
        kinds = [token.isupper() + 2 * token.islower() for token in tokens]
        self._logits = tf.one_hot(kinds, 3)

    def __call__(self, features, training):
        return tf.gather(self._logits, features["token_ids"])


def sentence(words):
    tags = [
        "B-LOC" if word[0].isupper() else "I-LOC" if word[0].islower() else "O"
        for word in words
    ]
    return TaggedSentence(tuple(words), tuple(tags), 1)


@pytest.fixture(scope="module")
def sentences():
    random = np.random.default_rng(0)
    words = ["Q", "q", "7", "Zvw", "zvw", "?!", "Xqvxqvxqv", "1234567890"]
    of_any_length = [
        sentence(random.choice(words, size=length)) for length in range(1, 60)
    ]
    one_word = sentence(["Q" * 100])
    return [*of_any_length, one_word, sentence(["7", "q" * 50, "Q"])]


@pytest.fixture(scope="module")
def tagger(tokenizer):
    # Else "I" would be a word and "in" too.
    assert isinstance(tokenizer, keras_nlp.models.BertTokenizer)
    return ByFirstLetter(tokenizer)


def test_every_word_is_tagged(tagger, sentences):
    predictions = TaggingTask().predict(tagger, sentences)
    assert predictions == [list(example.tags) for example in sentences]
    words = tagger.preprocessor.word_positions(TaggingTask().head.inputs(sentences))
    assert (words.values.numpy() == -1).sum() > 500


def test_every_word_is_learnt_with_its_own_tag(tagger, sentences):
    task = TaggingTask()
    windows, owners = task.head.windows(tagger, sentences)
    assert len(windows) > 2 * len(sentences)
    rebuilt = [{} for _ in sentences]
    assert sorted(owners) == list(owners)
    for owner, window in zip(owners, windows, strict=True):
        for number, pair in enumerate(
            zip(window.words, window.tags, strict=True), start=window.line
        ):
            assert rebuilt[owner].setdefault(number, pair) == pair
    # In the middle of a span a window begins with I-, not with a span of its own.
    assert any(window.tags[0] == "I-LOC" for window in windows)
    for example, words in zip(sentences, rebuilt, strict=True):
        pairs = [words[number] for number in range(1, 1 + len(words))]
        assert pairs == list(zip(example.words, in_iob2(example.tags), strict=True))
    dataset = task.training_dataset(tagger, sentences, 32, epochs=1, seed=0)
    assert int(dataset.cardinality()) == -(-len(windows) // 32)
    labels = sum(weights.numpy().sum() for _, _, weights in dataset)
    assert labels == sum(len(window.words) for window in windows)


def in_iob2(tags):
    """A span that opens with I- is one in IOB1."""
    before = ["O", *tags]
    return [
        "B-LOC" if tag == "I-LOC" and before[index] == "O" else tag
        for index, tag in enumerate(tags)
    ]


def test_what_conlleval_reads(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("New York\tI-LOC\nCity\tI-LOC\n\nhere\tO\n")
    examples = ConllFormat().read(path)
    file = io.StringIO()
    task = TaggingTask()
    write = task.prediction_writers()[".txt"]
    write(file, examples, [["B-LOC", "O"], ["O"]])
    expected = "New\u00a0York B-LOC B-LOC\nCity I-LOC O\n\nhere O O\n\n"
    assert file.getvalue() == expected
    path.write_text(file.getvalue())
    again = ConllFormat(0, 1).read(path)
    assert [len(example.words) for example in again] == [2, 1]
    scores = task.scores(again, [["B-LOC", "O"], ["O"]], LABELS)
    assert scores == task.scores(examples, [["B-LOC", "O"], ["O"]], LABELS)
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert next(iter(scores)) == "f1"
    assert scores["f1"] == 0
