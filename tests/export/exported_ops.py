"""Which operations an exported graph has."""

import pathlib

from tensorflow.core.protobuf import saved_model_pb2


def exported_ops(folder: pathlib.Path) -> set[str]:
    """The names of all operations of a SavedModel, its functions' too."""
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((folder / "saved_model.pb").read_bytes())
    ops = set()
    for meta_graph in saved_model.meta_graphs:
        graph = meta_graph.graph_def
        ops.update(node.op for node in graph.node)
        for function in graph.library.function:
            ops.update(node.op for node in function.node_def)
    return ops
