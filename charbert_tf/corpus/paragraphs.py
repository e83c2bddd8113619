"""Paragraphs: cleaned, and told apart from copies of each other."""

import hashlib
import html
import re
import unicodedata

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
