"""PredictionLoss: what is wrong of a prediction, of every family, counted by hand."""

import pytest

from charbert_tf.attacks import Drop
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import (
    Answer,
    PredictedAnswer,
    Question,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.adversary import Adversary
from charbert_tf.robustness.evaluated_model import EvaluatedModel
from charbert_tf.robustness.losses import PredictionLoss


def loss_of(task, labels, *predictions):
    """The loss under a model that predicts the same whatever it is asked."""
    model = EvaluatedModel("model", lambda examples: list(predictions), labels)
    return PredictionLoss(task, model)


def test_labels():
    task = ClassificationTask("text", "label")
    loss = loss_of(task, ["a", "b", "c"], "a", "b", "c")
    examples = [LabelledText("film", None, label, 1) for label in "aac"]
    assert loss(examples).tolist() == [0, 1, 0]
    assert loss.queries == 3


@pytest.mark.parametrize(
    ("true", "losses"),
    [
        # IOB1 and IOB2 of the same spans are the same.
        ([("I-LOC", "O", "O", "I-PER"), ("O",)], [0.25, 0]),
        ([("NN", "VB", "NN", "NN"), ("O",)], [1, 0]),
    ],
)
def test_tags(true, losses):
    labels = sorted(set(true[0]))
    loss = loss_of(TaggingTask(), labels, ["B-LOC", "O", "O", "O"], ["O"])
    sentences = [TaggedSentence(("w",) * len(tags), tags, 1) for tags in true]
    assert loss(sentences).tolist() == losses


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_answers(version):
    context = "Otto sat in New York."
    answers = (Answer("Rome", 0), Answer("New York", 12))
    questions = [Question(name, "Where?", context, answers) for name in "abc"]
    predicted = ["in York", "New York", ""]
    expected = [0.5, 0, 1]
    if version == "2.0":
        questions += [Question(name, "Where?", context, ()) for name in "de"]
        predicted += ["", "York"]
        expected += [0, 1]
    predictions = [PredictedAnswer(text, (), 0.0) for text in predicted]
    loss = loss_of(QuestionAnsweringTask(version), [], *predictions)
    assert loss(questions) == pytest.approx(expected)


def test_an_adversary_of_a_function():
    def predict(sentences):
        return [
            ["B-LOC" if word in ("Rome", "Rom") else "O" for word in sentence.words]
            for sentence in sentences
        ]

    labels = ["O", "B-LOC"]
    loss = PredictionLoss(TaggingTask(), EvaluatedModel("places", predict, labels))
    sentence = TaggedSentence(("Rome", "and", "Rome"), ("B-LOC", "O", "B-LOC"), 1)
    (worst,) = Adversary(loss, Drop(), edits=2).worst_versions([sentence])
    assert (worst.clean_loss, worst.loss) == (0, pytest.approx(2 / 3))
    assert worst.example.words == ("Rme", "and", "Rme")
    # The clean version, the two drops of either word, the two of the other one.
    assert loss.queries == 1 + 4 + 2


def test_functions_that_do_not_predict_for_each_example():
    texts = [LabelledText("film", None, "a", line) for line in (1, 2, 3)]
    for predictions, message in (
        ("ab", "^the model 'model' gives 2 predictions for 3 examples: give one for"),
        ("aaab", "^the model 'model' gives 4 predictions for 3 examples: give one"),
        ("abc", "^the model 'model': the label 'c' is none of 'a', 'b': name"),
    ):
        loss = loss_of(ClassificationTask("text", "label"), ["a", "b"], *predictions)
        with pytest.raises(UserError, match=message):
            loss(texts)
    loss = loss_of(TaggingTask(), ["O", "B-LOC"], ["O"])
    sentence = TaggedSentence(("in", "Rome"), ("O", "B-LOC"), 4)
    message = r"^the model 'model': the sentence 'in Rome' of line 4 has 2 word"
    with pytest.raises(UserError, match=message):
        loss([sentence])


TEXT = LabelledText("film", None, "a", 1)
SENTENCE = TaggedSentence(("in", "Rome"), ("O", "B-LOC"), 4)
QUESTION = Question("q", "Where?", "In Rome.", (Answer("Rome", 3),))


@pytest.mark.parametrize(
    ("task", "example", "answer", "message"),
    [
        (ClassificationTask("text", "label"), TEXT, "a", " gives a str: give a list"),
        (ClassificationTask("text", "label"), TEXT, None, " gives a NoneType: give"),
        (ClassificationTask("text", "label"), TEXT, [1], ": the label 1 is none of"),
        (ClassificationTask("text", "label"), TEXT, [{"label": "a"}], ": the label {"),
        (TaggingTask(), SENTENCE, ["OO"], ": .* gets a str: predict a list of tags$"),
        (TaggingTask(), SENTENCE, [[0, 1]], ": .* gets tags that are no text: predict"),
        (
            TaggingTask(metric="f1"),
            SENTENCE,
            [["O", "S-LOC"]],
            ": the predicted tag 'S-",
        ),
        (QuestionAnsweringTask(), QUESTION, ["Rome"], ": the answer 'Rome' is no Pred"),
    ],
)
def test_functions_that_predict_something_else(task, example, answer, message):
    model = EvaluatedModel("model", lambda examples: answer, ["a", "b"])
    with pytest.raises(UserError, match=f"^the model 'model'{message}"):
        PredictionLoss(task, model)([example])
