"""Presets that an earlier commit wrote load, and give what they gave then."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

FOLDER = pathlib.Path(__file__).with_name("legacy_presets")
HEADS = {
    "text_classifier": charbert_tf.TextClassifier,
    "text_pair_classifier": charbert_tf.TextClassifier,
    "token_classifier": charbert_tf.TokenClassifier,
    "question_answerer": charbert_tf.QuestionAnswerer,
    "pretrainer": charbert_tf.Pretrainer,
}
ENCODERS = {
    "text_classifier": [
        *("charbert_bert", "charbert_bert_released", "charbert_roberta"),
        *("charbert_xlm_roberta", "bert", "roberta", "keras_nlp"),
    ],
    "text_pair_classifier": [
        *("charbert_bert", "charbert_roberta", "charbert_keras_nlp"),
        *("bert", "roberta"),
    ],
    "token_classifier": [
        *("charbert_bert", "charbert_roberta", "charbert_roberta_released"),
        *("charbert_xlm_roberta", "bert", "roberta"),
    ],
    "question_answerer": [
        *("charbert_bert", "charbert_bert_released", "charbert_roberta"),
        *("bert", "roberta"),
    ],
    "pretrainer": [
        *("charbert_bert", "charbert_bert_released", "charbert_roberta"),
        *("bert", "roberta"),
    ],
}
PRESETS = [f"{head}-{encoder}" for head, names in ENCODERS.items() for encoder in names]
# Of a head's logits over a vocabulary every eighth was written down, and fewer of a
# full-size one's.
EVERY_EIGHTH = {"mlm_logits": 8}
OF_MANY = {"mlm_logits": 1500, "nlm_logits": 1500}


def recorded(folder, name="expected.json"):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def model_inputs(head, inputs):
    """What was written down as JSON, as a head's preprocessor takes it."""
    if isinstance(head, charbert_tf.TokenClassifier):
        return tf.ragged.constant(inputs, tf.string, ragged_rank=1)
    if isinstance(inputs[0], list):
        return tuple(tf.constant(texts) for texts in inputs)
    return tf.constant(inputs)


def thinned(outputs, steps):
    if not isinstance(outputs, dict):
        return outputs
    return {
        name: values[..., :: steps.get(name, 1)] for name, values in outputs.items()
    }


def assert_same(actual, expected, place="", tolerance=1e-5):
    """Integers are the same, floats as good as the same."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), place
        for name, value in expected.items():
            assert_same(actual[name], value, f"{place}/{name}", tolerance)
    elif isinstance(actual, tuple):
        assert len(actual) == len(expected), place
        for number, value in enumerate(expected):
            assert_same(actual[number], value, f"{place}/{number}", tolerance)
    else:
        actual, expected = np.asarray(actual), np.asarray(expected)
        assert actual.shape == expected.shape, place
        if np.issubdtype(actual.dtype, np.integer):
            np.testing.assert_array_equal(actual, expected, place)
        else:
            np.testing.assert_allclose(
                actual, expected, rtol=0, atol=tolerance, err_msg=place
            )


def assert_head_gives(head, expected, steps, **options):
    made = head.preprocessor(model_inputs(head, expected["inputs"]))
    assert_same(made, expected["preprocessed"], "preprocessed", **options)
    features = made[0] if isinstance(made, tuple) else made
    outputs = thinned(head(features, training=False), steps)
    assert_same(outputs, expected["outputs"], "outputs", **options)


def test_each_preset_is_tried(legacy):
    assert {path.name for path in (legacy / "heads").iterdir()} == set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.sampled(3)
def test_a_head_gives_what_it_gave(legacy, name):
    folder = legacy / "heads" / name
    expected = recorded(folder)
    cls = HEADS[name.split("-")[0]]
    head = cls.from_preset(str(folder / "preset"))
    assert_head_gives(head, expected, EVERY_EIGHTH)
    if isinstance(head, charbert_tf.QuestionAnswerer):
        offsets = head.preprocessor.context_offsets(
            model_inputs(head, expected["inputs"])
        )
        assert_same(offsets, expected["context_offsets"])


def test_a_word_recognizer_gives_what_it_gave(legacy):
    folder = legacy / "word_recognizer"
    expected = recorded(folder)
    recognizer = charbert_tf.WordRecognizer.from_preset(str(folder / "preset"))
    features = {
        name: np.array(values) for name, values in expected["preprocessed"].items()
    }
    assert_same(recognizer(features, training=False), expected["outputs"])
    sentences = expected["inputs"]
    assert recognizer.recognize(sentences) == expected["recognized"]
    for backoff in ("pass_through", "neutral"):
        corrector = charbert_tf.WordCorrector(recognizer, backoff)
        assert corrector.correct(sentences) == expected["corrected"][backoff]


def test_a_vocabulary_folder_gives_what_it_gave(legacy):
    expected = recorded(legacy / "runs" / "expected", "vocabulary.json")
    vocabularies = VocabularyFolder(str(legacy / "runs" / "vocabulary"))
    assert vocabularies.characters() == expected["characters"]
    assert vocabularies.words() == expected["words"]
    preprocessor = charbert_tf.TextClassifierPreprocessor(
        vocabularies.tokenizer(), vocabularies.characters(), sequence_length=32
    )
    made = preprocessor(tf.constant(expected["inputs"]))
    # It has no weights, so its text is BERT's own now; the plain one is what it was.
    plain = [row for row, text in enumerate(expected["inputs"]) if text.isascii()]
    assert plain
    for row in plain:
        assert ids_of(made, row) == ids_of(expected["preprocessed"], row)


def ids_of(features, row):
    """The tokens of a row, without its padding."""
    ids, mask = (
        np.array(features[name])[row] for name in ("token_ids", "padding_mask")
    )
    return ids[mask.astype(bool)].tolist()


@pytest.mark.slow
def test_a_pretrained_charbert_gives_what_it_gave(shared):
    preset = str(shared / "models" / "charbert_minilm")
    expected = recorded(FOLDER, "charbert_minilm.json")
    inputs = expected["inputs"]
    # Twelve layers add up rounding errors.
    of_pretrainer = {"inputs": inputs, **expected["pretrainer"]}
    pretrainer = charbert_tf.Pretrainer.from_preset(preset)
    assert_head_gives(pretrainer, of_pretrainer, OF_MANY, tolerance=1e-4)
    # Another head takes its encoder and its text from it.
    classifier = charbert_tf.TextClassifier.from_preset(preset, num_classes=2)
    made = classifier.preprocessor(tf.constant(inputs))
    of_classifier = expected["text_classifier"]
    assert_same(made, of_classifier["preprocessed"])
    outputs = classifier.backbone(made, training=False)
    outputs = {name: values[..., ::96] for name, values in outputs.items()}
    assert_same(outputs, of_classifier["outputs"], tolerance=1e-4)
