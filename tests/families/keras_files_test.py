"""What Keras saves of a head is the same head in a fresh process, texts and all."""

import json
import pathlib
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.families.keras_heads import NAMES, assert_same, fit, make_head, predictions

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAYS = {
    ".keras": lambda model, path: model.save(path),
    "ModelCheckpoint": lambda model, path: fit(
        model, callbacks=[keras.callbacks.ModelCheckpoint(path)]
    ),
    "pickle": lambda model, path: path.write_bytes(pickle.dumps(model)),
    "quantised preset": lambda model, path: quantised(model).save_to_preset(path),
    "quantised .keras": lambda model, path: quantised(model).save(path),
    "preset after LoRA": lambda model, path: adapted(model).save_to_preset(path),
}
PREDICT = """
import json, pathlib, pickle, sys, warnings
import numpy as np
warnings.simplefilter("error", UserWarning)
import charbert_tf, keras
for name, path in json.loads(sys.argv[1]):
    head = name.split()[0]
    if path.endswith(".keras"):
        model = keras.models.load_model(path)
        assert model.compiled and type(model) is getattr(charbert_tf, head)
    elif path.endswith(".pickle"):
        model = pickle.loads(pathlib.Path(path).read_bytes())
    else:
        model = getattr(charbert_tf, head).from_preset(path)
    from tests.families.keras_heads import predictions
    np.savez(path + ".npz", **predictions(model))
"""


def quantised(model):
    model.quantize("int8")
    return model


def adapted(model):
    model.backbone.enable_lora(2)
    fit(model)
    return model


@pytest.mark.parametrize(
    "way",
    [w if w == ".keras" else pytest.param(w, marks=pytest.mark.slow) for w in WAYS],
)
def test_a_fresh_process_predicts_alike(way, tokenizer, characters, words, tmp_path):
    saved, expected = [], {}
    for number, name in enumerate(NAMES):
        model = make_head(name, tokenizer, characters, words)
        suffix = ".pickle" if way == "pickle" else "" if "preset" in way else ".keras"
        path = tmp_path / f"{number}{suffix}"
        WAYS[way](model, path)
        saved.append((name, str(path)))
        expected[str(path)] = predictions(model)
    subprocess.run(
        [sys.executable, "-c", PREDICT, json.dumps(saved)], cwd=ROOT, check=True
    )
    for path, of_model in expected.items():
        with np.load(path + ".npz") as actual:
            assert_same(dict(actual), of_model)
