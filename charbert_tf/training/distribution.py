"""The distribution strategy that fits the machine, or the cluster."""

import contextlib
import ctypes
import importlib.util
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from typing import Self

import tensorflow as tf

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import parse_json

_JOBS = ("chief", "worker")
_ADDRESS = re.compile(r".+:\d+")


class WorkerCluster:
    """The workers that TF_CONFIG names, and which of them this process is.

    TensorFlow waits an hour for what a slip in TF_CONFIG names, or trains twice into
    one folder; so it is looked through before.

    Args:
        config: TF_CONFIG, decoded.

    Attributes:
        addresses: Of each worker, `host:port`, by its type and index. A chief is one.

    Raises:
        UserError: If its addresses are not a list of `host:port` for each type.

    Example:

    ```python
    WorkerCluster({"cluster": {"worker": ["a:1234", "b:1234"]}}).addresses
    # {("worker", "0"): "a:1234", ("worker", "1"): "b:1234"}
    ```
    """

    def __init__(self, config: dict):
        self.addresses: dict[tuple[str, str], str] = {}
        try:
            cluster, self._task = config.get("cluster", {}), config.get("task")
            for job in _JOBS:
                self._add(job, cluster.get(job, []))
        except AttributeError as error:
            raise UserError(f"TF_CONFIG: cannot be read ({error})") from error
        if len(set(self.addresses.values())) < len(self.addresses):
            raise UserError("TF_CONFIG: names an address twice: give each worker one")

    @classmethod
    def from_environment(cls) -> Self:
        """Reads TF_CONFIG; without it there are no workers.

        Returns:
            The cluster.

        Raises:
            UserError: If it is malformed.
        """
        try:
            return cls(parse_json(os.environ.get("TF_CONFIG") or "{}"))
        except ValueError as error:
            raise UserError(f"TF_CONFIG: cannot be read ({error})") from error

    def others(self) -> list[str]:
        """Names the workers that this process is not.

        Returns:
            Such as `["worker 1 (b:1234)"]`.

        Raises:
            UserError: If there are none, or if this process is not a worker.
        """
        if not self.addresses:
            raise UserError(
                "TF_CONFIG: names no workers: set it as tf.distribute's guide says"
            )
        own = self._own()
        return [
            f"{' '.join(worker)} ({address})"
            for worker, address in self.addresses.items()
            if worker != own
        ]

    def _add(self, job: str, addresses) -> None:
        if not isinstance(addresses, list):
            raise UserError(
                f'TF_CONFIG: "{job}" is no list: give it one of host:port for each'
            )
        for index, address in enumerate(addresses):
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
                raise UserError(
                    f"TF_CONFIG: {job} {index} has the address {address!r}: give "
                    "host:port"
                )
            self.addresses[job, str(index)] = address

    def _own(self) -> tuple[str, str]:
        task = self._task if isinstance(self._task, dict) else {}
        own = str(task.get("type")), str(task.get("index"))
        if own not in self.addresses:
            known = ", ".join(map(" ".join, self.addresses))
            raise UserError(
                f'TF_CONFIG: "task" is {json.dumps(self._task)}, none of its workers '
                f"({known}): give their type and index, such as "
                '{"type": "worker", "index": 0}'
            )
        return own


# What a collective operation fails with when a worker does not answer.
_LOST_CONTACT = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


def make_strategy(distribution: str = "auto") -> tf.distribute.Strategy:
    """Makes a strategy; a multi-worker one before TensorFlow computes anything.

    Args:
        distribution: `"one_device"`, `"mirrored"` (all GPUs of this machine),
            `"multi_worker"` (all workers that TF_CONFIG names, and their GPUs), or
            `"auto"`: the last if TF_CONFIG names several, else the second if there are
            several GPUs, else the first.

    Returns:
        The strategy to build models in.

    Raises:
        UserError: If TF_CONFIG does not say what is needed.
        ValueError: If there is no such distribution.

    Example:

    ```python
    with make_strategy().scope():
        classifier = charbert_tf.TextClassifier(backbone, num_classes=2)
    ```
    """
    if distribution == "auto":
        distribution = _what_fits()
    if distribution == "multi_worker":
        return _multi_worker()
    if distribution == "mirrored":
        return tf.distribute.MirroredStrategy(cross_device_ops=_all_reduce())
    if distribution == "one_device":
        return tf.distribute.get_strategy()
    raise ValueError(
        "`distribution` is 'auto', 'one_device', 'mirrored' or 'multi_worker', not "
        f"{distribution!r}."
    )


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Tells whether this process is the one of its cluster that writes and prints.

    Args:
        strategy: Its strategy.

    Returns:
        Whether it is; true where there is one process only.
    """
    return strategy.extended.should_checkpoint


@contextlib.contextmanager
def building_scope(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Opens the scope in which a model, or an optimizer, is built.

    Args:
        strategy: The strategy. Of several workers the first one sends the others its
            initial values.

    Yields:
        Nothing.

    Raises:
        UserError: If another worker is gone.

    Example:

    ```python
    with building_scope(make_strategy()):
        classifier = charbert_tf.TextClassifier(backbone, num_classes=2)
    ```
    """
    with clear_errors_of_other_workers(strategy), strategy.scope():
        yield


