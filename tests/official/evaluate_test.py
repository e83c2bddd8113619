import json
import re
import shutil

import pytest
import seqeval.metrics
import sklearn.metrics

from tests.squad_script import exact_of, f1_of, find_best_threshold, raw

CONTEXTS = {
    "rome": "maria saw a film in rome.",
    "paris": "otto was an actor in paris.",
    "york": "a story by maria from new york and rome.",
}


@pytest.fixture(scope="module")
def evaluation(finetuned, files):
    folder, _ = finetuned
    return [
        "--task=classification",
        f"--models={folder}/classifier/preset",
        f"--input={files}/dev.tsv",
    ]


def test_clean_and_attacked_scores(commands, evaluation, finetuned, tmp_path):
    folder, _ = finetuned
    attacks = ["none", "drop", "mix"]
    arguments = [*evaluation, f"--attacks={','.join(attacks)}"]
    outcome = commands.run("evaluate", *arguments, f"--output={tmp_path}/one.json")
    commands.assert_succeeded(outcome)
    one = json.loads((tmp_path / "one.json").read_text())
    assert list(one["scores"]) == ["classifier"]
    scores = one["scores"]["classifier"]
    assert list(scores) == attacks
    assert outcome.stdout.splitlines() == [
        f"classifier  {attack:8}  "
        + "  ".join(f"{name} {100 * score:5.1f}" for name, score in of_attack.items())
        for attack, of_attack in scores.items()
    ]
    assert one["settings"]["seed"] == 0

    # Clean, they are those of fine-tuning; attacked, the typos do harm.
    results = json.loads((folder / "classifier" / "results.json").read_text())
    assert scores["none"] == results["dev"]
    least = min(score["accuracy"] for score in scores.values())
    assert least < scores["none"]["accuracy"]

    again = commands.fork("evaluate", *arguments, f"--output={tmp_path}/two.json")
    commands.assert_succeeded(again)
    assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()


@pytest.mark.slow
def test_iob1_and_iob2_give_the_same_scores(commands, finetuned, files, tmp_path):
    folder, _ = finetuned
    scores = []
    for scheme in ("iob1", "iob2"):
        outcome = commands.fork(
            "evaluate",
            "--task=tagging",
            f"--models={folder}/tagger/preset",
            f"--input={files}/{scheme}.txt",
            "--attacks=none,mix",
            "--seed=3",
            f"--output={tmp_path}/{scheme}.json",
        )
        commands.assert_succeeded(outcome)
        scores.append(json.loads((tmp_path / f"{scheme}.json").read_text())["scores"])
    assert scores[0] == scores[1]
    assert scores[0]["tagger"]["none"]["f1"] >= scores[0]["tagger"]["mix"]["f1"] > 0


def test_pairs_without_a_header(commands, finetuned, files):
    folder, _ = finetuned
    outcome = commands.fork(
        "evaluate",
        "--task=classification",
        "--noheader",
        "--text_column=1",
        "--text_pair_column=2",
        "--label_column=3",
        f"--models={folder}/pairs/preset",
        f"--input={files}/pairs.tsv",
        "--attacks=none",
    )
    commands.assert_succeeded(outcome)
    line = r"pairs  none      accuracy +\d+\.\d  f1 .*\n"
    assert re.fullmatch(line, outcome.stdout)
    single = [argument for argument in outcome.args if "text_pair" not in argument]
    message = f"{folder}/pairs/preset: classifies pairs of texts, and this task reads "
    commands.refuse("evaluate", single, message, folder / "pairs")


@pytest.mark.parametrize("name", ["classifier", "tagger"])
@pytest.mark.sampled(2)
def test_predictions_have_the_scores(commands, finetuned, files, tmp_path, name):
    task, file, score_again = {
        "classifier": ("classification", files / "dev.tsv", scores_by_scikit_learn),
        "tagger": ("tagging", files / "iob2.txt", scores_by_seqeval),
    }[name]
    outcome = commands.fork(
        "evaluate",
        f"--task={task}",
        f"--models=Model={finetuned[0] / name}/preset",
        f"--input={file}",
        "--attacks=none,drop+swap",
        "--seed=3",
        f"--output={tmp_path}/scores.json",
        f"--predictions={tmp_path}/predicted",
    )
    commands.assert_succeeded(outcome)
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]["Model"]
    stems = {"none": "clean", "drop+swap": "drop+swap-seed-3"}
    names = {f"Model/{stem}{file.suffix}" for stem in stems.values()}
    files_made = [p for p in (tmp_path / "predicted").rglob("*") if p.is_file()]
    assert {str(p.relative_to(tmp_path / "predicted")) for p in files_made} == names
    for attack, stem in stems.items():
        text = (tmp_path / "predicted" / "Model" / f"{stem}{file.suffix}").read_text()
        assert scores[attack] == pytest.approx(score_again(text, file.read_text()))
    clean = (tmp_path / "predicted" / "Model" / f"clean{file.suffix}").read_bytes()
    dev = finetuned[0] / name / f"dev_predictions{file.suffix}"
    assert clean == dev.read_bytes()


