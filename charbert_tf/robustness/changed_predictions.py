"""The predictions that attacks made wrong: a page to read, lines for programs."""

import dataclasses
import html
import json
import numbers
from collections.abc import Iterable, Iterator, Sequence

from charbert_tf.families.example import Example
from charbert_tf.robustness.robustness_result import (
    ChangedExample,
    Changes,
    RobustnessResult,
)

# What a word costs that was split, joined or edited, and one that has no other.
_SPLIT_OR_JOINED, _EDITED, _ALONE = 1.0, 1.5, 10.0


def aligned_words(
    clean: Sequence[str], attacked: Sequence[str]
) -> list[tuple[str, str | None]]:
    """Finds the words that an attack edited, split or joined.

    The alignment is the one of the least edits: a dynamic program over both texts, as
    of an edit distance.

    Args:
        clean: the words of the clean text.
        attacked: those of the attacked text, perhaps more or fewer.

    Returns:
        For each attacked word the word, and the clean words that it was made of, or
        None if it was not edited.

    Example:
        >>> aligned_words(["in", "New", "York"], ["in", "Nwe", "York"])
        [('in', None), ('Nwe', 'New'), ('York', None)]
        >>> aligned_words(["in", "New", "York"], ["in", "NewYork"])
        [('in', None), ('NewYork', 'New York')]
    """
    least = _least_costs(clean, attacked)
    words: list[tuple[str, str | None]] = []
    place = 0, 0
    while place != (len(clean), len(attacked)):
        _, step = min(
            (cost + least[after], after)
            for after, cost in _steps(clean, attacked, place)
        )
        original = " ".join(clean[place[0] : step[0]])
        for word in attacked[place[1] : step[1]]:
            words.append((word, None if word == original else original))
        place = step
    return words


def _least_costs(
    clean: Sequence[str], attacked: Sequence[str]
) -> dict[tuple[int, int], float]:
    """What the words from two places on cost to align, by the places."""
    least = {(len(clean), len(attacked)): 0.0}
    for first in range(len(clean), -1, -1):
        for second in range(len(attacked), -1, -1):
            costs = [
                cost + least[after]
                for after, cost in _steps(clean, attacked, (first, second))
            ]
            if costs:
                least[first, second] = min(costs)
    return least


def _steps(
    clean: Sequence[str], attacked: Sequence[str], place: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], float]]:
    """The places after the next aligned words, and what these words cost."""
    first, second = place
    here, there = clean[first : first + 2], attacked[second : second + 2]
    if here and there:
        cost = 0.0 if here[0] == there[0] else _EDITED
        yield (first + 1, second + 1), cost
    if here and len(there) == 2 and here[0] == "".join(there):
        yield (first + 1, second + 2), _SPLIT_OR_JOINED
    if len(here) == 2 and there and "".join(here) == there[0]:
        yield (first + 2, second + 1), _SPLIT_OR_JOINED
    if here:
        yield (first + 1, second), _ALONE
    if there:
        yield (first, second + 1), _ALONE


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
A prediction is right if {right_if}. Edited words are marked; what they were shows when
the pointer rests on them.
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
    about = _ABOUT.format(right_if=html.escape(result.right_if))
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Changed predictions</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>Changed predictions</h1>\n<p>{about}</p>\n"
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


def changed_lines(result: RobustnessResult) -> Iterator[str]:
    """Writes every prediction that was right and became wrong as a line of JSON.

    They are those of `changed_page`, all of them: of the first seed and the highest
    rate.

    Args:
        result: What was measured.

    Yields:
        Lines with their ends: `model`, `attack`, the `clean` and the `attacked`
        example with what is true of them, and the `prediction` for both: a label, a
        score, a list of tags, or the text of an answer.

    Example:

    ```python
    for line in changed_lines(result):
        print(json.loads(line)["prediction"]["attacked"])
    ```
    """
    for (model, attack), examples in result.examples.items():
        for changed in examples:
            record = {"model": model, "attack": attack, **_record(changed)}
            yield json.dumps(record, ensure_ascii=False) + "\n"


def _record(changed: ChangedExample) -> dict[str, object]:
    return {
        "clean": dataclasses.asdict(changed.clean),
        "attacked": dataclasses.asdict(changed.attacked),
        "prediction": {
            "clean": _plain(changed.before),
            "attacked": _plain(changed.after),
        },
    }


def _plain(prediction: object) -> str | float | list[str]:
    prediction = getattr(prediction, "text", prediction)
    if isinstance(prediction, str):
        return str(prediction)
    if isinstance(prediction, numbers.Real):
        return float(prediction)
    # Tags of a user's function may be an array, which JSON does not take.
    return [str(tag) for tag in prediction]
