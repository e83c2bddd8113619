"""Which graphs may hold a GPU's own operations, on a machine that seems to have one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.graphs.local_graph import local_graph, may_use_cudnn
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.training_step import TrainingStep

TEXTS = ["the fine film", "not in Rome"]


@pytest.fixture
def seeming_gpu(monkeypatch):
    """Makes TensorFlow tell of a GPU that is not there."""
    lists = {"list_logical_devices": "LogicalDevice"}
    lists["list_physical_devices"] = "PhysicalDevice"
    for name, cls in lists.items():
        real = getattr(tf.config, name)
        gpu = getattr(tf.config, cls)(f"/{cls}:GPU:0", "GPU")

        def seen(device_type=None, real=real, gpu=gpu):
            if device_type == "GPU":
                return [gpu]
            return [*real(device_type), *([gpu] if device_type is None else [])]

        monkeypatch.setattr(tf.config, name, seen)


@pytest.fixture(scope="module")
def classifier(make_encoder, tokenizer, characters):
    backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters), 8)
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
    return charbert_tf.TextClassifier(backbone, 2, preprocessor, labels=["a", "b"])


def operations(graph_def):
    nodes = [*graph_def.node]
    for function in graph_def.library.function:
        nodes += function.node_def
    return {node.op for node in nodes}


def is_of_gpus(operations):
    return any("cudnn" in operation.lower() for operation in operations)


def step_operations(classifier):
    step = TrainingStep(
        CrossEntropy(classifier), GroupedAdamW(1e-3), tf.distribute.get_strategy()
    )
    batch = classifier.preprocessor(TEXTS), tf.constant([0, 1])
    function = tf.function(step, autograph=False).get_concrete_function(
        batch, tf.constant(1, tf.int64), tf.constant(False)
    )
    return operations(function.graph.as_graph_def())


def test_a_training_step_uses_the_gpu_that_is_there(classifier, seeming_gpu):
    assert is_of_gpus(step_operations(classifier))


def test_the_gru_of_a_training_step_computes_in_float32(classifier, seeming_gpu):
    """In bfloat16 its states lose what a step adds, and the loss is soon not finite."""
    backbone = charbert_tf.CharBertBackbone.from_config(
        classifier.backbone.get_config() | {"dtype": "mixed_bfloat16"}
    )
    features = classifier.preprocessor(TEXTS)

    @tf.function(autograph=False)
    def gradients():
        with local_graph(), tf.GradientTape() as tape:
            loss = tf.add_n(
                [
                    tf.reduce_sum(tf.cast(value, tf.float32))
                    for value in backbone(features, training=True).values()
                ]
            )
        return tape.gradient(loss, [v.value for v in backbone.trainable_variables])

    graph = gradients.get_concrete_function().graph
    of_cudnn = [op for op in graph.get_operations() if "Cudnn" in op.type]
    # Forward and backward pass.
    assert len(of_cudnn) == 2
    assert {op.get_attr("T") for op in of_cudnn} == {tf.float32}


def test_a_training_step_without_a_gpu_is_portable(classifier):
    assert not is_of_gpus(step_operations(classifier))


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_uses_the_gpu_that_is_there(classifier, seeming_gpu, jit_compile):
    """But not where XLA compiles, which has no kernel of cuDNN's."""
    classifier.compile(keras.optimizers.SGD(), jit_compile=jit_compile)
    data = classifier.preprocessor(TEXTS), tf.constant([0, 1])

    def step(*data):
        return classifier.train_step(data)

    graph = tf.function(step, autograph=False).get_concrete_function(*data).graph
    assert is_of_gpus(operations(graph.as_graph_def())) != jit_compile


@pytest.mark.parametrize(
    ("training", "dtype"), [(False, "float32"), (True, "mixed_bfloat16")]
)
@pytest.mark.sampled(2)
def test_what_is_saved_is_portable(classifier, seeming_gpu, tmp_path, training, dtype):
    """Whatever the caller says about training."""
    backbone = charbert_tf.CharBertBackbone.from_config(
        classifier.backbone.get_config() | {"dtype": dtype}
    )
    features = classifier.preprocessor(TEXTS)
    module = tf.Module()
    module.variables_ = [variable.value for variable in backbone.variables]
    module.call = tf.function(lambda x: backbone(x, training=training))
    function = module.call.get_concrete_function(features)
    tf.saved_model.save(module, str(tmp_path))
    names = operations(function.graph.as_graph_def())
    assert not is_of_gpus(names)
    assert any("While" in name for name in names)
    loaded = tf.saved_model.load(str(tmp_path))
    for name, value in loaded.call(features).items():
        if not training:
            expected = tf.cast(backbone(features)[name], tf.float32)
            np.testing.assert_allclose(
                tf.cast(value, tf.float32), expected, atol=1e-5, err_msg=name
            )


def test_a_keras_export_is_portable(classifier, seeming_gpu, tmp_path):
    model = classifier.backbone
    model.export(str(tmp_path), verbose=False)
    loaded = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    assert not is_of_gpus(operations(loaded.graph.as_graph_def()))


def test_a_word_recognizer_is_portable(seeming_gpu):
    recognizer = charbert_tf.WordRecognizer(
        ["the", "film", "<unk>"], [*"abcdefghijklmnopqrstuvwxyz", "<unk>"]
    )
    # Keras would have cuDNN run its LSTM.
    assert recognizer.recognize([["the", "flim"], ["film"]])[1:] != [[]]


def test_replicas_on_cpus_beside_a_gpu(seeming_gpu):
    """Each replica's own devices count."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    answers = []

    def answer():
        with local_graph():
            answers.append(may_use_cudnn())

    strategy.run(answer)
    assert answers == [False]
    with local_graph():
        assert may_use_cudnn()
    assert not may_use_cudnn()
