"""changed_lines: the predictions that attacks made wrong, for programs to read."""

import dataclasses
import json
from collections.abc import Iterator

from charbert_tf.robustness.robustness_result import ChangedExample, RobustnessResult


def changed_lines(result: RobustnessResult) -> Iterator[str]:
    """Writes every prediction that was right and became wrong as a line of JSON.

    They are those of `changed_page`, all of them: of the first seed and the highest
    rate.

    Args:
        result: What was measured.

    Yields:
        Lines with their ends: `model`, `attack`, the `clean` and the `attacked`
        example with what is true of them, and the `prediction` for both: a label, a
        list of tags, or the text of an answer.

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


def _plain(prediction: object) -> str | list[str]:
    prediction = getattr(prediction, "text", prediction)
    if isinstance(prediction, str):
        return str(prediction)
    # Tags of a user's function may be an array, which JSON does not take.
    return [str(tag) for tag in prediction]
