"""Hugging Face folders: language models in and out, and what else a folder may hold."""

import keras_nlp
import numpy as np
import pytest

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import read_state_dict, write_state_dict
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer
from tests import transformers_models as hf

load, save = (
    charbert_tf.checkpoints.load_huggingface,
    charbert_tf.checkpoints.save_huggingface,
)


def mlm_logits(pretrainer, features):
    everywhere = np.tile(np.arange(features["token_ids"].shape[1]), (3, 1))
    return pretrainer({**features, "mlm_positions": everywhere})["mlm_logits"]


@pytest.fixture(
    scope="module",
    params=["BertForMaskedLM", "RobertaForMaskedLM", "XLMRobertaForMaskedLM"],
)
def language_model(request, tmp_path_factory):
    model = hf.random_model(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    model.save_pretrained(folder)
    return model, str(folder)


def test_the_language_model_is_that_of_pytorch(language_model):
    model, folder = language_model
    features = hf.random_inputs(model)
    loaded = load(folder)
    assert loaded.pretrainer.backbone is loaded.encoder
    expected = hf.outputs(model, features)["logits"]
    actual = mlm_logits(loaded.pretrainer, features)
    np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)
    used = [name for tensors in loaded.report.used for name in tensors.names]
    assert sorted(used) == sorted(read_state_dict(folder))
    assert loaded.report.new == []


def test_there_and_back_bit_for_bit(language_model, tmp_path):
    """Through a preset, and into transformers again."""
    model, folder = language_model
    load(folder).pretrainer.save_to_preset(tmp_path / "preset")
    again = charbert_tf.Pretrainer.from_preset(
        str(tmp_path / "preset"), preprocessor=None
    )
    save(again, str(tmp_path / "back"))
    tensors, original = (read_state_dict(f) for f in (str(tmp_path / "back"), folder))
    assert tensors.keys() == original.keys()
    for name, value in original.items():
        np.testing.assert_array_equal(tensors[name], value, name)
    theirs = type(model).from_pretrained(tmp_path / "back").state_dict()
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(theirs[name], value, name)


def test_heads_that_are_not_loaded_are_named(tmp_path):
    hf.random_model("BertForPreTraining").save_pretrained(tmp_path)
    loaded = load(str(tmp_path))
    assert loaded.pretrainer is not None
    assert loaded.encoder.has_pooler
    assert loaded.report.unused == {
        f"cls.seq_relationship.{kind}": "the head for the next sentence"
        for kind in ("bias", "weight")
    }
    assert "cls.seq_relationship.bias: left out, the head for the next" in "\n".join(
        loaded.report.lines()
    )


def test_a_classifiers_encoder(tmp_path):
    hf.random_model("BertForTokenClassification").save_pretrained(tmp_path)
    loaded = load(str(tmp_path))
    assert loaded.pretrainer is None
    assert loaded.report.unused == {
        "classifier.bias": "a classifier's head",
        "classifier.weight": "a classifier's head",
    }


def test_names_of_old_checkpoints(tmp_path):
    """bert-base-uncased has them still, and buffers, and untied copies."""
    model = hf.random_model("BertForMaskedLM")
    model.save_pretrained(tmp_path)
    old = {}
    for name, value in read_state_dict(str(tmp_path)).items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        old[name.replace("LayerNorm.bias", "LayerNorm.beta")] = value
    old["cls.predictions.decoder.weight"] = old[
        "bert.embeddings.word_embeddings.weight"
    ]
    old["cls.predictions.decoder.bias"] = old["cls.predictions.bias"]
    old["bert.embeddings.position_ids"] = np.arange(40)[None]
    write_state_dict(str(tmp_path), old)
    features = hf.random_inputs(model)
    loaded = load(str(tmp_path))
    expected = hf.outputs(model, features)["logits"]
    actual = mlm_logits(loaded.pretrainer, features)
    np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)
    assert loaded.report.unused == {
        "bert.embeddings.position_ids": "the numbers from 0 on"
    }
    old["cls.predictions.decoder.weight"] = 2 * old["cls.predictions.decoder.weight"]
    write_state_dict(str(tmp_path), old)
    with pytest.raises(UserError, match="must be the same tensor, and differ"):
        load(str(tmp_path))


@pytest.mark.parametrize("name", ["BertBackbone", "RobertaBackbone"])
def test_keras_nlps_own_encoders_are_saved_too(name, tmp_path):
    transformers, _ = hf.import_libraries()
    sizes = {"max_sequence_length": 38} if name == "RobertaBackbone" else {}
    encoder = getattr(keras_nlp.models, name)(120, 2, 4, 32, 48, **sizes)
    rng = np.random.default_rng(0)
    encoder.set_weights([rng.normal(0, 0.2, w.shape) for w in encoder.get_weights()])
    save(encoder, str(tmp_path / "model"))
    model = transformers.AutoModel.from_pretrained(tmp_path / "model").eval()
    assert type(model).__name__ == name.replace("Backbone", "Model")
    features = hf.random_inputs(model)
    outputs = encoder(features)
    tokens = outputs["sequence_output"] if isinstance(outputs, dict) else outputs
    real = features["padding_mask"].astype(bool)
    expected = hf.outputs(model, features)["last_hidden_state"]
    np.testing.assert_allclose(tokens.numpy()[real], expected[real], atol=1e-5)


def test_another_encoder(tmp_path):
    encoder = keras_nlp.models.FNetBackbone(120, 1, 16, 32)
    with pytest.raises(UserError, match="a FNetBackbone has no Hugging Face"):
        save(encoder, str(tmp_path / "model"))
    assert not list(tmp_path.iterdir())


def test_the_encoder_of_a_charbert(tmp_path):
    """Its characters stay behind."""
    encoder = charbert_tf.BertEncoder(120, 2, 4, 32, 48)
    backbone = charbert_tf.CharBertBackbone(encoder, 20, 8)
    save(charbert_tf.Pretrainer(backbone, num_words=9), str(tmp_path / "model"))
    loaded = load(str(tmp_path / "model"))
    assert loaded.pretrainer is None
    for ours, theirs in zip(loaded.encoder.weights, encoder.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_tokenizers_are_transformers_too(shared, tmp_path):
    transformers, _ = hf.import_libraries()
    text = "Don't  worry, naïve Łukasz: 12.5 % of 漢字 are fine!"
    for kind, cls in (
        ("bert", charbert_tf.BertEncoder),
        ("roberta", charbert_tf.RobertaEncoder),
    ):
        tokenizer = load_tokenizer(str(shared / "parity" / kind))
        encoder = cls(tokenizer.vocabulary_size(), 1, 2, 16, 32)
        save(encoder, str(tmp_path / kind), tokenizer)
        theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / kind)
        preprocess = charbert_tf.TextClassifierPreprocessor(tokenizer)
        token_ids = preprocess([text])["token_ids"][0].numpy().tolist()
        assert token_ids == theirs(text)["input_ids"]
