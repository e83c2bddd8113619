"""The private parts of Keras and keras-hub that are used are still what they were.

These run before all other tests (tests/conftest.py), and say what an upgrade broke.
"""

import ast
import importlib
import importlib.metadata
import inspect
import pathlib
import re

import grain
import keras
import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf import third_party_internals
from charbert_tf.encoders.transformer_encoder import TransformerEncoder
from charbert_tf.third_party_internals import TESTED_WITH

ROOT = pathlib.Path(__file__).resolve().parents[1]
INSTALLED = {name: importlib.metadata.version(name) for name in TESTED_WITH}
CHANGED = f"changed since {TESTED_WITH}; installed are {INSTALLED}"

# Public, for all their names.
PUBLIC = {"_asdict", "_exit", "_fields", "_make", "_replace"}
PRIVATE_MODULE = re.compile(r"\b(keras|keras_hub|keras_nlp)\.src\b|tensorflow\.python")


def private_attributes(tree):
    """The private attributes that are asked of what the file does not define."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
            owner = ast.unparse(node.value)
            if (
                owner not in ("self", "cls", "super()")
                and node.attr not in PUBLIC | own
            ):
                yield f"{owner}.{node.attr}"


def test_private_parts_are_used_in_one_file_alone():
    found = []
    home = pathlib.Path(third_party_internals.__file__)
    for folder in ("charbert_tf", "official"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if path == home:
                continue
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {match[0]}" for match in PRIVATE_MODULE.finditer(text)]
            found += [f"{name}: {part}" for part in private_attributes(ast.parse(text))]
    assert found == [], f"these belong into {home.name}"


def test_the_versions_are_those_of_the_requirements():
    pinned = dict(
        line.split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line
    )
    told = {name: pinned[name] for name in TESTED_WITH}
    assert told == TESTED_WITH, "run this file's tests, then correct TESTED_WITH"


def test_registered_classes_are_looked_up_in_the_dictionary():
    module, dictionary = third_party_internals.REGISTERED_OBJECTS
    objects = getattr(importlib.import_module(module), dictionary, None)
    assert isinstance(objects, dict), CHANGED
    assert keras.saving.get_custom_objects() is objects, CHANGED
    source = inspect.getsource(keras.saving.get_registered_object)
    assert f"name in {dictionary}" in source, CHANGED


def test_the_loader_of_presets(tmp_path):
    encoder = keras_hub.models.BertBackbone(9, 1, 2, 4, 4)
    encoder.save_to_preset(tmp_path)
    loader = third_party_internals.preset_loader(str(tmp_path))
    assert third_party_internals.is_keras_preset(loader), CHANGED
    for name in ("load_task", "load_preprocessor", "load_tokenizer", "load_backbone"):
        assert callable(getattr(loader, name, None)), f"{name} {CHANGED}"
    assert loader.check_backbone_class() is keras_hub.models.BertBackbone, CHANGED


def test_the_policy_of_a_preset(tmp_path):
    encoder = keras_hub.models.BertBackbone(9, 1, 2, 4, 4, dtype="mixed_bfloat16")
    encoder.save_to_preset(tmp_path)
    policy = third_party_internals.saved_dtype(str(tmp_path))
    assert policy.name == "mixed_bfloat16", CHANGED
    encoder.quantize("int8")
    encoder.save_to_preset(tmp_path)
    policy = third_party_internals.saved_dtype(str(tmp_path))
    assert isinstance(policy, keras.dtype_policies.DTypePolicyMap), CHANGED


def test_a_pipeline_of_grain_is_noticed():
    assert not third_party_internals.in_grain_pipeline()
    seen = grain.MapDataset.source([1]).map(
        lambda _: third_party_internals.in_grain_pipeline()
    )
    assert list(seen) == [True], CHANGED


def test_a_file_of_anybodys_is_noticed():
    class Seen:
        @classmethod
        def from_config(cls, config):
            seen.append(third_party_internals.in_safe_mode())
            return cls()

    seen = [third_party_internals.in_safe_mode()]
    for safe_mode in (True, False):
        keras.saving.deserialize_keras_object(
            {"class_name": "Seen", "registered_name": "Seen", "config": {}},
            {"Seen": Seen},
            safe_mode=safe_mode,
        )
    assert seen == [False, True, False], CHANGED


def test_operations_are_deterministic_for_a_while():
    def draw():
        return tf.random.uniform([], seed=None)

    tf.random.set_seed(None)
    for _ in range(2):
        with third_party_internals.deterministic_operations():
            with third_party_internals.deterministic_operations():
                assert tf.random.uniform([], seed=1).shape == (), CHANGED
            with pytest.raises(RuntimeError, match="require a seed"):
                draw()
        draw()


def test_an_optimizer_sums_gradients_in_one_method(monkeypatch):
    optimizer, seen = keras.optimizers.SGD(1.0), []
    summed = optimizer._all_reduce_sum_gradients
    monkeypatch.setattr(
        optimizer, "_all_reduce_sum_gradients", lambda of: seen.append(of) or of
    )
    weight = keras.Variable([2.0])
    strategy = tf.distribute.get_strategy()
    strategy.run(lambda: optimizer.apply([tf.constant([1.0])], [weight]))
    assert len(seen) == 1, CHANGED
    assert float(weight[0]) == 1.0
    assert callable(summed), CHANGED


def test_the_parts_of_a_transformer_layer_compute_it():
    layer = TransformerEncoder(6, 2)
    vectors = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    expected = keras_hub.layers.TransformerEncoder(6, 2)
    expected(vectors)
    layer(vectors)
    expected.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(vectors), expected(vectors), atol=1e-5)
    parts = third_party_internals.transformer_parts(expected)
    attended = parts.attention_layer_norm(vectors + parts.attention(vectors, vectors))
    inner = parts.output_dense(parts.intermediate_dense(attended))
    computed = parts.layer_norm(attended + inner)
    np.testing.assert_allclose(computed, expected(vectors), atol=1e-5, err_msg=CHANGED)


def test_the_parts_of_a_language_model_head_compute_it():
    head = keras_hub.layers.MaskedLMHead(vocabulary_size=5)
    vectors = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    expected = head(vectors, np.array([[0, 2], [1, 1]]))
    parts = third_party_internals.head_parts(head)
    hidden = parts.layer_norm(parts.dense(vectors))
    logits = np.asarray(hidden) @ np.asarray(parts.kernel) + np.asarray(parts.bias)
    picked = np.stack([logits[0, [0, 2]], logits[1, [1, 1]]])
    np.testing.assert_allclose(picked, expected, atol=1e-5, err_msg=CHANGED)
