"""ConversionReport: what became of the tensors of a checkpoint."""

import re
from typing import NamedTuple


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