@contextlib.contextmanager
def clear_errors_of_other_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Says in one line that another worker is gone, where TensorFlow says much else.

    Args:
        strategy: The strategy under which something is computed by all workers.

    Yields:
        Nothing.

    Raises:
        UserError: If another worker does not answer.

    Example:

    ```python
    with clear_errors_of_other_workers(strategy):
        strategy.run(step, args=(batch,))
    ```
    """
    try:
        yield
    except tf.errors.OpError as error:
        if strategy.cluster_resolver is None or not isinstance(error, _LOST_CONTACT):
            raise
        raise UserError(
            "another worker is gone or cannot be reached: start all workers again, "
            "they go on from the last checkpoint"
        ) from error


def input_context(
    strategy: tf.distribute.Strategy,
) -> tf.distribute.InputContext:
    """Tells which worker this process is, and of how many.

    Args:
        strategy: Its strategy.

    Returns:
        The context, with one input pipeline a worker.

    Example:

    ```python
    context = input_context(strategy)
    dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
    ```
    """
    own = strategy.experimental_local_results(strategy.run(_replica_id))
    replicas = strategy.num_replicas_in_sync
    return tf.distribute.InputContext(
        num_input_pipelines=replicas // len(own),
        input_pipeline_id=int(own[0]) // len(own),
        num_replicas_in_sync=replicas,
    )


def _replica_id():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def _all_reduce() -> tf.distribute.CrossDeviceOps | None:
    """How GPUs sum their gradients; `None` is TensorFlow's choice, NCCL."""
    if not tf.config.list_physical_devices("GPU") or _has_nccl():
        return None
    return tf.distribute.HierarchicalCopyAllReduce()


def _has_nccl() -> bool:
    """Whether TensorFlow finds it: on the system, or as one of NVIDIA's packages."""
    try:
        ctypes.CDLL("libnccl.so.2")
    except OSError:
        nvidia = importlib.util.find_spec("nvidia")
        folders = [] if nvidia is None else nvidia.submodule_search_locations or []
        return any(os.path.isdir(os.path.join(f, "nccl")) for f in folders)
    return True


def _what_fits() -> str:
    if len(WorkerCluster.from_environment().addresses) > 1:
        return "multi_worker"
    is_single = len(tf.config.list_physical_devices("GPU")) < 2
    return "one_device" if is_single else "mirrored"


def _multi_worker() -> tf.distribute.Strategy:
    others = WorkerCluster.from_environment().others()
    try:
        with _interruptible():
            if others:
                print(f"Waiting for the other workers: {', '.join(others)}", flush=True)
            return tf.distribute.MultiWorkerMirroredStrategy()
    except _LOST_CONTACT as error:
        raise UserError(
            f"TF_CONFIG: not all of its workers came ({_first_line(error)}): start "
            "the same command on each, and see that they reach each other's addresses"
        ) from error
    except RuntimeError as error:
        raise UserError(
            f"TF_CONFIG: cannot be used any more ({_first_line(error)}): TensorFlow "
            "has computed in this process already; train in a fresh one, or call this "
            "before anything that computes"
        ) from error
    except (tf.errors.OpError, ValueError) as error:
        raise UserError(
            f"TF_CONFIG: cannot be used ({_first_line(error)}): see that this "
            "worker's port is free"
        ) from error


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Lets Ctrl-C end the process while TensorFlow waits and no Python runs."""
    is_main = threading.current_thread() is threading.main_thread()
    # Where interrupts are ignored, as in a shell's background, they stay so.
    if not is_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
