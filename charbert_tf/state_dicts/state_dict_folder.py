"""Reading and writing the tensors of a Hugging Face or a released CharBERT folder."""

import os
import pickle
import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import safetensors.numpy
import tensorflow  # noqa: F401

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object


class UsedTensors(NamedTuple):
    """The tensors that made a weight.

    Attributes:
        names: The tensors' names.
        weight: The weight's path in the model.
        shape: The weight's shape.
    """

    names: tuple[str, ...]
    weight: str
    shape: tuple[int, ...]


class ConversionReport(NamedTuple):
    r"""Every tensor of a checkpoint, and every weight of the model, by name.

    Attributes:
        used: What made each weight.
        unused: Why a tensor was left out, by its name.
        new: Paths of the weights that no tensor gave a value.

    Example:

    ```python
    encoder, pretrainer, report = load_huggingface("bert-base-uncased")
    print("\n".join(report.lines()))
    ```
    """

    used: list[UsedTensors]
    unused: dict[str, str]
    new: list[str]

    def lines(self) -> list[str]:
        """Returns the report to print; layers that are alike share a line."""
        groups: dict[tuple, list] = {}
        for names, weight, shape in self.used:
            patterns = dict.fromkeys(map(_pattern, names))
            key = (tuple(patterns), _pattern(weight), shape)
            groups.setdefault(key, []).append(names)
        lines = [
            f"{', '.join(names)} -> {weight} {shape}"
            + (f", {len(members)} times" if len(members) > 1 else "")
            for (names, weight, shape), members in groups.items()
        ]
        lines += [f"{name}: left out, {why}" for name, why in self.unused.items()]
        return lines + [f"{path}: new, not in the checkpoint" for path in self.new]


def _pattern(name: str) -> str:
    """A name in which the number of a layer is a star."""
    return re.sub(r"(?<=layer[._])\d+|(?<=layer_list\.)\d+", "*", name)


# What a folder may hold, the best first; an index names the shards of a large model.
_SAFETENSORS = "model.safetensors"
_PICKLE = "pytorch_model.bin"
_FILES = (
    _SAFETENSORS,
    f"{_SAFETENSORS}.index.json",
    _PICKLE,
    f"{_PICKLE}.index.json",
)
_FETCH_AGAIN = "the file is damaged or not complete: fetch it again"
_LONGEST_REASON = 200


def read_state_dict(folder: str) -> dict[str, np.ndarray]:
    """Reads all tensors of a folder.

    `model.safetensors` goes before `pytorch_model.bin`, which takes PyTorch to read;
    of it only tensors are loaded, never code. Either may be cut into shards.

    Args:
        folder: The folder.

    Returns:
        The tensors by name; half-precision ones as float32.

    Raises:
        UserError: If there is no such file, PyTorch is needed and not installed, a
            file is damaged, or it holds anything but tensors.

    Example:

    ```python
    tensors = read_state_dict("bert-base-cased")
    tensors["bert.pooler.dense.bias"].shape
    ```
    """
    for name in _FILES:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        if name.endswith(".json"):
            return _read_shards(folder, path)
        return _read_file(path)
    raise UserError(f"holds no weights, neither {_SAFETENSORS} nor {_PICKLE}", folder)


def read_tensor_names(folder: str) -> list[str]:
    """Reads the names of a folder's tensors, and no tensor if that can be.

    Args:
        folder: The folder.

    Returns:
        The names; none if the folder has no weights.

    Raises:
        UserError: See `read_state_dict`.

    Example:

    ```python
    read_tensor_names("bert-base-cased")[0]
    ```
    """
    for name in _FILES:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        if name.endswith(".json"):
            return list(_read_index(path))
        if name == _PICKLE:
            return list(_read_file(path))
        return _read_safetensors_names(path)
    return []


def write_state_dict(folder: str, tensors: Mapping[str, np.ndarray]) -> None:
    """Writes tensors as `model.safetensors`.

    Args:
        folder: A folder that exists.
        tensors: The tensors by name.

    Example:

    ```python
    write_state_dict("my_model", {"pooler.dense.bias": np.zeros(768, "float32")})
    ```
    """
    safetensors.numpy.save_file(
        {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()},
        os.path.join(folder, _SAFETENSORS),
        # transformers refuses a file that does not say so.
        metadata={"format": "pt"},
    )


def _read_index(path: str) -> dict[str, str]:
    """The file of each tensor."""
    shard_of = read_json_object(path, "fetch it again").get("weight_map")
    is_map = isinstance(shard_of, dict)
    if not is_map or not all(isinstance(name, str) for name in shard_of.values()):
        raise UserError(
            'is no index of shards, it has no "weight_map" of files by tensor: fetch '
            "it again",
            path,
        )
    return shard_of


def _read_shards(folder: str, path: str) -> dict[str, np.ndarray]:
    shard_of = _read_index(path)
    tensors = {}
    for shard in sorted(set(shard_of.values())):
        if os.path.basename(shard) != shard:
            raise UserError(f"names a shard outside of the folder, {shard!r}", path)
        shard_path = os.path.join(folder, shard)
        if not os.path.exists(shard_path):
            raise UserError("no such file, but the index names it", shard_path)
        tensors |= _read_file(shard_path)
    missing = sorted(shard_of.keys() - tensors.keys())
    if missing:
        raise UserError(
            f"names tensors that are in no shard: {', '.join(missing)}", path
        )
    return tensors


def _read_file(path: str) -> dict[str, np.ndarray]:
    read = _read_safetensors if path.endswith(".safetensors") else _read_pickle
    return {name: _single_precision(tensor) for name, tensor in read(path).items()}


def _read_safetensors(path: str) -> dict[str, np.ndarray]:
    try:
        return safetensors.numpy.load_file(path)
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise UserError(f"{_FETCH_AGAIN} ({_reason(error)})", path) from error


def _read_safetensors_names(path: str) -> list[str]:
    try:
        with safetensors.safe_open(path, "numpy") as file:
            return list(file.keys())
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise UserError(f"{_FETCH_AGAIN} ({_reason(error)})", path) from error


def _read_pickle(path: str) -> dict[str, np.ndarray]:
    try:
        import torch
    except ImportError as error:
        raise UserError(
            "PyTorch is needed to read this file: pip install '.[torch]' in this "
            f"repository, or save the model as {_SAFETENSORS}",
            path,
        ) from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            "refused: a state dict holds tensors alone, this file asks for other code "
            f"to be run, or is damaged ({_reason(error)}); fetch it from a source that "
            "you trust",
            path,
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise UserError(f"{_FETCH_AGAIN} ({_reason(error)})", path) from error
    return {
        name: (tensor.float() if tensor.is_floating_point() else tensor).numpy()
        for name, tensor in _state_dict_in(content, torch.Tensor, path).items()
    }


def _state_dict_in(content: object, tensor_cls: type, path: str) -> Mapping:
    """A file's state dict, which may be one thing of several that training saved."""
    things = [content, *content.values()] if isinstance(content, Mapping) else []
    found = [
        thing
        for thing in things
        if isinstance(thing, Mapping)
        and thing
        and all(isinstance(value, tensor_cls) for value in thing.values())
    ]
    if len(found) != 1:
        raise UserError(
            "is no state dict: it must map names to tensors, as "
            "torch.save(model.state_dict(), path) writes it",
            path,
        )
    return found[0]


def _single_precision(tensor: np.ndarray) -> np.ndarray:
    is_integer = np.issubdtype(tensor.dtype, np.integer) or tensor.dtype == bool
    return tensor if is_integer else tensor.astype(np.float32, copy=False)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
