"""Noise in what heads are trained on: labels stay true, and nothing else is noised."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
import charbert_tf.families
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError
from charbert_tf.noise.noised_texts import NoisedTexts

NOISE = charbert_tf.TrainingNoise(1.0)
WORDS = ["The", "modern", "government", "supports", "travellers"]
TAGGED = [TaggedSentence((*WORDS,), ("O", "O", "B-ORG", "O", "O"), 1)] * 40
CLASSIFIED = [LabelledText(" ".join(WORDS), "Right, travellers?", "yes", 1)] * 40
CONTEXT = "The modern government supports travellers who wander through Bohemia."
ASKED = [
    Question(str(n), "Which government?", CONTEXT, (Answer(word, CONTEXT.index(word)),))
    for n, word in enumerate(["modern", "travellers", "Bohemia"] * 20)
]


@pytest.fixture(scope="module")
def make_model(tokenizer, characters, make_encoder):
    def make(head_cls, **arguments):
        backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters), 8)
        options = {"num_classes": 2} if head_cls.__name__ != "QuestionAnswerer" else {}
        preprocessor = head_cls.preprocessor_cls(tokenizer, characters, **arguments)
        return head_cls(backbone, preprocessor=preprocessor, **options)

    return make


def dataset(task, model, examples, labels, epochs=2):
    model.labels = labels
    return task.training_dataset(model, examples, 8, epochs=epochs, seed=0)


def texts(preprocessor, features):
    """What the features show, a list of tokens for each row."""
    names = np.array(preprocessor.tokenizer.get_vocabulary())
    return [
        [name.removeprefix("##") for name in names[row[row > 0]]]
        for row in features["token_ids"].numpy()
    ]


def test_tags_stay_with_their_words(make_model):
    model = make_model(charbert_tf.TokenClassifier, training_noise=NOISE)
    seen = set()
    for features, tags, weights in dataset(
        TaggingTask(), model, TAGGED, ["O", "B-ORG"]
    ):
        for row, of_row, weight, ends in zip(
            texts(model.preprocessor, features),
            tags.numpy(),
            weights.numpy(),
            features["padding_mask"].numpy().sum(axis=1),
            strict=True,
        ):
            assert weight.sum() == len(WORDS)
            (first,) = np.flatnonzero(of_row)
            starts = [*np.flatnonzero(weight), ends - 1]
            word = "".join(row[first : starts[starts.index(first) + 1]])
            assert word[0] == "g"
            assert word[-1] == "t"
            seen.add(word)
    # Of 40 sentences in two epochs: there are some 300 typos of a word.
    assert len(seen) > 40
    assert "government" not in seen


@pytest.mark.slow
def test_both_texts_of_a_pair_are_noised_and_the_label_stays(make_model):
    model = make_model(charbert_tf.TextClassifier, training_noise=NOISE)
    seen = []
    for features, labels, _ in dataset(
        ClassificationTask(0, 2, 1), model, CLASSIFIED, ["no", "yes"]
    ):
        assert (labels.numpy() == 1).all()
        for row in texts(model.preprocessor, features):
            first, second = "".join(row[1:-1]).split("[SEP]")
            assert first.startswith("The")
            assert second[0] == "R"
            assert second[-1] == "?"
            seen.append((first, second))
    assert len(set(seen)) > 70
    assert not {"".join(WORDS)} & {first for first, _ in seen}


@pytest.mark.slow
@pytest.mark.parametrize("sequence_length", [128, 40])
def test_answers_are_where_their_words_are(make_model, sequence_length):
    model = make_model(
        charbert_tf.QuestionAnswerer,
        training_noise=NOISE,
        sequence_length=sequence_length,
    )
    task = QuestionAnsweringTask("1.1", doc_stride=8)
    found = []
    for features, labels, _ in dataset(task, model, ASKED, []):
        starts, ends = (labels[f"{end}_logits"].numpy() for end in ("start", "end"))
        rows = texts(model.preprocessor, features)
        for row, start, end in zip(rows, starts, ends, strict=True):
            if start:
                found.append("".join(row[start : end + 1]))
    # The first and the last characters of words stay.
    assert {(word[0], word[-1]) for word in found} == {
        *(("m", "n"), ("t", "s"), ("B", "a"))
    }
    # Typos are in the answers too, or they would be known by having none.
    assert not {"modern", "travellers"} & set(found)
    assert len(set(found)) > 60
    # Each is whole in some window, unless typos make its pieces too many.
    assert len(found) >= 0.8 * 2 * len(ASKED)


def test_places_move_as_in_an_edited_text():
    text = "In Rome, Paris"
    edited = NoisedTexts.of(
        tf.constant([text] * 15),
        lambda words: words.with_values(
            tf.where(words.values == "Rome", "Roomes", words.values)
        ),
    )
    starts = list(range(15))
    moved, _ = edited.moved(tf.constant(starts), tf.constant(starts))
    _, ends = edited.moved(tf.constant(starts), tf.constant(starts))
    # All of the edited word is taken in.
    assert moved.numpy().tolist() == [*range(4), 3, 3, 3, *range(9, 17)]
    assert ends.numpy().tolist() == [*range(4), 9, 9, 9, *range(9, 17)]


@pytest.mark.slow
def test_a_restart_draws_the_same(make_model, tmp_path):
    model = make_model(charbert_tf.TokenClassifier, training_noise=NOISE)
    every = dataset(TaggingTask(), model, TAGGED, ["O", "B-ORG"])
    expected = [features["token_ids"].numpy() for features, *_ in every]
    first, second = iter(every), iter(every)
    for _ in range(4):
        next(first)
    path = tf.train.Checkpoint(batches=first).write(str(tmp_path / "state"))
    tf.train.Checkpoint(batches=second).read(path).assert_consumed()
    rest = [features["token_ids"].numpy() for features, *_ in second]
    assert len(rest) == len(expected) - 4
    for before, after in zip(expected[4:], rest, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.slow
def test_nothing_but_training_is_noised(make_model):
    clean, noisy = (
        make_model(charbert_tf.TextClassifier, training_noise=noise)
        for noise in (None, NOISE)
    )
    noisy.set_weights(clean.get_weights())
    inputs = [" ".join(WORDS)] * 3
    np.testing.assert_array_equal(clean.predict(inputs), noisy.predict(inputs))
    for model in (clean, noisy):
        model.compile()
    labels = np.array([1, 0, 1])
    assert clean.evaluate(inputs, labels) == noisy.evaluate(inputs, labels)


@pytest.mark.slow
def test_fit_draws_anew_in_each_epoch(make_model):
    model = make_model(charbert_tf.TextClassifier, training_noise=NOISE)
    seen = []
    before = model.preprocessor.call

    def call(x, **labels):
        # Noise leaves a tuple of segments.
        texts = x[0] if isinstance(x, tuple) else x
        tf.py_function(lambda batch: seen.append(batch.numpy()), [texts], [])
        return before(x, **labels)

    inputs, labels = [" ".join(WORDS)] * 8, [0, 1] * 4

    def fit():
        seen.clear()
        keras.utils.set_random_seed(5)
        model.compile()
        model.fit(x=inputs, y=labels, batch_size=4, epochs=3, verbose=0)
        return [text.decode() for batch in seen for text in batch]

    model.preprocessor.call = call
    texts = fit()
    assert len(texts) == 24
    assert len(set(texts)) > 20
    assert " ".join(WORDS) not in texts
    # The same seed gives the same; batches may be made in another order.
    assert sorted(fit()) == sorted(texts)
    seen.clear()
    model.fit(x=inputs, y=labels, shuffle=False, validation_split=0.25, verbose=0)
    # Rows that are kept for validation are not noised.
    assert " ".join(WORDS) in [text.decode() for batch in seen for text in batch]


def test_it_stays_with_the_model(make_model, tmp_path):
    noise = charbert_tf.TrainingNoise((0.2, 0.9), ["mix", "capitals"], 0.1)
    make_model(
        charbert_tf.TextClassifier, training_noise=noise, lowercase_characters=True
    ).save_to_preset(str(tmp_path))
    again = charbert_tf.TextClassifierPreprocessor.from_preset(str(tmp_path))
    assert again.training_noise.get_config() == noise.get_config()
    assert again.lowercase_characters
    # Another task's has its own noise, and reads the same characters.
    other = charbert_tf.TokenClassifierPreprocessor.from_preset(str(tmp_path))
    assert other.training_noise is None
    assert other.lowercase_characters


def test_characters_in_small_letters(tokenizer, characters):
    kept, folded = (
        charbert_tf.TextClassifierPreprocessor(
            tokenizer, characters, lowercase_characters=lowercase
        )
        for lowercase in (False, True)
    )
    # Each letter is a subword, whatever its case.
    upper, small = ["T H E N"], ["t h e n"]
    as_folded = folded(upper)["char_ids"].numpy()
    np.testing.assert_array_equal(as_folded, kept(small)["char_ids"])
    np.testing.assert_array_equal(folded(small)["char_ids"], kept(small)["char_ids"])


def test_noise_is_refused_where_there_is_none(make_model, tokenizer, characters):
    """At once and in one line, not out of a dataset's graph."""
    pairs = {"anchor": WORDS, "positive": WORDS[::-1]}
    preprocessor = charbert_tf.SentenceEmbedderPreprocessor(
        tokenizer, characters, training_noise=NOISE
    )
    backbone = make_model(charbert_tf.TextClassifier).backbone
    embedder = charbert_tf.SentenceEmbedder(backbone, preprocessor)
    message = "^SentenceEmbedderPreprocessor has no noise in training: make it without"
    for x in (pairs, tf.data.Dataset.from_tensors(pairs), WORDS):
        with pytest.raises(NotImplementedError, match=message):
            embedder.fit(x)
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, characters, ["the", "<unk>"], training_noise=NOISE
    )
    pretrainer = charbert_tf.Pretrainer(backbone, 2, preprocessor)
    with pytest.raises(NotImplementedError, match=r"^PretrainerPreprocessor has no"):
        pretrainer.fit(WORDS)


def test_a_command_refuses_noise_where_there_is_none(make_model, tmp_path):
    make_model(charbert_tf.TextClassifier).save_to_preset(str(tmp_path))
    task = charbert_tf.families.find_task("embedding").make()
    with pytest.raises(UserError, match=r"^SentenceEmbedderPreprocessor has no noise"):
        task.make_model(str(tmp_path), [], 16, training_noise=NOISE)
