"""Beam's pipelines: how they run, and one end that many of them have."""

import collections
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner.fn_runner import (
    ExtendedProvisionInfo,
    FnApiRunner,
)
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError

# What goes wrong in a worker is sent to the runner; what it writes besides is the
# start-up messages of TensorFlow.
_WORKER = (
    f"exec {shlex.quote(sys.executable)} -m apache_beam.runners.worker.sdk_worker_main "
    "2>/dev/null"
)
# A worker's exception reaches us as text, in whatever the runner wraps it.
_USER_ERROR = re.compile(
    r"charbert_tf\.files\.errors\.UserError: (?P<message>.*?)(?: \[while running .*)?$",
    re.MULTILINE,
)


def run_beam(
    build: Callable[[beam.Pipeline], None],
    workers: int = 1,
    options: Sequence[str] = (),
) -> None:
    """Builds and runs a pipeline, and waits for it.

    Args:
        build: Adds the transforms to the pipeline it is given.
        workers: int. Processes of this machine, when no other runner is named.
        options: Options of Beam, such as "--runner=FlinkRunner".

    Raises:
        UserError: If a transform raised one, on whichever machine, or if Beam does not
            know the runner.

    Example:

    ```python
    run_beam(lambda pipeline: pipeline | beam.Create([1, 2]) | beam.Map(print))
    ```
    """
    options = PipelineOptions(list(options))
    runner = options.view_as(StandardOptions).runner
    if runner in (None, "DirectRunner"):
        runner, options = _local_runner(workers, options)
    pipeline = _pipeline(runner, options)
    try:
        build(pipeline)
        pipeline.run().wait_until_finish()
    except Exception as error:
        found = _USER_ERROR.search(f"{_qualified_name(error)}: {error}")
        if found is None:
            raise
        raise UserError(found["message"]) from error


def _pipeline(runner, options: PipelineOptions) -> beam.Pipeline:
    try:
        return beam.Pipeline(runner=runner, options=options)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise UserError(f"Beam: {reason}: correct --beam_options") from error


def _local_runner(
    workers: int, options: PipelineOptions
) -> tuple[FnApiRunner, PipelineOptions]:
    """Beam's own local runner; DirectRunner would first fetch another from the net."""
    environment = None
    if workers > 1:
        environment = SubprocessSDKEnvironment.from_command_string(_WORKER)
        named = options.get_all_options(drop_default=True)
        options = PipelineOptions([], **(named | {"direct_num_workers": workers}))
    provision = beam_provision_api_pb2.ProvisionInfo(
        pipeline_options=JobServiceHandle.encode_pipeline_options(
            options.get_all_options()
        )
    )
    return FnApiRunner(environment, provision_info=ExtendedProvisionInfo(provision)), (
        options
    )


def _qualified_name(error: Exception) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


class SumToFile(beam.PTransform):
    """Adds up dictionaries of numbers and writes the sums as one JSON object.

    Args:
        path: The file to write. There is none if there is no dictionary.

    Example:

    ```python
    pipeline | beam.Create([{"words": 2}, {"words": 3}]) | SumToFile("sums.json")
    ```
    """

    def __init__(self, path: str):
        super().__init__()
        self._path = path

    def expand(self, dictionaries: beam.PCollection) -> beam.PCollection:
        """Adds the transforms.

        Returns:
            An empty collection: the file is all that there is.
        """
        return (
            dictionaries
            | "Together" >> beam.Map(lambda numbers: (0, numbers))
            | "Gather" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(_WriteSums(self._path))
        )


class _WriteSums(beam.DoFn):
    def __init__(self, path: str):
        self._path = path

    def process(self, gathered: tuple[int, Iterable[dict]]) -> Iterator[None]:
        sums = collections.Counter()
        for numbers in gathered[1]:
            sums.update(numbers)
        with atomic_file(self._path) as file:
            json.dump(sums, file, indent=2, sort_keys=True)
        return iter(())
