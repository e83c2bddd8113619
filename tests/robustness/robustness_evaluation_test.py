"""The numbers of an evaluation against the tasks' own scores, counted out here."""

import csv
import dataclasses
import io
import itertools
import json

import numpy as np
import pytest

from charbert_tf.attacks import CLEAN, get_attack
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.evaluated_model import EvaluatedModel
from charbert_tf.robustness.robustness_evaluation import RobustnessEvaluation
from charbert_tf.robustness.robustness_report import markdown_report

SEEDS, RATES = [0, 5], [0.5, 1.0]


@pytest.fixture(scope="module")
def measured(tagging):
    """A result, what was told on the way, and what the models were asked."""
    task, examples, models = tagging
    asked = {model.name: [] for model in models}

    def listening(model):
        def predict(examples):
            asked[model.name].append([example.words for example in examples])
            return model.predict(examples)

        return dataclasses.replace(model, predict=predict)

    told = []
    evaluation = RobustnessEvaluation(
        task, examples, [listening(model) for model in models], resamples=500
    )
    attacks = {name: get_attack(name) for name in ("drop", "mix")}
    result = evaluation.measure(attacks, SEEDS, RATES, told.append)
    return result, told, asked


def versions_of(task, examples, name, rate):
    attack = get_attack(name, rate=rate)
    return [task.attacked(examples, attack, seed) for seed in SEEDS]


def test_scores_are_means_over_seeds_of_the_tasks_scores(tagging, measured):
    task, examples, models = tagging
    result, told, _ = measured
    assert [row.measure for row in result.scores[:4]] == [
        *("f1", "precision", "recall", "accuracy")
    ]
    assert told == [row for row in result.scores if row.measure == "f1"]
    for model in models:
        clean = task.scores(examples, model.predict(examples), model.labels)
        for row in result.scores:
            if row.model != model.name:
                continue
            versions = [examples]
            if row.attack != CLEAN:
                versions = versions_of(task, examples, row.attack, row.rate)
            expected = [
                task.scores(version, model.predict(version), model.labels)[row.measure]
                for version in versions
            ]
            assert row.by_seed == pytest.approx(expected)
            assert row.score.value == pytest.approx(np.mean(expected))
            assert row.score.low <= row.score.value <= row.score.high
            if row.attack != CLEAN:
                lost = clean[row.measure] - np.mean(expected)
                assert row.drop.value == pytest.approx(lost)
                share = lost / clean[row.measure]
                assert row.relative_drop.value == pytest.approx(share)


def test_every_version_is_predicted_once_and_is_the_same_for_all(tagging, measured):
    task, examples, _ = tagging
    _, _, asked = measured
    expected = [examples]
    assert list(asked) == ["exact", "forgiving"]
    for name in ("drop", "mix"):
        for rate in RATES:
            expected += versions_of(task, examples, name, rate)
    expected = [example.words for version in expected for example in version]
    for words in asked.values():
        assert list(itertools.chain.from_iterable(words)) == expected


def test_models_are_compared_to_the_first(measured):
    result, _, _ = measured
    rows = {row.attack: row for row in result.comparisons}
    assert list(rows) == [CLEAN, "drop", "mix"]
    for attack, row in rows.items():
        assert (row.model, row.baseline) == ("forgiving", "exact")
        first, second = (result.score(m, attack).score for m in ("exact", "forgiving"))
        difference = second.value - first.value
        assert row.difference.value == pytest.approx(difference)
        assert row.difference.low <= difference <= row.difference.high
    # Clean they say the same.
    assert rows[CLEAN].difference.value == 0 and rows[CLEAN].p_value == 1
    for attack in ("drop", "mix"):
        assert rows[attack].difference.low > 0 and rows[attack].p_value < 0.01


