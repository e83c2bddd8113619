"""What Keras and keras-hub promise of any model, of each head on each encoder."""

import copy
import json
import os
import subprocess
import sys
import warnings

import keras
import keras_hub
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from tests.families import keras_heads
from tests.families.keras_heads import LABELS, NAMES, TEXTS, assert_same, predictions

ONE_A_HEAD = NAMES[::2]
QUICK_FITS = ("TextClassifier on CharBERT", "TokenClassifier on BERT")
# What takes seconds for each head.
FIRST_QUICK = [
    ONE_A_HEAD[0],
    *(pytest.param(name, marks=pytest.mark.slow) for name in ONE_A_HEAD[1:]),
]


@pytest.fixture(scope="module")
def make(tokenizer, characters, words):
    def make(name, **arguments):
        return keras_heads.make_head(name, tokenizer, characters, words, **arguments)

    return make


@pytest.fixture(scope="module")
def models(make):
    """Each head once; nobody changes its weights."""
    made = {}

    def model(name):
        if name not in made:
            made[name] = make(name)
        return made[name]

    return model


@pytest.fixture(scope="module")
def presets(models, tmp_path_factory):
    """The preset of each head."""
    made = {}

    def preset(name):
        if name not in made:
            made[name] = str(tmp_path_factory.mktemp("preset"))
            models(name).save_to_preset(made[name])
        return made[name]

    return preset


