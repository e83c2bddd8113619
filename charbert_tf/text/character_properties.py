"""Unicode's properties of characters, as the `tokenizers` library has them.

Hugging Face's library, which BERT's ids are defined by nowadays, knows the general
categories of Unicode 8 and the decompositions of Unicode 9, so that a mark or a
punctuation mark which is younger is a letter to it. Python's `unicodedata` is younger
and differs from one Python to the next: what it must not know is listed here.
"""

import unicodedata


def _code_points(ranges: str) -> frozenset[int]:
    listed = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        listed.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(listed)


# What Unicode 9 to 18 added of marks, punctuation and format characters, and of
# characters that decompose: Unicode 8 has no such code points.
_LATER = _code_points(
    "5C8-5C9 61D 7FD 890-891 897-89F 8CA-8E2 9FD-9FE A76 AFA-AFF B53-B55 C04 C3C C77 "
    "C84 D00 D3B-D3C D81 EBA ECE 1715 180F 1885-1886 1ABF-1AF0 1B4E-1B4F 1B7D-1B7F "
    "1DF6-1DFB 2E43-2E4F 2E52-2E5D 2E60-2E63 A82C A8C5 A8FF A9BD 105C9 105E4 "
    "10D24-10D27 10D69-10D6E 10EAB-10EAD 10ECB-10ED0 10EF0-10EFF 10F46-10F50 "
    "10F55-10F59 10F82-10F89 11070 11073-11074 110C2 110CD 111CF 1123E 11241 1133B "
    "11383 11385 1138E 11391 113BB-113C0 113C5 113C7-113C8 113CE-113D0 113D2 "
    "113D4-113D5 113D7-113D8 113E1-113E2 11438-1143F 11442-11444 11446 1144B-1144F "
    "1145A-1145B 1145D-1145E 11660-1166C 116B9 1182F-11837 11839-1183B 11938 "
    "1193B-1193E 11943-11946 119D4-119D7 119DA-119DB 119E0 119E2 11A01-11A0A "
    "11A33-11A38 11A3B-11A47 11A51-11A56 11A59-11A5B 11A8A-11A96 11A98-11A9C "
    "11A9E-11AA2 11B00-11B09 11B60 11B62-11B64 11B66 11BE1 11C30-11C36 11C38-11C3D "
    "11C3F 11C41-11C45 11C70-11C71 11C92-11CA7 11CAA-11CB0 11CB2-11CB3 11CB5-11CB6 "
    "11D31-11D36 11D3A 11D3C-11D3D 11D3F-11D45 11D47 11D90-11D91 11D95 11D97 11DF0 "
    "11EF3-11EF4 11EF7-11EF8 11F00-11F01 11F36-11F3A 11F40-11F4F 11F5A 11FFF "
    "12FF1-12FF2 13430-13440 13447-13455 1611E-16129 1612D-1612F 16D68-16D6F "
    "16E97-16E9A 16F4F 16FE2 16FE4 16FF0-16FF1 1CF00-1CF2D 1CF30-1CF46 1D127-1D128 "
    "1D250-1D252 1D25B-1D25C 1D25F 1D280-1D281 1E000-1E006 1E008-1E018 1E01B-1E021 "
    "1E023-1E024 1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF "
    "1E5EE-1E5EF 1E5FF 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5 1E944-1E94A 1E95E-1E95F"
)
# Marks of Unicode 9, whose order among marks is known although their category is not.
_ORDERED = _code_points(
    "8D4-8E1 1DFB 11442 11446 11C3F 1E000-1E006 1E008-1E018 1E01B-1E021 1E023-1E024 "
    "1E026-1E02A 1E944-1E94A"
)
# Categories that changed after Unicode 8.
_CHANGED = {0x166D: "Po", 0x1171E: "Mn", 0x1734: "Mn", 0x111C9: "Po"}
# Capitals of Unicode 15 to 17, which `str.lower` of an older Python does not know.
_LATER_LOWER_CASE = {
    **{0x1C89: 0x1C8A, 0xA7CB: 0x264, 0xA7CC: 0xA7CD, 0xA7CE: 0xA7CF, 0xA7D2: 0xA7D3},
    **{0xA7D4: 0xA7D5, 0xA7DA: 0xA7DB, 0xA7DC: 0x19B},
    **{code_point: code_point + 0x20 for code_point in range(0x10D50, 0x10D66)},
    **{code_point: code_point + 0x1B for code_point in range(0x16EA0, 0x16EB9)},
}
# Rust's `char::is_whitespace`; Python's `str.isspace` takes four separators more.
_WHITE_SPACE = _code_points("9-D 20 85 A0 1680 2000-200A 2028-2029 202F 205F 3000")
IDEOGRAPHS = (
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF)),
    # BERT's own code has 2B820 where the library has 2B920.
    *((0x2A700, 0x2B81F), (0x2B920, 0x2CEAF), (0x2F800, 0x2FA1F)),
)
"""The first and the last of each block that BERT takes for Chinese."""


def category(character: str) -> str:
    r"""Returns the general category, such as `"Mn"`.

    Args:
        character: one character.

    Returns:
        The category in Unicode 8; `"Cn"` of what is younger, and matters.

    Example:
        >>> category("!"), category("\u0301"), category("\u1ac0")
        ('Po', 'Mn', 'Cn')
    """
    code_point = ord(character)
    if code_point in _CHANGED:
        return _CHANGED[code_point]
    return "Cn" if code_point in _LATER else unicodedata.category(character)


def combining_class(character: str) -> int:
    r"""Returns the place among other marks that a mark is sorted to, 0 of a letter.

    Args:
        character: one character.

    Returns:
        The canonical combining class in Unicode 9.

    Example:
        >>> combining_class("\u0301"), combining_class("e")
        (230, 0)
    """
    code_point = ord(character)
    if code_point in _LATER and code_point not in _ORDERED:
        return 0
    return unicodedata.combining(character)


def decomposed(character: str) -> str:
    """Returns what NFD makes of a character.

    Args:
        character: one character.

    Returns:
        It, or its parts.

    Example:
        >>> len(decomposed("é"))
        2
    """
    if ord(character) in _LATER:
        return character
    return unicodedata.normalize("NFD", character)


def lower_case(character: str) -> str:
    """Returns a character's lower case, which does not depend on its neighbours.

    Args:
        character: one character.

    Returns:
        One character or two.

    Example:
        >>> lower_case("Σ"), len(lower_case("İ"))
        ('σ', 2)
    """
    later = _LATER_LOWER_CASE.get(ord(character))
    return character.lower() if later is None else chr(later)


def is_white_space(character: str) -> bool:
    """Whether a character parts words.

    Args:
        character: one character.

    Returns:
        Whether it is white space to Rust, and so to the library.
    """
    return ord(character) in _WHITE_SPACE


def is_ideograph(character: str) -> bool:
    """Whether a character is a word by itself, as BERT reads Chinese.

    Args:
        character: one character.

    Returns:
        Whether it is in the library's blocks of ideographs.
    """
    return any(first <= ord(character) <= last for first, last in IDEOGRAPHS)


def is_punctuation(character: str) -> bool:
    """Whether a character is punctuation to BERT: all of ASCII's symbols are.

    Args:
        character: one character.

    Returns:
        Whether it is.
    """
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return category(character).startswith("P")
