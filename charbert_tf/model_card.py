"""The card of a model: what it is, how it was made, how good it was."""

import importlib.metadata
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras

import charbert_tf
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.markdown import markdown_table

CARD = "README.md"
"""The card's name in a preset's folder."""

# What tells such a card from a file that somebody wrote.
_MARK = (
    "<!-- charbert_tf wrote this card; whatever is saved here next gets a card of its "
    "own, unless this line is gone. -->"
)
_PACKAGES = ("tensorflow", "keras", "keras-hub", "tensorflow-text")
_MOST_LABELS = 50


class WithCard:
    """A model's way to a preset that has a card, for the classes of models.

    Example:

    ```python
    tagger.save_to_preset("my_tagger")
    print(open("my_tagger/README.md").read())
    ```
    """

    def save_to_preset(self, preset_dir: str, *args: Any, **kwargs: Any) -> None:
        """Saves the model as a preset, with a card.

        Args:
            preset_dir: The preset's folder.
            *args: What else keras-hub's method takes.
            **kwargs: Likewise.
        """
        super().save_to_preset(preset_dir, *args, **kwargs)
        write_card(preset_dir, self)


def write_card(
    preset: str,
    model: keras.Model,
    settings: Mapping[str, object] | None = None,
    scores: Mapping[str, float] | None = None,
    note: str = "",
) -> None:
    """Writes the card of a model into its preset; a `README.md` of a user's own stays.

    Args:
        preset: The preset's folder.
        model: The model: a head, an encoder, or a word recogniser.
        settings: What the model depends on, such as its files and its seed, by the
            names of a command's flags; what is not set is left out. `None` of a model
            that was saved in Python.
        scores: What was measured, by name.
        note: What else there is to say of how it was made.

    Example:

    ```python
    write_card("my_tagger", tagger, {"train": "train.txt", "seed": 0}, {"dev f1": 0.91})
    ```
    """
    path = os.path.join(preset, CARD)
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            if _MARK not in file.read():
                return
    with atomic_file(path) as file:
        file.write(_card(model, settings, scores or {}, note))


def _card(
    model: keras.Model,
    settings: Mapping[str, object] | None,
    scores: Mapping[str, float],
    note: str,
) -> str:
    name = type(model).__name__
    is_public = getattr(charbert_tf, name, None) is type(model)
    module = "charbert_tf" if is_public else type(model).__module__
    parts = [
        f"# {name}",
        f"`{module}.{name}.from_preset(...)` loads this folder.",
        markdown_table(["", ""], _about(model)),
        "## How it was made",
        _origin(settings),
        *([note] if note else []),
        "## Scores",
        _scores(scores, settings),
    ]
    if limits := _limits(model, scores):
        parts += ["## Limits", "\n".join(f"- {limit}" for limit in limits)]
    return "\n\n".join(part.strip("\n") for part in [*parts, _MARK]) + "\n"


def _about(model: keras.Model) -> list[list[str]]:
    rows = [["weights", f"{model.count_params():,}"]]
    backbone = getattr(model, "backbone", model)
    if hasattr(backbone, "num_layers"):  # A word recogniser has no encoder.
        channel = "without the character channel"
        if hasattr(backbone, "num_characters"):
            form = getattr(backbone, "interaction", "own")
            channel = f"with the character channel ({form} interaction)"
        rows.append(
            [
                "encoder",
                f"{type(backbone).__name__}: {backbone.num_layers} layers, hidden size "
                f"{backbone.hidden_dim}, {channel}",
            ]
        )
    if labels := getattr(model, "labels", None):
        rows.append(["labels", _some(labels)])
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES]
    rows.append(
        ["made with", ", ".join([f"charbert_tf {charbert_tf.__version__}", *versions])]
    )
    return rows


def _some(labels: Sequence[str]) -> str:
    more = len(labels) - _MOST_LABELS
    told = ", ".join(map(str, labels[:_MOST_LABELS]))
    return f"{told} and {more} more" if more > 0 else told


def _origin(settings: Mapping[str, object] | None) -> str:
    if settings is None:
        return "Saved in Python, which does not tell what it was trained on."
    lines = [
        f"--{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(settings.items())
        if value is not None and value != []
    ]
    told = "Flags of the command, its files among them:"
    return "\n".join([f"{told}\n", "```", *lines, "```"])


def _scores(scores: Mapping[str, float], settings: Mapping[str, object] | None) -> str:
    if scores:
        rows = ([name, f"{value:.4f}"] for name, value in scores.items())
        return markdown_table(["measure", "value"], rows)
    return "Not known." if settings is None else "None: no held-out data were named."


def _limits(model: keras.Model, scores: Mapping[str, float]) -> list[str]:
    limits = []
    if scores:
        limits.append(
            "Scores are of the data named above; other text gives other ones."
        )
    length = getattr(getattr(model, "preprocessor", None), "sequence_length", None)
    if length is not None:
        limits.append(f"It sees {length} tokens at once.")
    return limits
