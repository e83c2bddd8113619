"""Adversaries: what brute force finds, too, and nothing scored twice."""

import dataclasses
import itertools
import re
import zlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.attacks import Drop, Edit, get_attack
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.adversary import Adversary
from charbert_tf.robustness.losses import ModelLoss

TEXT = LabelledText("It was fine, truly fine!", None, "1", 1)
PAIR = LabelledText("Is it dull?", "No: 1996 was never dull", "0", 2)
SENTENCE = TaggedSentence(("1996", "Maria", "met", "Otto", "."), ("O",) * 5, 3)
CONTEXT = "Otto, Maria and Otto sat in Rome."
QUESTION = Question("q", "Where was Otto?", CONTEXT, (Answer("Otto", 16),))


class RandomLoss:
    """A number in [0, 1) for each content, and how often it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, examples):
        contents = [contents_of(example) for example in examples]
        self.asked += contents
        return np.array([zlib.crc32(repr(of).encode()) / 2**32 for of in contents])


def contents_of(example):
    if isinstance(example, LabelledText):
        return example.text, example.text_pair
    if isinstance(example, TaggedSentence):
        return example.words
    return example.text, example.context


def brute_force(contents, attack, count):
    """All contents that `count` edits make of strings, by cutting and pasting."""
    places = [
        (number, match)
        for number, text in enumerate(contents)
        if text is not None
        for match in re.finditer(r"[A-Za-z]{4,}", text)
    ]
    found = {tuple(contents)}
    for chosen in itertools.combinations(places, count):
        options = [attack.possible_edits(match[0]) for _, match in chosen]
        for edits in itertools.product(*options):
            edited = list(contents)
            # From the last one on, so that the others do not move.
            for (number, match), new in reversed(list(zip(chosen, edits, strict=True))):
                text = edited[number]
                edited[number] = text[: match.start()] + new + text[match.end() :]
            found.add(tuple(edited))
    return found


def worst_of(contents):
    return max(contents, key=lambda of: zlib.crc32(repr(of).encode()))


@pytest.mark.parametrize("example", [TEXT, PAIR, SENTENCE, QUESTION])
@pytest.mark.parametrize("edits", [1, 2])
def test_as_brute_force(example, edits):
    attack = get_attack("drop+swap")
    loss = RandomLoss()
    (worst,) = Adversary(loss, attack, edits, beam_width=1000).worst_versions([example])
    contents = contents_of(example)
    editable = contents[:1] if example is QUESTION else contents
    expected = {
        (*of, *contents[len(editable) :])
        for count in range(edits + 1)
        for of in brute_force(editable, attack, count)
    }
    assert len(expected) > (10 if edits == 2 else 3)
    assert contents_of(worst.example) == worst_of(expected)
    assert sorted(loss.asked) == sorted(expected)
    assert worst.loss == RandomLoss()([worst.example])[0] >= worst.clean_loss
    assert worst.clean_loss == RandomLoss()([example])[0]
    assert len(worst.edits) <= edits


def test_a_context_is_edited_around_its_answers():
    loss = RandomLoss()
    adversary = Adversary(loss, Drop(), edits=3, attacked_text="context")
    (worst,) = adversary.worst_versions([QUESTION])
    answer = worst.example.answers[0]
    assert worst.example.context[answer.start :].startswith("Otto sat in R")
    assert {text for text, _ in worst.edits} == {"context"}
    edits = [edit for _, edit in worst.edits]
    assert {edit.old[0] for edit in edits} <= {"Otto", "Maria", "Rome"}
    assert all(edit.first < 3 or edit.old == ("Rome",) for edit in edits)
    contexts = {context for _, context in loss.asked}
    assert {"Oto, Maria and Otto sat in Rome.", CONTEXT} <= contexts
    assert all(re.search(r"and Otto sat", context) for context in contexts)
    assert {question for question, _ in loss.asked} == {QUESTION.text}
    both = RandomLoss()
    list(Adversary(both, Drop(), attacked_text="both").worst_versions([QUESTION]))
    assert {("Whre was Otto?", CONTEXT), loss.asked[1]} <= set(both.asked)


def test_rows_of_a_file_that_are_the_same_are_scored_once(tmp_path):
    loss, path = RandomLoss(), tmp_path / "texts.tsv"
    path.write_text(f"sentence\tlabel\n{TEXT.text}\t1\nNo\t0\n{TEXT.text}\t1\n")
    twice = ClassificationTask("sentence", "label").read(str(path))
    results = list(Adversary(loss, Drop(), 2, beam_width=4).worst_versions(twice))
    assert len(loss.asked) == len(set(loss.asked))
    assert [result.example.line for result in results] == [2, 3, 4]
    assert results[0].example.text == results[2].example.text != TEXT.text


def test_questions_and_sentences_that_are_the_same_are_scored_once():
    for example, place in ((QUESTION, {"id": "r"}), (SENTENCE, {"line": 9})):
        loss, again = RandomLoss(), dataclasses.replace(example, **place)
        first, second = Adversary(loss, Drop()).worst_versions([example, again])
        assert len(loss.asked) == len(set(loss.asked))
        assert second.example == dataclasses.replace(first.example, **place)


def test_ties_go_to_the_first_edit():
    def count(examples):
        return np.array([float(example.text != TEXT.text) for example in examples])

    (worst,) = Adversary(count, Drop()).worst_versions([TEXT])
    assert worst.example.text == "It was fne, truly fine!"
    assert worst.edits == (("text", Edit(2, ("fine",), ("fne",), "drop")),)
    (worst,) = Adversary(lambda of: np.zeros(len(of)), Drop(), 2).worst_versions([TEXT])
    assert worst.edits == () and worst.example == TEXT


def test_ties_go_to_the_first_edits_of_a_beam():
    # Of first edits that of the last word is the worst; of two edits all are as bad.
    def loss(examples):
        changes = [
            [old != new for old, new in zip(text.split(), of.text.split(), strict=True)]
            for of in examples
        ]
        return np.array([3.0 if sum(of) > 1 else of[2] + 2.0 * of[1] for of in changes])

    text = "fine truly dull"
    example = LabelledText(text, None, "1", 1)
    (worst,) = Adversary(loss, Drop(), 2, beam_width=9).worst_versions([example])
    assert worst.example.text == "fne tuly dull"
    assert worst.loss == 3


def test_the_words_of_a_split_have_their_tags():
    loss = RandomLoss()
    sentence = TaggedSentence(("Maria", "met", "Otto"), ("I-PER", "O", "I-PER"), 3)
    (worst,) = Adversary(
        lambda of: np.array([float(len(e.words)) for e in of]), get_attack("split"), 2
    ).worst_versions([sentence])
    assert worst.example.words == ("M", "aria", "met", "O", "tto")
    assert worst.example.tags == ("I-PER", "I-PER", "O", "I-PER", "I-PER")
    assert worst.example.line == 3
    text = LabelledText("Maria", None, "1", 1)
    list(Adversary(loss, get_attack("split")).worst_versions([text]))
    assert ("M aria", None) in loss.asked


def test_of_other_schemes_than_iob_no_word_is_split():
    sentences = [
        TaggedSentence(("Paris",), ("S-LOC",), 1),
        TaggedSentence(("Angela", "Merkel"), ("B-PER", "E-PER"), 3),
    ]
    loss = RandomLoss()
    split = Adversary(loss, get_attack("drop+split"))
    with pytest.raises(UserError, match=r"^examples:1: the tag 'S-LOC' stands among"):
        list(split.worst_versions(sentences))
    assert not loss.asked
    worst = Adversary(loss, Drop()).worst_versions(sentences)
    assert [of.example.tags for of in worst] == [of.tags for of in sentences]


def test_protected_words_of_several_words_stay():
    loss = RandomLoss()
    text = LabelledText("Was New York fine?", "new york", "1", 1)
    attack = Drop(protected_words=["New York"])
    list(Adversary(loss, attack).worst_versions([text]))
    assert {of for of, _ in loss.asked} == {
        text.text,
        "Was New York fne?",
        "Was New York fie?",
    }
    assert {pair for _, pair in loss.asked} == {"new york"}

    asked = []
    sentence = TaggedSentence(("new", "York", "fine"), ("B-LOC", "I-LOC", "O"), 1)
    list(Adversary(lambda of: _zeros(asked, of), attack).worst_versions([sentence]))
    assert {words for words in asked if words != sentence.words} == {
        ("new", "York", "fne"),
        ("new", "York", "fie"),
    }


def _zeros(asked, examples):
    asked += [example.words for example in examples]
    return np.zeros(len(examples))


def test_the_kinds_of_a_mix_are_told():
    def loss(examples):
        return np.array([float("fi1m" in example.text) for example in examples])

    example = LabelledText("a film", None, "1", 1)
    (worst,) = Adversary(loss, get_attack("mix+ocr")).worst_versions([example])
    assert worst.edits == (("text", Edit(1, ("film",), ("fi1m",), "ocr")),)


def test_groups_are_searched_together(monkeypatch):
    monkeypatch.setattr("charbert_tf.robustness.adversary._MOST_VERSIONS", 20)
    adversary = Adversary(RandomLoss(), Drop())
    groups = list(adversary.groups_of_worst_versions([TEXT, PAIR, TEXT, PAIR]))
    assert len(groups) > 1
    assert [worst for group in groups for worst in group] == list(
        adversary.worst_versions([TEXT, PAIR, TEXT, PAIR])
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_losses_that_cannot_be_compared(value):
    def loss(examples):
        return np.where([e.text == TEXT.text for e in examples], 1.0, value)

    with pytest.raises(UserError, match=rf"{value}: losses must be finite .*: check"):
        list(Adversary(loss, Drop()).worst_versions([TEXT]))


def test_a_function_that_gives_no_loss_for_each_example():
    for losses in (np.zeros(1), np.zeros((2, 3)), None):
        with pytest.raises(UserError, match=r"of 2 examples .*: return a number for"):
            list(
                Adversary(lambda _, of=losses: of, Drop()).worst_versions([TEXT, PAIR])
            )


@pytest.mark.parametrize("name", ["join", "mix+join"])
def test_joins_are_refused(name):
    with pytest.raises(UserError, match="join takes two: leave it out"):
        Adversary(RandomLoss(), get_attack(name))


def test_a_text_that_there_is_not():
    with pytest.raises(UserError, match="attacked_text 'answer': choose one of quest"):
        adversary = Adversary(RandomLoss(), Drop(), attacked_text="answer")
        list(adversary.worst_versions([QUESTION]))


def test_the_words_that_matter_most():
    def loss(examples):
        asked.extend(example.text for example in examples)
        return np.array([float("truly" not in e.text) for e in examples])

    asked = []
    (worst,) = Adversary(loss, Drop(), most_words=1).worst_versions([TEXT])
    assert worst.example.text == "It was fine, tuly fine!"
    # The clean text, the first edit of each of three words, all edits of one.
    first = ["It was fne, truly fine!", "It was fine, tuly fine!"]
    assert asked[:4] == [TEXT.text, *first, "It was fine, truly fne!"]
    assert len(asked) == 4 + len(Drop().possible_edits("truly"))


@pytest.mark.parametrize("name", ["edits", "beam_width", "most_words"])
def test_numbers_out_of_range(name):
    with pytest.raises(UserError, match=f"{name} 0: give a number from 1 on"):
        Adversary(RandomLoss(), Drop(), **{name: 0})


@pytest.mark.slow
def test_as_brute_force_on_a_hundred_texts(make_encoder, tokenizer, characters):
    random = np.random.default_rng(0)
    words = ["fine", "film", "dull", "in", "the", "Rome", "never", "1996", "story"]
    texts = [" ".join(random.choice(words, size=4)) for _ in range(100)]
    examples = [LabelledText(text, None, "no", line) for line, text in enumerate(texts)]
    keras.utils.set_random_seed(0)
    classifier = charbert_tf.TextClassifier(
        charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        num_classes=2,
        preprocessor=charbert_tf.TextClassifierPreprocessor(tokenizer, characters),
        labels=["no", "yes"],
    )
    for weight in classifier.trainable_weights:
        if weight.path.startswith("logits"):
            weight.assign(20 * weight)

    @tf.function(input_signature=[tf.TensorSpec([1], tf.string)])
    def log_probabilities(text):
        features = classifier.preprocessor(text)
        return tf.nn.log_softmax(classifier(features, training=False)[0])

    attack = get_attack("drop+swap")
    loss = ModelLoss(ClassificationTask("sentence", "label"), classifier)
    results = list(Adversary(loss, attack).worst_versions(examples))
    for text, result in zip(texts, results, strict=True):
        scored = {
            of[0]: -float(log_probabilities(tf.constant(of))[0])
            for of in brute_force([text], attack, 1)
        }
        assert result.clean_loss == pytest.approx(scored[text], abs=1e-5)
        assert result.loss == pytest.approx(max(scored.values()), abs=1e-5)
        assert result.example.text == max(scored, key=scored.get)
    assert sum(len(result.edits) for result in results) > 90
