"""Windows that were tokenized once are those of each context tokenized alone."""

import random

import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.families.question_answering.context_windows import joined_windows
from charbert_tf.text.character_offsets import character_offsets

LENGTH = 24
WORDS = [
    *("The", "film", "naïve", "语文", "😀é", "dull,", "(in", "Rome)", "'s", "the"),
    *("\u200b", "ﬁne", "e\u0301", "\u00ad", "½", "\x00a", "ǅ", "\ufffd", "ﷺ"),
]
SPACES = [" ", "  ", "\u3000", "\n", "", "\u200d"]


def random_text(choose, count):
    words = choose.choices(WORDS, k=choose.randint(0, count))
    return "".join(word + choose.choice(SPACES) for word in words)


@pytest.fixture(scope="module")
def pairs():
    """Several questions about most contexts."""
    choose = random.Random(0)
    contexts = [random_text(choose, 40) for _ in range(8)]
    return [(random_text(choose, 12), choose.choice(contexts)) for _ in range(20)]


class Alone:
    """The tokens of windows and their places, by slices of lists of single texts."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        self._tokenize = tf.function(self._tokenized, reduce_retracing=True)
        self._texts = {}

    def _tokenized(self, texts):
        subwords = self._tokenizer(texts)
        offsets = character_offsets(texts, subwords.starts, subwords.ends)
        return (subwords.token_ids, *offsets)

    def _of(self, text):
        if text not in self._texts:
            values = self._tokenize(tf.constant([text]))
            self._texts[text] = [of_text.to_list()[0] for of_text in values]
        return self._texts[text]

    def window(self, question, context, start):
        token_ids, *offsets = self._of(context)
        separators = [self._tokenizer.end_token_id] * self._tokenizer.pair_separators
        room = LENGTH - 2 - len(separators)
        asked = self._of(question)[0][: max(room - len(token_ids), room // 2)]
        shown = slice(start, start + room - len(asked))
        places = list(zip(*offsets, strict=True))[shown]
        first = [self._tokenizer.start_token_id, *asked, *separators]
        return (
            [*first, *token_ids[shown], self._tokenizer.end_token_id],
            [(-1, -1)] * len(first) + places + [(-1, -1)],
        )


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm_roberta"])
@pytest.mark.sampled(3)
def test_windows_are_those_of_texts_tokenized_alone(
    tokenizers, characters, pairs, kind
):
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(
        tokenizers[kind], characters, sequence_length=LENGTH
    )

    @tf.function(reduce_retracing=True)
    def all_windows(questions, contexts):
        texts = preprocessor.tokenize((questions, contexts))
        starts, _ = preprocessor.windows(texts, stride=5)
        return texts.moved(starts.value_rowids(), starts.values)

    def columns(pairs):
        return tuple(map(tf.constant, zip(*pairs, strict=True)))

    # Tokenized in two parts, and taken in any order.
    windows = joined_windows(
        [all_windows(*columns(some)) for some in (pairs[:13], pairs[13:])]
    )
    count = len(windows.start)
    windows = tf.gather(windows, random.Random(1).sample(range(count), count))
    features, offsets = tf.function(preprocessor.features_and_offsets)(windows)
    asked = [pairs[question] for question in windows.question.numpy()]
    if kind == "bert":
        # Tokenized anew for each window: the same, and it takes some time to trace.
        again = tf.function(preprocessor)((*columns(asked), windows.start))
        for name, values in again.items():
            assert values.numpy().tolist() == features[name].numpy().tolist()

    alone = Alone(preprocessor.subword_tokenizer)
    begins = windows.start.numpy().tolist()
    lengths = tf.reduce_sum(features["padding_mask"], axis=1).numpy()
    token_ids, *offsets = (v.numpy() for v in (features["token_ids"], *offsets))
    for row, (pair, begin) in enumerate(zip(asked, begins, strict=True)):
        expected, places = alone.window(*pair, begin)
        assert lengths[row] == len(expected)
        assert token_ids[row, : len(expected)].tolist() == expected
        found = list(zip(*(of[row].tolist() for of in offsets), strict=True))
        assert found[: len(places)] == places
    assert count > 40
    assert max(begins) > 20
