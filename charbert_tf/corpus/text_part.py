"""TextPart: a part of a file that one worker reads."""

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import half_character
from charbert_tf.files.text_files import decode_line, read_raw_lines

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# Invisible characters inside words: soft hyphen, zero-width space, word joiner and
# byte-order mark. Control characters stand between words.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_CONTROL = dict.fromkeys([*range(32), *range(127, 160)], " ")
_CLEANED = _CONTROL | _INVISIBLE
_FINGERPRINT_BYTES = 16


def clean_paragraph(text: str) -> str:
    r"""Cleans a paragraph of plain text.

    Characters are composed (Unicode's NFC), control characters become spaces, soft
    hyphens and other invisible characters vanish, and white space shrinks to single
    spaces. What has no letter and no digit is not worth a line.

    Args:
        text: the paragraph.

    Returns:
        The cleaned paragraph; "" if nothing is left.

    Example:
        >>> clean_paragraph(" A\tsoft\u00adened  line. \r"), clean_paragraph("* * *")
        ('A softened line.', '')
    """
    text = unicodedata.normalize("NFC", text).translate(_CLEANED)
    text = " ".join(text.split())
    return text if any(map(str.isalnum, text)) else ""


def strip_markup(text: str) -> str:
    """Takes away what WikiExtractor leaves of a page's HTML.

    Args:
        text: text that may have character references and tags.

    Returns:
        The text without them.

    Example:
        >>> strip_markup("R&amp;D is &lt;i&gt;fun&lt;/i&gt;<br>.")
        'R&D is fun .'
    """
    return _TAG.sub(_replace_tag, html.unescape(text))


def fingerprint(paragraph: str) -> bytes:
    """Gives what copies of a paragraph have in common.

    Case, the width of characters and white space do not count.

    Args:
        paragraph: the paragraph.

    Returns:
        16 bytes: two paragraphs with the same ones are copies of each other.

    Example:
        >>> fingerprint("The same.") == fingerprint("the  SAME.")
        True
    """
    folded = unicodedata.normalize("NFKC", paragraph).casefold()
    words = " ".join(folded.split()).encode()
    return hashlib.blake2b(words, digest_size=_FINGERPRINT_BYTES).digest()


def _replace_tag(tag: re.Match[str]) -> str:
    """A line break parts words, an italic letter does not."""
    return " " if tag[0].lower().startswith(("<br", "<p", "</p", "<li", "<div")) else ""


# WikiExtractor puts a whole article into a line.
_LONGEST_LINE = 32_000_000

Document = list[str]


class TextPart(NamedTuple):
    """A whole compressed file, or those lines of another that begin in one chunk.

    A file is cut into chunks of `chunk_bytes`, counted in the unpacked text, whoever
    reads it: a chunk is what is cleaned and cut into blocks together, so that the
    result depends on the text alone. A document of plain text that goes on beyond its
    chunk counts as two.

    Attributes:
        file: int. The number of the file among all.
        path: its name; those that end in .gz or .bz2 are compressed.
        start: int. The byte at which the chunk begins; `None` for all of the file.
        chunk_bytes: int.
        is_json: bool. Whether each line is a JSON object with a document's "text", as
            WikiExtractor writes it; else it is a paragraph, and an empty line ends a
            document.

    Example:
        >>> part = TextPart(0, __file__, 0, 1 << 20, is_json=False)
        >>> [name for name, documents in part.chunks()]
        ['000000-00000000']
    """

    file: int
    path: str
    start: int | None
    chunk_bytes: int
    is_json: bool

    def chunks(self) -> Iterator[tuple[str, list[Document]]]:
        """Reads and cleans.

        Yields:
            A chunk's name, in the order of files and of a file's text, and its
            documents: lists of cleaned paragraphs, none of them empty.

        Raises:
            UserError: If the file cannot be read; it names the line.
        """
        try:
            for chunk, lines in self._chunks_of_lines():
                yield chunk_name(self.file, chunk), self._documents(lines)
        except UserError as error:
            if not self.start or error.line is None:
                raise
            line = error.line + self._lines_before()
            raise UserError(error.message, error.path, line) from error

    def _chunks_of_lines(self) -> Iterator[tuple[int, list[tuple[int, bytes]]]]:
        current, lines = (self.start or 0) // self.chunk_bytes, []
        raw_lines = read_raw_lines(self.path, self.start or 0, _LONGEST_LINE)
        for number, (offset, raw) in enumerate(raw_lines, start=1):
            chunk = offset // self.chunk_bytes
            if chunk != current:
                yield current, lines
                current, lines = chunk, []
                if self.start is not None:
                    return
            lines.append((number, raw))
        yield current, lines

    def _documents(self, lines: list[tuple[int, bytes]]) -> list[Document]:
        if self.is_json:
            documents = [self._json_document(*line) for line in lines]
        else:
            documents = [[]]
            for number, raw in lines:
                text = decode_line(raw, self.path, number)
                if not text.strip():
                    documents.append([])
                elif paragraph := clean_paragraph(text):
                    documents[-1].append(paragraph)
        return [document for document in documents if document]

    def _json_document(self, number: int, raw: bytes) -> Document:
        line = decode_line(raw, self.path, number, _LONGEST_LINE)
        if not line.strip():
            return []
        try:
            record = json.loads(line)
            # Some tools write null for none.
            title, text = record.get("title") or "", record["text"]
            document = document_of(strip_markup(title), strip_markup(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UserError(
                'not a JSON object with a "text", as WikiExtractor --json writes '
                "them: repair or remove the line, for the file's first line is one",
                self.path,
                number,
            ) from None
        half = half_character(text)
        if half is not None:
            raise UserError(
                f"has half a character, {half!a}, which is no Unicode text: repair or "
                "remove the line",
                self.path,
                number,
            )
        return document

    def _lines_before(self) -> int:
        """Counts the lines that begin before the chunk; only an error needs it."""
        with open(self.path, "rb") as file:
            return file.read(self.start - 1).count(b"\n") + 1


def document_of(title: str, text: str) -> Document:
    r"""Cuts an encyclopedia's article into paragraphs.

    Args:
        title: its title, which is left out where the text repeats it at its beginning.
        text: its text, a paragraph a line.

    Returns:
        The cleaned paragraphs.

    Example:
        >>> document_of("Ape", "Ape\n\nApes are  primates.\n\n")
        ['Apes are primates.']
    """
    paragraphs = [clean_paragraph(line) for line in text.split("\n")]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    return paragraphs[1:] if paragraphs[:1] == [clean_paragraph(title)] else paragraphs


def chunk_name(file: int, chunk: int) -> str:
    """Names a chunk so that names sort as the text is ordered.

    Args:
        file: the number of its file.
        chunk: its number in the file.

    Returns:
        Both numbers, padded with zeros.

    Example:
        >>> chunk_name(3, 14)
        '000003-00000014'
    """
    return f"{file:06d}-{chunk:08d}"
