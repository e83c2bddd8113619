"""What every model promises: the backbone in both forms and on both encoders, and each
head on a CharBERT and on a plain encoder.
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
BACKBONES = ["paper", "released", "RoBERTa"]
HEADS = [
    *(
        f"{head}-{encoder}"
        for head in ("Pretrainer", "TokenClassifier", "TextClassifier")
        for encoder in ("CharBERT", "BERT")
    ),
    "QuestionAnswerer-CharBERT",
    "QuestionAnswerer-RoBERTa",
    "SentenceEmbedder-CharBERT",
    "SentenceEmbedder-BERT",
    "Pretrainer-CharBERT on RoBERTa",
    "TextClassifier-RoBERTa",
]


@pytest.fixture(scope="module")
def make(make_encoder, tokenizers, characters, words):
    """Makes a model by its name, with random weights, biases too."""

    def make_plain(is_roberta):
        if not is_roberta:
            return make_encoder()
        size = tokenizers["roberta"].vocabulary_size()
        return charbert_tf.RobertaEncoder(size, 1, 2, 16, 32, max_sequence_length=64)

    def make_backbone(interaction="paper", is_roberta=False):
        return charbert_tf.CharBertBackbone(
            make_plain(is_roberta), len(characters), 8, interaction
        )

    def make(name):
        head, _, encoder = name.partition("-")
        is_roberta = "RoBERTa" in name
        if not encoder:
            form = "paper" if is_roberta else name
            return randomized(make_backbone(form, is_roberta))
        has_characters = "CharBERT" in name
        if has_characters:
            backbone = make_backbone(is_roberta=is_roberta)
        else:
            backbone = make_plain(is_roberta)
        arguments = {
            "tokenizer": tokenizers["roberta" if is_roberta else "bert"],
            "characters": characters if has_characters else None,
            "sequence_length": LENGTH,
        }
        cls = getattr(charbert_tf, head)
        if head == "Pretrainer":
            arguments |= {
                "words": words if has_characters else None,
                "noise_rate": 0.4,
            }
        preprocessor = cls.preprocessor_cls(**arguments)
        if head == "Pretrainer":
            num_words = len(words) if has_characters else None
            return randomized(cls(backbone, num_words, preprocessor))
        if head in ("QuestionAnswerer", "SentenceEmbedder"):
            return randomized(cls(backbone, preprocessor))
        return randomized(cls(backbone, 3, preprocessor, labels=["x", "y", "z"]))

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
def features(tokenizers, characters):
    """Gives a model's features of some texts."""
    of_backbones = {
        kind: charbert_tf.TextClassifierPreprocessor(tokenizers[kind], characters)
        for kind in ("bert", "roberta")
    }

    def features(model, texts):
        if isinstance(model, charbert_tf.CharBertBackbone):
            kind = "bert" if "segment_ids" in model.input else "roberta"
            return of_backbones[kind](texts)
        if isinstance(model, charbert_tf.TokenClassifier):
            words = tf.ragged.constant([text.split() for text in texts])
            return model.preprocessor(words)
        if isinstance(model, charbert_tf.QuestionAnswerer):
            return model.preprocessor((["Was it fine?"] * len(texts), texts))
        result = model.preprocessor(texts)
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
@pytest.mark.sampled(3)
def test_a_configuration_gives_the_same_model(models, features, name):
    model = models(name)
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    inputs = features(model, TEXTS)
    assert_close(outputs(again, inputs), outputs(model, inputs))


@pytest.mark.parametrize("name", BACKBONES + HEADS)
@pytest.mark.sampled(3)
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
@pytest.mark.sampled(4)
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
@pytest.mark.sampled(5)
def test_mixed_precision(
    make, models, features, set_dtype_policy, name, dtype, tolerance
):
    inputs = features(models(name), TEXTS[:3])
    expected = outputs(models(name), inputs)
    set_dtype_policy(f"mixed_{dtype}")
    model = make(name)
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    assert_close(outputs(model, inputs), expected, tolerance)
    # A softmax wants all of its bits.
    output_dtype = dtype if name in BACKBONES else "float32"
    for value in tf.nest.flatten(model(inputs, training=False)):
        assert value.dtype == output_dtype


@pytest.mark.parametrize("name", BACKBONES + HEADS)
@pytest.mark.sampled(4)
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
            is_sequence = key.endswith("sequence_output") or name.startswith(
                ("Token", "Question")
            )
            if is_sequence:
                assert expected.shape[1] == length
            if is_sequence or expected.ndim == 3:
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
    if name.startswith("QuestionAnswerer"):
        ends = [len(text.split()[0]) for text in TEXTS]
        return (["What comes first?"] * len(TEXTS), TEXTS), ([0] * len(TEXTS), ends)
    if name == "TextClassifier-CharBERT":
        return (TEXTS, TEXTS[::-1]), LABELS
    return TEXTS, LABELS


# Each head and each encoder, with and without characters.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Pretrainer-BERT", marks=pytest.mark.slow),
        pytest.param("Pretrainer-CharBERT on RoBERTa", marks=pytest.mark.slow),
        pytest.param("QuestionAnswerer-CharBERT", marks=pytest.mark.slow),
        pytest.param("TextClassifier-RoBERTa", marks=pytest.mark.slow),
        "TokenClassifier-CharBERT",
    ],
)
def test_fit_on_strings(make, name):
    model = make(name)
    # One long epoch, for a new iterator costs more than many steps.
    batches = tf.data.Dataset.from_tensors(strings_and_labels(name)).repeat(40)
    if name.startswith("Pretrainer"):
        batches = batches.map(lambda texts: texts)
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    losses = []
    note_loss = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda step, logs: losses.append(logs["loss"])
    )
    model.fit(batches, callbacks=[note_loss], verbose=0)
    # The mean of all steps against the first.
    assert losses[-1] < 0.8 * losses[0]
