"""`fit` on lists: their order, labels that are names, answers that are text."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from tests.families import keras_heads
from tests.families.keras_heads import LABELS, TEXTS


@pytest.mark.slow
def test_labels_with_a_clear_word(make_head, heads):
    model = heads("TextClassifier on BERT")
    with pytest.raises(ValueError, match=f"{', '.join(LABELS)}: 'great'"):
        model.fit(TEXTS, ["good", "great", "bad", "bad"])
    with pytest.raises(ValueError, match="2, 4 rows"):
        model.fit(TEXTS, ["good", "bad"])
    with pytest.raises(ValueError, match="must have a batch axis"):
        model.predict("a text")
    one_hot = np.eye(3)[[2, 0, 0, 1]]
    with pytest.raises(ValueError, match=r"np.argmax\(y, -1\)"):
        model.fit(TEXTS, one_hot)
    with pytest.raises(ValueError, match=r"such as 4.5, as scores have.*num_classes=1"):
        model.fit(TEXTS, [1, 4.5, 0.25, 2])
    trained = make_head("TextClassifier on BERT")
    trained.compile(
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    trained.fit(TEXTS, one_hot, verbose=0)
    tagger = heads("TokenClassifier on BERT")
    dataset = tf.data.Dataset.from_tensors(
        (tf.ragged.constant(keras_heads.WORDS), tf.ragged.constant([["O"]] * 4))
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels that are not in"):
        tagger.evaluate(dataset)
    nameless = make_head("TextClassifier on BERT", labels=None)
    with pytest.raises(ValueError, match="labels="):
        nameless.fit(TEXTS, ["good", "bad", "bad", "bad"])
    answerer = heads("QuestionAnswerer on BERT")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"letter by.*film!"):
        answerer.fit(
            {"question": ["What?"] * 2, "context": TEXTS[:2]}, ["film!", "dull"]
        )
    with pytest.raises(ValueError, match="letter by letter: 'film!'"):
        answerer.preprocessor((["What?"], TEXTS[:1]), ["film!"])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (["a film", float("nan")], [0, 1], "^Row 1 has nan where text is wanted"),
        (
            np.array(["a", np.nan], object),
            [0, 1],
            "^Row 1 has nan where text is wanted",
        ),
        (["a film", 7], [0, 1], "^Row 1 has 7 where text is wanted"),
        (TEXTS[:2], ["good", np.nan], "^Row 1 has nan where text is wanted"),
        (TEXTS[:2], [0, np.nan], "has nan, and the head's 3 classes are 0 to 2"),
        (TEXTS[:2], [0, 3], "has 3, and the head's 3 classes are 0 to 2"),
        (TEXTS[:2], [[0], [-1]], "has -1, and the head's 3 classes are 0 to 2"),
        (
            iter(TEXTS[:2]),
            [0, 1],
            "^A list_iterator has no rows by number: make a list",
        ),
        ({"a film", "dull"}, [0, 1], "^A set has no rows by number: make a list of it"),
        ([], [], "^`x` is empty"),
        ([("a", "pair"), ("one", "more")], [0, 1], "tuple of two lists, "),
        ("a film", [0], "must have a batch axis"),
    ],
)
def test_what_is_no_list_of_texts_and_labels(heads, x, y, message):
    with pytest.raises(ValueError, match=message):
        heads("TextClassifier on BERT").fit(x, y)


def test_tags_that_the_head_does_not_have(heads):
    with pytest.raises(ValueError, match=r"`y` has 9, .* are 0 to"):
        heads("TokenClassifier on BERT").fit([["a", "film"], ["dull"]], [[0, 9], [0]])
    with pytest.raises(ValueError, match=r"^Row 1 has nan where text is wanted"):
        heads("TokenClassifier on BERT").predict([["a"], ["dull", np.nan]])


def test_columns_of_a_table(heads):
    """As `frame[["text"]].to_numpy()` gives them."""
    classifier = heads("TextClassifier on BERT")
    expected = classifier.evaluate(TEXTS, [0, 1, 2, 0], verbose=0)
    texts, labels = [[text] for text in TEXTS], [[0], [1], [2], [0]]
    assert classifier.evaluate(texts, labels, verbose=0) == expected


def test_tuples_are_lists(heads):
    tagger = heads("TokenClassifier on BERT")
    words, tags = keras_heads.WORDS, keras_heads.TARGETS["TokenClassifier"]
    expected = tagger.predict(words, verbose=0)
    actual = tagger.predict(tuple(map(tuple, words)), verbose=0)
    np.testing.assert_array_equal(actual, expected)
    expected = tagger.evaluate(words, tags, verbose=0)
    assert tagger.evaluate(tuple(words), tuple(map(tuple, tags)), verbose=0) == expected
    classifier = heads("TextClassifier on BERT")
    targets = keras_heads.TARGETS["TextClassifier"]
    pairs = (TEXTS, TEXTS[::-1])
    expected = classifier.evaluate(pairs, targets, verbose=0)
    as_tuples = tuple(map(tuple, pairs))
    assert classifier.evaluate(as_tuples, tuple(targets), verbose=0) == expected


def test_answers_are_found_in_characters(heads):
    preprocessor = heads("QuestionAnswerer on CharBERT").preprocessor
    questions = ["What?"] * 4
    contexts = ["a fine, fine film", "é fine", "fine", "日本 film"]
    _, by_text = preprocessor((questions, contexts), ["fine", "fine", "", "film"])
    places = ([2, 2, -1, 3], [6, 6, -1, 7])
    _, by_place = preprocessor((questions, contexts), places)
    for name in by_place:
        np.testing.assert_array_equal(by_text[name], by_place[name])
    assert np.all(by_text["start_logits"] != [0, 0, 1, 0])
    # In a graph, too.
    data = tf.data.Dataset.from_tensor_slices(
        ((questions, contexts), ["fine", "fine", "", "film"])
    )
    _, in_graph = next(iter(data.batch(4).map(preprocessor)))
    np.testing.assert_array_equal(in_graph["end_logits"], by_text["end_logits"])


@pytest.mark.slow
def test_lists_are_shuffled_each_epoch(make_head):
    model = make_head("TextClassifier on BERT")
    seen = []

    class Note(charbert_tf.TextClassifierPreprocessor):
        def call(self, x, y=None, sample_weight=None):
            tf.py_function(lambda ids: seen.append(ids.numpy().tolist()), [y], [])
            return super().call(x, y, sample_weight)

    model.preprocessor = Note(model.preprocessor.tokenizer)
    labels = [0] * 10 + [1] * 10 + [2] * 10
    keras.utils.set_random_seed(0)
    model.fit(["text"] * 30, labels, batch_size=30, epochs=2, verbose=0)
    first, second = seen[-2:]
    assert sorted(first) == sorted(second) == labels
    assert first != labels
    assert first != second
    model.fit(["text"] * 30, labels, batch_size=30, shuffle=False, verbose=0)
    assert seen[-1] == labels
    history = model.fit(
        ["text"] * 30, labels, validation_split=0.2, shuffle=False, verbose=0
    )
    assert seen[-1] == [2] * 6
    assert "val_loss" in history.history


SHORT_TEXTS = ["fine", "the fine film", "in", "fine film"]
OF_ANY_WIDTH = {
    "TokenClassifier": [text.split() for text in SHORT_TEXTS],
    "QuestionAnswerer": {"question": ["in"] * 4, "context": SHORT_TEXTS},
    "Pretrainer": TEXTS,
}


@pytest.mark.parametrize("head", OF_ANY_WIDTH)
def test_batches_of_any_width_make_one_array(heads, head):
    model, inputs = heads(f"{head} on BERT"), OF_ANY_WIDTH[head]
    actual = model.predict(inputs, batch_size=1, verbose=0)
    actual = actual if isinstance(actual, dict) else {"outputs": actual}
    widths = {name: [] for name in actual}
    for row in range(4):
        one = inputs[row : row + 1] if isinstance(inputs, list) else {}
        one = one or {name: texts[row : row + 1] for name, texts in inputs.items()}
        expected = model.predict_on_batch(one)
        expected = expected if isinstance(expected, dict) else {"outputs": expected}
        for name, values in expected.items():
            width = values.shape[1]
            widths[name].append(width)
            np.testing.assert_allclose(actual[name][row, :width], values[0], atol=1e-5)
            padding = -1e4 if head == "QuestionAnswerer" else 0
            assert np.all(actual[name][row, width:] == padding)
    for name, of_rows in widths.items():
        assert actual[name].shape[1] == max(of_rows) > min(of_rows)


def test_what_is_asked_about_is_text(heads):
    tagger = heads("TokenClassifier on BERT")
    with pytest.raises(TypeError, match="Texts are strings, not nan"):
        tagger.tag(["the film", float("nan")])
    with pytest.raises(TypeError, match=r"Texts are strings, not \['the', 'film'\]"):
        tagger.tag([["the", "film"]])
    with pytest.raises(ValueError, match="unicode string"):
        tagger.tag(["half of a pair: \ud83d"])


def test_examples_of_another_kind_are_refused_by_name(heads):
    tagger = heads("TokenClassifier on BERT")
    words, tags = keras_heads.WORDS, keras_heads.TARGETS["TokenClassifier"]
    # As many tags in all, but not in each row.
    moved = [[*tags[0], tags[1][0]], tags[1][1:], *tags[2:]]
    for wrong in (moved, [tags[0][1:], *tags[1:]]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="has to have a tag"):
            tagger.evaluate(words, wrong, verbose=0)
    with pytest.raises(ValueError, match="lists of words, not texts"):
        tagger.evaluate(TEXTS, tags, verbose=0)
    answerer = heads("QuestionAnswerer on BERT")
    with pytest.raises(ValueError, match="'query', 'context': name them 'question'"):
        answerer.evaluate({"query": TEXTS, "context": TEXTS}, TEXTS, verbose=0)


def test_several_labels_are_lists_of_names(make_head):
    head = make_head("TextClassifier on BERT", problem_type="multi_label")
    hot = np.array([[1, 0, 0], [1, 0, 1], [0, 0, 0], [0, 1, 0]], "float32")
    expected = head.evaluate(TEXTS, hot, verbose=0)
    names = [["bad"], ["good", "bad", "bad"], [], ["fine"]]
    assert head.evaluate(TEXTS, names, verbose=0) == expected
    dataset = tf.data.Dataset.from_tensors((TEXTS, tf.ragged.constant(names)))
    assert head.evaluate(dataset, verbose=0) == expected
    # As many for each text is no array of ones and zeros.
    expected = head.evaluate(TEXTS, np.eye(3)[[0, 0, 2, 1]], verbose=0)
    names = [["bad"], ["bad"], ["good"], ["fine"]]
    assert head.evaluate(TEXTS, names, verbose=0) == expected
    with pytest.raises(ValueError, match=r"not in the head's `labels`.*: 'great'"):
        head.fit(TEXTS, [["bad"], ["great"], [], []])
