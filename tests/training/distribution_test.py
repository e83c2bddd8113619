"""The strategy that fits, and what TF_CONFIG must say."""

import contextlib
import types

import pytest
import tensorflow as tf

from charbert_tf.errors import UserError
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


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "TF_CONFIG: cannot be read (Expecting property name"),
        ("[]", "TF_CONFIG: cannot be read ("),
        ('{"cluster": ["localhost:1"]}', "TF_CONFIG: cannot be read ("),
        ("{}", "TF_CONFIG: names no workers: set it as tf.distribute's guide says"),
        (
            '{"cluster": {"worker": ["localhost:1", "localhost:2"]}}',
            "TF_CONFIG: cannot be used (When `cluster_spec` is given, you must also",
        ),
    ],
)
def test_a_config_that_names_no_cluster(monkeypatch, config, message):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(UserError) as error:
        make_strategy("multi_worker")
    assert str(error.value).startswith(message)


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
