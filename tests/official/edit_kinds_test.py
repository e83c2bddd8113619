"""Attacked files as others publish them: what was edited, and how models score."""

import json

import pytest

import charbert_tf

# From the authors' attacked CoNLL-2003 file, four columns, and its clean words; in the
# last sentence as TextFlint does it, which puts a blank into some words.
CLEAN = """-DOCSTART- -X- -X- O

SOCCER NN B-NP O
JAPAN NNP B-NP B-LOC
GET VB B-VP O
LUCKY NNP B-NP O

Nadim NNP B-NP B-PER
Ladki NNP I-NP I-PER

AL-AIN NNP B-NP B-LOC
1996-12-06 CD I-NP O

Japan NNP B-NP B-LOC
began VBD B-VP O
the DT B-NP O
defence NN I-NP O
"""
EDITS = {
    "authors": {
        **{"SOCCER": "SOCCdR", "JAPAN": "JAAN", "LUCKY": "LUKCY", "Nadim": "Naidm"},
        **{"Ladki": "Lakdi", "AL-AIN": "Ap-AIN", "began": "begVan"},
    },
    "textflint": {"Japan": "Jap an", "defence": "def3nce", "SOCCER": "RECCOS"},
}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    (folder / "clean.txt").write_text(CLEAN)
    for name, edits in EDITS.items():
        text = CLEAN
        for old, new in edits.items():
            text = text.replace(f"\n{old} ", f"\n{new} ")
        (folder / f"{name}.txt").write_text(text)
    return folder


def test_shares_by_kind(commands, published):
    files = [f"{published}/{name}.txt" for name in EDITS]
    arguments = ["--task=conll2003", f"--clean={published}/clean.txt"]
    arguments += [f"--input={','.join(files)}"]
    outcome = commands.fork("edit_kinds", *arguments, "--joins_words")
    assert outcome.returncode == 0
    assert outcome.stderr == f"{files[1]}: 1 word(s) have blanks inside\n"
    header, _, *rows = outcome.stdout.splitlines()
    kinds = ["drop", "add", "swap", "keyboard", "replace", "several"]
    assert header == (
        f"| file | words | edited (%) | {' | '.join(f'{k} (%)' for k in kinds)} | "
        "texts left out |"
    )
    # Of 12 words 7: two hit keys, one letter less, one more, three swaps.
    assert rows[0] == (
        f"| {files[0]} | 12 | 58.3 | 14.3 | 14.3 | 42.9 | 28.6 | 0.0 | 0.0 | 0 |"
    )
    # An added blank, a digit for a letter, and letters changed about.
    assert rows[1] == (
        f"| {files[1]} | 12 | 25.0 | 0.0 | 33.3 | 0.0 | 0.0 | 33.3 | 33.3 | 0 |"
    )
    message = f"{files[1]}:14: the line has 5 column(s), the first word 4: give every"
    commands.refuse("edit_kinds", arguments, message, published)


def test_running_text(commands, files, tmp_path):
    rows = (files / "dev.tsv").read_text().splitlines(keepends=True)
    words = rows[2].split()
    shorter = rows[1].split(" ", 1)[1]
    edited = " ".join([words[0] + "x", *words[1:-1]]) + f"\t{words[-1]}\n"
    (tmp_path / "a.tsv").write_text("".join([rows[0], shorter, edited, *rows[3:]]))
    (tmp_path / "b.tsv").write_text("".join(rows[:-1]))
    arguments = ["--task=classification", f"--clean={files}/dev.tsv"]
    outcome = commands.fork("edit_kinds", *arguments, f"--input={tmp_path}/a.tsv")
    commands.assert_succeeded(outcome)
    count = 5 * (len(rows) - 2)
    shares = f"{100 / count:.1f} | 0.0 | 100.0 | 0.0 | 0.0 | 0.0 | 0.0"
    assert outcome.stdout.splitlines()[2:] == [
        f"| {tmp_path}/a.tsv | {count} | {shares} | 1 |"
    ]
    message = f"{tmp_path}/b.tsv: has {len(rows) - 2} example(s), and the clean file"
    fewer = [*arguments, f"--input={tmp_path}/b.tsv"]
    commands.refuse("edit_kinds", fewer, message, tmp_path)


@pytest.fixture
def tagger(make_encoder, tokenizer, tmp_path):
    """A preset of random weights."""
    tagger = charbert_tf.TokenClassifier(
        make_encoder(),
        num_classes=5,
        preprocessor=charbert_tf.TokenClassifierPreprocessor(tokenizer),
        labels=["O", "B-LOC", "I-LOC", "B-PER", "I-PER"],
    )
    tagger.save_to_preset(str(tmp_path / "tagger"))
    return tmp_path / "tagger"


@pytest.mark.slow
def test_published_files_are_scored(commands, tagger, published, tmp_path):
    scored = ["--task=conll2003", "--joins_words", f"--models={tagger}"]
    scored += [f"--input={published}/textflint.txt"]
    outcome = commands.fork(
        "evaluate", *scored, "--attacks=none", f"--output={tmp_path}/scores.json"
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "1 word(s) have blanks inside" in outcome.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]["tagger"]
    outcome = commands.fork(
        *("robustness", *scored, "--attacks=drop", "--seeds=0", "--rates=1"),
        f"--output={tmp_path}/report",
    )
    assert outcome.returncode == 0, outcome.stderr
    results = json.loads((tmp_path / "report" / "results.json").read_text())
    assert results["num_examples"] == 4
    clean = {
        row["measure"]: row["by_seed"][0]
        for row in results["scores"]
        if not row["rate"]
    }
    assert clean == pytest.approx(scores["none"])
