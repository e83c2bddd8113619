"""Labels that are no classes: refused by a command, whose remedy works."""

import json
import re

import pytest

from charbert_tf.families import ClassificationTask
from charbert_tf.files import UserError

NOUNS = [*("card", "account", "loan", "pin", "transfer", "fee", "limit"), *"ABCD"]


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


def test_an_example_of_each_class_is_taken(tmp_path, capsys):
    """More classes than a file of texts has in a wrong column by chance."""
    names = [f"{first} {last}" for first in ("lost", "new") for last in NOUNS]
    path = tmp_path / "one_of_each.tsv"
    path.write_text(
        "".join(f"I ask about a {name}, please\t{name}\n" for name in names)
    )
    task = ClassificationTask(0, 1, header=False)
    examples = task.read(str(path))
    assert task.labels(examples, str(path)) == sorted(names)
    told = f"{path}: has 22 different labels in 22 rows, the first is 'lost card': if"
    assert told in capsys.readouterr().err
    # Texts, and what numbers rows, are no labels, unless somebody says that they are.
    for column in ("I ask about a {}, please", "row-{number}", "Ich frage nach {} {}"):
        rows = [column.format(n, n, number=i) for i, n in enumerate(names)]
        path.write_text("".join(f"a text\t{row}\n" for row in rows))
        examples = task.read(str(path))
        with pytest.raises(
            UserError, match=r"22 rows, .*: name the column of the label"
        ):
            task.labels(examples, str(path))
        told_all = ClassificationTask(0, 1, header=False, labels=rows)
        assert told_all.labels(examples, str(path)) == rows