def test_a_file_without_labels_is_predicted(
    commands, evaluation, finetuned, files, tmp_path
):
    rows = [
        line.split("\t")[0] for line in (files / "dev.tsv").read_text().splitlines()
    ]
    test = tmp_path / "test.tsv"
    test.write_text("".join(f"{number}\t{row}\n" for number, row in enumerate(rows)))
    arguments = [*evaluation, f"--input={test}"]
    predictions = f"--predictions={tmp_path}/predicted"
    for flags, message in (
        ([], f"{test}: has no labels where this task reads them: give --predictions"),
        (
            [predictions, "--attacks=none,drop"],
            f"--attacks=none,drop: {test} has no labels, and an attack is measured by",
        ),
        (
            [predictions, f"--output={tmp_path}/scores.json"],
            f"--output: {test} has no labels, so there are no scores to write: leave",
        ),
    ):
        commands.refuse("evaluate", [*arguments, *flags], message, tmp_path)
    outcome = commands.fork("evaluate", *arguments, predictions)
    commands.assert_succeeded(outcome)
    assert outcome.stdout == f"{test}: has no labels: it is predicted, not scored\n"
    (made,) = (p for p in (tmp_path / "predicted").rglob("*") if p.is_file())
    assert made == tmp_path / "predicted" / "classifier" / "clean.tsv"
    # As of the same texts with labels.
    dev = finetuned[0] / "classifier" / "dev_predictions.tsv"
    assert made.read_bytes() == dev.read_bytes()


def scores_by_scikit_learn(predicted, labelled):
    header, *rows = [line.split("\t") for line in predicted.splitlines()]
    true = [line.split("\t")[1] for line in labelled.splitlines()[1:]]
    assert header == ["index", "prediction"]
    assert [int(index) for index, _ in rows] == list(range(len(true)))
    labels = [label for _, label in rows]
    return {
        "accuracy": sklearn.metrics.accuracy_score(true, labels),
        "f1": sklearn.metrics.f1_score(true, labels, pos_label="good"),
        "matthews_correlation": sklearn.metrics.matthews_corrcoef(true, labels),
    }


def scores_by_seqeval(predicted, labelled):
    sentences = [block.splitlines() for block in predicted.strip().split("\n\n")]
    _, true, tags = zip(
        *(zip(*(line.split() for line in lines), strict=True) for lines in sentences),
        strict=True,
    )
    true, tags = [list(map(list, of)) for of in (true, tags)]
    # Without the line of -DOCSTART-, the file's own tags.
    own = [line.split()[-1] for line in labelled.splitlines()[1:] if line]
    assert [tag for of_sentence in true for tag in of_sentence] == own
    return {
        "f1": seqeval.metrics.f1_score(true, tags),
        "precision": seqeval.metrics.precision_score(true, tags),
        "recall": seqeval.metrics.recall_score(true, tags),
        "accuracy": seqeval.metrics.accuracy_score(true, tags),
    }


@pytest.fixture(scope="module")
def answerer(commands, pretrained, tmp_path_factory):
    """A folder of a question answerer and the questions that it was trained on."""
    folder = tmp_path_factory.mktemp("answerer")
    paragraphs = [
        {
            "context": context,
            "qas": [
                {"id": f"{answer} {number}", "question": question, "answers": places}
                for number, (question, places) in enumerate(
                    [
                        ("in?", [{"text": answer, "answer_start": start}]),
                        ("who?", [{"text": context[:5].strip(), "answer_start": 0}]),
                        ("music?", []),
                    ]
                )
            ],
        }
        for answer, context in CONTEXTS.items()
        for start in [context.index(answer)]
    ]
    questions = folder / "questions.json"
    questions.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    outcome = commands.fork(
        "finetune",
        "--task=squad2",
        f"--train={questions}",
        f"--dev={questions}",
        f"--init={pretrained[0]}/bert/preset",
        f"--output={folder}/run",
        "--epochs=1",
        "--sequence_length=32",
    )
    commands.assert_succeeded(outcome)
    return folder


