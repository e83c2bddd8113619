"""The sections of a `tokenizer.json`, as the `tokenizers` library reads them."""

from collections.abc import Mapping, Sequence
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.tokenizer_settings import REMEDY

_MEMBERS = ("normalizers", "pretokenizers", "processors")


def only_member(section: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Gives what a section comes to.

    Args:
        section: a normaliser, a pre-tokenizer or a post-processor.

    Returns:
        The section; of a sequence of one its member; `None` of an empty one.

    Example:
        >>> only_member({"type": "Sequence", "normalizers": [{"type": "NFC"}]})
        {'type': 'NFC'}
    """
    if section is None or section["type"] != "Sequence":
        return section
    members = _members(section)
    if len(members) > 1:
        return section
    return only_member(members[0]) if members else None


def kind_of_section(section: Mapping[str, Any] | None) -> str:
    """Names a section, for errors.

    Args:
        section: a normaliser, a pre-tokenizer or a post-processor.

    Returns:
        Its type; of a sequence also those of its members.

    Example:
        >>> kind_of_section(None), kind_of_section({"type": "NFC"})
        ('none', 'NFC')
    """
    if section is None:
        return "none"
    if section["type"] != "Sequence":
        return section["type"]
    return f"Sequence of {', '.join(map(kind_of_section, _members(section)))}"


def check_special_tokens(
    processor: Mapping[str, Any] | None,
    expected: Sequence[str],
    ids: Mapping[str, int],
    path: str,
) -> None:
    """Refuses a post-processor that puts other special tokens around texts.

    Args:
        processor: the post-processor; one that is not there is as expected.
        expected: what stands around a text, and around a pair: `"[CLS] A [SEP]"`, with
            the segments that are not 0 behind their tokens, as in `"B:1"`.
        ids: those of the vocabulary's entries.
        path: the file, for errors.

    Raises:
        UserError: if it is another, or has other ids for these tokens.
        LookupError: if it lacks something.

    Example:
        >>> check_special_tokens(None, ["[CLS] A [SEP]"], {}, "tokenizer.json")
    """
    processor = only_member(processor)
    if processor is None:
        return
    found = _templates(processor)
    if found != expected:
        made = " and ".join(map(repr, found or [kind_of_section(processor)]))
        raise UserError(
            f"post_processor: {made} is not supported, only "
            f"{' and '.join(map(repr, expected))} are",
            path,
        )
    for token, id in _token_ids(processor).items():
        if id != ids[token]:
            raise UserError(
                f"post_processor: {token} has id {id}, and {ids[token]} in the "
                f"vocabulary: {REMEDY}",
                path,
            )


def _templates(processor: Mapping[str, Any]) -> list[str] | None:
    """What stands around a text and around a pair; `None` of other kinds."""
    kind = processor["type"]
    if kind == "TemplateProcessing":
        return [_template(processor[name]) for name in ("single", "pair")]
    if kind not in ("BertProcessing", "RobertaProcessing"):
        return None
    sep, cls = processor["sep"][0], processor["cls"][0]
    pair = (
        f"{sep} {sep} B {sep}" if kind == "RobertaProcessing" else f"{sep} B:1 {sep}:1"
    )
    return [f"{cls} A {sep}", f"{cls} A {pair}"]


def _token_ids(processor: Mapping[str, Any]) -> dict[str, int]:
    if processor["type"] != "TemplateProcessing":
        return dict([processor["sep"], processor["cls"]])
    # One that becomes several has no id of its own.
    return {
        name: token["ids"][0] if len(token["ids"]) == 1 else -1
        for name, token in processor["special_tokens"].items()
    }


def _members(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return next(section[name] for name in _MEMBERS if name in section)


def _template(parts: list[Mapping[str, Any]]) -> str:
    tokens = [token for part in parts for token in part.values()]
    return " ".join(
        f"{token['id']}:{token['type_id']}" if token["type_id"] else token["id"]
        for token in tokens
    )
