"""changed_page: the predictions that attacks made wrong, as a page to read."""

import html
from collections.abc import Iterable, Sequence

from charbert_tf.families.example import Example
from charbert_tf.robustness.aligned_words import aligned_words
from charbert_tf.robustness.robustness_result import (
    ChangedExample,
    Changes,
    RobustnessResult,
)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; color: #222; background: #fff; }
table { border-collapse: collapse; }
th, td { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; }
.numbers td, .numbers th { border-bottom: 1px solid #ddd; }
.example { border-top: 1px solid #ddd; padding: .6rem 0; }
.example th { font-weight: normal; color: #666; white-space: nowrap; width: 10rem; }
mark { background: #fde7b0; }
.span { border-bottom: 2px solid #0072b2; }
.kind { font-size: .7em; color: #0072b2; padding-left: .2em; }
.wrong .span { border-color: #d55e00; }
.wrong .kind { color: #d55e00; }
"""
_ABOUT = """\
A prediction is right if all of it is: every tag of a sentence, the label, the exact
answer. Edited words are marked; what they were shows when the pointer rests on them.
The table counts all seeds, the examples are those of the first."""


def changed_page(result: RobustnessResult, most_examples: int = 50) -> str:
    """Writes a page of predictions that were right and became wrong.

    Args:
        result: What was measured.
        most_examples: int. How many examples of a model and an attack to show.

    Returns:
        HTML that needs no other file.

    Example:

    ```python
    page = changed_page(result)
    ```
    """
    sections = "".join(
        _section(change, number, result.examples, most_examples)
        for number, change in enumerate(result.changes)
    )
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Changed predictions</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>Changed predictions</h1>\n<p>{_ABOUT}</p>\n"
        f"{_summary(result)}{sections}</body>\n</html>\n"
    )


def _summary(result: RobustnessResult) -> str:
    header = ("model", "attack", "right when clean", "of these wrong under attack")
    header += ("wrong when clean, right under attack",)
    rows = "".join(
        _row(
            "td",
            (
                f'<a href="#section-{number}">{html.escape(row.model)}</a>',
                html.escape(row.attack),
                f"{row.right:,} of {row.predictions:,}",
                f"{row.became_wrong:,}: {row.share} %",
                f"{row.became_right:,}",
            ),
        )
        for number, row in enumerate(result.changes)
    )
    return f'<table class="numbers">\n{_row("th", header)}{rows}</table>\n'


def _section(
    change: Changes,
    number: int,
    examples: dict[tuple[str, str], list[ChangedExample]],
    most: int,
) -> str:
    changed = examples[change.model, change.attack]
    shown = changed[:most]
    count = f"{len(shown)} of {len(changed):,} examples that became wrong"
    count += "; all are in changed.jsonl." if len(shown) < len(changed) else "."
    return (
        f'<section id="section-{number}">\n'
        f"<h2>{html.escape(change.model)}, {html.escape(change.attack)}</h2>\n"
        f"<p>{count}</p>\n{''.join(_example(one) for one in shown)}</section>\n"
    )


def _example(changed: ChangedExample) -> str:
    true = _marked(changed.clean.marked(None))
    before = _marked(changed.clean.marked(changed.before))
    rows = [*_texts(_words(changed.clean), _words(changed.attacked))]
    # An answer is right if it is one of several true ones.
    if before == true:
        rows.append(("true, predicted clean", true))
    else:
        rows += [("true", true), ("predicted, clean", before)]
    after = _marked(changed.attacked.marked(changed.after))
    cells = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>\n" for name, text in rows)
    cells += f'<tr class="wrong"><th>predicted, attacked</th><td>{after}</td></tr>\n'
    return f'<table class="example">\n{cells}</table>\n'


def _words(example: Example) -> dict[str, list[str]]:
    return {text.title: text.words for text in example.texts().values()}


def _texts(
    clean: dict[str, list[str]], attacked: dict[str, list[str]]
) -> Iterable[tuple[str, str]]:
    """Every text, clean and attacked, or once if it was not attacked."""
    for name, words in clean.items():
        is_same = attacked[name] == words
        yield name if is_same else f"{name}, clean", html.escape(" ".join(words))
        if not is_same:
            edits = aligned_words(words, attacked[name])
            yield f"{name}, attacked", " ".join(_word(*edit) for edit in edits)


def _word(word: str, original: str | None) -> str:
    if original is None:
        return html.escape(word)
    return f'<mark title="{html.escape(original)}">{html.escape(word)}</mark>'


def _marked(pieces: Sequence[tuple[str, str]]) -> str:
    if all(not mark for _, mark in pieces) and len(pieces) > 1:
        return " / ".join(html.escape(text) for text, _ in pieces)
    return " ".join(
        f'<span class="span">{html.escape(text)}</span>'
        f'<span class="kind">{html.escape(mark)}</span>'
        if mark
        else html.escape(text)
        for text, mark in pieces
    )


def _row(kind: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{kind}>{c}</{kind}>" for c in cells) + "</tr>\n"
