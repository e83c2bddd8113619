"""Blocks: whole sentences packed into so many tokens, and their records in files."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.text.word_splitter import WordSplitter

# The mark, quotes or brackets that close after it, white space, and the beginning of
# something that is not the same sentence going on: no small letter.
_END = re.compile(r"""[.!?…]['"”’)\]»]*[^\S\n]+(?=[^\sa-z])|(?P<line>\n+)""")
_IDEOGRAPHIC_END = re.compile(r"[。！？]['”’」』）]*")
# An initial, or a word that hardly ever ends a sentence, or not before a number.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘\[])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Messrs|Dr|Prof|Rev|"
    r"Hon|Gen|Col|Capt|Lt|Sgt|Maj|Sen|Rep|Gov|Pres|St|Mt|Jr|Sr|vs|cf)$"
)
_ABBREVIATION_BEFORE_NUMBER = re.compile(
    r"\b(?:[a-z]|[Nn]os?|[Vv]ols?|[Ff]igs?|[Cc]h|pp|ca|approx|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec)$"
)
_LONGEST_ABBREVIATION = 12


def sentence_starts(text: str) -> list[int]:
    r"""Splits a text into sentences, by rules for languages with such marks.

    A line always ends a sentence. A sentence that is cut in two at an unlisted
    abbreviation does no harm: the two stay neighbours, mostly in one block.

    Args:
        text: the text; lines are paragraphs.

    Returns:
        The places at which sentences begin, ascending. White space belongs to the
        sentence before it, so that the sentences together are the text.

    Example:
        >>> text = "Mr. Hill left. \"Why?\" she asked.\n3.5 million! Yes."
        >>> starts = sentence_starts(text)
        >>> [text[i:j] for i, j in zip(starts, [*starts[1:], None])]
        ['Mr. Hill left. ', '"Why?" she asked.\n', '3.5 million! ', 'Yes.']
    """
    starts = {0} if text else set()
    for end in _END.finditer(text):
        if end["line"] or not _is_abbreviation(text, end.start(), end.end()):
            starts.add(end.end())
    if not text.isascii():
        starts.update(end.end() for end in _IDEOGRAPHIC_END.finditer(text))
    starts.discard(len(text))
    return sorted(starts)


def _is_abbreviation(text: str, end: int, following: int) -> bool:
    if text[end] != ".":
        return False
    before = text[max(end - _LONGEST_ABBREVIATION, 0) : end]
    if text[following].isdigit() and _ABBREVIATION_BEFORE_NUMBER.search(before):
        return True
    return _ABBREVIATION.search(before) is not None


class Block(NamedTuple):
    """A piece of text.

    Attributes:
        text: str. Whole sentences, with the white space after them.
        tokens: int. How many tokens it has.
    """

    text: str
    tokens: int