@pytest.mark.slow
def test_answers_and_null_odds_have_the_scores(commands, answerer, tmp_path):
    questions = json.loads((answerer / "questions.json").read_text())
    true = {
        question["id"]: [answer["text"] for answer in question["answers"]]
        for paragraph in questions["data"][0]["paragraphs"]
        for question in paragraph["qas"]
    }
    dev = answerer / "run" / "dev_predictions"
    dev_answers = json.loads(dev.with_suffix(".json").read_text())
    dev_odds = json.loads(dev.with_suffix(".null_odds.json").read_text())
    # Between those of two questions.
    *_, below, above = sorted(dev_odds.values())[: len(true) // 2 + 1]
    middle = (below + above) / 2
    scores, answers, odds = {}, {}, {}
    for name, threshold in (("some", middle), ("never", "inf"), ("always", "-inf")):
        outcome = commands.fork(
            "evaluate",
            "--task=squad2",
            f"--models=Model={answerer}/run/preset",
            f"--input={answerer}/questions.json",
            "--attacks=none",
            f"--null_threshold={threshold}",
            f"--output={tmp_path}/{name}.json",
            f"--predictions={tmp_path}/{name}",
        )
        commands.assert_succeeded(outcome)
        result = json.loads((tmp_path / f"{name}.json").read_text())
        scores[name] = result["scores"]["Model"]["none"]
        of_name = tmp_path / name / "Model"
        answers[name] = json.loads((of_name / "clean.json").read_text())
        odds[name] = json.loads((of_name / "clean.null_odds.json").read_text())
        assert list(answers[name]) == list(odds[name]) == list(true)
        n_best = json.loads((of_name / "clean.nbest.json").read_text())
        assert list(n_best) == list(true)
        for id, candidates in n_best.items():
            # No answer and the best one are both there, whatever the threshold.
            texts = [c["text"] for c in candidates]
            assert {"", answers[name][id]} <= set(texts)
            none = candidates[texts.index("")]["score"]
            best = next(c["score"] for c in candidates if c["text"])
            assert none - best == pytest.approx(odds[name][id], abs=1e-4)
            assert sum(c["probability"] for c in candidates) == pytest.approx(1)
        for prefix, measure in (("f1", f1_of), ("exact", exact_of)):
            values = raw(measure, true.values(), answers[name].values(), True)
            assert scores[name][prefix] == pytest.approx(sum(values) / len(values))

    # The threshold decides between no answer and the best one.
    assert set(answers["always"].values()) == {""}
    assert scores["always"]["no_answer_exact"] == 1
    assert "" not in answers["never"].values()
    assert odds["always"] == odds["never"] == odds["some"]
    for threshold, of_threshold in ((middle, answers["some"]), (0, dev_answers)):
        assert of_threshold == {
            id: "" if odds["some"][id] > threshold else answers["never"][id]
            for id in true
        }
    assert 0 < list(answers["some"].values()).count("") < len(true)
    assert dev_odds == pytest.approx(odds["some"], abs=1e-4)
    dev_n_best = json.loads(dev.with_suffix(".nbest.json").read_text())
    assert {id: best[0]["text"] for id, best in dev_n_best.items()} == dev_answers
    # As the official script finds the best threshold in the two files.
    for name, measure in (("f1", f1_of), ("exact", exact_of)):
        best = list(answers["never"].values())
        expected = find_best_threshold(
            best,
            raw(measure, true.values(), best, True),
            list(odds["never"].values()),
            list(map(bool, true.values())),
        )
        for of_threshold in scores.values():
            found = of_threshold[f"best_{name}"], of_threshold[f"best_{name}_threshold"]
            assert found == pytest.approx(expected)


def test_files_that_cannot_be_read(commands, evaluation, bad_files, tmp_path):
    for path, message in bad_files.items():
        arguments = [*evaluation, f"--input={path}"]
        commands.refuse("evaluate", arguments, f"{path}{message}", tmp_path)


def test_a_label_that_the_model_does_not_know(
    commands, evaluation, finetuned, tmp_path
):
    (tmp_path / "test.tsv").write_text("sentence\tlabel\na film\tgood\na film\tso-so\n")
    (tmp_path / "test.txt").write_text("rome O\n\nrome O\nacme I-ORG\n")
    for arguments, message in (
        (
            [*evaluation, f"--input={tmp_path}/test.tsv"],
            f"{tmp_path}/test.tsv:3: the label 'so-so' is not in the training data",
        ),
        (
            [
                "--task=tagging",
                f"--models={finetuned[0]}/tagger/preset",
                f"--input={tmp_path}/test.txt",
            ],
            f"{tmp_path}/test.txt:4: the tag 'I-ORG' is not in the training data",
        ),
    ):
        arguments = [*arguments, f"--output={tmp_path}/scores.json"]
        commands.refuse("evaluate", arguments, message, tmp_path)


def test_the_output_folder_of_one_seed_is_its_model(
    commands, evaluation, finetuned, tmp_path
):
    run = finetuned[0] / "classifier"
    printed = []
    for folder in (run, run / "preset"):
        arguments = [*evaluation, f"--models={folder}", "--attacks=none"]
        outcome = commands.fork("evaluate", *arguments)
        commands.assert_succeeded(outcome)
        printed.append(outcome.stdout)
    assert printed[0] == printed[1]
    assert printed[0].startswith("classifier  none ")
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "preset").rename(tmp_path / "elsewhere")
    message = f"{tmp_path}/run/preset: this seed is not finished: start its official."
    for name, flags in {
        "evaluate": [*evaluation, f"--models={tmp_path}/run"],
        "export": [f"--model={tmp_path}/run", f"--output={tmp_path}/1"],
    }.items():
        commands.refuse(name, flags, message, tmp_path)


