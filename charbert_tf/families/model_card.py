"""The card of a model: what it is, how it was made, how good it was."""

import importlib.metadata
from collections.abc import Mapping

import keras

import charbert_tf
from charbert_tf.families.score_tables import markdown_table
from charbert_tf.models.charbert_backbone import plain_encoder

CARD = "README.md"
"""The card's name in a preset's folder."""

_PACKAGES = ("tensorflow", "keras", "keras-hub", "tensorflow-text")


def model_card(
    model: keras.Model,
    settings: Mapping[str, object],
    scores: Mapping[str, float],
) -> str:
    """Writes the card of a model that a command made.

    Args:
        model: The model: a head, or a word recogniser.
        settings: What the model depends on, such as its files and its seed, by the
            names of the flags; what is not set is left out.
        scores: What was measured, by name.

    Returns:
        Markdown.

    Example:

    ```python
    print(model_card(tagger, {"train": "train.txt", "seed": 0}, {"dev f1": 0.91}))
    ```
    """
    parts = [
        f"# {type(model).__name__}",
        f"`charbert_tf.{type(model).__name__}.from_preset(...)` loads this folder.",
        markdown_table(["", ""], _about(model)),
        "## How it was made",
        "Flags of the command, its files among them:",
        "```\n" + "\n".join(_flags(settings)) + "\n```",
        "## Scores",
        _scores(scores),
        "## Limits",
        _limits(model),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _about(model: keras.Model) -> list[list[str]]:
    rows = [["weights", f"{model.count_params():,}"]]
    backbone = getattr(model, "backbone", model)
    if hasattr(backbone, "num_layers"):  # A word recogniser has no encoder.
        channel = "without" if plain_encoder(backbone) is backbone else "with"
        rows.append(
            [
                "encoder",
                f"{type(backbone).__name__}: {backbone.num_layers} layers, hidden size "
                f"{backbone.hidden_dim}, {channel} the character channel",
            ]
        )
    labels = getattr(model, "labels", None)
    if labels:
        rows.append(["labels", ", ".join(labels)])
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES]
    rows.append(
        ["made with", ", ".join([f"charbert_tf {charbert_tf.__version__}", *versions])]
    )
    return [[cell.replace("|", r"\|") for cell in row] for row in rows]


def _flags(settings: Mapping[str, object]) -> list[str]:
    return [
        f"--{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(settings.items())
        if value is not None and value != []
    ]


def _scores(scores: Mapping[str, float]) -> str:
    if not scores:
        return "None: no held-out data were named."
    return markdown_table(
        ["measure", "value"], ([name, f"{value:.4f}"] for name, value in scores.items())
    )


def _limits(model: keras.Model) -> str:
    length = getattr(getattr(model, "preprocessor", None), "sequence_length", None)
    limits = ["- Scores are of the data named above; other text gives other ones."]
    if length is not None:
        limits.append(f"- It sees {length} tokens at once.")
    return "\n".join(limits)
