"""WeightMap: which tensors of a state dict are which weights of a model."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np

from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, UsedTensors


class Layout(NamedTuple):
    """Two functions that undo each other, to the bit.

    Attributes:
        to_weight: Makes a weight of a shape from tensors.
        to_tensors: Makes the tensors from a weight.
    """

    to_weight: Callable[[Sequence[np.ndarray], Sequence[int]], np.ndarray]
    to_tensors: Callable[[np.ndarray], list[np.ndarray]]


def _of_one(
    to_weight: Callable[[np.ndarray], np.ndarray],
    to_tensor: Callable[[np.ndarray], np.ndarray],
) -> Layout:
    """A layout of one tensor; the weight has the same numbers, maybe in more axes."""
    return Layout(
        lambda tensors, shape: to_weight(tensors[0]).reshape(shape),
        lambda weight: [to_tensor(weight)],
    )


def _reorder_gates(tensor: np.ndarray) -> np.ndarray:
    """Exchanges PyTorch's order reset, update, new and Keras's update, reset, new."""
    first, second, new = np.split(tensor, 3, axis=0)
    return np.concatenate([second, first, new])


SAME = _of_one(lambda tensor: tensor, lambda weight: weight)
"""Embeddings, biases and layer norms."""

DENSE = _of_one(np.transpose, np.transpose)
"""A dense layer's kernel."""

HEADS_KERNEL = _of_one(np.transpose, lambda weight: weight.reshape(len(weight), -1).T)
"""Attention's projection to queries, keys or values: `(hidden_dim, heads, size)`."""

HEADS_BIAS = _of_one(lambda tensor: tensor, np.ravel)
"""Its bias, `(heads, size)`."""

FROM_HEADS_KERNEL = _of_one(
    np.transpose, lambda weight: weight.reshape(-1, weight.shape[-1]).T
)
"""Attention's output projection, `(heads, size, hidden_dim)`."""

CONVOLUTION = _of_one(
    lambda tensor: tensor.transpose(2, 1, 0), lambda weight: weight.transpose(2, 1, 0)
)
"""A one-dimensional convolution's kernel, `(width, inputs, filters)`."""

GRU_KERNEL = _of_one(
    lambda tensor: _reorder_gates(tensor).T, lambda weight: _reorder_gates(weight.T)
)
"""A GRU's kernel of inputs or of states, `(inputs, 3 * units)`."""

GRU_BIAS = Layout(
    lambda tensors, shape: np.stack([_reorder_gates(t) for t in tensors]),
    lambda weight: [_reorder_gates(row) for row in weight],
)
"""The biases of inputs and of states, `(2, 3 * units)`, with `reset_after=True`."""


_MOST_NAMES = 30


class _Entry(NamedTuple):
    variable: keras.Variable
    names: tuple[str, ...]
    layout: Layout
    copies: tuple[str, ...]
    optional_copies: tuple[str, ...]


