"""Several labels and scores through the commands: trained, scored, attacked, served."""

import json
import random

import pytest

from charbert_tf.export.served_model import ServedModel

pytestmark = pytest.mark.slow

WORDS = ["a", "actor", "and", "film", "for", "in", "music", "story"]
PRAISE = {"good": 1.0, "lovely": 2.0, "bad": -1.0, "boring": -2.0}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Texts, with the adjectives in them as labels, and with what they add up to."""
    folder = tmp_path_factory.mktemp("labelled")
    choose = random.Random(0)
    rows = []
    for _ in range(64):
        adjectives = choose.sample(list(PRAISE), k=choose.randint(0, 3))
        words = choose.choices(WORDS, k=4) + adjectives
        choose.shuffle(words)
        score = sum(PRAISE[word] for word in adjectives)
        rows.append((" ".join(words), ",".join(adjectives), f"{score + 0.25}"))
    for name, column in {"several": 1, "scores": 2}.items():
        lines = ["sentence\tlabel", *(f"{row[0]}\t{row[column]}" for row in rows)]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n")
    return folder


TASKS = {
    "several": ("multi_label_classification", "micro_f1"),
    "scores": ("regression", "pearson"),
}


@pytest.fixture(scope="module", params=TASKS)
def trained(request, commands, pretrained, labelled, tmp_path_factory):
    """What a kind of labels is called, its flags and the folder of its models."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    task = f"--task={TASKS[name][0]}"
    file = labelled / f"{name}.tsv"
    outcome = commands.fork(
        *("finetune", task, f"--train={file}", f"--dev={file}"),
        *("--learning_rate=1e-2", "--batch_size=8", "--sequence_length=32"),
        *("--epochs=12", f"--init={pretrained[0]}/charbert/preset"),
        f"--output={folder}/model",
    )
    commands.assert_succeeded(outcome)
    assert f"{TASKS[name][1]} " in outcome.stdout
    exporting = commands.fork(
        "export", f"--model={folder}/model", f"--output={folder}/served"
    )
    commands.assert_succeeded(exporting)
    return name, [task, f"--input={file}"], folder


def test_scores_of_presets_and_exports_are_the_same(commands, trained, tmp_path):
    name, flags, folder = trained
    outcome = commands.fork(
        *("evaluate", *flags, "--attacks=none,mix"),
        f"--models=preset={folder}/model,served={folder}/served",
        *(f"--output={tmp_path}/scores.json", f"--predictions={tmp_path}/predicted"),
    )
    assert outcome.returncode == 0, outcome.stderr
    # Typos make some text longer than the tiny model takes.
    said = commands.without_notices(outcome.stderr).splitlines()
    assert all(" texts are longer than " in line for line in said)
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    first = TASKS[name][1]
    for attack in ("none", "mix"):
        of_preset, of_served = (scores[of][attack] for of in ("preset", "served"))
        assert of_preset == pytest.approx(of_served, abs=1e-3)
    # It has learnt, what typos take away.
    assert scores["preset"]["none"][first] > max(0.5, scores["preset"]["mix"][first])
    header, *lines = (tmp_path / "predicted/preset/clean.tsv").read_text().splitlines()
    assert header == "index\tprediction"
    cells = [line.split("\t")[1] for line in lines]
    if name == "scores":
        assert all(-6 < float(cell) < 6 for cell in cells)
    else:
        assert {label for cell in cells for label in cell.split(",")} <= {"", *PRAISE}
        assert max(cell.count(",") for cell in cells) > 0


def test_a_report_and_attacked_files(commands, trained, tmp_path):
    name, flags, folder = trained
    outcome = commands.fork(
        *("robustness", *flags, "--attacks=drop", "--rates=1"),
        f"--models=A={folder}/model,B={folder}/served",
        f"--output={tmp_path}/report",
    )
    commands.assert_succeeded(outcome)
    results = json.loads((tmp_path / "report/results.json").read_text())
    assert results["measure"] == TASKS[name][1]
    (drop, _) = [row for row in results["scores"] if row["attack"] == "drop"][::2][:2]
    assert drop["drop"]["value"] > 0
    changed = (tmp_path / "report/changed.jsonl").read_text().splitlines()
    assert changed and all(json.loads(line) for line in changed)
    outcome = commands.fork("attack", *flags, f"--output={tmp_path}/attacked.tsv")
    commands.assert_succeeded(outcome)
    source = flags[1].removeprefix("--input=")
    with open(source) as before, open(tmp_path / "attacked.tsv") as after:
        for old, new in zip(before, after, strict=True):
            assert old.split("\t")[1] == new.split("\t")[1]


def test_predictions_have_no_softmax(commands, trained):
    name, _, folder = trained
    texts = ["a good film", "a lovely good story", "a film"]
    model = f"--model={folder}/served"
    outputs = ServedModel(f"{folder}/served")(text=texts)
    printed = {}
    for format in ("text", "tsv", "json"):
        outcome = commands.fork(
            "predict", model, f"--format={format}", text="\n".join(texts)
        )
        commands.assert_succeeded(outcome)
        printed[format] = outcome.stdout.splitlines()
    answers = list(map(json.loads, printed["json"]))
    header, *rows = (line.split("\t") for line in printed["tsv"])
    if name == "scores":
        assert outputs.keys() == {"score", "is_cut"}
        assert [answer["score"] for answer in answers] == outputs["score"]
        assert len(set(outputs["score"])) == 3
        assert header == ["number", "score", "is_cut"]
        lines = [
            f"{of:.3f}\t{text}"
            for of, text in zip(outputs["score"], texts, strict=True)
        ]
    else:
        assert [answer["probabilities"] for answer in answers] == (
            outputs["probabilities"]
        )
        assert max(map(sum, outputs["probabilities"])) > 1.01
        assert header[1:3] == ["predicted_labels", "labels"]
        assert [row[1] for row in rows] == [
            ",".join(answer["predicted_labels"]) for answer in answers
        ]
        lines = [f"{row[1]}\t" for row in rows]
    for line, start in zip(printed["text"], lines, strict=True):
        assert line.startswith(start)
    assert [row[0] for row in rows] == ["1", "2", "3"]


def test_models_of_another_problem_type(commands, trained, exported, files, tmp_path):
    _, flags, folder = trained
    arguments = [*flags, f"--models={exported[0]}/classifier/1"]
    message = f"{exported[0]}/classifier/1: the exported model returns no '"
    commands.refuse("evaluate", arguments, message, tmp_path)
    # Its own file may have an empty label, which a class must not be.
    input_flag = f"--input={files}/dev.tsv"
    arguments = ["--task=classification", input_flag, f"--models={folder}/model"]
    message = f"{folder}/model/preset: is of the problem type "
    commands.refuse("evaluate", arguments, message, tmp_path)
