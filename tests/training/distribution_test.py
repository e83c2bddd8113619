"""The strategy that fits, and what TF_CONFIG must say."""

import contextlib
import json
import types

import pytest
import tensorflow as tf

from charbert_tf.files.errors import UserError
from charbert_tf.training.distribution import building_scope, is_chief, make_strategy


@pytest.mark.parametrize("config", ["{}", '{"cluster": {"worker": ["localhost:1"]}}'])
def test_one_device_fits_this_machine(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    strategy = make_strategy()
    assert strategy is tf.distribute.get_strategy()
    assert is_chief(strategy)


def test_mirrored_is_mirrored():
    strategy = make_strategy("mirrored")
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    assert is_chief(strategy)


def test_a_config_that_names_no_cluster_is_refused_at_once(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(UserError, match="TF_CONFIG: names no workers"):
        make_strategy("multi_worker")


def test_who_is_none_of_the_workers_does_not_train_alone(monkeypatch):
    config = {
        "cluster": {"worker": ["localhost:1", "localhost:2"]},
        "task": {"type": "evaluator", "index": 0},
    }
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    with pytest.raises(UserError) as error:
        make_strategy()
    assert str(error.value).startswith('TF_CONFIG: "task" is {"type": "evaluator", ')


@pytest.mark.parametrize(
    ("resolver", "error"), [(object(), UserError), (None, tf.errors.UnavailableError)]
)
def test_a_worker_that_is_gone_while_a_model_is_built(resolver, error):
    strategy = types.SimpleNamespace(
        scope=contextlib.nullcontext, cluster_resolver=resolver
    )
    message = "another worker is gone" if error is UserError else "Socket closed"
    with pytest.raises(error, match=message), building_scope(strategy):
        raise tf.errors.UnavailableError(None, None, "Socket closed")
