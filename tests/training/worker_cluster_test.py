"""TF_CONFIG: what is wrong with it is said before TensorFlow waits for anyone."""

import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.training.distribution import WorkerCluster

TWO = '"cluster": {"worker": ["a:1", "b:2"]}'


@pytest.mark.parametrize("config", ["", "{}", '{"cluster": {"ps": ["a:1"]}}'])
def test_no_workers(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    cluster = WorkerCluster.from_environment()
    assert cluster.addresses == {}
    with pytest.raises(UserError, match="TF_CONFIG: names no workers"):
        cluster.others()


@pytest.mark.parametrize("index", [0, "0"])
def test_the_others_are_named(monkeypatch, index):
    cluster = {"chief": ["a:1"], "worker": ["b:2", "c:3"], "ps": ["d:4"]}
    config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
    assert WorkerCluster(config).others() == ["chief 0 (a:1)", "worker 1 (c:3)"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot be read (Expecting property name"),
        ("[]", "cannot be read ("),
        ('{"cluster": ["a:1"]}', "cannot be read ("),
        ('{"cluster": {"worker": "a:1"}}', '"worker" is no list: give it one of'),
        ('{"cluster": {"worker": {"0": "a:1"}}}', '"worker" is no list'),
        ('{"cluster": {"worker": ["a:1", 2]}}', "worker 1 has the address 2: give"),
        ('{"cluster": {"worker": ["a"]}}', "worker 0 has the address 'a': give host:"),
        ('{"cluster": {"worker": ["a:1", "a:1"]}}', "names an address twice: "),
    ],
)
def test_a_malformed_one(monkeypatch, config, message):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(UserError) as error:
        WorkerCluster.from_environment()
    assert str(error.value).startswith(f"TF_CONFIG: {message}")


@pytest.mark.parametrize(
    "task",
    [
        "null",
        "[]",
        '{"type": "worker"}',
        '{"type": "worker", "index": 2}',
        '{"type": "worker", "index": -1}',
        '{"type": "worker", "index": "x"}',
        '{"type": "evaluator", "index": 0}',
        '{"type": ["worker"], "index": 0}',
    ],
)
def test_a_task_that_is_none_of_the_workers(monkeypatch, task):
    monkeypatch.setenv("TF_CONFIG", f'{{{TWO}, "task": {task}}}')
    with pytest.raises(UserError) as error:
        WorkerCluster.from_environment().others()
    assert str(error.value) == (
        f'TF_CONFIG: "task" is {task}, none of its workers (worker 0, worker 1): give '
        'their type and index, such as {"type": "worker", "index": 0}'
    )
