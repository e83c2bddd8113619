"""What XLA makes of a pretraining step: operations, kernels, bytes, by its own account.

  python -m benchmarks.compiled_step --size=small --batch_size=8

Takes one step of CharBERT and one of a plain BERT, compiled as `official.pretrain
--jit_compile` does, and reads what XLA wrote down: for each program that it compiled,
the instructions before and after optimization, the kernels (what is started on its own:
fusions, matrix products and the like), and the bytes that these read and write. Beside
them the operations that TensorFlow runs itself, the character encoder's among them.
Loops count once. XLA's programs for CPUs are not those for GPUs, though both fuse and
store by the same rules. On two cores the base size takes minutes and some 10 GiB.
"""

import dataclasses
import os
import pathlib
import re
import tempfile
from typing import NamedTuple

from absl import flags

from official import command

_SIZE = flags.DEFINE_enum("size", "small", ["small", "base"], "Model's size.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Sequences.", lower_bound=1)
_PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16"], "What is computed in."
)

_BYTES = {
    "pred": 1,
    "s8": 1,
    "u8": 1,
    "bf16": 2,
    "f16": 2,
    "f64": 8,
    "s64": 8,
    "u64": 8,
}
# Names of values, which nothing computes or moves.
_FREE = {"parameter", "constant", "tuple", "get-tuple-element", "bitcast"}
_PRODUCT = re.compile(r'(?:custom_call_target=|"kind":)"[^"]*(?:matmul|gemm|dot)')
_INSTRUCTION = re.compile(
    r"\s+(?:ROOT )?%?(?P<name>[\w.-]+) = (?P<shape>\(.*?\)|\S+) (?P<kind>[\w-]+)\("
    r"(?P<operands>[^)]*)\)(?P<rest>.*)"
)
_SHAPE = re.compile(r"(\w+)\[([\d,]*)\]")


class Program(NamedTuple):
    """What XLA says of a program.

    Attributes:
        instructions: how many there are in all of its computations.
        kernels: how many of its entry compute or move something.
        products: how many of these are matrix products.
        read: bytes that the kernels read.
        written: bytes that they write.
    """

    instructions: int
    kernels: int
    products: int
    read: int
    written: int


def main() -> None:
    """Runs the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        # Read when TensorFlow is imported, which therefore comes later.
        os.environ["XLA_FLAGS"] = f"--xla_dump_to={folder} --xla_dump_hlo_as_text"
        print(f"{'':44}{'before':>9}{'after':>9}{'kernels':>9}{'products':>10}", end="")
        print(f"{'GB read':>9}{'written':>9}")
        for kind in ("CharBERT", "BERT"):
            seen = set(pathlib.Path(folder).iterdir())
            operations = _step(kind)
            print(f"{kind + ', operations run by TensorFlow':44}{operations:9,}")
            _print_programs(kind, set(pathlib.Path(folder).iterdir()) - seen)


def _step(kind: str) -> int:
    """Takes a step; returns how many operations TensorFlow runs in it itself."""
    import keras
    import tensorflow as tf

    import charbert_tf
    from benchmarks import compared_models
    from benchmarks.pretraining_step import pretraining_step

    keras.config.set_dtype_policy(_PRECISION.value)
    size = compared_models.SIZES[_SIZE.value]
    size = dataclasses.replace(size, batch_size=_BATCH_SIZE.value)
    if kind == "CharBERT":
        backbone = compared_models.charbert(size)
    else:
        backbone = charbert_tf.BertEncoder(**compared_models.arguments(size))
    model = compared_models.pretrainer(backbone)
    batch = compared_models.random_batch(model, size)
    spec = tf.data.Dataset.from_tensors(batch).element_spec
    step = pretraining_step(model, spec, jit_compile=True)
    step(*batch)
    graph = step.get_concrete_function().graph.as_graph_def()
    compiled = {
        function.signature.name
        for function in graph.library.function
        if function.attr["_XlaMustCompile"].b
    }
    return len(graph.node) + sum(
        len(function.node_def)
        for function in graph.library.function
        if function.signature.name not in compiled
    )


def _print_programs(kind: str, files: set[pathlib.Path]) -> None:
    for after in sorted(files):
        if not after.name.endswith("_after_optimizations.txt"):
            continue
        module, name, *_ = after.name.split(".")
        (before,) = after.parent.glob(f"{module}.*.before_optimizations.txt")
        program = read_program(after.read_text())
        named = re.sub(r"^a_inference_+|_\d+__.*", "", name)
        print(
            f"{kind + ', ' + named:44}{_instructions(before.read_text()):9,}"
            f"{program.instructions:9,}{program.kernels:9,}{program.products:10,}"
            f"{program.read / 1e9:9.2f}{program.written / 1e9:9.2f}"
        )


def read_program(text: str) -> Program:
    """Reads XLA's text of an optimized program.

    Args:
        text: of the file.

    Returns:
        Its counts.

    Example:
        >>> read_program('''
        ... ENTRY %main (x: f32[2,3]) -> f32[2,3] {
        ...   %x = f32[2,3]{1,0} parameter(0)
        ...   ROOT %y = f32[2,3]{1,0} add(%x, %x)
        ... }''')
        Program(instructions=2, kernels=1, products=0, read=48, written=24)
    """
    entry = text[text.index("\nENTRY ") :]
    sizes, kernels, products, read, written = {}, 0, 0, 0, 0
    for line in entry.splitlines():
        if not (found := _INSTRUCTION.match(line)):
            continue
        sizes[found["name"]] = size = _bytes(found["shape"])
        if found["kind"] in _FREE:
            continue
        kernels += 1
        products += found["kind"] == "dot" or bool(_PRODUCT.search(found["rest"]))
        operands = re.findall(r"%?([\w.-]+)(?=,|$)", found["operands"])
        read += sum(sizes.get(name, 0) for name in operands)
        written += size
    return Program(_instructions(text), kernels, products, read, written)


def _instructions(text: str) -> int:
    return sum(bool(_INSTRUCTION.match(line)) for line in text.splitlines())


def _bytes(shape: str) -> int:
    total = 0
    for kind, dimensions in _SHAPE.findall(shape):
        size = _BYTES.get(kind, 4)
        for dimension in filter(None, dimensions.split(",")):
            size *= int(dimension)
        total += size
    return total


if __name__ == "__main__":
    command.run(main)
