"""DistilBERT and ELECTRA: transformers' outputs and folders, in and out."""

import json
import pathlib

import keras
import keras_hub
import numpy as np
import pytest

import charbert_tf
from charbert_tf.checkpoints.huggingface import load_huggingface, save_huggingface
from charbert_tf.encoders.encoder_contract import embeddings_output
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.keras_hub_encoder import known_encoder
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import read_state_dict
from tests import transformers_models as hf

# What transformers is given beside the sizes that all have.
CONFIGS = {
    "DistilBert": {"hidden_dim": 48},
    "DistilBert, sines": {"hidden_dim": 48, "sinusoidal_pos_embds": True},
    "DistilBert, ReLU": {"hidden_dim": 48, "activation": "relu"},
    "Electra": {"embedding_size": 16},
    "Electra, one size": {"embedding_size": 32, "layer_norm_eps": 1e-3},
    "Electra, tanh": {"embedding_size": 48, "hidden_act": "gelu_new"},
}


@pytest.fixture(scope="module", params=CONFIGS)
def saved(request, tmp_path_factory):
    """A language model of transformers, its features, and its folder."""
    name = request.param.split(",")[0]
    model = hf.random_model(f"{name}ForMaskedLM", **CONFIGS[request.param])
    folder = tmp_path_factory.mktemp(name)
    model.save_pretrained(folder)
    return model, hf.random_inputs(model), str(folder)


def hidden_states(model, features):
    """Of transformers: the embeddings, and what each layer gives."""
    _, torch = hf.import_libraries()
    inputs = {
        "input_ids": features["token_ids"],
        "attention_mask": features["padding_mask"],
    }
    if "segment_ids" in features:
        inputs["token_type_ids"] = features["segment_ids"]
    inputs = {name: torch.tensor(value).long() for name, value in inputs.items()}
    with torch.no_grad():
        states = model(**inputs, output_hidden_states=True).hidden_states
    return [state.numpy() for state in states]


def mlm_logits(pretrainer, features):
    rows, length = features["token_ids"].shape
    everywhere = np.tile(np.arange(length), (rows, 1))
    return pretrainer({**features, "mlm_positions": everywhere})["mlm_logits"]


@pytest.mark.sampled(3)
def test_every_layer_is_that_of_pytorch(saved):
    model, features, folder = saved
    encoder, pretrainer, report = load_huggingface(folder)
    layers = keras.Model(
        encoder.input,
        [
            embeddings_output(encoder),
            *(layer.output for layer in encoder.transformer_layers),
        ],
    )
    expected = hidden_states(model, features)
    assert len(expected) == 1 + encoder.num_layers
    # Also at padded positions: nothing is left to chance.
    for actual, theirs in zip(layers(features), expected, strict=True):
        np.testing.assert_allclose(actual, theirs, atol=1e-5, rtol=0)
    expected = hf.outputs(model, features)["logits"]
    np.testing.assert_allclose(
        mlm_logits(pretrainer, features), expected, atol=1e-5, rtol=0
    )
    used = [name for tensors in report.used for name in tensors.names]
    assert sorted(used) == sorted(read_state_dict(folder))
    assert (report.unused, report.new) == ({}, [])


@pytest.mark.sampled(3)
def test_there_and_back_bit_for_bit(saved, tmp_path):
    """Through a preset and PyTorch's own file, and into transformers again."""
    _, torch = hf.import_libraries()
    model, features, folder = saved
    load_huggingface(folder).pretrainer.save_to_preset(tmp_path / "preset")
    again = charbert_tf.Pretrainer.from_preset(
        str(tmp_path / "preset"), preprocessor=None
    )
    np.testing.assert_array_equal(
        mlm_logits(again, features),
        mlm_logits(load_huggingface(folder).pretrainer, features),
    )
    save_huggingface(again, str(tmp_path / "back"))
    tensors, original = (read_state_dict(f) for f in (str(tmp_path / "back"), folder))
    assert tensors.keys() == original.keys()
    for name, value in original.items():
        np.testing.assert_array_equal(tensors[name], value, name)
    theirs = type(model).from_pretrained(tmp_path / "back")
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(theirs.state_dict()[name], value, name)
    (tmp_path / "back" / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "back" / "pytorch_model.bin")
    pickled = load_huggingface(str(tmp_path / "back")).pretrainer
    for ours, expected in zip(pickled.weights, again.weights, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_the_configuration_comes_back(saved, tmp_path):
    model, _, folder = saved
    encoder, _ = HuggingFaceFolder(folder).load_encoder()
    save_huggingface(encoder, str(tmp_path / "back"))
    config, theirs = (
        json.loads((pathlib.Path(path) / "config.json").read_text())
        for path in (tmp_path / "back", folder)
    )
    assert config.pop("architectures") == [
        type(model).__name__.replace("ForMaskedLM", "Model")
    ]
    # transformers writes sizes of the test that no DistilBERT reads, too.
    assert config == {name: theirs[name] for name in config}
    assert type(hf.import_libraries()[0].AutoModel.from_pretrained(tmp_path / "back"))


def test_a_discriminators_head_is_left_out_with_a_word(tmp_path):
    model = hf.random_model("ElectraForPreTraining", embedding_size=16)
    model.save_pretrained(tmp_path)
    loaded = load_huggingface(str(tmp_path))
    assert loaded.pretrainer is None
    assert loaded.report.unused == {
        f"discriminator_predictions.{layer}.{kind}": "the head that tells replaced "
        "tokens"
        for layer in ("dense", "dense_prediction")
        for kind in ("bias", "weight")
    }
    features = hf.random_inputs(model)
    actual = loaded.encoder(features)["sequence_output"]
    expected = hidden_states(model, features)[-1]
    np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["DistilBertModel", "ElectraModel"])
