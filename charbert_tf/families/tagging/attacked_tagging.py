"""CoNLL-style files under attack: the words change, the other columns stay."""

import os
from collections.abc import Sequence

from charbert_tf.attacks.edit import Edit
from charbert_tf.families.attacked_file import (
    AttackedFile,
    rewritten_lines,
    word_records,
)
from charbert_tf.families.tagging.tag_alignment import continued_tag
from charbert_tf.families.tagging.tagging import (
    TaggedSentence,
    column_spans,
    is_span_tagging,
)


def attacked_tagging_file(
    path: str | os.PathLike[str],
    sentences: Sequence[TaggedSentence],
    edits: Sequence[Sequence[Edit]],
    word_column: int = 0,
    tag_column: int = -1,
) -> AttackedFile:
    r"""Makes edits in the words of a CoNLL-style file.

    A word that is split becomes two lines that differ in the word and, where a span
    opens, in the tag; of two words that are joined the line of the second goes.

    Args:
        path: the file.
        sentences: its sentences, as `read_tagging_file` gives them.
        edits: the edits of each sentence.
        word_column: the word's column, as for `read_tagging_file`.
        tag_column: the tag's column.

    Returns:
        The attacked file. Its records have the `example` and the `line` of the word.

    Raises:
        UserError: if the file cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "test.txt")
        >>> _ = path.write_text("in IN O\nRome NNP B-LOC\n")
        >>> sentence = TaggedSentence(("in", "Rome"), ("O", "B-LOC"), 1)
        >>> edit = Edit(1, ("Rome",), ("Ro", "me"), "split")
        >>> attacked_tagging_file(path, [sentence], [[edit]]).content
        b'in IN O\nRo NNP B-LOC\nme NNP I-LOC\n'
    """
    rows = {
        sentence.line + index: (sentence, edit)
        for sentence, of_sentence in zip(sentences, edits, strict=True)
        for edit in of_sentence
        for index in edit.indices
    }

    def rewrite(number: int, line: str) -> list[str] | None:
        if number not in rows:
            return None
        sentence, edit = rows[number]
        if number > sentence.line + edit.first:
            return []
        first, *rest = (_with_column(line, word_column, word) for word in edit.new)
        if not is_span_tagging(sentence.tags):
            return [first, *rest]
        start, end = column_spans(line)[tag_column]
        tag = continued_tag(line[start:end])
        return [first, *(_with_column(row, tag_column, tag) for row in rest)]

    records = [
        record | {"line": sentences[example].line + record["word"]}
        for example, of_sentence in enumerate(edits)
        for record in word_records(of_sentence, example=example, line=0)
    ]
    return AttackedFile(rewritten_lines(path, rewrite), tuple(records))


def _with_column(line: str, column: int, text: str) -> str:
    start, end = column_spans(line)[column]
    return line[:start] + text + line[end:]
