"""write_report: the files of a report on robustness."""

import json
import os
from collections.abc import Mapping

from charbert_tf.files.paper_figure import save_figure
from charbert_tf.robustness.changed_lines import changed_lines
from charbert_tf.robustness.changed_page import changed_page
from charbert_tf.robustness.markdown_report import markdown_report
from charbert_tf.robustness.robustness_charts import draw_curves, draw_drops
from charbert_tf.robustness.robustness_result import RobustnessResult


def write_report(
    result: RobustnessResult,
    folder: str,
    settings: Mapping[str, object],
) -> None:
    """Writes tables, charts and the predictions that changed: the files of a report.

    Args:
        result: What was measured.
        folder: An existing folder, such as `atomic_folder` gives.
        settings: What the result depends on, kept with it: JSON values by name.

    Example:

    ```python
    with atomic_folder("report") as folder:
        write_report(result, folder, {"seeds": [0, 1, 2]})
    ```
    """
    texts = {
        "report.md": markdown_report(result),
        "results.json": json.dumps(
            {"settings": dict(settings)} | result.as_dict(), indent=2
        ),
        "changed.html": changed_page(result),
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    path = os.path.join(folder, "changed.jsonl")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(changed_lines(result))
    tables = {
        "results.csv": result.write_csv,
        "significance.csv": result.write_comparisons_csv,
    }
    for name, write in tables.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            write(file)
    save_figure(draw_curves(result), folder, "curves")
    save_figure(draw_drops(result), folder, "drops")
