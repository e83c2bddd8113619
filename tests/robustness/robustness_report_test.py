"""The files of a report: a page that is well formed, charts, tables."""

import dataclasses
import html.parser
import json
import re
import xml.etree.ElementTree

import matplotlib.image
import numpy as np
import pytest

from charbert_tf.attacks import get_attack
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.embedding.embedding_task import EmbeddingTask
from charbert_tf.robustness.changed_predictions import (
    aligned_words,
    changed_lines,
    changed_page,
)
from charbert_tf.robustness.evaluated_model import EvaluatedModel
from charbert_tf.robustness.robustness_charts import draw_curves
from charbert_tf.robustness.robustness_evaluation import RobustnessEvaluation
from charbert_tf.robustness.robustness_report import markdown_report, write_report
from charbert_tf.robustness.robustness_result import ChangedExample

FILES = {
    *("report.md", "results.json", "results.csv", "significance.csv"),
    *("changed.html", "changed.jsonl"),
    *("curves.png", "curves.svg", "drops.png", "drops.svg"),
}
EMPTY_ELEMENTS = {"meta"}


class Page(html.parser.HTMLParser):
    """A page that must be well formed, its text and its marks."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.ids, self.links = [], [], [], []
        self.sections, self.examples, self.marks = 0, 0, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        assert tag not in ("script", "link", "img")
        assert "src" not in attributes
        self.sections += tag == "section"
        self.examples += attributes.get("class") == "example"
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        if tag == "mark":
            self.marks.append(attributes["title"])
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture(scope="module")
def results(tagging, classification, pairs, answers):
    """The task and the result of every family."""
    attacks = {name: get_attack(name) for name in ("drop", "mix")}
    return {
        name: (
            task,
            RobustnessEvaluation(task, examples, models, resamples=50).measure(
                attacks, [0, 1], [0.5, 1]
            ),
        )
        for name, (task, examples, models) in {
            "tagging": tagging,
            "classification": classification,
            "pairs": pairs,
            "answers": answers,
        }.items()
    }


@pytest.mark.parametrize("family", ["tagging", "classification", "pairs", "answers"])
def test_the_page_shows_what_changed(results, family):
    _, result = results[family]
    page = Page(changed_page(result, most_examples=7))
    counts = [len(examples) for examples in result.examples.values()]
    assert page.sections == len(counts) == 2 * len(result.models)
    assert page.examples == sum(min(7, count) for count in counts)
    assert page.links == [f"#{name}" for name in page.ids]
    text = "".join(page.text)
    for count in counts:
        end = "; all are in changed.jsonl." if count > 7 else "."
        assert f"{min(7, count)} of {count} examples that became wrong{end}" in text
    for (model, attack), examples in result.examples.items():
        assert f"{model}, {attack}" in text
        for one in examples[:7]:
            for words in (*(text.words for text in one.clean.texts().values()),):
                assert " ".join(words) in text
            for words in (*(text.words for text in one.attacked.texts().values()),):
                assert " ".join(words) in text
    # Nearly every word of four letters is edited.
    assert len(page.marks) > page.examples
    assert all(title for title in page.marks)


@pytest.mark.parametrize("family", ["tagging", "classification", "pairs", "answers"])
def test_all_that_changed_is_there_for_programs(results, family, tmp_path):
    _, result = results[family]
    write_report(result, tmp_path, {})
    text = (tmp_path / "changed.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    expected = [(*names, one) for names, of in result.examples.items() for one in of]
    assert len(lines) == len(expected) > 10
    for line, (model, attack, one) in zip(lines, expected, strict=True):
        assert (line["model"], line["attack"]) == (model, attack)
        for name, example in (("clean", one.clean), ("attacked", one.attacked)):
            assert line[name] == as_json(example)
        before, after = line["prediction"]["clean"], line["prediction"]["attacked"]
        if family == "tagging":
            assert before == line["clean"]["tags"] and after != line["attacked"]["tags"]
            assert len(after) == len(line["attacked"]["words"])
            assert line["clean"]["words"] != line["attacked"]["words"]
        elif family == "answers":
            true = [answer["text"] for answer in line["clean"]["answers"]] or [""]
            assert before in true and after not in true
            assert (before, after) == (one.before.text, one.after.text)
        else:
            assert (
                before == line["clean"]["label"] == line["attacked"]["label"] != after
            )
            assert line["clean"]["text"] != line["attacked"]["text"]


def as_json(example):
    fields = dataclasses.asdict(example).items()
    return {k: list(v) if isinstance(v, tuple) else v for k, v in fields}


def test_tags_of_an_array_are_a_list(results):
    _, result = results["tagging"]
    clean = result.examples["exact", "drop"][0].clean
    tags = np.array(clean.tags)
    one = ChangedExample(clean, clean, tags, tags)
    changed = dataclasses.replace(result, examples={("exact", "drop"): [one]})
    (line,) = changed_lines(changed)
    assert json.loads(line)["prediction"]["attacked"] == list(clean.tags)


def test_what_is_no_markup_stays_text(results):
    _, result = results["classification"]
    text = changed_page(result)
    assert "<script>" not in text and "&lt;script&gt;" in text
    _, result = results["tagging"]
    assert "<b>" not in changed_page(result)


def test_sentences_of_another_length(results):
    _, result = results["tagging"]
    clean = result.examples["exact", "drop"][0].clean
    first, *others = clean.words
    attacked = dataclasses.replace(
        clean, words=(first[:1], first[1:], *others), tags=("O", *clean.tags)
    )
    one = ChangedExample(clean, attacked, list(clean.tags), ["O"] * 7)
    examples = {pair: [] for pair in result.examples} | {("exact", "drop"): [one]}
    page = Page(changed_page(dataclasses.replace(result, examples=examples)))
    assert page.marks == [first] * 2
    assert aligned_words(["a", "b", "c", "d"], ["a", "bc", "d"]) == [
        *[("a", None), ("bc", "b c"), ("d", None)]
    ]
    # As many words, for one is split and two are joined.
    assert aligned_words(
        ["in", "New", "York", "we", "sit"], ["in", "N", "ew", "Yrok", "wesit"]
    ) == [
        *[("in", None), ("N", "New"), ("ew", "New"), ("Yrok", "York")],
        ("wesit", "we sit"),
    ]


@pytest.fixture(scope="module")
def folders(results, tmp_path_factory):
    """The report of the taggers, written twice."""
    folders = [tmp_path_factory.mktemp("report") for _ in range(2)]
    for folder in folders:
        write_report(results["tagging"][1], folder, {"seeds": [0, 1]})
    return folders


def test_the_same_result_is_the_same_files(folders):
    for folder in folders:
        assert {path.name for path in folder.iterdir()} == FILES
    for name in FILES:
        one, two = ((folder / name).read_bytes() for folder in folders)
        assert one == two, name


def test_charts_fit_a_column(folders):
    # 300 dots an inch; a column of a paper is 3.3 inches wide.
    assert matplotlib.image.imread(folders[0] / "drops.png").shape[1] == 990
    picture = matplotlib.image.imread(folders[0] / "curves.png")
    assert picture.shape[1] == 2040
    assert np.ptp(picture) == 1
    for name in ("curves", "drops"):
        xml.etree.ElementTree.parse(folders[0] / f"{name}.svg")


def test_curves_are_over_the_words_that_were_edited(results):
    _, result = results["tagging"]
    figure = draw_curves(result)
    assert figure.get_supxlabel() == "edited words (%)"
    assert [axes.get_title() for axes in figure.axes] == ["drop", "mix"]
    for axes, attack in zip(figure.axes, result.attacks, strict=True):
        curves = [container.lines[0] for container in axes.containers]
        shares = [100 * result.edited_share(attack, rate) for rate in (0, 0.5, 1)]
        assert shares[0] == 0 and 10 < shares[1] < shares[2] < 90
        # Side by side, so that no interval covers another one.
        places = [curve.get_xdata() for curve in curves]
        assert np.mean(places, axis=0) == pytest.approx(shares)
        assert 0 < np.min(places[1] - places[0]) < 5
        low, high = axes.get_xlim()
        assert low < np.min(places) and np.max(places) < high
        for curve, model in zip(curves, result.models, strict=True):
            rows = [result.score(model, "none"), result.score(model, attack, 0.5)]
            rows.append(result.score(model, attack))
            values = [100 * row.score.value for row in rows]
            assert curve.get_ydata() == pytest.approx(values)
    # One scale for all, with whole numbers.
    ((low, high),) = {axes.get_xlim() for axes in figure.axes}
    ticks = [x for x in figure.axes[0].get_xticks() if low <= x <= high]
    assert 3 <= len(ticks) <= 6 and all(tick == round(tick) for tick in ticks)


def test_tables_have_what_was_measured(results, folders):
    _, result = results["tagging"]
    report = (folders[0] / "report.md").read_text()
    for attack in ("drop", "mix"):
        for model in result.models:
            row = result.score(model, attack)
            line = f"| {attack} | {model} | {row.drop} | {row.relative_drop} % |"
            assert line in report
    tables = re.findall(r"(?:^\|.*\n)+", report, re.MULTILINE)
    assert len(tables) == 7
    assert "| seeds | 0, 1 |\n" in tables[-1]
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


@pytest.mark.parametrize(("highest", "off_by"), [(1.0, "0.1"), (5.0, "0.5")])
def test_right_is_what_counts_as_right(results, highest, off_by):
    task = EmbeddingTask(highest_score=highest)
    scores = [0.2 * highest, 0.5 * highest, 0.7 * highest]
    examples = [LabelledText("a", "b", score, 1) for score in scores]
    # Further off than a tenth of the scale, but for the first.
    guesses = [0.29 * highest, 0.61 * highest, 0.9 * highest]
    model = EvaluatedModel("guesses", lambda examples: guesses, [])
    result = RobustnessEvaluation(task, examples, [model], resamples=50).measure(
        {"drop": get_attack("drop")}, [0]
    )
    assert result.changes[0].right == 1
    told = f"A prediction is right if it is off by no more than {off_by}."
    assert told in markdown_report(result)
    assert told in changed_page(result)
    _, result = results["tagging"]
    told = "A prediction is right if every tag of its sentence is."
    assert told in markdown_report(result)
    assert told in changed_page(result)