class WeightMap:
    """Pairs tensors and weights, once, for reading and for writing.

    Example:

    ```python
    weight_map = WeightMap()
    weight_map.add_dense(encoder.pooled_dense, "pooler.dense")
    weight_map.load(tensors, "bert_folder")
    write_state_dict("other_folder", weight_map.dump())
    ```
    """

    def __init__(self):
        self._entries: list[_Entry] = []

    def add(
        self,
        variable: keras.Variable,
        *names: str,
        layout: Layout = SAME,
        copies: Sequence[str] = (),
        optional_copies: Sequence[str] = (),
    ) -> None:
        """Pairs a weight with the tensors that it is made of.

        Args:
            variable: The weight.
            *names: The tensors' names, as many as the layout takes.
            layout: How they make the weight.
            copies: Names of further tensors that are the first one again, as of a
                layer that several places share.
            optional_copies: Likewise, of tensors that need not be there and are not
                written.
        """
        self._entries.append(
            _Entry(variable, names, layout, tuple(copies), tuple(optional_copies))
        )

    def add_dense(
        self,
        layer: keras.layers.Dense,
        name: str,
        layout: Layout = DENSE,
        bias_layout: Layout = SAME,
    ) -> None:
        """Pairs a layer's kernel and, if it has one, its bias.

        Args:
            layer: A dense layer, or one whose weights are called alike.
            name: Its name in the state dict, without `.weight` and `.bias`.
            layout: Of the kernel.
            bias_layout: Of the bias.
        """
        self.add(layer.kernel, f"{name}.weight", layout=layout)
        if layer.bias is not None:
            self.add(layer.bias, f"{name}.bias", layout=bias_layout)

    def add_layer_norm(self, layer: keras.layers.LayerNormalization, name: str) -> None:
        """Pairs a layer norm's gain and shift.

        Args:
            layer: The layer norm.
            name: Its name in the state dict, without `.weight` and `.bias`.
        """
        self.add(layer.gamma, f"{name}.weight")
        self.add(layer.beta, f"{name}.bias")

    def load(
        self,
        tensors: Mapping[str, np.ndarray],
        folder: str,
        ignored: Mapping[str, str] | None = None,
        model: keras.Model | None = None,
    ) -> ConversionReport:
        """Gives all weights their values, or none if anything does not fit.

        Args:
            tensors: The tensors by name.
            folder: Where they come from, for errors.
            ignored: Parts of names of tensors to leave out, with the reason.
            model: The model, whose other weights the report calls new.

        Returns:
            What was used for what.

        Raises:
            UserError: If a tensor is missing, of no use or of another shape, or two
                that must be the same differ.
        """
        ignored = ignored or {}
        expected = self._expected_shapes()
        optional = {name for entry in self._entries for name in entry.optional_copies}
        unused = {}
        for name in tensors.keys() - expected.keys() - optional:
            reasons = [why for part, why in ignored.items() if part in name]
            if reasons:
                unused[name] = reasons[0]
        self._check(tensors, expected, optional | unused.keys(), folder)
        for entry in self._entries:
            values = [tensors[name] for name in entry.names]
            shape = entry.variable.shape
            entry.variable.assign(entry.layout.to_weight(values, shape))
        return ConversionReport(
            [self._used(entry, tensors) for entry in self._entries],
            dict(sorted(unused.items())),
            [] if model is None else self._new(model),
        )

    def dump(self) -> dict[str, np.ndarray]:
        """Returns the tensors that make these weights.

        Raises:
            UserError: If two weights differ that are one tensor.
        """
        tensors: dict[str, np.ndarray] = {}
        for entry in self._entries:
            values = entry.layout.to_tensors(np.asarray(entry.variable))
            names = zip(entry.names, values, strict=True)
            for name, value in [*names, *((name, values[0]) for name in entry.copies)]:
                if name in tensors and not np.array_equal(tensors[name], value):
                    raise UserError(
                        f"{name} stands for two weights in this layout, and they "
                        "differ in the model: save its backbone instead"
                    )
                tensors[name] = value
        return tensors

    def _expected_shapes(self) -> dict[str, tuple[int, ...]]:
        shapes = {}
        for entry in self._entries:
            # Shapes only: the memory of zeros is never touched.
            zeros = np.zeros(entry.variable.shape, "float32")
            parts = [part.shape for part in entry.layout.to_tensors(zeros)]
            shapes |= dict(zip(entry.names, parts, strict=True))
            shapes |= dict.fromkeys(entry.copies, parts[0])
        return shapes

    def _check(self, tensors, expected, known, folder) -> None:
        missing = [
            f"{name} {expected[name]}" for name in expected.keys() - tensors.keys()
        ]
        unexpected = [
            f"{name} {tensors[name].shape}"
            for name in tensors.keys() - expected.keys() - known
        ]
        misshapen = [
            f"{name} {tensors[name].shape} instead of {expected[name]}"
            for name in expected.keys() & tensors.keys()
            if tensors[name].shape != expected[name]
        ]
        complaints = [
            f"{what}: {_listed(names)}"
            for what, names in (
                ("missing", missing),
                ("of no use", unexpected),
                ("of another shape than config.json says", misshapen),
            )
            if names
        ]
        if complaints:
            raise UserError(
                f"the weights do not fit the model: {'; '.join(complaints)}", folder
            )
        for entry in self._entries:
            original, *_ = entry.names
            for copy in (*entry.copies, *entry.optional_copies):
                if copy in tensors and not np.array_equal(
                    tensors[copy], tensors[original]
                ):
                    raise UserError(
                        f"{original} and {copy} must be the same tensor, and differ",
                        folder,
                    )

    def _used(self, entry: _Entry, tensors) -> UsedTensors:
        optional = tuple(name for name in entry.optional_copies if name in tensors)
        names = (*entry.names, *entry.copies, *optional)
        return UsedTensors(names, entry.variable.path, tuple(entry.variable.shape))

    def _new(self, model: keras.Model) -> list[str]:
        loaded = {id(entry.variable) for entry in self._entries}
        return [weight.path for weight in model.weights if id(weight) not in loaded]


def _listed(names: list[str]) -> str:
    names = sorted(names)
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
