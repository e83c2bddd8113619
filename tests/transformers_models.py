"""Random models of transformers, saved as a user has them, and their outputs."""

import json
import pathlib

import numpy as np
import pytest


def import_libraries():
    """transformers and PyTorch; skips the test where they are not installed."""
    return pytest.importorskip("transformers"), pytest.importorskip("torch")


SIZES = {
    "vocab_size": 120,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
}
ROBERTA = {
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "type_vocab_size": 1,
}


def random_model(name, **config):
    """A model by the name of its class, far from its initial weights."""
    transformers, torch = import_libraries()
    config_cls = getattr(
        transformers, name.split("For")[0].removesuffix("Model") + "Config"
    )
    defaults = SIZES | (ROBERTA if "Roberta" in name else {})
    model = getattr(transformers, name)(config_cls(**defaults | config)).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.2, generator=generator)
    return model


def save_text_classifier(folder, word_pieces):
    """A BERT that tells texts of class 0 and 1, as a pipeline of transformers reads it.

    Args:
        folder: a `pathlib.Path`, which is made.
        word_pieces: its vocabulary.
    """
    transformers, torch = import_libraries()
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(word_pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=1.0,
        id2label={0: "0", 1: "1"},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(word_pieces))
    transformers.BertTokenizer(str(vocabulary)).save_pretrained(folder)


def random_inputs(model, rows=3, length=11):
    """Features as NumPy arrays; the last rows are padded."""
    rng = np.random.default_rng(0)
    mask = np.arange(length) < np.array([length, length - 4, 3])[:rows, None]
    token_ids = rng.integers(5, SIZES["vocab_size"], (rows, length))
    features = {
        "token_ids": np.where(mask, token_ids, model.config.pad_token_id),
        "padding_mask": mask,
    }
    if getattr(model.config, "type_vocab_size", 1) > 1:
        features["segment_ids"] = (np.arange(length) > 5) & mask
    return {name: value.astype("int32") for name, value in features.items()}


def outputs(model, features):
    """What the model returns, by transformers' names, as arrays."""
    _, torch = import_libraries()
    inputs = {
        "input_ids": features["token_ids"],
        "attention_mask": features["padding_mask"],
        "token_type_ids": features.get("segment_ids"),
    }
    inputs = {n: torch.tensor(v).long() for n, v in inputs.items() if v is not None}
    with torch.no_grad():
        result = model(**inputs)
    return {n: v.numpy() for n, v in result.items() if isinstance(v, torch.Tensor)}


def change_config(folder, **changes):
    """Edits a folder's config.json."""
    path = pathlib.Path(folder) / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
