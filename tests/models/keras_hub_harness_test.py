"""keras-hub's own test harness, run on every class that this library registers.

`keras_hub.src.tests.test_case.TestCase` is what keras-hub holds its models against:
configurations that give the same object, eager and compiled calls, precisions,
quantisation, unbatched and batched `tf.data` and grain pipelines, `fit` and `predict`.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras_hub.src.tests.test_case import TestCase

import charbert_tf
import charbert_tf.keras_registration
from charbert_tf.encoders.embedding import Embedding, ReversibleEmbedding
from charbert_tf.encoders.transformer_encoder import TransformerEncoder
from charbert_tf.models.language_model_head import MaskedLMHead

TEXTS = ["The fine film.", "dull", "It was not a dull film", "a very fine one"]
WORDS = [text.split() for text in TEXTS]
TAGS = [[len(word) % 3 for word in row] for row in WORDS]
LENGTH = 12
TOKENS = np.array([[2, 17, 18, 3, 0], [2, 19, 3, 0, 0]])
CHARACTERS = {
    "char_ids": np.array([[0, 0, 7, 8, 0, 9, 0, 0, 0], [0, 0, 7, 0, 0, 0, 0, 0, 0]]),
    "char_starts": np.array([[0, 2, 5, 7, 8], [0, 2, 4, 8, 8]]),
    "char_ends": np.array([[0, 3, 5, 7, 8], [0, 2, 4, 8, 8]]),
}
FEATURES = {
    "token_ids": TOKENS,
    "segment_ids": np.zeros_like(TOKENS),
    "padding_mask": (TOKENS > 0).astype("int32"),
    **CHARACTERS,
}
PLAIN = ("token_ids", "segment_ids", "padding_mask")
SIZES = {
    "vocabulary_size": 40,
    "num_layers": 1,
    "num_heads": 2,
    "hidden_dim": 8,
    "intermediate_dim": 16,
    "max_sequence_length": 16,
}


@pytest.fixture
def harness():
    return TestCase("run_backbone_test")


def tensors(arrays):
    return keras.tree.map_structure(keras.ops.convert_to_tensor, arrays)


def of_encoder(encoder):
    """The features that it takes."""
    return tensors({name: FEATURES[name] for name in PLAIN if name in encoder.input})


ENCODERS = {
    "bert": charbert_tf.BertEncoder,
    "roberta": charbert_tf.RobertaEncoder,
    "distilbert": charbert_tf.DistilBertEncoder,
    "electra": charbert_tf.ElectraEncoder,
}
FURTHER_SIZES = {"electra": {"embedding_dim": 4}}


def make_encoder(kind, **sizes):
    return ENCODERS[kind](**{**SIZES, **FURTHER_SIZES.get(kind, {}), **sizes})


def quick(names, *quick_ones):
    """Those that `make test` runs; the others are run with `make slow`."""
    return [n if n in quick_ones else pytest.param(n, marks=SLOW) for n in names]


SLOW = pytest.mark.slow


def shapes_of(encoder, prefixes=("",)):
    has_pooler = "pooled_output" in encoder.output
    return {
        f"{prefix}{name}": shape
        for prefix in prefixes
        for name, shape in (("sequence_output", (2, 5, 8)), ("pooled_output", (2, 8)))
        if has_pooler or name == "sequence_output"
    }


@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.sampled(4)
def test_an_encoder(harness, kind):
    encoder = make_encoder(kind)
    arguments = {**SIZES, **FURTHER_SIZES.get(kind, {})}
    inputs = of_encoder(encoder)
    harness.run_backbone_test(
        ENCODERS[kind],
        arguments,
        input_data=inputs,
        expected_output_shape=shapes_of(encoder),
    )
    harness.run_model_saving_test(ENCODERS[kind], arguments, inputs)


@pytest.mark.parametrize("interaction", quick(["paper", "released"], "paper"))
@pytest.mark.parametrize("kind", quick(ENCODERS, "bert"))
def test_a_charbert(harness, kind, interaction):
    encoder = make_encoder(kind)
    inputs = {**of_encoder(encoder), **tensors(CHARACTERS)}
    cut = {name: inputs[name][:, :4] for name in inputs if name != "char_ids"}
    arguments = {
        "encoder": encoder,
        "num_characters": 20,
        "char_embedding_dim": 6,
        "interaction": interaction,
    }
    harness.run_backbone_test(
        charbert_tf.CharBertBackbone,
        arguments,
        input_data=inputs,
        expected_output_shape=shapes_of(encoder, ("", "char_")),
        variable_length_data=[{**cut, "char_ids": inputs["char_ids"]}],
    )
    arguments["encoder"] = make_encoder(kind)
    harness.run_model_saving_test(charbert_tf.CharBertBackbone, arguments, inputs)


def test_a_word_recognizer(harness):
    arguments = {
        "words": ["the", "film", "<unk>"],
        "characters": ["f", "<unk>"],
        "hidden_dim": 4,
    }
    inputs = tensors(
        {
            "semi_characters": np.ones((2, 5, 6), "float32"),
            "padding_mask": FEATURES["padding_mask"],
        }
    )
    harness.run_backbone_test(
        charbert_tf.WordRecognizer,
        arguments,
        input_data=inputs,
        expected_output_shape=(2, 5, 3),
    )
    harness.run_model_saving_test(charbert_tf.WordRecognizer, arguments, inputs)


VECTORS = np.random.default_rng(0).normal(size=(2, 5, 8)).astype("float32")
LAYERS = {
    "CharEncoder": (
        charbert_tf.CharEncoder,
        {"num_characters": 20, "hidden_dim": 8, "char_embedding_dim": 6},
        {**CHARACTERS, "padding_mask": FEATURES["padding_mask"]},
        (2, 5, 8),
        7,
    ),
    "HeterogeneousInteraction paper": (
        charbert_tf.HeterogeneousInteraction,
        {"hidden_dim": 8},
        {
            "tokens": VECTORS,
            "characters": VECTORS[::-1],
            "padding_mask": FEATURES["padding_mask"],
        },
        ((2, 5, 8), (2, 5, 8)),
        14,
    ),
    "HeterogeneousInteraction released": (
        charbert_tf.HeterogeneousInteraction,
        {"hidden_dim": 8, "interaction": "released", "mask_padding": False},
        {
            "tokens": VECTORS,
            "characters": VECTORS[::-1],
            "padding_mask": FEATURES["padding_mask"],
        },
        ((2, 5, 8), (2, 5, 8)),
        8,
    ),
    "TransformerEncoder": (
        TransformerEncoder,
        {"intermediate_dim": 16, "num_heads": 2, "attention_dropout": 0.2},
        VECTORS,
        (2, 5, 8),
        16,
    ),
    "Embedding": (
        Embedding,
        {"input_dim": 40, "output_dim": 8},
        TOKENS,
        (2, 5, 8),
        1,
    ),
    "ReversibleEmbedding": (
        ReversibleEmbedding,
        {"input_dim": 40, "output_dim": 8},
        TOKENS,
        (2, 5, 8),
        1,
    ),
    "MaskedLMHead": (
        MaskedLMHead,
        {"vocabulary_size": 9},
        {"inputs": VECTORS, "mask_positions": np.array([[1, 3], [2, 0]])},
        (2, 2, 9),
        6,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.sampled(3)
def test_a_layer(harness, name):
    cls, arguments, inputs, shape, weights = LAYERS[name]
    inputs = tensors(inputs)
    harness.run_layer_test(
        cls,
        arguments,
        inputs,
        expected_output_shape=shape,
        expected_num_trainable_weights=weights,
        # Seeds: of each GRU, and of a dropout.
        expected_num_non_trainable_variables={
            "CharEncoder": 2,
            "TransformerEncoder": 1,
        }.get(name, 0),
        # Logits are float32 whatever the policy: tests/models/every_model_test.py.
        run_precision_checks=name != "MaskedLMHead",
    )


def ragged(rows, dtype):
    return tf.ragged.constant(rows, dtype)


HEADS = {
    "TextClassifier": (
        charbert_tf.TextClassifier,
        {"num_classes": 3},
        (TEXTS, [0, 1, 2, 0]),
        (4, 3),
    ),
    "TextClassifier of pairs": (
        charbert_tf.TextClassifier,
        {"num_classes": 2, "activation": "softmax"},
        ((TEXTS, TEXTS[::-1]), [0, 1, 1, 0]),
        (4, 2),
    ),
    "TokenClassifier": (
        charbert_tf.TokenClassifier,
        {"num_classes": 3},
        (ragged(WORDS, tf.string), ragged(TAGS, tf.int32)),
        (4, LENGTH, 3),
    ),
    "QuestionAnswerer": (
        charbert_tf.QuestionAnswerer,
        {},
        ((["What?"] * 4, TEXTS), ([0, 0, 3, -1], [3, 4, 6, -1])),
        {"start_logits": (4, LENGTH), "end_logits": (4, LENGTH)},
    ),
    "SentenceEmbedder": (
        charbert_tf.SentenceEmbedder,
        {"projection_dim": 5},
        ((TEXTS, TEXTS[::-1]), [1.0, 0.5, 0.5, 0.0]),
        (4, 2, 5),
    ),
    "Pretrainer": (charbert_tf.Pretrainer, {"num_words": 14}, (TEXTS,), None),
}
BACKBONES = [f"{around}{kind}" for around in ("charbert_", "") for kind in ENCODERS]
# DistilBERT's with segment_ids, of which a model takes no notice, would have other
# features than the model has inputs.
TOKENIZERS = {"distilbert": "roberta", "electra": "bert"}


@pytest.fixture(scope="module")
def preprocessor_arguments(tokenizers, characters, words):
    def arguments(head, backbone):
        kind = backbone.removeprefix("charbert_")
        made = {
            "tokenizer": tokenizers[TOKENIZERS.get(kind, kind)],
            "characters": characters if backbone.startswith("charbert") else None,
            "sequence_length": LENGTH,
            "static_shapes": True,
        }
        if head == "Pretrainer":
            made["words"] = words if made["characters"] else None
            made |= {"noise_rate": 0.4, "mask_rate": 0.3}
        return made

    return arguments


@pytest.mark.parametrize(
    "backbone", ["charbert_bert", "charbert_roberta", "bert", "roberta"]
)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.sampled(12)
def test_a_preprocessor(harness, preprocessor_arguments, head, backbone):
    cls, _, data, _ = HEADS[head]
    # Which it asks for by this name.
    harness.init_kwargs = preprocessor_arguments(head, backbone)
    harness.run_preprocessor_test(
        cls.preprocessor_cls,
        harness.init_kwargs,
        data[0] if len(data) == 1 else data,
    )


@pytest.mark.parametrize("backbone", quick(BACKBONES, "charbert_bert"))
@pytest.mark.parametrize("head", quick(HEADS, "TextClassifier"))
def test_a_head(harness, preprocessor_arguments, characters, head, backbone):
    cls, arguments, data, shape = HEADS[head]
    preprocessor = cls.preprocessor_cls(**preprocessor_arguments(head, backbone))
    size = preprocessor.tokenizer.vocabulary_size()
    encoder = make_encoder(
        backbone.removeprefix("charbert_"), vocabulary_size=size, dropout=0.0
    )
    if backbone.startswith("charbert"):
        encoder = charbert_tf.CharBertBackbone(encoder, len(characters), 6)
    else:
        arguments = {n: v for n, v in arguments.items() if n != "num_words"}
    arguments = {"backbone": encoder, "preprocessor": preprocessor, **arguments}
    harness.run_task_test(cls, arguments, train_data=data, expected_output_shape=shape)
    features, *_ = keras.utils.unpack_x_y_sample_weight(preprocessor(*data))
    harness.run_model_saving_test(cls, arguments, features)


def test_every_class_is_here():
    charbert_tf.keras_registration.import_registered_classes()
    registered = {
        cls
        for cls in keras.saving.get_custom_objects().values()
        if isinstance(cls, type)
        and issubclass(cls, keras.Layer)
        and cls.__module__.startswith("charbert_tf.")
    }
    heads = {cls for cls, *_ in HEADS.values()}
    tested = {
        *ENCODERS.values(),
        *(charbert_tf.CharBertBackbone, charbert_tf.WordRecognizer),
        *(cls for cls, *_ in LAYERS.values()),
        *heads,
        *(cls.preprocessor_cls for cls in heads),
    }
    # A tokenizer is no model's layer; tests/text/ compares it with transformers.
    assert registered - tested == {charbert_tf.BertTokenizer}
