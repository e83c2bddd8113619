"""A graph is kept with a model, until its variables or what it is made of change."""

import keras

from charbert_tf.graphs.kept_graph import kept_graph


def test_it_is_made_again_when_something_changes():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

    def kept(*made_of, name="_kept"):
        return kept_graph(model, name, made_of, object)

    first = kept({"length": 3})
    assert kept({"length": 3}) is first
    assert kept({"length": 3}, name="_other") is not first
    model.layers[0].kernel.assign(keras.ops.zeros((3, 2)))
    assert kept({"length": 3}) is first
    model.layers[0].enable_lora(1)
    adapted = kept({"length": 3})
    assert adapted is not first
    assert kept({"length": 4}) is not adapted
    assert len(model.weights) == 4
