"""What every model promises: the backbone in both forms, and each head on CharBERT
and on a plain BERT.
"""

import keras
import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

TEXTS = [
    "The fine film.",
    "dull",
    "It was not a dull film, and it was not too long",
    "a very fine one in the end",
    "the end was DULL!",
    "fine, fine",
    "not in Rome?",
    "it is not",
]
LABELS = [1, 0, 1, 1, 0, 1, 0, 0]
LENGTH = 64
BACKBONES = ["paper", "released"]
HEADS = [
    f"{head}-{encoder}"
    for head in ("Pretrainer", "TokenClassifier", "TextClassifier")
    for encoder in ("CharBERT", "BERT")
]


@pytest.fixture(scope="module")
def make(make_encoder, tokenizer, characters, words):
    """Makes a model by its name, with random weights, biases too."""

    def make_backbone(interaction="paper"):
        return charbert_tf.CharBertBackbone(
            make_encoder(), len(characters), 8, interaction
        )

    def make(name):
        head, _, encoder = name.partition("-")
        if not encoder:
            return randomized(make_backbone(interaction=name))
        has_characters = encoder == "CharBERT"
        backbone = make_backbone() if has_characters else make_encoder()
        arguments = {"sequence_length": LENGTH}
        if has_characters:
            arguments["characters"] = characters
        cls = getattr(charbert_tf, head)
        if head != "Pretrainer":
            preprocessor = cls.preprocessor_cls(tokenizer, **arguments)
            return randomized(cls(backbone, 3, preprocessor, labels=["x", "y", "z"]))
        if has_characters:
            arguments["words"] = words
        preprocessor = cls.preprocessor_cls(tokenizer, noise_rate=0.4, **arguments)
        num_words = len(words) if has_characters else None
        return randomized(cls(backbone, num_words, preprocessor))

    return make


def randomized(model):
    """Far from the initial weights, whose zeros and small numbers hide mistakes."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def models(make):
    """Each model once; nobody changes its weights."""
    made = {}

    def model(name):
        if name not in made:
            made[name] = make(name)
        return made[name]

    return model


@pytest.fixture(scope="module")
def features(tokenizer, characters):
    """Gives a model's features of some texts."""
    of_backbones = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)

    def features(model, texts):
        preprocessor = getattr(model, "preprocessor", of_backbones)
        if isinstance(model, charbert_tf.TokenClassifier):
            return preprocessor(tf.ragged.constant([text.split() for text in texts]))
        result = preprocessor(texts)
        return result[0] if isinstance(model, charbert_tf.Pretrainer) else result

    return features


def outputs(model, features):
    """By name, as float32."""
    result = model(features, training=False)
    result = result if isinstance(result, dict) else {"logits": result}
    return {name: np.array(tf.cast(value, "float32")) for name, value in result.items()}


def assert_close(actual, expected, tolerance=1e-6):
    assert actual.keys() == expected.keys()
    for name in expected:
        np.testing.assert_allclose(
            actual[name], expected[name], rtol=0, atol=tolerance, err_msg=name
        )


@pytest.mark.parametrize("name", BACKBONES + HEADS)
def test_a_configuration_gives_the_same_model(models, features, name):
    model = models(name)
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    inputs = features(model, TEXTS)
    assert_close(outputs(again, inputs), outputs(model, inputs))


@pytest.mark.parametrize("name", BACKBONES + HEADS)
def test_a_preset_gives_the_same_model(models, features, name, tmp_path):
    model = models(name)
    model.save_to_preset(tmp_path)
    again = type(model).from_preset(str(tmp_path))
    inputs = features(model, TEXTS)
    expected = outputs(model, inputs)
    assert_close(outputs(again, inputs), expected)
    if name in HEADS:
        assert_close(outputs(again, features(again, TEXTS)), expected)
        assert getattr(again, "labels", None) == getattr(model, "labels", None)
    backbone = keras_nlp.models.Backbone.from_preset(str(tmp_path))
    assert type(backbone) is type(getattr(model, "backbone", model))


@pytest.mark.parametrize("name", BACKBONES + HEADS)
def test_a_keras_file_gives_the_same_model(models, features, name, tmp_path):
    model = models(name)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    inputs = features(model, TEXTS)
    assert_close(outputs(again, inputs), outputs(model, inputs))


@pytest.fixture
def set_dtype_policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


# The relative precision of their numbers is 2^-11 and 2^-8.
@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 0.1), ("bfloat16", 0.6)])
@pytest.mark.parametrize("name", BACKBONES + HEADS)
def test_mixed_precision(
    make, models, features, set_dtype_policy, name, dtype, tolerance
):
    inputs = features(models(name), TEXTS[:3])
    expected = outputs(models(name), inputs)
    set_dtype_policy(f"mixed_{dtype}")
    model = make(name)
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    # keras-nlp's MaskedLMHead can add its float32 bias to halves in a graph only.
    call = tf.function(model) if name.startswith("Pretrainer") else model
    assert_close(outputs(call, inputs), expected, tolerance)
    # A softmax wants all of its bits.
    output_dtype = dtype if name in BACKBONES else "float32"
    for value in tf.nest.flatten(call(inputs, training=False)):
        assert value.dtype == output_dtype


@pytest.mark.parametrize("name", BACKBONES + HEADS)
def test_an_example_is_the_same_alone_and_among_longer_ones(models, features, name):
    model = models(name)
    together = features(model, TEXTS)
    of_batch = outputs(model, together)
    for row, text in enumerate(TEXTS):
        alone = features(model, [text])
        length = alone["token_ids"].shape[1]
        assert length <= together["token_ids"].shape[1]
        for key, expected in outputs(model, alone).items():
            actual = of_batch[key][row : row + 1]
            if key.endswith("sequence_output") or name.startswith("Token"):
                assert expected.shape[1] == length
            if expected.ndim == 3:
                actual = actual[:, : expected.shape[1]]
            np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)


def strings_and_labels(name):
    """What `fit` is called with: nothing is made of them before."""
    if name.startswith("Pretrainer"):
        return (tf.constant(TEXTS),)
    if name.startswith("TokenClassifier"):
        words = [text.split() for text in TEXTS]
        tags = [[int(word[0].isupper()) for word in row] for row in words]
        return tf.ragged.constant(words), tf.ragged.constant(tags)
    if name == "TextClassifier-CharBERT":
        return (TEXTS, TEXTS[::-1]), LABELS
    return TEXTS, LABELS


@pytest.mark.parametrize("name", HEADS)
def test_fit_on_strings(make, name):
    model = make(name)
    # One long epoch, for a new iterator costs more than many steps.
    batches = tf.data.Dataset.from_tensors(strings_and_labels(name)).repeat(40)
    if name.startswith("Pretrainer"):
        batches = batches.map(lambda texts: texts)
    model.compile(optimizer=keras.optimizers.SGD(0.3))
    losses = []
    note_loss = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda step, logs: losses.append(logs["loss"])
    )
    model.fit(batches, callbacks=[note_loss], verbose=0)
    # The mean of all steps against the first.
    assert losses[-1] < 0.8 * losses[0]
