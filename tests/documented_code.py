"""The Python of the documentation, to be run as it stands."""

import pathlib
import re

_DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"


def code_of(page, section):
    """The Python of a section of a page, without that of the sections below it."""
    text = (_DOCS / page).read_text(encoding="utf-8")
    (text,) = re.findall(rf"^##+ {section}\n(.*?)(?=^##+ |\Z)", text, re.M | re.S)
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))
