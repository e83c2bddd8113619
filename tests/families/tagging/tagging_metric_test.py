"""Scores of tags against conlleval's rules, in both IOB schemes."""

import itertools
import random

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from charbert_tf.families.tagging.tag_scheme import to_iob2
from charbert_tf.families.tagging.tagging_metric import (
    span_counts,
    span_scores_of_counts,
    word_counts,
    word_scores,
)
from tests.seqeval_scores import span_scores, token_accuracy


def _conlleval_spans(tags):
    """Reads spans off tags as conlleval does, in either scheme and from misuse."""
    spans, start = set(), None
    for end in range(len(tags) + 1):
        tag = tags[end] if end < len(tags) else "O"
        if start is not None and tag != "I" + tags[start][1:]:
            spans.add((start, end, tags[start][2:]))
            start = None
        if start is None and tag != "O":
            start = end
    return spans


def _conlleval_scores(true, predicted):
    true_spans = {(i, s) for i, t in enumerate(true) for s in _conlleval_spans(t)}
    found = {(i, s) for i, t in enumerate(predicted) for s in _conlleval_spans(t)}
    hits = len(true_spans & found)
    return {
        "precision": hits / len(found) if found else 0.0,
        "recall": hits / len(true_spans) if true_spans else 0.0,
        "f1": 2 * hits / (len(found) + len(true_spans)) if hits else 0.0,
    }


def test_scores_are_those_of_conlleval_on_any_tags():
    choose = random.Random(1)
    tags = ["O", "B-A", "I-A", "B-B-C", "I-B-C", "O"]
    for _ in range(200):
        true, predicted = [], []
        for _ in range(5):
            true.append(choose.choices(tags, k=choose.randint(1, 9)))
            # Half the tags are right, so that whole spans are.
            predicted.append(
                [choose.choice([t, choose.choice(tags)]) for t in true[-1]]
            )
        scores = span_scores(true, predicted)
        assert scores == pytest.approx(_conlleval_scores(true, predicted), abs=1e-12)
        of_counts = span_scores_of_counts(span_counts(true, predicted).sum(axis=0))
        assert of_counts == pytest.approx(scores, abs=1e-12)
    nothing = {"precision": 0, "recall": 0, "f1": 0}
    assert span_scores([["O"]], [["O"]]) == nothing
    undefined = span_scores_of_counts(np.zeros(3)).values()
    assert all(map(np.isnan, undefined))


def _encode(spans, length, scheme):
    tags = ["O"] * length
    for start, end, kind in spans:
        tags[start:end] = [f"I-{kind}"] * (end - start)
    for start, _, kind in spans:
        follows_its_kind = start and tags[start - 1][1:] == f"-{kind}"
        if scheme == "IOB2" or follows_its_kind:
            tags[start] = f"B-{kind}"
    return tags


def test_both_schemes_mean_the_same():
    choose = random.Random(2)
    sentences = []
    for _ in range(300):
        cuts = sorted(choose.sample(range(21), 8))
        spans = [(a, b, choose.choice("AB")) for a, b in itertools.pairwise(cuts)]
        sentences.append([span for span in spans if choose.random() < 0.7])
    iob1 = [_encode(spans, 20, "IOB1") for spans in sentences]
    iob2 = [_encode(spans, 20, "IOB2") for spans in sentences]
    assert iob1 != iob2
    assert [to_iob2(tags) for tags in iob1] == iob2
    assert [to_iob2(tags) for tags in iob2] == iob2
    guesses = [choose.choice([iob2[i], iob2[i - 1]]) for i in range(300)]
    assert span_scores(iob1, guesses) == span_scores(iob2, guesses)
    assert token_accuracy(iob1, guesses) == token_accuracy(iob2, guesses)
    assert 0.3 < span_scores(iob1, guesses)["f1"] < 0.9
    assert span_scores(iob1, iob2)["f1"] == token_accuracy(iob1, iob2) == 1


def test_words_count_as_conlleval_compares_them():
    """In the files that it reads: the truth in IOB2, the predictions as they are."""
    choose = random.Random(3)
    names = ["O", "B-A", "I-A", "B-B", "I-B"]
    iob1, iob2, guesses = [], [], []
    for _ in range(1000):
        length = choose.randint(1, 20)
        cuts = sorted(choose.choices(range(length + 1), k=6))
        spans = [(a, b, choose.choice("AB")) for a, b in itertools.pairwise(cuts)]
        spans = [span for span in spans if span[0] < span[1] and choose.random() < 0.7]
        iob1.append(_encode(spans, length, "IOB1"))
        iob2.append(_encode(spans, length, "IOB2"))
        guesses.append([choose.choice([tag, *names]) for tag in iob2[-1]])
    words = [[tag for tags in of for tag in tags] for of in (iob2, guesses)]
    expected = accuracy_score(*words)
    assert 0.3 < expected < 0.5
    for true in (iob1, iob2):
        assert token_accuracy(true, guesses) == pytest.approx(expected, abs=1e-12)
        scores = word_scores(word_counts(true, guesses).sum(axis=0))
        assert scores["accuracy"] == pytest.approx(expected, abs=1e-12)
    assert token_accuracy([["O", "I-LOC"]], [["O", "I-LOC"]]) == 0.5
    parts_of_speech = [choose.choices(["NN", "VB"], k=9) for _ in range(2)]
    assert token_accuracy(*[[tags] for tags in parts_of_speech]) == accuracy_score(
        *parts_of_speech
    )


def test_predictions_that_do_not_fit_are_refused():
    for score in (span_scores, token_accuracy):
        for predicted in ([["O"]], [["O", "O"], ["O"]]):
            with pytest.raises(ValueError, match="as many predicted tags"):
                score([["O", "B-A"]], predicted)
