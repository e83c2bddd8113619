"""Weights files: every form that a folder may have them in, and what is refused."""

import json
import os

import numpy as np
import pytest
import safetensors.numpy

from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import read_state_dict, write_state_dict

TENSORS = {
    "embeddings.weight": np.arange(12, dtype="float32").reshape(3, 4) / 7,
    "layer.0.bias": np.array([1.5, -2.25], "float32"),
    "position_ids": np.arange(4),
}


def assert_same(tensors, expected=TENSORS):
    assert tensors.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(tensors[name], value)
        assert tensors[name].dtype == value.dtype


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def test_what_is_written_is_read(tmp_path):
    write_state_dict(str(tmp_path), TENSORS)
    assert_same(read_state_dict(str(tmp_path)))


def test_what_pytorch_saved(torch, tmp_path):
    state_dict = {name: torch.tensor(value) for name, value in TENSORS.items()}
    torch.save(state_dict, tmp_path / "pytorch_model.bin")
    assert_same(read_state_dict(str(tmp_path)))


def test_safetensors_go_first(torch, tmp_path):
    torch.save({"other": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    write_state_dict(str(tmp_path), TENSORS)
    assert_same(read_state_dict(str(tmp_path)))


@pytest.mark.parametrize("ending", ["safetensors", "bin"])
def test_shards(torch, tmp_path, ending):
    names = {"safetensors": "model", "bin": "pytorch_model"}
    shard_of = {}
    for number, (name, value) in enumerate(TENSORS.items(), start=1):
        shard = f"{names[ending]}-{number:05}-of-00003.{ending}"
        shard_of[name] = shard
        if ending == "bin":
            torch.save({name: torch.tensor(value)}, tmp_path / shard)
        else:
            safetensors.numpy.save_file({name: value}, tmp_path / shard)
    index = tmp_path / f"{names[ending]}.{ending}.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": shard_of}))
    assert_same(read_state_dict(str(tmp_path)))
    os.remove(tmp_path / shard)
    with pytest.raises(UserError, match=f"{shard}: no such file, but the index"):
        read_state_dict(str(tmp_path))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("ending", ["safetensors", "bin"])
def test_half_precision_becomes_single(torch, tmp_path, dtype, ending):
    import safetensors.torch

    state_dict = {"a": torch.tensor([1.5, -0.25, 3e-3]).to(getattr(torch, dtype))}
    if ending == "bin":
        torch.save(state_dict, tmp_path / "pytorch_model.bin")
    else:
        safetensors.torch.save_file(state_dict, tmp_path / "model.safetensors")
    assert_same(read_state_dict(str(tmp_path)), {"a": state_dict["a"].float().numpy()})


class RunsCode:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_that_runs_code(torch, tmp_path):
    trap = tmp_path / "trap"
    torch.save({"a": RunsCode(str(trap))}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"pytorch_model\.bin: refused: a state dict"):
        read_state_dict(str(tmp_path))
    assert not trap.exists()


def test_a_pickle_of_something_else(torch, tmp_path):
    torch.save([torch.zeros(1)], tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="is no state dict: it must map names"):
        read_state_dict(str(tmp_path))


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file(torch, tmp_path, name, share):
    path = tmp_path / name
    if name == "model.safetensors":
        write_state_dict(str(tmp_path), TENSORS)
    else:
        torch.save({n: torch.tensor(v) for n, v in TENSORS.items()}, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=f"{name}: .*(damaged|not complete)"):
        read_state_dict(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"cannot be read as JSON \("),
        ("[" * 100_000, r"cannot be read as JSON \(it is nested too deeply\)"),
        ("[]", "must hold values by name"),
        ('{"weight_map": {"a": 1}}', "is no index of shards"),
        ('{"shards": {}}', "is no index of shards"),
        (
            '{"weight_map": {"a": "../other/model.safetensors"}}',
            "outside of the folder",
        ),
    ],
)
def test_a_damaged_index(tmp_path, content, message):
    (tmp_path / "model.safetensors.index.json").write_text(content)
    with pytest.raises(UserError, match=message):
        read_state_dict(str(tmp_path))


def test_an_index_that_promises_more(tmp_path):
    write_state_dict(str(tmp_path), TENSORS)
    os.rename(tmp_path / "model.safetensors", tmp_path / "shard.safetensors")
    index = {"weight_map": {"layer.9.bias": "shard.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(
        UserError, match=r"tensors that are in no shard: layer\.9\.bias"
    ):
        read_state_dict(str(tmp_path))


def test_a_folder_without_weights(tmp_path):
    with pytest.raises(UserError, match="holds no weights, neither"):
        read_state_dict(str(tmp_path))


def test_pytorch_is_named_where_it_is_missing(torch, tmp_path, monkeypatch):
    torch.save({"a": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(UserError, match=r"pip install '\.\[torch\]' in this"):
        read_state_dict(str(tmp_path))