class BlockPacker:
    """Cuts text into blocks that have as many sentences as fit.

    The blocks of a text, one after the other, are the text, character by character:
    paragraphs and documents keep their ends. A block goes on over the end of a
    document (RoBERTa's FULL-SENTENCES, https://arxiv.org/abs/1907.11692, section 4.2),
    for the paper's blocks do (CharBERT, section 4.2, https://arxiv.org/abs/2011.01513).
    A sentence that is too long for a block is cut between two words.

    Args:
        tokenizer: The tokenizer that counts.
        most_tokens: int. Tokens of a block at most. A single word of more is a block
            of its own.

    Example:

    ```python
    BlockPacker(tokenizer, most_tokens=4)("So it is. Is it? Yes.")
    # [Block("So it is. ", 4), Block("Is it? ", 3), Block("Yes.", 2)]
    ```
    """

    def __init__(self, tokenizer: keras_nlp.models.BertTokenizer, most_tokens: int):
        self.most_tokens = most_tokens
        self._word_splitter = WordSplitter()
        self._subword_tokenizer = make_subword_tokenizer(tokenizer)

    def __call__(self, text: str) -> list[Block]:
        """Cuts a text.

        Args:
            text: Paragraphs, one a line; an empty line between documents.

        Returns:
            The blocks.
        """
        if not text:
            return []
        starts, tokens = self._pieces(text)
        firsts = _first_pieces(tokens, self.most_tokens)
        bounds = [*(starts[first] for first in firsts), len(text)]
        sums = np.add.reduceat(tokens, firsts)
        return [
            Block(text[start:end], int(count))
            for start, end, count in zip(bounds[:-1], bounds[1:], sums, strict=True)
        ]

    def _pieces(self, text: str) -> tuple[list[int], np.ndarray]:
        """Where sentences, or parts of too long ones, begin; and their tokens."""
        starts = sentence_starts(text)
        ends = [*starts[1:], len(text)]
        sentences = [text[i:j] for i, j in zip(starts, ends, strict=True)]
        words = self._word_splitter(tf.constant(sentences, tf.string))
        of_words = self._subword_tokenizer(words.values).token_ids.row_lengths()
        tokens = tf.reduce_sum(words.with_values(of_words), axis=1).numpy()
        too_long = np.flatnonzero(tokens > self.most_tokens).tolist()
        pieces = dict(zip(starts, tokens.tolist(), strict=True))
        rows = words.row_splits.numpy()
        words, of_words = words.values.numpy(), of_words.numpy()
        for index in too_long:
            row = slice(*rows[index : index + 2])
            parts = self._cut(sentences[index], words[row], of_words[row])
            pieces |= {starts[index] + place: count for place, count in parts}
        places = sorted(pieces)
        return places, np.array([pieces[place] for place in places])

    def _cut(self, sentence: str, words, of_words) -> Iterator[tuple[int, int]]:
        """The place in the sentence at which each part begins, and its tokens."""
        places, end = [], 0
        for word in words.tolist():
            places.append(sentence.index(word.decode(), end))
            end = places[-1] + len(word.decode())
        # What stands before the first word belongs to it.
        places[0] = 0
        firsts = _first_pieces(of_words, self.most_tokens)
        sums = np.add.reduceat(of_words, firsts)
        for first, count in zip(firsts, sums.tolist(), strict=True):
            yield places[first], count


def _first_pieces(tokens: np.ndarray, most_tokens: int) -> list[int]:
    """Which pieces begin a block, if each block takes as many as it can."""
    firsts, room = [], 0
    for index, count in enumerate(tokens.tolist()):
        if not firsts or count > room:
            firsts.append(index)
            room = most_tokens
        room -= count
    return firsts


def encode_block(block: Block, position: Sequence[int]) -> bytes:
    """Makes the record of a block: a `tf.train.Example`, always the same bytes.

    Args:
        block: The block.
        position: The numbers of its file, of its chunk in the file, and its own there.

    Returns:
        The features "text" (bytes), "tokens" (one int64) and "position" (three).

    Example:

    ```python
    record = encode_block(Block("So it is. ", tokens=4), position=(0, 0, 7))
    ```
    """
    features = {
        "position": tf.train.Feature(int64_list=tf.train.Int64List(value=position)),
        "text": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[block.text.encode()])
        ),
        "tokens": tf.train.Feature(int64_list=tf.train.Int64List(value=[block.tokens])),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def decode_blocks(records: tf.Tensor) -> dict[str, tf.Tensor]:
    """Reads records, in the graph.

    Args:
        records: string tensor `(B,)`.

    Returns:
        "text": string `(B,)`; "tokens": int64 `(B,)`; "position": int64 `(B, 3)`.

    Example:

    ```python
    texts = decode_blocks(tf.constant([record]))["text"]
    ```
    """
    features = {
        "position": tf.io.FixedLenFeature([3], tf.int64),
        "text": tf.io.FixedLenFeature([], tf.string),
        "tokens": tf.io.FixedLenFeature([], tf.int64),
    }
    return tf.io.parse_example(records, features)
