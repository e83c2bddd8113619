"""Answers in Python, of official.predict and of SavedModels: the same three times.

Where an answer stands in a text is held against what Python makes of the characters.
"""

import dataclasses
import json
import math
import re
import unicodedata

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.export.served_model import ServedModel
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.tagging.tag_scheme import spans_of_tags

LENGTH = 16
TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
# Emoji of several code points, combining marks, characters that tokenizers drop (a
# zero-width space, a soft hyphen, a control character), ideographs, several spaces.
TEXTS = [
    "The fine film.",
    "",
    "  \U0001f600\U0001f3fd\u200d\U0001f3ac the  fi\u0301ne e\u0301\u0323 film \u00ad",
    "fi\u200blm\x01s in Ro\u00adme,\u3000語語 the\ufeff film \U0001f1e9\U0001f1ea",
    "n\u0303 \u0301 the \U0001d400\U0001d401 'in' film...  \t in",
    "in the fine film " * 40,
]
CONTEXTS = TEXTS[1:] + TEXTS[:1]
CUT = r"\d of 6 texts are longer than the model and cut: export it with .*\n"


@pytest.fixture(scope="module")
def models(make_encoder, tokenizer, characters):
    def make(head_cls, **arguments):
        keras.utils.set_random_seed(0)
        preprocessor = head_cls.preprocessor_cls(
            tokenizer, characters, sequence_length=LENGTH
        )
        encoder = make_encoder(
            vocabulary_size=tokenizer.vocabulary_size(), max_sequence_length=LENGTH
        )
        backbone = charbert_tf.CharBertBackbone(encoder, len(characters))
        model = head_cls(backbone, preprocessor=preprocessor, **arguments)
        rng = np.random.default_rng(0)
        for weight in model.weights:
            weight.assign(weight + rng.normal(size=weight.shape, scale=0.5))
        return model

    return {
        "classifier": make(
            charbert_tf.TextClassifier, num_classes=3, labels=["a", "b", "c"]
        ),
        "tagger": make(charbert_tf.TokenClassifier, num_classes=len(TAGS), labels=TAGS),
        "answerer": make(charbert_tf.QuestionAnswerer),
    }


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    for name, model in models.items():
        ServingModule.of(model).export(folder / name)
    return folder


@pytest.fixture(scope="module")
def in_python(models):
    return {
        "classifier": models["classifier"].classify(TEXTS),
        "tagger": models["tagger"].tag(TEXTS),
        "answerer": models["answerer"].answer(TEXTS, CONTEXTS),
    }


def as_plain(answer):
    """Nested lists and dicts as JSON has them, which knows no infinity."""
    fields = dataclasses.asdict(answer)
    if fields.get("score") == -math.inf:
        fields["score"] = None
    return json.loads(json.dumps(fields, allow_nan=False))


def told(value):
    """A field as a table has it."""
    return str(value).lower() if isinstance(value, bool) else value.replace("\t", " ")


