import json

import pytest

import charbert_tf


@pytest.fixture(scope="module")
def classification(finetuned, files):
    return [
        "--task=classification",
        f"--model={finetuned[0]}/classifier/preset",
        f"--input={files}/dev.tsv",
    ]


def test_the_worst_typos(commands, classification, finetuned, files, tmp_path):
    outcome = commands.fork(
        "adversary",
        *classification,
        "--examples=20",
        "--attack=drop+swap",
        "--edits=2",
        "--beam_width=3",
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    result = json.loads((tmp_path / "worst.json").read_text())
    accuracy = {name: of["accuracy"] for name, of in result["scores"].items()}
    assert accuracy["adversarial"] < accuracy["clean"]
    *scores, success, queries = outcome.stdout.splitlines()
    lines = [line.split() for line in scores]
    assert [(line[0], line[2]) for line in lines] == [
        (name, f"{100 * score:.1f}") for name, score in accuracy.items()
    ]
    rows = (files / "dev.tsv").read_text().splitlines()[1:21]
    assert len(result["examples"]) == 20
    for row, example in zip(rows, result["examples"], strict=True):
        text, label = row.split("\t")
        assert (example["clean"]["text"], example["clean"]["label"]) == (text, label)
        words = text.split()
        for edit in example["edits"]:
            assert edit["text"] == "text" and edit["kind"] in ("drop", "swap")
            assert words[edit["word"]] == edit["old"]
            words[edit["word"]] = edit["new"]
        assert example["adversarial"]["text"] == " ".join(words)
        assert example["loss"]["clean"] <= example["loss"]["adversarial"]
        assert set(example["prediction"].values()) <= {"good", "bad"}
    right = [
        {when: of["prediction"][when] == of["clean"]["label"] for when in accuracy}
        for of in result["examples"]
    ]
    lost = sum(of["clean"] and not of["adversarial"] for of in right)
    share = lost / sum(of["clean"] for of in right)
    assert result["attack_success_rate"] == pytest.approx(share) and lost > 0
    assert success == (
        f"attack success rate {100 * share:.1f}: {lost} of "
        f"{sum(of['clean'] for of in right)} right examples"
    )
    assert queries == f"{result['model_queries']:,} model queries"
    assert result["model_queries"] > 20 * 10
    # The file of the worst versions, scored by itself, has the score that was told.
    (tmp_path / "worst.tsv").write_text(
        "sentence\tlabel\n"
        + "".join(
            f"{of['adversarial']['text']}\t{of['adversarial']['label']}\n"
            for of in result["examples"]
        )
    )
    outcome = commands.fork(
        "evaluate",
        "--task=classification",
        f"--models={finetuned[0]}/classifier/preset",
        f"--input={tmp_path}/worst.tsv",
        "--attacks=none",
        f"--output={tmp_path}/scores.json",
    )
    commands.assert_succeeded(outcome)
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert next(iter(scores.values()))["none"] == result["scores"]["adversarial"]


@pytest.mark.parametrize(
    ("task", "model", "examples", "score"),
    [
        ("classification", "classifier", "dev.tsv", "accuracy"),
        ("tagging", "tagger", "iob1.txt", "f1"),
    ],
)
@pytest.mark.sampled(2)
def test_exported_models(
    commands, exported, files, tmp_path, task, model, examples, score
):
    outcome = commands.fork(
        "adversary",
        f"--task={task}",
        f"--model={exported[0]}/{model}/1",
        f"--input={files}/{examples}",
        "--examples=10",
        "--attack=drop+swap",
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    result = json.loads((tmp_path / "worst.json").read_text())
    assert len(result["examples"]) == 10
    for example in result["examples"]:
        clean, adversarial = (example["loss"][of] for of in ("clean", "adversarial"))
        assert 0 <= clean <= adversarial <= 1
        assert (clean < adversarial) == bool(example["edits"])
        is_right = {
            when: example["prediction"][when] == example["clean"]["label"]
            for when in example["prediction"]
            if task == "classification"
        }
        assert all(example["loss"][when] == 1 - of for when, of in is_right.items())
    scores = {name: of[score] for name, of in result["scores"].items()}
    assert scores["adversarial"] < scores["clean"]
    assert result["attack_success_rate"] > 0
    assert result["model_queries"] > 10 * 5


@pytest.mark.slow
def test_tags(commands, finetuned, files, tmp_path):
    outcome = commands.fork(
        "adversary",
        "--task=tagging",
        f"--model={finetuned[0]}/tagger",
        f"--input={files}/iob1.txt",
        "--examples=4",
        "--attack=drop",
        "--most_words=1",
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    result = json.loads((tmp_path / "worst.json").read_text())
    for example in result["examples"]:
        tags = example["clean"]["tags"]
        assert len(example["prediction"]["adversarial"]) == len(tags)
        assert example["adversarial"]["tags"] == tags
    assert result["scores"]["adversarial"]["f1"] <= result["scores"]["clean"]["f1"]


@pytest.mark.slow
def test_words_that_are_split(commands, finetuned, tmp_path):
    (tmp_path / "cities.txt").write_text("was NN O\nrome NN I-LOC\nfrom NN O\n")
    (tmp_path / "people.txt").write_text("was NN O\nmaria NN I-PER\n")
    arguments = [
        "--task=tagging",
        f"--model={finetuned[0]}/tagger/preset",
        "--attack=split",
        "--edits=2",
        f"--output={tmp_path}/worst.json",
    ]
    # No person has two names in the training data.
    commands.refuse(
        "adversary",
        [*arguments, f"--input={tmp_path}/people.txt"],
        "the attack 'split' makes the tag 'I-PER' of 'B-PER', which the model has not "
        "learnt: leave split out, or train with it",
        tmp_path,
    )
    outcome = commands.fork("adversary", *arguments, f"--input={tmp_path}/cities.txt")
    commands.assert_succeeded(outcome)
    (example,) = json.loads((tmp_path / "worst.json").read_text())["examples"]
    assert example["edits"]
    words, tags = ["was", "rome", "from"], ["O", "I-LOC", "O"]
    for edit in reversed(example["edits"]):
        assert words[edit["word"]] == edit["old"] == edit["new"].replace(" ", "")
        words[edit["word"] : edit["word"] + 1] = edit["new"].split()
        tags.insert(edit["word"], tags[edit["word"]])
        assert "text" not in edit
    assert example["adversarial"]["words"] == words
    assert example["adversarial"]["tags"] == tags
    assert len(example["prediction"]["adversarial"]) == len(tags)


@pytest.fixture(scope="module")
def answerer(tmp_path_factory, make_encoder, tokenizer, characters):
    """A model of question answering with random weights, and questions."""
    folder = tmp_path_factory.mktemp("answerer")
    backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters))
    charbert_tf.QuestionAnswerer(
        backbone,
        preprocessor=charbert_tf.QuestionAnswererPreprocessor(tokenizer, characters),
    ).save_to_preset(str(folder / "preset"))
    question = {
        "id": "1",
        "question": "Where is the fine film?",
        "answers": [{"text": "Rome", "answer_start": 17}],
    }
    paragraph = {"context": "The fine film in Rome was dull.", "qas": [question]}
    data = {"version": "v2.0", "data": [{"paragraphs": [paragraph]}]}
    (folder / "dev.json").write_text(json.dumps(data))
    return folder


@pytest.mark.parametrize(
    ("attacked_text", "changed"), [("context", {"context"}), (None, {"question"})]
)
@pytest.mark.sampled(2)
def test_questions(commands, answerer, tmp_path, attacked_text, changed):
    outcome = commands.fork(
        "adversary",
        "--task=squad2",
        f"--model={answerer}/preset",
        f"--input={answerer}/dev.json",
        "--attack=drop+swap",
        "--edits=3",
        *([f"--attacked_text={attacked_text}"] if attacked_text else []),
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    (example,) = json.loads((tmp_path / "worst.json").read_text())["examples"]
    assert {edit["text"] for edit in example["edits"]} == changed
    before, after = example["clean"], example["adversarial"]
    assert (before["context"] != after["context"]) == ("context" in changed)
    assert (before["text"] != after["text"]) == ("question" in changed)
    (answer,) = after["answers"]
    assert after["context"][answer["start"] :].startswith("Rome")


def test_what_is_refused(
    commands, classification, pretrained, exported, files, tmp_path
):
    (tmp_path / "folder").mkdir()
    arguments = [*classification, f"--output={tmp_path}/worst.json"]
    for flag, message in (
        ("--attack=typo", "no attack 'typo': choose one of drop, add, swap, "),
        ("--attack=mix+join", "attack join: an adversary edits one word at a time"),
        ("--attacked_text=both", "--attacked_text: for --task=question_answering and "),
        ("--edits=0", "flag --edits=0: "),
        (f"--output={tmp_path}/folder", f"{tmp_path}/folder: is a folder: name a file"),
        (f"--output={files}/dev.tsv", f"{files}/dev.tsv: is there already: remove it"),
        (
            f"--model={pretrained[0]}/bert/preset",
            f"{pretrained[0]}/bert/preset: holds no TextClassifier: name the",
        ),
        (
            f"--model={exported[0]}/tagger/1",
            f"{exported[0]}/tagger/1: the exported model returns no 'label': name one",
        ),
    ):
        commands.refuse("adversary", [*arguments, flag], message, tmp_path)
