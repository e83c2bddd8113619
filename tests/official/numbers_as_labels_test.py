"""Labels that are no classes: refused by a command, whose remedy works."""

import json
import re


def test_measurements_are_another_task(commands, finetuning, tmp_path):
    """The command that the error names is given."""
    path = tmp_path / "measured.tsv"
    rows = "".join(f"a film of {n}\t{n / 8}\n" for n in range(24))
    path.write_text(f"sentence\tlabel\n{rows}")
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    arguments += [f"--train={path}", f"--dev={path}"]
    message = f"{path}: the labels are 24 different numbers in 24 rows, as of a measure"
    commands.refuse("finetune", arguments, message, tmp_path)
    outcome = commands.fork("finetune", *arguments)
    remedy = re.search(r"take (--task=\w+)", outcome.stderr)[1]
    outcome = commands.fork("finetune", *arguments, remedy, "--epochs=1")
    commands.assert_succeeded(outcome)
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert list(results["dev"]) == ["pearson", "spearman"]


def test_texts_are_another_column(commands, finetuning, tmp_path):
    """As where the column of the texts is named twice."""
    path = tmp_path / "texts.tsv"
    rows = "".join(f"a film of {n}\t{n % 2}\n" for n in range(24))
    path.write_text(f"sentence\tlabel\n{rows}")
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    arguments += [f"--train={path}", f"--dev={path}", "--label_column=sentence"]
    message = (
        f"{path}: has 24 different labels in 24 rows, the first is 'a film of 0': name"
    )
    commands.refuse("finetune", arguments, message, tmp_path)
