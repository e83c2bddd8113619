"""Encoders against transformers' PyTorch models: the same weights, the same outputs."""

import keras
import keras_nlp
import numpy as np
import pytest

import charbert_tf
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.files.errors import UserError
from tests import transformers_models as hf

MODELS = ["BertModel", "RobertaModel", "XLMRobertaModel"]


def assert_same(encoder, model, features):
    expected = hf.outputs(model, features)
    actual = encoder(features)
    # Also at padded positions: nothing is left to chance.
    for name, theirs in (
        ("sequence_output", "last_hidden_state"),
        ("pooled_output", "pooler_output"),
    ):
        np.testing.assert_allclose(actual[name], expected[theirs], atol=1e-5, rtol=0)


@pytest.fixture(scope="module", params=MODELS)
def saved(request, tmp_path_factory):
    """A model, its features, and the folder that transformers saved it to."""
    model = hf.random_model(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    model.save_pretrained(folder)
    return model, hf.random_inputs(model), str(folder)


def test_the_outputs_are_those_of_pytorch(saved):
    model, features, folder = saved
    encoder, report = HuggingFaceFolder(folder).load_encoder()
    assert_same(encoder, model, features)
    assert (report.unused, report.new) == ({}, [])
    used = [name for tensors in report.used for name in tensors.names]
    assert sorted(used) == sorted(
        model.state_dict().keys() - {"embeddings.position_ids"}
    )


def test_the_outputs_survive_a_preset(saved, tmp_path):
    model, features, folder = saved
    HuggingFaceFolder(folder).load_encoder()[0].save_to_preset(tmp_path)
    again = keras_nlp.models.Backbone.from_preset(str(tmp_path))
    assert_same(again, model, features)


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu", "silu"])
def test_the_activation_and_the_epsilon_of_the_configuration(activation, tmp_path):
    model = hf.random_model(
        "BertForMaskedLM", hidden_act=activation, layer_norm_eps=1e-2
    )
    model.save_pretrained(tmp_path)
    features = hf.random_inputs(model)
    _, pretrainer, _ = charbert_tf.checkpoints.load_huggingface(str(tmp_path))
    everywhere = np.tile(np.arange(11), (3, 1))
    for again in (pretrainer, type(pretrainer).from_config(pretrainer.get_config())):
        again.set_weights(pretrainer.get_weights())
        logits = again({**features, "mlm_positions": everywhere})["mlm_logits"]
        expected = hf.outputs(model, features)["logits"]
        np.testing.assert_allclose(logits, expected, atol=1e-5, rtol=0)


def test_a_task_on_a_folder_is_exact_too(tmp_path):
    """keras-nlp's own way to read the folder approximates GELU."""
    model = hf.random_model("BertModel")
    model.save_pretrained(tmp_path)
    features = hf.random_inputs(model)
    classifier = charbert_tf.TokenClassifier.from_preset(
        str(tmp_path), num_classes=3, preprocessor=None
    )
    assert_same(classifier.backbone, model, features)
    theirs = keras_nlp.models.Backbone.from_preset(str(tmp_path))(features)
    difference = (
        theirs["sequence_output"] - hf.outputs(model, features)["last_hidden_state"]
    )
    assert np.abs(difference).max() > 5e-5


def test_mixed_precision(saved):
    model, features, folder = saved
    encoder, _ = HuggingFaceFolder(folder).load_encoder("mixed_bfloat16")
    assert {v.dtype for v in encoder.trainable_variables} == {"float32"}
    output = encoder(features)["sequence_output"]
    assert output.dtype == "bfloat16"
    expected = hf.outputs(model, features)["last_hidden_state"]
    np.testing.assert_allclose(keras.ops.cast(output, "float32"), expected, atol=0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "gpt2"}, "model_type is 'gpt2', and must be one of bert,"),
        ({"hidden_size": 33}, "hidden_size is 33, which its 4 attention heads do not"),
        ({"hidden_size": "32"}, "hidden_size is '32', and must be a whole number"),
        ({"num_hidden_layers": 0}, "num_hidden_layers is 0, and must be a whole"),
        ({"hidden_act": "mish"}, "hidden_act: `activation` must be one of gelu,"),
        ({"layer_norm_eps": None}, "layer_norm_eps is None, and must be in"),
        ({"is_decoder": True}, "is_decoder is True: not supported"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type is"),
        ({"id2label": {"0": "\ud83d"}}, "cannot be read as JSON (half a character, "),
    ],
)
def test_a_wrong_configuration(saved, tmp_path, changes, message):
    model, _, _ = saved
    model.save_pretrained(tmp_path)
    hf.change_config(tmp_path, **changes)
    with pytest.raises(UserError) as error:
        HuggingFaceFolder(str(tmp_path)).load_encoder()
    assert str(error.value).startswith(f"{tmp_path}/config.json: {message}")


def test_a_configuration_of_other_sizes(saved, tmp_path):
    model, _, _ = saved
    model.save_pretrained(tmp_path)
    hf.change_config(tmp_path, num_hidden_layers=1, vocab_size=119)
    with pytest.raises(UserError) as error:
        HuggingFaceFolder(str(tmp_path)).load_encoder()
    message = str(error.value)
    assert (
        "of no use: encoder.layer.1.attention.output.LayerNorm.bias (32,), " in message
    )
    assert "embeddings.word_embeddings.weight (120, 32) instead of (119, 32)" in message
    hf.change_config(tmp_path, num_hidden_layers=3, vocab_size=120)
    with pytest.raises(UserError, match=r"missing: encoder\.layer\.2\.attention"):
        HuggingFaceFolder(str(tmp_path)).load_encoder()