def weights_of(model):
    return {weight.path: weight.numpy() for weight in model.weights}


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK_FITS else pytest.param(name, marks=pytest.mark.slow)
        for name in NAMES
    ],
)
@pytest.mark.sampled(2)
def test_fit_on_lists_of_text_is_silent(make, name):
    model = make(name)
    before = weights_of(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        history = keras_heads.fit(model)
    assert len(history.history["loss"]) == 2
    # What a head does not read is the pooler alone.
    still = {
        path
        for path, value in weights_of(model).items()
        if np.array_equal(value, before[path]) and "seed" not in path
    }
    assert all("pooled_dense" in path for path in still)
    assert not still or name != "TextClassifier on BERT"


@pytest.mark.parametrize("name", FIRST_QUICK)
def test_a_copy_predicts_alike(models, name):
    model = models(name)
    expected = predictions(model)
    assert_same(predictions(copy.deepcopy(model)), expected)
    # Keras clones any functional model as the layers that it is made of.
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    # An embedder's layers take texts one by one.
    is_embedder = isinstance(model, charbert_tf.SentenceEmbedder)
    inputs = TEXTS if is_embedder else keras_heads.INPUTS[type(model).__name__]
    features, *_ = keras.utils.unpack_x_y_sample_weight(model.preprocessor(inputs))
    outputs = clone.predict(features, verbose=0)
    if is_embedder:
        outputs = np.stack([outputs, outputs[::-1]], axis=1)
    outputs = outputs if isinstance(outputs, dict) else {"outputs": outputs}
    assert_same(outputs, expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", ONE_A_HEAD)
def test_quantised_before_and_after_fit(make, name, tmp_path):
    model = make(name)
    expected = predictions(model)
    keras_heads.fit(model)
    trained = predictions(model)
    model.quantize("int8")
    dense = {
        layer.path
        for layer in model.backbone._flatten_layers()
        if layer.quantization_mode == "int8"
    }
    # Query, key, value, output, the feed-forward block's two, the pooler, and four of
    # the interaction.
    assert len(dense) == 11
    actual = predictions(model)
    for output, values in trained.items():
        spread = values.std()
        assert 0 < np.abs(actual[output] - values).max() < spread
        assert np.abs(actual[output] - expected[output]).max() > 0
    # What is not quantised trains on.
    keras_heads.fit(model)
    model.save_to_preset(tmp_path)
    again = type(model).from_preset(str(tmp_path))
    assert_same(predictions(again), predictions(model))
    fresh = make(name)
    fresh.quantize("int8")
    keras_heads.fit(fresh)


@pytest.mark.parametrize("name", FIRST_QUICK)
@pytest.mark.slow
def test_bfloat16(presets, models, name):
    expected = predictions(models(name))
    model = type(models(name)).from_preset(presets(name), dtype="bfloat16")
    assert {weight.dtype for weight in model.backbone.weights} <= {"bfloat16", "uint32"}
    for output, values in predictions(model).items():
        assert np.abs(values - expected[output]).max() < 0.6
    keras_heads.fit(model)


@pytest.mark.parametrize("name", FIRST_QUICK)
@pytest.mark.slow
def test_lora_and_freezing(make, name):
    model = make(name)
    model.backbone.enable_lora(2)
    before = weights_of(model)
    keras_heads.fit(model)
    changed = {
        path
        for path, value in weights_of(model).items()
        if not np.array_equal(value, before[path]) and "seed" not in path
    }
    of_backbone = {weight.path for weight in model.backbone.weights}
    assert changed & of_backbone
    # As in keras-hub the biases of query and value learn on beside the updates.
    parents = {path.split("/")[-2] for path in changed & of_backbone}
    assert parents == {"query", "value"}
    assert changed - of_backbone

    model = make(name)
    model.backbone.trainable = False
    before = weights_of(model.backbone)
    keras_heads.fit(model)
    after = weights_of(model.backbone)
    assert all(
        np.array_equal(after[path], before[path])
        for path in before
        if "seed" not in path
    )


@pytest.mark.parametrize("name", FIRST_QUICK)
@pytest.mark.slow
def test_a_backup_is_taken_up(make, name, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False)

    model = make(name)
    with pytest.raises(KeyboardInterrupt):
        keras_heads.fit(model, callbacks=[backup(), Stop()])
    again = make(name)
    history = keras_heads.fit(again, callbacks=[backup()])
    assert history.epoch == [1]
    assert int(again.optimizer.iterations) == 2


DOORS = {
    "TextClassifier": keras_hub.models.TextClassifier,
    "Pretrainer": keras_hub.models.MaskedLM,
}


@pytest.mark.parametrize("name", [n for n in NAMES if n.split()[0] in DOORS])
@pytest.mark.sampled(4)
def test_the_doors_of_keras_hub(models, presets, name):
    head = name.split()[0]
    model = DOORS[head].from_preset(presets(name))
    assert type(model) is type(models(name))
    assert_same(predictions(model), predictions(models(name)))
    door = {
        "TextClassifier": keras_hub.models.TextClassifierPreprocessor,
        "Pretrainer": keras_hub.models.MaskedLMPreprocessor,
    }[head]
    preprocessor = door.from_preset(presets(name))
    assert type(preprocessor) is type(model.preprocessor)
    assert preprocessor.get_config()["characters"] == model.preprocessor.characters


def test_the_doors_of_keras_hub_to_another_tasks_preset(models, presets):
    preset = presets("Pretrainer on CharBERT")
    model = keras_hub.models.TextClassifier.from_preset(preset, num_classes=2)
    assert type(model) is charbert_tf.TextClassifier
    pretrainer = models("Pretrainer on CharBERT")
    assert model.preprocessor.characters == pretrainer.preprocessor.characters
    assert model.predict(TEXTS, verbose=0).shape == (4, 2)
    # And none of keras-hub's own.
    keras_hub_classes = keras_hub.models.TextClassifier, keras_hub.models.BertBackbone
    assert charbert_tf.TextClassifier.backbone_cls != keras_hub_classes[1]


@pytest.mark.parametrize("name", ONE_A_HEAD)
def test_unknown_arguments_are_refused(models, presets, name):
    cls = type(models(name))
    with pytest.raises(TypeError, match=f"{cls.__name__} takes no argument 'bogus'"):
        cls.from_preset(presets(name), bogus=3)
    config = models(name).get_config()
    with pytest.raises(TypeError, match="takes no argument 'bogus'; it takes backbone"):
        cls.from_config({**config, "bogus": 3})
    for backbone in (models(name).backbone, models(name).backbone.encoder):
        with pytest.raises(TypeError, match="takes no argument 'num_layer'"):
            type(backbone).from_config({**backbone.get_config(), "num_layer": 3})
    with pytest.raises((TypeError, ValueError), match="bogus"):
        cls.preprocessor_cls(models(name).preprocessor.tokenizer, bogus=3)


@pytest.mark.parametrize("name", ONE_A_HEAD)
def test_arguments_of_the_preprocessor(models, presets, name):
    cls = type(models(name))
    model = cls.from_preset(presets(name), sequence_length=6)
    assert model.preprocessor.sequence_length == 6
    features = model.preprocessor(*inputs_of(model))[0]
    assert features["token_ids"].shape[-1] == 6
    model.preprocessor.sequence_length = 9
    model.preprocessor.static_shapes = True
    features = model.preprocessor(*inputs_of(model))[0]
    assert features["token_ids"].shape[-1] == 9
    assert features["char_ids"].shape[-1] == 54
    model.preprocessor.characters = None
    assert "char_ids" not in model.preprocessor(*inputs_of(model))[0]
    with pytest.raises(TypeError, match="set the former on the preprocessor"):
        cls.from_preset(
            presets(name), sequence_length=6, preprocessor=model.preprocessor
        )


def inputs_of(model):
    name = type(model).__name__
    targets = keras_heads.TARGETS[name]
    ids = None if targets is None else model.label_ids(targets)
    return keras_heads.INPUTS[name], ids


def test_an_activation(presets, models):
    name = "TextClassifier on CharBERT"
    logits = predictions(models(name))["outputs"]
    model = charbert_tf.TextClassifier.from_preset(presets(name), activation="softmax")
    actual = predictions(model)["outputs"]
    np.testing.assert_allclose(actual, tf.nn.softmax(logits), atol=1e-6)
    # The loss knows.
    expected = models(name).evaluate(TEXTS, keras_heads.TARGETS["TextClassifier"])[0]
    loss = model.evaluate(TEXTS, keras_heads.TARGETS["TextClassifier"], verbose=0)[0]
    assert loss == pytest.approx(expected, abs=1e-4)
    again = type(model).from_config(model.get_config())
    assert again.activation is keras.activations.softmax
    with pytest.raises(TypeError, match="takes no argument 'activation'"):
        charbert_tf.TokenClassifier.from_preset(presets(name), activation="softmax")


@pytest.mark.slow
def test_labels_with_a_clear_word(make, models):
    model = models("TextClassifier on BERT")
    with pytest.raises(ValueError, match=f"{', '.join(LABELS)}: 'great'"):
        model.fit(TEXTS, ["good", "great", "bad", "bad"])
    with pytest.raises(ValueError, match="2, 4 rows"):
        model.fit(TEXTS, ["good", "bad"])
    with pytest.raises(ValueError, match="must have a batch axis"):
        model.predict("a text")
    one_hot = np.eye(3)[[2, 0, 0, 1]]
    with pytest.raises(ValueError, match=r"np.argmax\(y, -1\)"):
        model.fit(TEXTS, one_hot)
    trained = make("TextClassifier on BERT")
    trained.compile(
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    trained.fit(TEXTS, one_hot, verbose=0)
    tagger = models("TokenClassifier on BERT")
    dataset = tf.data.Dataset.from_tensors(
        (tf.ragged.constant(keras_heads.WORDS), tf.ragged.constant([["O"]] * 4))
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels that are not in"):
        tagger.evaluate(dataset)
    nameless = make("TextClassifier on BERT", labels=None)
    with pytest.raises(ValueError, match="labels="):
        nameless.fit(TEXTS, ["good", "bad", "bad", "bad"])
    answerer = models("QuestionAnswerer on BERT")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"letter by.*film!"):
        answerer.fit(
            {"question": ["What?"] * 2, "context": TEXTS[:2]}, ["film!", "dull"]
        )
    with pytest.raises(ValueError, match="letter by letter: 'film!'"):
        answerer.preprocessor((["What?"], TEXTS[:1]), ["film!"])


def test_tuples_are_lists(make, models):
    tagger = models("TokenClassifier on BERT")
    words, tags = keras_heads.WORDS, keras_heads.TARGETS["TokenClassifier"]
    expected = tagger.predict(words, verbose=0)
    actual = tagger.predict(tuple(map(tuple, words)), verbose=0)
    np.testing.assert_array_equal(actual, expected)
    expected = tagger.evaluate(words, tags, verbose=0)
    assert tagger.evaluate(tuple(words), tuple(map(tuple, tags)), verbose=0) == expected
    classifier = models("TextClassifier on BERT")
    targets = keras_heads.TARGETS["TextClassifier"]
    pairs = (TEXTS, TEXTS[::-1])
    expected = classifier.evaluate(pairs, targets, verbose=0)
    as_tuples = tuple(map(tuple, pairs))
    assert classifier.evaluate(as_tuples, tuple(targets), verbose=0) == expected


def test_answers_are_found_in_characters(models):
    preprocessor = models("QuestionAnswerer on CharBERT").preprocessor
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
def test_lists_are_shuffled_each_epoch(make):
    model = make("TextClassifier on BERT")
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


@pytest.mark.parametrize("backend", ["torch"])
def test_another_backend_is_one_line(backend):
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json, charbert_tf\n"
            "try:\n"
            "    charbert_tf.TextClassifier\n"
            "except ImportError as error:\n"
            "    print(json.dumps(str(error)))\n",
        ],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    message = json.loads(finished.stdout)
    assert "\n" not in message
    assert "TensorFlow" in message
    assert backend in message
