"""What stands on a DistilBERT and on an ELECTRA, plain or inside of a CharBERT."""

import keras
import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.encoders.encoder_contract import embeddings_output
from charbert_tf.export.served_model import ServedModel
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.pretraining.char_encoder_warm_start import CharEncoderWarmStart

ENCODERS = {
    "DistilBert": charbert_tf.DistilBertEncoder,
    "Electra": charbert_tf.ElectraEncoder,
}
TEXTS = ["The fine film.", "dull", "It was not a dull film, and not too long"]
TAGS = ["O", "B-X", "I-X"]


@pytest.fixture(scope="module")
def make(word_pieces, characters):
    """Makes an encoder with random weights, alone or in a CharBERT."""

    def make(name, has_characters):
        keras.utils.set_random_seed(0)
        options = {"embedding_dim": 8} if name == "Electra" else {}
        encoder = ENCODERS[name](
            len(word_pieces), 2, 2, 16, 32, max_sequence_length=48, **options
        )
        if has_characters:
            encoder = charbert_tf.CharBertBackbone(encoder, len(characters), 8)
        rng = np.random.default_rng(0)
        for weight in encoder.weights:
            weight.assign(weight + rng.normal(0, 0.2, weight.shape))
        return encoder

    return make


@pytest.fixture(scope="module")
def charberts(make):
    return {name: make(name, True) for name in ENCODERS}


@pytest.fixture(scope="module")
def features(tokenizer, characters):
    return charbert_tf.TextClassifierPreprocessor(tokenizer, characters, 48)(
        (TEXTS, TEXTS[::-1])
    )


@pytest.mark.parametrize("name", ENCODERS)
def test_the_channels_meet_after_every_layer(charberts, features, name):
    """The same as both channels through the encoder one by one."""
    backbone = charberts[name]
    encoder, mask = backbone.encoder, features["padding_mask"]
    given = {key: features[key] for key in encoder.input}
    # An encoder of its own, so that the embeddings are not those of the backbone.
    embed = keras.Model(encoder.input, embeddings_output(encoder))
    tokens = embed(given)
    assert tokens.shape[-1] == encoder.hidden_dim
    characters = backbone.char_encoder(
        *(features[key] for key in ("char_ids", "char_starts", "char_ends")), mask
    )
    for layer in encoder.transformer_layers:
        tokens = layer(tokens, padding_mask=mask)
        characters = layer(characters, padding_mask=mask)
        tokens, characters = backbone.heterogeneous_interaction(
            tokens, characters, padding_mask=mask
        )
    outputs = backbone(features)
    assert set(outputs) == {"sequence_output", "char_sequence_output"}
    real = np.array(mask, bool)
    for actual, expected in (
        (outputs["sequence_output"], tokens),
        (outputs["char_sequence_output"], characters),
    ):
        actual, expected = np.array(actual)[real], np.array(expected)[real]
        np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)
    # What the tokens become without characters is something else.
    plain = np.array(
        encoder(features if name == "DistilBert" else given)["sequence_output"]
    )
    assert np.abs(plain - np.array(outputs["sequence_output"]))[real].max() > 0.1


@pytest.mark.parametrize("name", ENCODERS)
def test_more_features_than_a_model_takes_change_nothing(make, features, name):
    """Keras alone would take segments for tokens."""
    encoder = make(name, False)
    given = {key: features[key] for key in encoder.input}
    for more in (features, dict(sorted(features.items(), reverse=True))):
        classifier = charbert_tf.TextClassifier(encoder, num_classes=2)
        np.testing.assert_array_equal(classifier(more), classifier(given))
        if name == "DistilBert":
            np.testing.assert_array_equal(
                encoder(more)["sequence_output"], encoder(given)["sequence_output"]
            )


WITH_AND_WITHOUT = pytest.mark.parametrize(
    "has_characters", [True, False], ids=["CharBERT", "plain"]
)


@WITH_AND_WITHOUT
@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.sampled(2)
def test_pretraining_reaches_every_weight(
    make, tokenizer, characters, words, name, has_characters
):
    backbone = make(name, has_characters)
    pretrainer = charbert_tf.Pretrainer(
        backbone,
        len(words) if has_characters else None,
        charbert_tf.PretrainerPreprocessor(
            tokenizer,
            characters if has_characters else None,
            words if has_characters else None,
            noise_rate=0.6,
            mask_rate=0.3,
            sequence_length=48,
        ),
    )
    features, labels, weights = pretrainer.preprocessor(tf.constant(TEXTS))
    assert all(np.sum(weight) > 1 for weight in weights.values())
    assert_learns(pretrainer, features, labels, weights)
    if has_characters:
        warm_start = CharEncoderWarmStart(pretrainer)
        terms = warm_start(warm_start.preprocessor(tf.constant(TEXTS)), training=False)
        assert all(
            np.isfinite(term.loss) and term.weight > 0 for term in terms.values()
        )


