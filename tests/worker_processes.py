"""Two workers of one training, as processes of this machine."""

import json
import os
import signal
import time
from unittest import mock

from benchmarks.free_addresses import free_addresses

# What a worker prints first, but for the number of the other.
WAITING = r"Waiting for the other workers: worker {} \(localhost:\d+\)"


def start_workers(commands, name, arguments, output):
    """Starts a command as worker 0 and as worker 1."""
    cluster = {"worker": free_addresses(2)}
    # A shell that starts the tests in the background has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    processes = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": cluster, "task": task})
        with mock.patch.dict(os.environ, TF_CONFIG=config):
            processes.append(commands.start(name, *arguments, f"--output={output}"))
    signal.signal(signal.SIGINT, before)
    return processes


def wait_for(process, path, pattern):
    """Waits until there is a file or folder of that name; the process must live."""
    while not any(path.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)
