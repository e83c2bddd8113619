"""ModelLoss: what training minimises, for each example as if it were alone."""

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.attacks import Split, get_attack
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.adversary import Adversary
from charbert_tf.robustness.losses import ModelLoss
from charbert_tf.training.objective import CrossEntropy

CONTEXT = "He sat in Rome. " + "It was a dull day. " * 3 + "They saw a film in Bonn"
PAIRS = [
    LabelledText("a fine film", "is it", "no", 1),
    LabelledText("dull", "a fine day in Rome", "yes", 2),
]
SENTENCES = [
    TaggedSentence(("Rome", "is", "fine"), ("I-LOC", "O", "O"), 1),
    # More words than the model takes at once.
    TaggedSentence(("in", "Rome") * 20, ("O", "I-LOC") * 20, 1),
    TaggedSentence(("fine",), ("O",), 1),
]
QUESTIONS = [
    Question("1", "Where?", CONTEXT, (Answer("Rome", 10),)),
    Question("2", "who?", "In Oslo.", ()),
    Question("3", "film?", CONTEXT, (Answer("Bonn", CONTEXT.index("Bonn")),)),
]
CASES = {
    "pairs": (
        ClassificationTask("a", "b"),
        charbert_tf.TextClassifier,
        charbert_tf.TextClassifierPreprocessor,
        PAIRS,
        ["no", "yes"],
    ),
    "tagging": (
        TaggingTask(),
        charbert_tf.TokenClassifier,
        charbert_tf.TokenClassifierPreprocessor,
        SENTENCES,
        ["O", "B-LOC", "I-LOC"],
    ),
    "questions": (
        QuestionAnsweringTask(doc_stride=16),
        charbert_tf.QuestionAnswerer,
        charbert_tf.QuestionAnswererPreprocessor,
        QUESTIONS,
        [],
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        "tagging",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("pairs", "questions")),
    ],
)
@pytest.mark.slow
def test_as_training_has_it(make_encoder, tokenizer, characters, name):
    task, model_cls, preprocessor_cls, examples, labels = CASES[name]
    keras.utils.set_random_seed(0)
    model = model_cls(
        charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        preprocessor=preprocessor_cls(tokenizer, characters, sequence_length=32),
        **task.head.arguments(labels),
    )
    objective = CrossEntropy(model)
    expected = []
    for example in examples:
        (batch,) = task.training_dataset(model, [example], 32, epochs=1, seed=0)
        terms = objective(batch, training=False).values()
        expected.append(sum(float(term.loss / term.weight) for term in terms))
    loss = ModelLoss(task, model)
    losses = loss(examples)
    assert loss.queries == len(examples)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert len(set(expected)) == len(examples)


@pytest.fixture
def cities_only(make_encoder, tokenizer, characters):
    """The loss of a tagger that has learnt places of one word."""
    model = charbert_tf.TokenClassifier(
        charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        preprocessor=charbert_tf.TokenClassifierPreprocessor(tokenizer, characters),
        **TaggingTask().head.arguments(["O", "B-LOC"]),
    )
    return ModelLoss(TaggingTask(), model, "test.txt")


def test_a_tag_that_the_model_does_not_know(cities_only):
    sentence = TaggedSentence(("Ro", "me"), ("B-LOC", "I-LOC"), 4)
    with pytest.raises(UserError, match=r"test\.txt:5: the tag 'I-LOC' is not in "):
        cities_only([sentence])


# IOB2, and IOB1 of the same spans.
@pytest.mark.parametrize("tag", ["B-LOC", "I-LOC"])
@pytest.mark.sampled(2)
def test_a_tag_that_an_attack_makes(cities_only, tag):
    first = TaggedSentence(("that", "film"), ("O", "O"), 1)
    sentence = TaggedSentence(("in", "Rome"), ("O", tag), 3)
    message = (
        "^the attack 'split' makes the tag 'I-LOC' of 'B-LOC', which the model has not "
        "learnt: leave split out, or train with it$"
    )
    for attack in (get_attack("split"), get_attack("drop+split")):
        with pytest.raises(UserError, match=message):
            list(Adversary(cities_only, attack).worst_versions([first, sentence]))
    # The first sentence was not searched either.
    assert cities_only.queries == 0
    # Nothing makes such a tag where the word stays whole.
    for attack in (Split(minimum_length=5), Split(protected_words=["rome"])):
        list(Adversary(cities_only, attack).worst_versions([sentence]))
    assert cities_only.queries == 2
    list(Adversary(cities_only, get_attack("drop")).worst_versions([sentence]))
    list(Adversary(cities_only, Split()).worst_versions([first]))
    # The clean ones, two drops of "Rome", six splits of two words.
    assert cities_only.queries == 2 + 1 + 2 + 1 + 6
