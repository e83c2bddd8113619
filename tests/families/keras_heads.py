"""Tiny heads of every kind on a CharBERT and on a plain encoder, and what they take."""

import keras
import numpy as np
import tensorflow as tf

import charbert_tf

TEXTS = ["The fine film.", "dull", "It was not a dull film", "a very fine one"]
WORDS = [text.split() for text in TEXTS]
LABELS = ["bad", "fine", "good"]
HEADS = [
    *("TextClassifier", "TokenClassifier", "QuestionAnswerer", "SentenceEmbedder"),
    "Pretrainer",
]
ENCODERS = ["CharBERT", "BERT"]
NAMES = [f"{head} on {encoder}" for head in HEADS for encoder in ENCODERS]

INPUTS = {
    "TextClassifier": TEXTS,
    "TokenClassifier": WORDS,
    "QuestionAnswerer": {"question": ["What was it?"] * 4, "context": TEXTS},
    "SentenceEmbedder": {"sentence1": TEXTS, "sentence2": TEXTS[::-1]},
    "Pretrainer": TEXTS,
}
TARGETS = {
    "TextClassifier": ["good", "bad", "bad", "fine"],
    "TokenClassifier": [[LABELS[len(word) % 3] for word in row] for row in WORDS],
    "QuestionAnswerer": ["film", "dull", "", "very fine"],
    "SentenceEmbedder": [1.0, 0.5, 0.5, 0.0],
    "Pretrainer": None,
}


def make_head(name, tokenizer, characters, words, **arguments):
    """Makes a head by its name, with random weights, biases too."""
    head, _, encoder = name.partition(" on ")
    backbone = charbert_tf.BertEncoder(tokenizer.vocabulary_size(), 1, 2, 8, 16)
    has_characters = encoder == "CharBERT"
    if has_characters:
        backbone = charbert_tf.CharBertBackbone(backbone, len(characters), 6)
    cls = getattr(charbert_tf, head)
    of_preprocessor = {"characters": characters if has_characters else None}
    if head == "Pretrainer":
        of_preprocessor["words"] = words if has_characters else None
        arguments |= {"num_words": len(words)} if has_characters else {}
    elif head == "SentenceEmbedder":
        arguments = {"projection_dim": 5, **arguments}
    elif head != "QuestionAnswerer":
        arguments = {"num_classes": 3, "labels": LABELS, **arguments}
    preprocessor = cls.preprocessor_cls(
        tokenizer, sequence_length=16, **of_preprocessor
    )
    return randomized(cls(backbone, preprocessor=preprocessor, **arguments))


def randomized(model):
    """Far from the initial weights, whose zeros and small numbers hide mistakes."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def without_dropout(model):
    """Keras does not save its seeds: another process draws others."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return model


def predictions(model):
    """What a head predicts for its texts, by the names of its outputs."""
    outputs = model.predict(INPUTS[type(model).__name__], verbose=0)
    return outputs if isinstance(outputs, dict) else {"outputs": outputs}


def assert_same(actual, expected, tolerance=1e-5):
    assert actual.keys() == expected.keys()
    for name in expected:
        np.testing.assert_allclose(
            actual[name], expected[name], rtol=0, atol=tolerance, err_msg=name
        )


def fit(model, **arguments):
    """Two epochs on lists of text."""
    name = type(model).__name__
    targets = () if TARGETS[name] is None else (TARGETS[name],)
    tf.keras.utils.set_random_seed(0)
    return model.fit(INPUTS[name], *targets, epochs=2, verbose=0, **arguments)
