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
from charbert_tf.models.charbert_backbone import is_charbert, plain_encoder
from tests.families import keras_heads
from tests.families.keras_heads import NAMES, TEXTS, assert_same, predictions


def quick(*names):
    """All heads, of which `make test` has these and `make slow` the others."""
    return [n if n in names else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]


FIRST_QUICK = quick(NAMES[0])


@pytest.fixture(scope="module")
def presets(heads, tmp_path_factory):
    """The preset of each head."""
    made = {}

    def preset(name):
        if name not in made:
            made[name] = str(tmp_path_factory.mktemp("preset"))
            heads(name).save_to_preset(made[name])
        return made[name]

    return preset


def weights_of(model):
    return {weight.path: weight.numpy() for weight in model.weights}


@pytest.mark.parametrize("name", FIRST_QUICK)
@pytest.mark.slow
def test_fit_on_lists_of_text_is_silent(make_head, name, tmp_path):
    model = make_head(name)
    before = weights_of(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        history = keras_heads.fit(model)
        # A preset is the model alone, without the optimizer's numbers.
        model.save_to_preset(tmp_path)
        again = type(model).from_preset(str(tmp_path))
    assert_same(predictions(again), predictions(model))
    assert model.optimizer.built and not again.optimizer.built
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
@pytest.mark.slow
def test_a_copy_predicts_alike(heads, name):
    model = heads(name)
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


@pytest.mark.parametrize("name", quick())
def test_quantised_before_and_after_fit(make_head, name, tmp_path):
    model = make_head(name)
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
    assert len(dense) == (11 if is_charbert(model.backbone) else 7)
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
    fresh = make_head(name)
    fresh.quantize("int8")
    keras_heads.fit(fresh)


@pytest.mark.parametrize("name", quick())
def test_bfloat16(presets, heads, name):
    expected = predictions(heads(name))
    model = type(heads(name)).from_preset(presets(name), dtype="bfloat16")
    assert {weight.dtype for weight in model.backbone.weights} <= {"bfloat16", "uint32"}
    for output, values in predictions(model).items():
        assert np.abs(values - expected[output]).max() < 0.6
    keras_heads.fit(model)


@pytest.mark.parametrize("name", quick())
def test_lora_and_freezing(make_head, name):
    model = make_head(name)
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

    model = make_head(name)
    model.backbone.trainable = False
    before = weights_of(model.backbone)
    keras_heads.fit(model)
    after = weights_of(model.backbone)
    assert all(
        np.array_equal(after[path], before[path])
        for path in before
        if "seed" not in path
    )


@pytest.mark.parametrize("name", quick())
def test_a_backup_is_taken_up(make_head, name, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False)

    model = make_head(name)
    with pytest.raises(KeyboardInterrupt):
        keras_heads.fit(model, callbacks=[backup(), Stop()])
    again = make_head(name)
    history = keras_heads.fit(again, callbacks=[backup()])
    assert history.epoch == [1]
    assert int(again.optimizer.iterations) == 2


DOORS = {
    "TextClassifier": keras_hub.models.TextClassifier,
    "Pretrainer": keras_hub.models.MaskedLM,
}


@pytest.mark.parametrize("name", [n for n in NAMES if n.split()[0] in DOORS])
@pytest.mark.sampled(4)
def test_the_doors_of_keras_hub(heads, presets, name):
    head = name.split()[0]
    model = DOORS[head].from_preset(presets(name))
    assert type(model) is type(heads(name))
    assert_same(predictions(model), predictions(heads(name)))
    door = {
        "TextClassifier": keras_hub.models.TextClassifierPreprocessor,
        "Pretrainer": keras_hub.models.MaskedLMPreprocessor,
    }[head]
    preprocessor = door.from_preset(presets(name))
    assert type(preprocessor) is type(model.preprocessor)
    assert preprocessor.get_config()["characters"] == model.preprocessor.characters


def test_the_doors_of_keras_hub_to_another_tasks_preset(heads, presets):
    preset = presets("Pretrainer on CharBERT")
    model = keras_hub.models.TextClassifier.from_preset(preset, num_classes=2)
    assert type(model) is charbert_tf.TextClassifier
    pretrainer = heads("Pretrainer on CharBERT")
    assert model.preprocessor.characters == pretrainer.preprocessor.characters
    assert model.predict(TEXTS, verbose=0).shape == (4, 2)
    # And none of keras-hub's own.
    keras_hub_classes = keras_hub.models.TextClassifier, keras_hub.models.BertBackbone
    assert charbert_tf.TextClassifier.backbone_cls != keras_hub_classes[1]


@pytest.mark.parametrize("name", quick(*NAMES[::2]))
def test_unknown_arguments_are_refused(heads, presets, name):
    cls = type(heads(name))
    with pytest.raises(TypeError, match=f"{cls.__name__} takes no argument 'bogus'"):
        cls.from_preset(presets(name), bogus=3)
    config = heads(name).get_config()
    with pytest.raises(TypeError, match="takes no argument 'bogus'; it takes backbone"):
        cls.from_config({**config, "bogus": 3})
    of_head = heads(name).backbone
    for backbone in {of_head, plain_encoder(of_head)}:
        with pytest.raises(TypeError, match="takes no argument 'num_layer'"):
            type(backbone).from_config({**backbone.get_config(), "num_layer": 3})
    with pytest.raises((TypeError, ValueError), match="bogus"):
        cls.preprocessor_cls(heads(name).preprocessor.tokenizer, bogus=3)


@pytest.mark.parametrize("name", quick(*NAMES[::2]))
def test_arguments_of_the_preprocessor(heads, presets, name):
    cls = type(heads(name))
    model = cls.from_preset(presets(name), sequence_length=6)
    assert model.preprocessor.sequence_length == 6
    features = model.preprocessor(*inputs_of(model))[0]
    assert features["token_ids"].shape[-1] == 6
    model.preprocessor.sequence_length = 9
    model.preprocessor.static_shapes = True
    features = model.preprocessor(*inputs_of(model))[0]
    assert features["token_ids"].shape[-1] == 9
    if is_charbert(model.backbone):
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


@pytest.mark.slow
def test_an_activation(presets, heads):
    name = "TextClassifier on CharBERT"
    logits = predictions(heads(name))["outputs"]
    model = charbert_tf.TextClassifier.from_preset(presets(name), activation="softmax")
    actual = predictions(model)["outputs"]
    np.testing.assert_allclose(actual, tf.nn.softmax(logits), atol=1e-6)
    # The loss knows.
    expected = heads(name).evaluate(TEXTS, keras_heads.TARGETS["TextClassifier"])[0]
    loss = model.evaluate(TEXTS, keras_heads.TARGETS["TextClassifier"], verbose=0)[0]
    assert loss == pytest.approx(expected, abs=1e-4)
    again = type(model).from_config(model.get_config())
    assert again.activation is keras.activations.softmax
    with pytest.raises(TypeError, match="takes no argument 'activation'"):
        charbert_tf.TokenClassifier.from_preset(presets(name), activation="softmax")


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