def assert_learns(model, features, labels, weights=None):
    """One step along the gradient, which reaches every weight, lowers the loss."""

    def loss():
        logits = model(features, training=False)
        logits = logits if isinstance(logits, dict) else {"logits": logits}
        return sum(
            tf.reduce_sum(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels[key], of)
                * (1.0 if weights is None else weights[key])
            )
            for key, of in logits.items()
        )

    with tf.GradientTape() as tape:
        before = loss()
    variables = [weight.value for weight in model.trainable_variables]
    gradients = tape.gradient(before, variables)
    assert all(gradient is not None for gradient in gradients)
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
    size = tf.linalg.global_norm(gradients)
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(1e-2 * gradient / size)
    assert loss() < before


def put_on(head, backbone, tokenizer, characters):
    """A head with its preprocessor, and the strings that it is asked, by name."""
    cls = getattr(charbert_tf, head)
    has_characters = isinstance(backbone, charbert_tf.CharBertBackbone)
    preprocessor = cls.preprocessor_cls(
        tokenizer, characters if has_characters else None, sequence_length=48
    )
    if head == "QuestionAnswerer":
        asked = {"question": ["What comes first?"] * len(TEXTS), "context": TEXTS}
        return cls(backbone, preprocessor), asked
    return cls(backbone, 3, preprocessor, labels=TAGS), {"text": TEXTS}


@WITH_AND_WITHOUT
@pytest.mark.parametrize(
    "head", ["TokenClassifier", "TextClassifier", "QuestionAnswerer"]
)
@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.sampled(4)
def test_a_head_learns_and_a_preset_keeps_it(
    make, tokenizer, characters, name, head, has_characters, tmp_path
):
    model, asked = put_on(head, make(name, has_characters), tokenizer, characters)
    strings = tuple(asked.values())
    if head == "TokenClassifier":
        strings = tf.ragged.constant([text.split() for text in TEXTS])
    elif head == "TextClassifier":
        (strings,) = strings
    features = model.preprocessor(strings)
    logits = model(features)
    labels = tf.nest.map_structure(
        lambda of: tf.zeros(of.shape[: 1 if "Question" in head else -1], tf.int32),
        logits if isinstance(logits, dict) else {"logits": logits},
    )
    assert_learns(model, features, labels)
    model.save_to_preset(tmp_path)
    again = type(model).from_preset(str(tmp_path))
    encoder = getattr(again.backbone, "encoder", again.backbone)
    assert type(encoder) is ENCODERS[name]
    actual, expected = again(again.preprocessor(strings)), model(features)
    for of, wanted in zip(
        tf.nest.flatten(actual), tf.nest.flatten(expected), strict=True
    ):
        np.testing.assert_allclose(of, wanted, atol=1e-6, rtol=0)
    backbone = keras_nlp.models.Backbone.from_preset(str(tmp_path))
    assert type(backbone) is type(model.backbone)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("DistilBert", "TokenClassifier"),
        pytest.param("DistilBert", "TextClassifier", marks=pytest.mark.slow),
        pytest.param("DistilBert", "QuestionAnswerer", marks=pytest.mark.slow),
        pytest.param("Electra", "TokenClassifier", marks=pytest.mark.slow),
        pytest.param("Electra", "TextClassifier", marks=pytest.mark.slow),
        pytest.param("Electra", "QuestionAnswerer", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_a_saved_model_answers_raw_text(
    charberts, tokenizer, characters, name, head, tmp_path
):
    model, asked = put_on(head, charberts[name], tokenizer, characters)
    texts = (tf.constant(texts) for texts in asked.values())
    expected = model.signature_cls(model).predict(*texts)
    ServingModule.of(model).export(tmp_path / "saved")
    served = ServedModel(str(tmp_path / "saved"))(**asked)
    assert served.keys() == expected.keys()
    for output, values in expected.items():
        if values.dtype == tf.string:
            values = np.char.decode(values.numpy().astype("S"), "utf-8")
            np.testing.assert_array_equal(served[output], values)
        else:
            np.testing.assert_allclose(served[output], values, atol=1e-5)
