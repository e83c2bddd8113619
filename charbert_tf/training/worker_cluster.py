"""WorkerCluster: the workers that TF_CONFIG names."""

import json
import os
import re
from typing import Self

from charbert_tf.files.errors import UserError

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
            return cls(json.loads(os.environ.get("TF_CONFIG") or "{}"))
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
