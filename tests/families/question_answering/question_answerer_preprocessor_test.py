"""Questions with contexts: the tokens of an answer, and the answer of the tokens."""

import json
import random

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

KINDS = ["bert", "roberta", "xlm_roberta"]
LENGTH = 48


@pytest.fixture(params=KINDS)
def preprocess(request, tokenizers, characters):
    return charbert_tf.QuestionAnswererPreprocessor(
        tokenizers[request.param], characters, sequence_length=LENGTH
    )


@pytest.fixture(scope="module")
def samples():
    """200 questions, contexts and answers; the answers are whole words."""
    rng = random.Random(2)
    words = ["The", "film", "naïve", "语", "😀é", "dull,", "(in", "Rome)", "'s", "x."]
    rows = []
    for number in range(200):
        question = " ".join(rng.choices(words, k=rng.randint(0, 12)))
        chosen = rng.choices(words, k=rng.randint(1, 40))
        spaced = [word + rng.choice([" ", "  ", "\u3000", "\n"]) for word in chosen]
        starts = np.cumsum([0, *map(len, spaced)])
        context = "".join(spaced)
        first = rng.randrange(len(chosen))
        last = min(first + rng.randint(0, 3), len(chosen) - 1)
        start, end = int(starts[first]), int(starts[last] + len(chosen[last]))
        if number % 10 == 0:
            start, end = -1, -1
        rows.append((question, context, start, end))
    return rows


def columns(samples):
    questions, contexts, starts, ends = zip(*samples, strict=True)
    return (list(questions), list(contexts)), (list(starts), list(ends))


def test_the_answer_is_cut_out_again(preprocess, samples):
    pairs, answers = columns(samples)
    features, labels = preprocess(pairs, answers)
    starts, ends = (v.numpy() for v in preprocess.context_offsets(pairs))
    assert starts.shape == ends.shape == features["token_ids"].shape
    cut_off = found = 0
    for row, (_, context, start, end) in enumerate(samples):
        first, last = (int(labels[f"{n}_logits"][row]) for n in ("start", "end"))
        if start == -1:
            assert (first, last) == (0, 0)
        elif (first, last) == (0, 0):
            # A part of it lies behind the last token that was kept.
            assert ends[row].max() < end
            cut_off += 1
        else:
            assert context[starts[row, first] : ends[row, last]] == context[start:end]
            found += 1
    assert found > 30
    assert cut_off > 20


