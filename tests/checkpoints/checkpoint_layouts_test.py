"""The layouts that checkpoints are found in: each loads to the same outputs."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import charbert_tf
from charbert_tf.files.errors import UserError
from tests import transformers_models as hf

POSITIONS = np.tile(np.arange(11), (3, 1))


@pytest.fixture(scope="module", params=["BertForMaskedLM", "RobertaForMaskedLM"])
def saved(request, tmp_path_factory):
    """A language model's folder, its features and its logits."""
    model = hf.random_model(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    model.save_pretrained(folder)
    features = hf.random_inputs(model)
    return folder, features, hf.outputs(model, features)["logits"]


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved[0], tmp_path / "model")


def check(folder, saved, atol=1e-5):
    _, features, expected = saved
    loaded = charbert_tf.checkpoints.load_huggingface(str(folder))
    logits = loaded.pretrainer({**features, "mlm_positions": POSITIONS})["mlm_logits"]
    np.testing.assert_allclose(logits, expected, atol=atol, rtol=0)
    return loaded


def rename(folder, new_name, change=lambda tensor: tensor):
    path = str(folder / "model.safetensors")
    tensors = {new_name(n): change(t) for n, t in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})
    return tensors


def folder_kind(folder):
    return json.loads((folder / "config.json").read_text())["model_type"]


def head_bias(folder):
    return "cls.predictions." if folder_kind(folder) == "bert" else "lm_head."


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("module.", ""),
        ("_orig_mod.", "_checkpoint_wrapped_module."),
        # A user's own module, which holds the model.
        ("model.", "module._orig_mod."),
        ("module.student.net.", ""),
    ],
)
def test_names_of_modules_around_modules(folder, saved, outer, inner):
    rename(folder, lambda n: outer + n.replace("layer.1.", f"layer.1.{inner}"))
    assert check(folder, saved).report.new == []


def test_the_second_names_of_bias_and_embedding_alone(folder, saved):
    """As where a file keeps one of tensors that are the same."""
    head, kind = head_bias(folder), folder_kind(folder)
    embedding = f"{kind}.embeddings.word_embeddings.weight"
    others = {
        f"{head}bias": f"{head}decoder.bias",
        embedding: f"{head}decoder.weight",
    }
    tensors = rename(folder, lambda n: others.get(n, n))
    assert not tensors.keys() & others.keys()
    check(folder, saved)


def test_half_precision_in_shards(folder, saved):
    tensors = load_file(str(folder / "model.safetensors"))
    (folder / "model.safetensors").unlink()
    tensors = {name: tensor.astype("float16") for name, tensor in tensors.items()}
    write_shards(folder, tensors, "model.safetensors", save_file)
    check(folder, saved, atol=0.05)


def write_shards(folder, tensors, name, save):
    stem, end = name.rsplit(".", 1)
    shard_of = {n: f"{stem}-{i % 2}.{end}" for i, n in enumerate(sorted(tensors))}
    for shard in set(shard_of.values()):
        save({n: tensors[n] for n in tensors if shard_of[n] == shard}, folder / shard)
    index = {"metadata": {"total_size": 1}, "weight_map": shard_of}
    (folder / f"{name}.index.json").write_text(json.dumps(index))


def test_pickles_and_their_shards(folder, saved):
    _, torch = hf.import_libraries()
    tensors = load_file(str(folder / "model.safetensors"))
    (folder / "model.safetensors").unlink()
    tensors = {n: torch.from_numpy(t.copy()) for n, t in tensors.items()}
    # What training saves beside the weights changes nothing.
    content = {"epoch": 3, "state_dict": tensors, "optimizer": {"lr": 0.1}}
    torch.save(content, folder / "pytorch_model.bin")
    check(folder, saved)
    (folder / "pytorch_model.bin").unlink()
    write_shards(folder, tensors, "pytorch_model.bin", torch.save)
    check(folder, saved)


@pytest.mark.parametrize("has_architectures", [True, False])
def test_the_kind_is_inferred(folder, saved, has_architectures):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["model_type"]
    if not has_architectures:
        del config["architectures"]
        # As transformers saves a configuration of one's own class.
        config["model_type"] = ""
    path.write_text(json.dumps(config))
    check(folder, saved)


def test_the_advice_where_the_kind_cannot_be_inferred(tmp_path):
    model = hf.random_model("BertModel")
    model.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    del config["model_type"], config["architectures"]
    path.write_text(json.dumps(config))
    with pytest.raises(UserError) as raised:
        charbert_tf.checkpoints.load_huggingface(str(tmp_path))
    assert str(raised.value) == (
        f"{path}: has no model_type, and neither architectures nor the tensors' names "
        'tell it: write "model_type": "bert" or "distilbert" or "electra" or "roberta" '
        'or "xlm-roberta" into it'
    )
    path.write_text(json.dumps({**config, "model_type": "bert"}))
    encoder = charbert_tf.checkpoints.load_huggingface(str(tmp_path)).encoder
    features = hf.random_inputs(model)
    np.testing.assert_allclose(
        encoder(features)["sequence_output"],
        hf.outputs(model, features)["last_hidden_state"],
        atol=1e-5,
    )


def test_attentions_own_dropout(folder, saved, tmp_path):
    hf.change_config(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.5)
    encoder = check(folder, saved).encoder
    _, features, _ = saved
    assert (
        np.ptp(
            encoder(features)["sequence_output"] - encoder(features)["sequence_output"]
        )
        == 0
    )
    outputs = [
        np.asarray(encoder(features, training=True)["sequence_output"])
        for _ in range(2)
    ]
    assert np.abs(outputs[0] - outputs[1]).max() > 0.01
    charbert_tf.checkpoints.save_huggingface(encoder, str(tmp_path / "back"))
    config = json.loads((tmp_path / "back" / "config.json").read_text())
    assert config["hidden_dropout_prob"] == 0.0
    assert config["attention_probs_dropout_prob"] == 0.5
    again = type(encoder).from_config(encoder.get_config())
    assert (again.dropout, again.attention_dropout) == (0.0, 0.5)
