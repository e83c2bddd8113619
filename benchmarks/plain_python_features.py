"""The steps of the pretraining features in plain Python, to compare speeds with.

Written as the scripts of the time do it: loops over words, subwords and characters,
WordPiece's longest match included, and lists until a batch is done.
"""

import random
import unicodedata
from collections.abc import Generator, Iterator, Sequence

import numpy as np

_NO_LABEL = -1
_LONGEST_WORD = 100
_MASK_RATE, _MASK_SHARE, _RANDOM_SHARE = 0.1, 0.8, 0.1


class PlainPythonFeatures:
    """Makes batches of noised, masked and aligned blocks.

    Args:
        word_pieces: The WordPiece vocabulary.
        characters: The character vocabulary, `<unk>` last.
        words: The word vocabulary, `<unk>` last.
        noise_rate: float. Share of the words that are noised.
        sequence_length: int. Tokens of a block.
        lowercase: bool. Whether subwords are of lower-cased words.

    Example:

    ```python
    features = PlainPythonFeatures(word_pieces, characters, words, 0.15, 128, True)
    for batch in features.batches(lines, batch_size=8):
        print(batch["token_ids"].shape)
    ```
    """

    def __init__(
        self,
        word_pieces: Sequence[str],
        characters: Sequence[str],
        words: Sequence[str],
        noise_rate: float,
        sequence_length: int,
        lowercase: bool,
    ):
        self.piece_ids = {piece: id for id, piece in enumerate(word_pieces)}
        self.character_ids = {character: id for id, character in enumerate(characters)}
        self.word_ids = {word: id for id, word in enumerate(words)}
        self.inserted = [c for c in characters[1:-1] if len(c) == 1][:80]
        self.noise_rate = noise_rate
        self.sequence_length = sequence_length
        self.lowercase = lowercase
        self.random = random.Random(0)

    def batches(
        self, lines: Sequence[str], batch_size: int
    ) -> Generator[dict[str, np.ndarray], None, None]:
        """Cuts the lines' subwords into blocks, and makes features of each batch.

        Args:
            lines: Texts.
            batch_size: int. Blocks of a batch.
        """
        room, subwords, blocks = self.sequence_length - 2, [], []
        for line in lines:
            for word in _words(line):
                subwords += self._subwords(word)
            while len(subwords) >= room:
                blocks.append(self._example(subwords[:room]))
                subwords = subwords[room:]
            while len(blocks) >= batch_size:
                yield self._batch(blocks[:batch_size])
                blocks = blocks[batch_size:]

    def _subwords(self, word: str) -> list[tuple[int, str, bool, int]]:
        """Id, surface, whether a word begins, and label of each."""
        label = _NO_LABEL
        if self.random.random() < self.noise_rate:
            label = self.word_ids.get(word.lower(), len(self.word_ids) - 1)
            word = self._noise(word)
        return [
            (self.piece_ids.get(piece, self.piece_ids["[UNK]"]), surface, not i, label)
            for i, (piece, surface) in enumerate(self._pieces(word))
        ]

    def _noise(self, word: str) -> str:
        if len(word) < 4:
            index = self.random.randrange(len(word))
            return word[:index] + self.random.choice(self.inserted) + word[index:]
        if self.random.random() < 0.5:
            index = self.random.randrange(len(word))
            return word[:index] + word[index + 1 :]
        index = self.random.randrange(1, len(word) - 1)
        return word[:index] + word[index + 1] + word[index] + word[index + 2 :]

    def _pieces(self, word: str) -> list[tuple[str, str]]:
        searched, origin = self._normalize(word)
        pieces, begin = [], 0
        while begin < len(searched) <= _LONGEST_WORD:
            for end in range(len(searched), begin, -1):
                piece = "##" * bool(begin) + searched[begin:end]
                if piece in self.piece_ids:
                    break
            else:
                return [("[UNK]", word)]
            pieces.append((piece, word[origin[begin] : origin[end]]))
            begin = end
        return pieces or [("[UNK]", word)]

    def _normalize(self, word: str) -> tuple[str, list[int]]:
        """Lower case without accents, and which character of the word each was."""
        if not self.lowercase:
            return word, list(range(len(word) + 1))
        characters, origin = [], []
        for index, character in enumerate(word):
            for part in unicodedata.normalize("NFD", character.lower()):
                if unicodedata.category(part) != "Mn":
                    characters.append(part)
                    origin.append(index)
        return "".join(characters), [*origin, len(word)]

    def _example(self, subwords):
        """Features of a block as lists."""
        token_ids, surfaces, begins, labels = map(list, zip(*subwords, strict=True))
        original_ids, masked = list(token_ids), self._masked(begins, labels)
        for index in masked:
            draw = self.random.random()
            if draw < _MASK_SHARE:
                token_ids[index] = self.piece_ids["[MASK]"]
            elif draw < _MASK_SHARE + _RANDOM_SHARE:
                token_ids[index] = self.random.randrange(len(self.piece_ids))
            surfaces[index] = ""
        token_ids = [self.piece_ids["[CLS]"], *token_ids, self.piece_ids["[SEP]"]]
        char_ids, starts, ends = [], [], []
        for surface in ["", *surfaces, ""]:
            starts.append(len(char_ids))
            unknown = len(self.character_ids) - 1
            char_ids += [self.character_ids.get(c, unknown) for c in surface] or [0]
            ends.append(len(char_ids) - 1)
            char_ids.append(0)
        noised = [i for i, label in enumerate(labels) if label != _NO_LABEL]
        return {
            "token_ids": token_ids,
            "padding_mask": [1] * len(token_ids),
            "segment_ids": [0] * len(token_ids),
            "char_ids": char_ids,
            "char_starts": starts,
            "char_ends": ends,
            "mlm_positions": [index + 1 for index in masked],
            "mlm_labels": [original_ids[index] for index in masked],
            "nlm_positions": [index + 1 for index in noised],
            "nlm_labels": [labels[index] for index in noised],
        }

    def _masked(self, begins, labels) -> list[int]:
        """Whole words that were not noised, until a tenth of the tokens is masked."""
        words = []
        for index, (begins_word, label) in enumerate(zip(begins, labels, strict=True)):
            if label != _NO_LABEL:
                continue
            if begins_word or not words:
                words.append([])
            words[-1].append(index)
        self.random.shuffle(words)
        masked = []
        for word in words:
            if len(masked) + len(word) > _MASK_RATE * len(begins):
                break
            masked += word
        return sorted(masked)

    def _batch(self, examples) -> dict[str, np.ndarray]:
        batch = {}
        for name in examples[0]:
            rows = [example[name] for example in examples]
            batch[name] = np.zeros((len(rows), max(map(len, rows))), "int32")
            for index, row in enumerate(rows):
                batch[name][index, : len(row)] = row
        return batch


def _words(line: str) -> Iterator[str]:
    """What BERT's basic tokenizer makes of a text: a loop over its characters."""
    word = []
    for character in line:
        category = unicodedata.category(character)
        is_space = category[0] in "ZC"
        is_alone = (category[0] in "PS" and character.isascii()) or category[0] == "P"
        is_alone = is_alone or "\u3400" <= character <= "\u9fff"
        if word and (is_space or is_alone):
            yield "".join(word)
            word = []
        if is_alone:
            yield character
        elif not is_space:
            word.append(character)
    if word:
        yield "".join(word)