def test_offsets_are_of_the_context_alone(preprocess, samples):
    pairs, _ = columns(samples)
    tokenizer = preprocess.subword_tokenizer
    starts, ends = (v.numpy() for v in preprocess.context_offsets(pairs))
    token_ids = preprocess(pairs)["token_ids"].numpy()
    lengths = tokenizer(tf.constant(pairs[0])).token_ids.row_lengths().numpy()
    room_of = tokenizer(tf.constant(pairs[1])).token_ids.row_lengths().numpy()
    for row, (_, context, _, _) in enumerate(samples):
        first = 1 + tokenizer.pair_separators
        room = LENGTH - 1 - first
        first += max(
            min(lengths[row], room - room_of[row]), min(lengths[row], room // 2)
        )
        assert (starts[row, :first] == -1).all()
        is_special = np.isin(token_ids[row], tokenizer.special_token_ids[:3])
        assert (starts[row][is_special] == -1).all()
        assert ((starts[row] == -1) == (ends[row] == -1)).all()
        shown = {
            character
            for a, b in zip(starts[row], ends[row], strict=True)
            for character in range(a, b)
        }
        # Whatever is kept is a beginning of the context.
        expected = {i for i in range(ends[row].max()) if not context[i].isspace()}
        assert shown == expected


def test_the_context_is_cut_before_the_question(tokenizers, characters):
    for kind, tokenizer in tokenizers.items():
        preprocess = charbert_tf.QuestionAnswererPreprocessor(
            tokenizer, characters, sequence_length=12
        )
        subwords = make_subword_tokenizer(tokenizer)
        separators = [subwords.end_token_id] * subwords.pair_separators

        def token_ids(question, context, preprocess=preprocess):
            return preprocess(([question], [context]))["token_ids"][0].numpy().tolist()

        question, long_question, context = (
            subwords(tf.constant([text])).token_ids.to_list()[0]
            for text in ("the", "film " * 20, "the film the film the film the film the")
        )
        packed = [subwords.start_token_id, *question, *separators, *context]
        expected = [*packed[:11], subwords.end_token_id]
        assert token_ids("the", "the film " * 6) == expected, kind
        # There is no room for both: each has a half.
        half = (12 - 2 - len(separators)) // 2
        expected = [subwords.start_token_id, *long_question[:half], *separators]
        assert token_ids("film " * 20, "the film " * 6)[: len(expected)] == expected
        # A short context needs no half.
        assert token_ids("film " * 20, "x")[-2] != subwords.end_token_id
        assert len(token_ids("film " * 20, "x")) == 12
    preprocess = charbert_tf.QuestionAnswererPreprocessor(
        tokenizers["bert"], max_question_length=2
    )
    assert preprocess((["the film in the film"], ["x"]))["token_ids"].shape[1] == 6


def test_weights_pass(preprocess):
    pairs = (["film?"], ["the film"])
    _, labels, weights = preprocess(pairs, ([4], [8]), [2.0])
    assert weights == [2.0]
    assert labels["start_logits"].dtype == labels["end_logits"].dtype == tf.int32


def test_real_questions(shared, tokenizers):
    path = shared / "data" / "squad" / "dev-v1.1.json"
    samples = [
        (
            question["question"],
            paragraph["context"],
            question["answers"][0]["answer_start"],
            question["answers"][0]["answer_start"]
            + len(question["answers"][0]["text"]),
        )
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ][::4]
    pairs, answers = columns(samples)
    for kind in ("bert", "roberta"):
        preprocess = charbert_tf.QuestionAnswererPreprocessor(
            tokenizers[kind], sequence_length=2048
        )
        _, labels = preprocess(pairs, answers)
        starts, ends = preprocess.context_offsets(pairs)
        exact = 0
        for row, (_, context, start, end) in enumerate(samples):
            first, last = (int(labels[f"{n}_logits"][row]) for n in ("start", "end"))
            text = context[int(starts[row, first]) : int(ends[row, last])]
            assert context[start:end] in text
            exact += text == context[start:end]
        # An answer may begin or end inside a subword.
        assert exact > 0.9 * len(samples)


@pytest.mark.parametrize("stride", [1, 10, 10**9])
@pytest.mark.parametrize("length", [5, 16, 48])
@pytest.mark.sampled(3)
def test_windows_overlap_by_half(tokenizers, length, stride):
    """Any span of half as many subwords as a window shows is whole in one of them."""
    spans = 0
    for question in ("", "the", "the film " * 20):
        for kind in KINDS:
            preprocess = charbert_tf.QuestionAnswererPreprocessor(
                tokenizers[kind], sequence_length=length
            )
            x = [question], [" the" * 60]
            (begins,), (lengths,) = (v.to_list() for v in preprocess.windows(x, stride))
            count = len(begins)
            starts, _ = preprocess.context_offsets(
                (x[0] * count, x[1] * count, tf.constant(begins))
            )
            shown = [{at for at in row if at >= 0} for row in starts.numpy().tolist()]
            every = sorted(set().union(*shown))
            assert len(every) >= 60
            assert set(lengths[:-1]) == {length}
            # Shorter ones are parts of these.
            span = max(len(shown[0]) // 2, 1)
            for first in range(len(every) - span + 1):
                wanted = set(every[first : first + span])
                assert any(wanted <= of_window for of_window in shown)
                spans += 1
    assert spans > 300