def test_a_folder_that_does_not_say_its_kind(name, tmp_path):
    """Its tensors tell it, with a prefix or without one."""
    model = hf.random_model(name, **CONFIGS[name.removesuffix("Model")])
    model.save_pretrained(tmp_path)
    hf.change_config(tmp_path, model_type=None, architectures=None)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
    encoder, _ = HuggingFaceFolder(str(tmp_path)).load_encoder()
    assert f"{type(encoder).__name__}" == name.replace("Model", "Encoder")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("DistilBert", {"n_heads": 5}, "dim is 32, which its 5 attention heads do not"),
        ("DistilBert", {"dropout": 2}, r"dropout is 2, and must be in \[0, 1\)"),
        ("DistilBert", {"activation": "mish"}, "activation: .* must be one of gelu"),
        ("DistilBert", {"sinusoidal_pos_embds": 1}, "must be true or false"),
        ("DistilBert", {"n_layers": 0}, "n_layers is 0, and must be a whole number"),
        ("Electra", {"embedding_size": 8}, "of another shape than config.json says"),
        ("Electra", {"embedding_size": None}, "embedding_size is None, and must be"),
    ],
)
def test_configurations_that_are_wrong(name, change, message, tmp_path):
    hf.random_model(f"{name}Model", **CONFIGS[name]).save_pretrained(tmp_path)
    hf.change_config(tmp_path, **change)
    with pytest.raises(UserError, match=message):
        HuggingFaceFolder(str(tmp_path)).load_encoder()


@pytest.mark.parametrize("name", ["DistilBertBackbone", "ElectraBackbone"])
def test_keras_hubs_own_encoders_are_known(name, tmp_path):
    transformers, _ = hf.import_libraries()
    sizes = (120, 2, 4, 32, 16, 48) if "Electra" in name else (120, 2, 4, 32, 48)
    encoder = getattr(keras_hub.models, name)(*sizes, max_sequence_length=40)
    rng = np.random.default_rng(0)
    encoder.set_weights([rng.normal(0, 0.2, w.shape) for w in encoder.get_weights()])
    save_huggingface(encoder, str(tmp_path / "model"))
    model = transformers.AutoModel.from_pretrained(tmp_path / "model").eval()
    features = hf.random_inputs(model)
    outputs = encoder(features)
    tokens = outputs["sequence_output"] if isinstance(outputs, dict) else outputs
    expected = hidden_states(model, features)[-1]
    np.testing.assert_allclose(tokens, expected, atol=1e-5, rtol=0)
    actual = known_encoder(encoder)(features)["sequence_output"]
    np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)


def test_sines_are_not_trained():
    encoder = charbert_tf.DistilBertEncoder(
        20, 1, 2, 8, 16, max_sequence_length=7, sinusoidal_positions=True
    )
    _, torch = hf.import_libraries()
    from transformers.models.distilbert import modeling_distilbert

    expected = modeling_distilbert.create_sinusoidal_embeddings(7, 8, torch.empty(7, 8))
    positions = encoder.position_embedding.embeddings
    np.testing.assert_allclose(positions, expected, atol=1e-6)
    assert not any(weight is positions for weight in encoder.trainable_variables)
    backbone = charbert_tf.CharBertBackbone(encoder, 9, 4)
    again = type(backbone).from_config(backbone.get_config())
    assert again.encoder.position_embedding.trainable_variables == []
    np.testing.assert_allclose(
        again.encoder.position_embedding.embeddings, expected, atol=1e-6
    )