def assert_alike(first, second):
    """The same but for what rounding does to numbers."""
    assert type(first) is type(second)
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for name in first:
            assert_alike(first[name], second[name])
    elif isinstance(first, list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_alike(one, other)
    elif isinstance(first, float):
        assert first == pytest.approx(second, abs=1e-4, rel=1e-4)
    else:
        assert first == second


@pytest.mark.parametrize("name", ["classifier", "tagger", "answerer"])
@pytest.mark.sampled(3)
def test_python_the_command_and_the_saved_model_say_the_same(
    commands, exported, in_python, name
):
    expected = list(map(as_plain, in_python[name]))
    assert len(set(map(str, expected))) > 3
    served = ServedModel(str(exported / name))
    columns = [TEXTS, CONTEXTS][: len(served.input_names)]
    outputs = served(**dict(zip(served.input_names, columns, strict=True)))
    assert_alike(list(map(as_plain, served.signature.answers(outputs))), expected)
    lines = ["\t".join(of_row) for of_row in zip(*columns, strict=True)]
    # A question ends at a tab.
    kept = [
        row
        for row, line in enumerate(lines)
        if len(columns) == 1 or line.count("\t") == 1
    ]
    arguments = [f"--model={exported / name}", "--batch_size=2"]
    text = "".join(f"{lines[row]}\n" for row in kept)
    outcome = commands.fork("predict", *arguments, "--format=json", text=text)
    assert outcome.returncode == 0, outcome.stderr
    assert re.fullmatch(
        CUT if name == "classifier" else "", commands.without_notices(outcome.stderr)
    )
    answers = list(map(json.loads, outcome.stdout.splitlines()))
    assert_alike(answers, [expected[row] for row in kept])
    outcome = commands.fork("predict", *arguments, "--format=tsv", text=text)
    header, *rows = (line.split("\t") for line in outcome.stdout.splitlines())
    if name == "tagger":
        assert header == ["number", "text", "label", "score", "start", "end"]
        entities = [
            [str(number), *(entity[of] for of in header[1:])]
            for number, row in enumerate(kept, start=1)
            for entity in expected[row]["entities"]
        ]
        places = [[row[0], *map(int, row[4:])] for row in rows]
        assert places == [[row[0], *row[4:]] for row in entities]
        assert [row[2] for row in rows] == [row[2] for row in entities]
    else:
        assert header == ["number", *expected[0]]
        assert [row[0] for row in rows] == [str(n) for n in range(1, 1 + len(kept))]
        assert [row[1] for row in rows] == [
            told(expected[row][header[1]]) for row in kept
        ]


def test_words_and_entities_stand_where_they_are_said_to(in_python):
    kinds = set()
    for text, tagged in zip(TEXTS, in_python["tagger"], strict=True):
        places = list(zip(tagged.starts, tagged.ends, strict=True))
        assert [text[start:end] for start, end in places] == list(tagged.words)
        # Words do not overlap, and nothing is between them but what no word is of.
        edges = [0, *(at for place in places for at in place), len(text)]
        assert edges == sorted(edges)
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            for character in text[start:end]:
                assert unicodedata.category(character)[0] in "ZC", (text, character)
        # What the tags mark is told by a program of its own, outside of the graph.
        spans = sorted(spans_of_tags(tagged.tags), key=lambda span: span[1])
        expected = []
        for kind, first, after in spans:
            start, end = tagged.starts[first], tagged.ends[after - 1]
            score = np.mean(tagged.probabilities[first:after])
            expected.append((text[start:end], kind, score, start, end))
        found = [dataclasses.astuple(entity) for entity in tagged.entities]
        assert [row[:2] + row[3:] for row in found] == [
            row[:2] + row[3:] for row in expected
        ]
        assert [row[2] for row in found] == pytest.approx(
            [row[2] for row in expected], abs=1e-5
        )
        kinds |= {(kind, after - first > 1) for kind, first, after in spans}
    # Spans of one word and of several were among them.
    assert {is_long for _, is_long in kinds} == {True, False}
    assert len(in_python["tagger"][-1].words) == 160


def test_answers_stand_where_they_are_said_to(in_python):
    found = 0
    for context, answer in zip(CONTEXTS, in_python["answerer"], strict=True):
        assert context[answer.start : answer.end] == answer.text
        assert answer.no_answer == (answer.null_score > answer.score)
        found += bool(answer.text)
    assert found == len(CONTEXTS) - 1
    assert in_python["answerer"][0].score == -math.inf


def test_any_iterable_and_a_single_text(models, in_python):
    tagger, classifier, answerer = (
        models[name] for name in ("tagger", "classifier", "answerer")
    )
    for texts in (iter(TEXTS), np.array(TEXTS), tf.constant(TEXTS), tuple(TEXTS)):
        assert [of.words for of in tagger.tag(texts)] == [
            of.words for of in in_python["tagger"]
        ]
    many = [TEXTS[0]] * 70
    assert {answer.label for answer in classifier.classify(many)} == {
        in_python["classifier"][0].label
    }
    assert tagger.tag([]) == classifier.classify(iter([])) == answerer.answer([], "")
    for answer, expected in (
        (tagger.tag(TEXTS[0]), in_python["tagger"][0]),
        (classifier.classify(TEXTS[0]), in_python["classifier"][0]),
        (answerer.answer(TEXTS[0], CONTEXTS[0]), in_python["answerer"][0]),
        # One context for all questions.
        (answerer.answer(TEXTS[:1], CONTEXTS[0])[0], in_python["answerer"][0]),
    ):
        assert_alike(as_plain(answer), as_plain(expected))
    with pytest.raises(ValueError, match="zip"):
        answerer.answer(TEXTS, CONTEXTS[:2])


def test_a_classifier_says_what_it_cuts(models, capsys):
    classifier = models["classifier"]
    cut = [answer.is_cut for answer in classifier.classify(TEXTS)]
    assert cut[-1] and not cut[0]
    assert capsys.readouterr().err == (
        f"{sum(cut)} of {len(TEXTS)} texts are longer than {LENGTH} tokens and cut: "
        'give long_texts="windows" to see all of them\n'
    )
    shown = classifier.classify(TEXTS, long_texts="windows")
    assert not any(answer.is_cut for answer in shown)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_what_is_changed_in_a_head_is_seen(models):
    classifier = models["classifier"]
    before = classifier.classify(TEXTS[0])
    bias = classifier.output_dense.bias
    old = bias.numpy()
    bias.assign(np.add(old, [0, 0, 100]))
    assert classifier.classify(TEXTS[0]).label == "c"
    bias.assign(old)
    classifier.labels = ["x", "y", "z"]
    assert classifier.classify(TEXTS[0]).labels == ("x", "y", "z")
    classifier.labels = ["a", "b", "c"]
    assert_alike(as_plain(classifier.classify(TEXTS[0])), as_plain(before))


def test_pairs_and_single_texts_are_told_apart(models):
    classifier = models["classifier"]
    assert len(classifier.classify([("the film", "fine"), ("in", "the")])) == 2
    classifier.takes_pairs = True
    with pytest.raises(ValueError, match=r"takes pairs of texts, not 'the film'"):
        classifier.classify(["the film"])
    classifier.takes_pairs = False
    with pytest.raises(ValueError, match=r"takes single texts, not \('a', 'b'\)"):
        classifier.classify([("a", "b")])
    classifier.takes_pairs = None


def test_labels_are_asked_for(models):
    classifier = models["classifier"]
    classifier.labels = None
    with pytest.raises(ValueError, match=r"labels=\[\.\.\.\], the names of the cla"):
        classifier.classify(TEXTS)
    classifier.labels = ["a", "b", "c"]
    assert classifier.classify(TEXTS)