def test_models_that_are_none(commands, evaluation, finetuned, pretrained, tmp_path):
    good = finetuned[0] / "classifier" / "preset"
    shutil.copytree(good, tmp_path / "broken")
    (tmp_path / "broken" / "task.json").write_text("{")
    shutil.copytree(good, tmp_path / "truncated")
    (tmp_path / "truncated" / "task.weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (unfinished / "settings.json").write_text('{"seeds": ["3", "14"]}')
    for path, message in {
        tmp_path / "missing": ": no such folder: name a folder",
        tmp_path: ": is no preset, it has no config.json: name a folder",
        tmp_path / "broken": "/task.json: cannot be read as JSON (Expecting ",
        tmp_path / "truncated": ": cannot be loaded (OSError: ",
        pretrained[0] / "charbert" / "preset": ": holds no TextClassifier: name the",
        finetuned[0] / "tagger" / "preset": ": holds no TextClassifier: name the",
        unfinished: "/seed-3/preset: this seed is not finished: start its official.",
    }.items():
        arguments = [*evaluation, f"--models={path}"]
        commands.refuse("evaluate", arguments, f"{path}{message}", tmp_path)


def test_flags_out_of_range(commands, evaluation, files, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").touch()
    for flag, message in (
        ("--rate=2", "flag --rate=2: 2.0 is not a number in the range [0, 1]"),
        ("--rate=-0.1", "flag --rate=-0.1: "),
        ("--seed=-1", "flag --seed=-1: "),
        ("--attacks=none,orc", "no attack 'orc': choose one of drop, add, swap, "),
        (f"--output={tmp_path}/folder", f"{tmp_path}/folder: is a folder: name a file"),
        (f"--output={files}/dev.tsv", f"{files}/dev.tsv: is there already: remove it"),
        (f"--predictions={tmp_path}/folder", f"{tmp_path}/folder: already holds somet"),
        (
            "--null_threshold=1",
            "--null_threshold: for --task=question_answering and --task=squad2 only, ",
        ),
        ("--null_threshold=nan", "flag --null_threshold=nan: must be a number"),
    ):
        commands.refuse("evaluate", [*evaluation, flag], message, tmp_path)


def test_models_whose_names_are_no_names_of_folders(commands, evaluation, tmp_path):
    models = [f"--models={tmp_path}/a/bert,{tmp_path}/b/bert"]
    arguments = [*evaluation, *models, f"--predictions={tmp_path}/predicted"]
    message = f"--predictions: '{tmp_path}/a/bert' cannot be the name of a folder: give"
    commands.refuse("evaluate", arguments, message, tmp_path)