def test_each_two_models_are_compared(tagging):
    task, examples, models = tagging
    blind = EvaluatedModel(
        "blind", lambda es: [["O"] * len(e.words) for e in es], ["O", "B-LOC"]
    )
    models = [*models, blind]

    def measure(some):
        evaluation = RobustnessEvaluation(task, examples, some, resamples=250)
        return evaluation.measure({"mix": get_attack("mix")}, SEEDS, RATES)

    result = measure(models)
    pairs = list(itertools.combinations(models, 2))
    found = [(row.attack, row.baseline, row.model) for row in result.comparisons]
    assert found == [
        (attack, first.name, second.name)
        for attack in (CLEAN, "mix")
        for first, second in pairs
    ]
    # Each two as if they were alone.
    alone = [measure(pair).comparisons for pair in pairs]
    assert result.comparisons == [rows[i] for i in (0, 1) for rows in alone]
    assert len({row.difference.value for row in result.comparisons}) > 3

    last = result.comparisons[-1]
    assert (last.baseline, last.model) == ("forgiving", "blind")
    lost = result.score("forgiving", "mix").score.value
    assert last.difference.value == pytest.approx(-lost) and lost > 0.1
    report = markdown_report(result)
    assert f"| mix | blind | forgiving | {last.difference} | 0.0040 |" in report
    assert "Bonferroni's correction multiplies it by 6." in report
    file = io.StringIO()
    result.write_comparisons_csv(file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    written = json.loads(json.dumps(result.as_dict()))["comparisons"]
    for row, of_json, of in zip(rows, written, result.comparisons, strict=True):
        assert (row["model"], row["baseline"]) == (of.model, of.baseline)
        assert (of_json["model"], of_json["baseline"]) == (of.model, of.baseline)
        assert float(row["difference_low"]) == of.difference.low
        assert float(row["p_value"]) == of_json["p_value"] == of.p_value


def test_changed_predictions(tagging, measured):
    task, examples, models = tagging
    result, _, _ = measured
    rows = {(row.model, row.attack): row for row in result.changes}
    assert len(rows) == 4
    for model in models:
        right = [
            list(e.tags) == p
            for e, p in zip(examples, model.predict(examples), strict=True)
        ]
        for attack in ("drop", "mix"):
            row = rows[model.name, attack]
            versions = versions_of(task, examples, attack, 1.0)
            after = [
                [
                    list(e.tags) == p
                    for e, p in zip(version, model.predict(version), strict=True)
                ]
                for version in versions
            ]
            became_wrong = sum(
                b and not a for of in after for b, a in zip(right, of, strict=True)
            )
            became_right = sum(
                a and not b for of in after for b, a in zip(right, of, strict=True)
            )
            assert (row.predictions, row.right) == (120, 2 * sum(right))
            assert (row.became_wrong, row.became_right) == (became_wrong, became_right)
            assert row.share.value == pytest.approx(became_wrong / row.right)
            shown = result.examples[model.name, attack]
            assert len(shown) == sum(
                b and not a for b, a in zip(right, after[0], strict=True)
            )
            for one in shown:
                index = versions[0].index(one.attacked)
                assert examples[index] == one.clean
                assert list(one.clean.tags) == one.before != one.after
    assert rows["exact", "drop"].became_wrong > 20
    assert rows["forgiving", "drop"].became_wrong == 0


def test_how_many_words_were_edited(tagging, measured):
    task, examples, _ = tagging
    result, _, _ = measured
    rows = {(row.attack, row.rate): row for row in result.edited_words}
    assert list(rows) == [(name, rate) for name in ("drop", "mix") for rate in RATES]
    words = [word for example in examples for word in example.words]
    for (name, rate), row in rows.items():
        shares = []
        for version in versions_of(task, examples, name, rate):
            attacked = [word for example in version for word in example.words]
            differ = [a != b for a, b in zip(words, attacked, strict=True)]
            shares.append(np.mean(differ))
        assert row.by_seed == pytest.approx(shares)
        assert row.share == pytest.approx(np.mean(shares))
        assert 0 < row.share < rate
    share = rows["mix", 0.5].share
    assert f"| mix | {share:.1%} | " in markdown_report(result)


def test_both_of_two_joined_words_are_edited_and_other_texts_do_not_count():
    text = LabelledText("They sat, three 3", "Here we are", "1", 1)
    share = ClassificationTask("a", "b", "c").edited_share(
        [text], get_attack("join"), 0
    )
    assert share == 4 / 7
    context = "They sat in Rome."
    questions = [
        Question("1", "Where did they film?", context, (Answer("Rome", 12),)),
        Question("2", "Who?", context, ()),
    ]
    for text, share in (("question", 3 / 5), ("context", 1 / 4), ("both", 4 / 9)):
        task = QuestionAnsweringTask(attacked_text=text)
        assert task.edited_share(questions, get_attack("drop"), 0) == share


def test_what_is_written(measured):
    result, _, _ = measured
    assert json.loads(json.dumps(result.as_dict()))["scores"][0]["model"] == "exact"
    file = io.StringIO()
    result.write_csv(file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert len(rows) == len(result.scores) == 2 * 4 * (1 + 2 * 2)
    for row, score in zip(rows, result.scores, strict=True):
        assert float(row["score_high"]) == score.score.high
        assert (row["drop"] == "") == (score.attack == CLEAN)
        edited = result.edited_share(score.attack, score.rate)
        assert float(row["edited_words"]) == edited
        assert (edited == 0) == (score.attack == CLEAN)


def test_every_family(classification, pairs, answers):
    for task, examples, models in (classification, pairs, answers):
        evaluation = RobustnessEvaluation(task, examples, models, resamples=50)
        result = evaluation.measure({"swap": get_attack("swap")}, [0])
        (change,) = result.changes
        assert change.became_wrong > 0
        assert result.score(models[0].name, "swap").drop.value > 0


def test_models_that_predict_something_else(classification):
    task, examples, models = classification
    for predict, message in (
        (lambda e: ["0"], "the model 'x' gives 1 predictions for 40 examples"),
        (lambda e: ["9"] * len(e), "the label '9' is none of '0', '1', '2'"),
    ):
        model = EvaluatedModel("x", predict, ["0", "1", "2"])
        with pytest.raises(UserError, match=message):
            RobustnessEvaluation(task, examples, [model]).measure({}, [0])
    with pytest.raises(ValueError, match="40 examples and the models"):
        RobustnessEvaluation(task, examples, [*models, *models])


@pytest.mark.parametrize("change", [-1, 1])
def test_taggers_that_do_not_give_each_word_a_tag(tagging, change):
    task, examples, models = tagging
    # Right until a word is attacked, and then of the wrong length.
    texts = {example.words for example in examples}

    def predict(sentences):
        return [
            ["O"] * (len(e.words) + (0 if e.words in texts else change))
            for e in sentences
        ]

    # More words than a line has room for.
    words = ("flights",) * 30
    examples = [dataclasses.replace(examples[0], words=words, tags=("O",) * 30, line=7)]
    texts.add(words)
    model = EvaluatedModel("my tagger", predict, ["O", "B-LOC"])
    evaluation = RobustnessEvaluation(task, examples, [*models, model])
    message = (
        rf"^the model 'my tagger': the sentence '(\w+ ){{5,9}}\.\.\.' of line 7 has "
        rf"30 word\(s\) and gets {30 + change} tag\(s\): predict one for each word$"
    )
    with pytest.raises(UserError, match=message):
        evaluation.measure({"drop": get_attack("drop")}, [0])


def test_what_cannot_be_measured_is_refused_before_a_model_is_asked(tagging):
    task, examples, _ = tagging
    model = EvaluatedModel("x", lambda examples: pytest.fail("asked"), ["O", "B-LOC"])
    evaluation = RobustnessEvaluation(task, examples, [model])
    mix = {"mix": get_attack("mix")}
    for attacks, seeds, rates, message in (
        (mix, [], [1], r"The seeds are \[\]: give one or more, each once"),
        (mix, [0, 0], [1], r"The seeds are \[0, 0\]: give one or more, each once"),
        (mix, [0], [], r"The rates are \[\]: give one or more, each once"),
        (mix, [0], [0.0, 1], r"The rates are \[0.0, 1\]: give shares above 0 and"),
        (mix, [0], [1.5], r"The rates are \[1.5\]: give shares above 0 and up to 1"),
        ({"none": mix["mix"]}, [0], [1], "called 'none', as the clean .* another name"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluation.measure(attacks, seeds, rates)
