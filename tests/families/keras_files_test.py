"""What Keras saves of a head is the same head in a fresh process, texts and all."""

import json
import pathlib
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.families.keras_heads import (
    NAMES,
    assert_same,
    fit,
    predictions,
    without_dropout,
)

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


def run(program, argument):
    """In a fresh process."""
    command = [sys.executable, "-c", program, json.dumps(argument)]
    subprocess.run(command, cwd=ROOT, check=True)


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
def test_a_fresh_process_predicts_alike(way, make_head, tmp_path):
    saved, expected = [], {}
    for number, name in enumerate(NAMES):
        model = make_head(name)
        suffix = ".pickle" if way == "pickle" else "" if "preset" in way else ".keras"
        path = tmp_path / f"{number}{suffix}"
        WAYS[way](model, path)
        saved.append((name, str(path)))
        expected[str(path)] = predictions(model)
    run(PREDICT, saved)
    for path, of_model in expected.items():
        with np.load(path + ".npz") as actual:
            assert_same(dict(actual), of_model)


GO_ON = """
import json, sys
import keras, numpy as np
import charbert_tf
from tests.families.keras_heads import fit, predictions, without_dropout
path = json.loads(sys.argv[1])
model = without_dropout(keras.models.load_model(path + ".keras"))
backup = keras.callbacks.BackupAndRestore(path, delete_checkpoint=False)
assert fit(model, callbacks=[backup]).epoch == [1]
np.savez(path + ".npz", **predictions(model))
"""


class Interrupt(keras.callbacks.Callback):
    """Ends a training before its second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_process_takes_up_a_backup(make_head, name, tmp_path):
    """And ends where a training ends that nobody interrupted."""
    model, path = without_dropout(make_head(name)), str(tmp_path / "head")
    model.save(f"{path}.keras")
    backup = keras.callbacks.BackupAndRestore(path, delete_checkpoint=False)
    with pytest.raises(KeyboardInterrupt):
        fit(model, callbacks=[backup, Interrupt()])
    whole = without_dropout(keras.models.load_model(f"{path}.keras"))
    fit(whole)
    run(GO_ON, path)
    with np.load(f"{path}.npz") as actual:
        assert_same(dict(actual), predictions(whole))
