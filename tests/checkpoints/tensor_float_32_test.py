"""When a check of parity says that TensorFloat-32 is on."""

import pytest
import tensorflow as tf

from charbert_tf.checkpoints.conversion import tensor_float_32_note


@pytest.fixture
def seeming_gpu(monkeypatch):
    gpu = tf.config.LogicalDevice("/device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda *_: [gpu])


def test_where_there_is_no_gpu():
    assert not tensor_float_32_note()


def test_on_a_gpu_by_default(seeming_gpu):
    assert "TensorFloat-32 is on" in tensor_float_32_note()


def test_the_remedy(seeming_gpu, monkeypatch):
    variable, _, value = "NVIDIA_TF32_OVERRIDE=0".partition("=")
    assert f"{variable}={value}" in tensor_float_32_note()
    monkeypatch.setenv(variable, value)
    assert not tensor_float_32_note()


def test_where_tensorflow_was_told(seeming_gpu):
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        assert not tensor_float_32_note()
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)
