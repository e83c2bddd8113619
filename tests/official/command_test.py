import functools
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "official").glob("*.py")
    if "\n    command.run(main)\n" in path.read_text(encoding="utf-8")
)

GREET = '''
"""Greets someone."""

from absl import flags

from official import command

_NAME = flags.DEFINE_string("name", None, "Whom to greet.", required=True)
_TIMES = flags.DEFINE_integer("times", 3, "How often.", lower_bound=1)
_WARMTH = flags.DEFINE_float("warmth", 0.5, "How warmly.")


def main():
    if _NAME.value == "nobody":
        from charbert_tf.files.errors import UserError

        raise UserError("nobody is there: name somebody", "people.txt", 7)
    if _NAME.value == "the deaf":
        import time
        print("ready", flush=True)
        time.sleep(60)
    for _ in range(_TIMES.value):
        print("Hello", _NAME.value, command.settings(ignored=["name"]))


if __name__ == "__main__":
    command.run(main)
'''

IMPORT_EVERYTHING = """
import official
import keras
import keras_nlp
import tensorflow as tf
import tensorflow_datasets
import tensorflow_text

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(tf.ones((4, 2)), tf.ones((4, 1)), verbose=0)
print(keras.backend.backend())
"""


@pytest.fixture
def greet(tmp_path):
    script = tmp_path / "greet.py"
    script.write_text(GREET, encoding="utf-8")

    def start(*arguments, **options):
        command = [sys.executable, str(script), *arguments]
        return _start(command, **options)

    return start


def _start(command, **options):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND")
    }
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        **{"stdout": subprocess.PIPE} | options,
    )


def _outcome(process):
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_a_command_runs_and_nothing_but_its_own_lines_is_printed(greet):
    status, output, errors = _outcome(greet("--name=Ann", "--times=2"))
    line = "Hello Ann {'times': 2, 'warmth': 0.5}\n"
    assert (status, output, errors) == (0, 2 * line, "")


def test_importing_tensorflow_is_silent():
    process = _start([sys.executable, "-c", IMPORT_EVERYTHING])
    assert _outcome(process) == (0, "tensorflow\n", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_the_commands_own_and_needs_no_tensorflow(name):
    command = [sys.executable, "-X", "importtime", "-m", f"official.{name}", "--help"]
    status, output, imports = _outcome(_start(command))
    assert status == 0
    assert f"python -m official.{name}" in output
    assert "  --output\n" in output or "  --input\n" in output
    assert "logtostderr" not in output
    assert not re.search(r"\S {2,}", output.partition("\nFlags:\n")[2])
    assert not re.search(r"\| +(tensorflow|keras)$", imports, re.MULTILINE)


def test_help_tells_defaults_and_what_is_required(greet):
    status, output, errors = _outcome(greet("--help"))
    assert (status, errors) == (0, "")
    assert output == (
        "Greets someone.\n\nFlags:\n"
        "  --name\n      Whom to greet. (required)\n"
        "  --times\n      How often. (default: 3)\n"
        "  --warmth\n      How warmly. (default: 0.5)\n"
        "  --import\n"
        "      Modules of yours, my_package.my_module, that add encoders, heads or\n"
        "      signatures to those that there are: imported at first.\n"
        "  --flagfile\n      File to read flags from, one a line.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--nam=Ann"], "nam"),
        (["--name=Ann", "--times=often"], "--times=often: not a whole number"),
        (["--name=Ann", "--times=0"], "--times=0: 0 is not a positive integer"),
        (["--name=Ann", "--warmth=hot"], "--warmth=hot: not a number"),
        (["--name=Ann", "--warmth=NaN"], "--warmth=nan: not a number"),
        (["--name=Ann", "--times"], "--times"),
        (["--times=2"], "--name must be given"),
        (["--name="], "--name: the value is empty: give one"),
        (["--name=Ann", "Bob"], "'Bob'"),
        (["--flagfile=no_such.flags"], "no_such.flags"),
    ],
)
def test_a_wrong_flag_is_one_line_that_names_it(greet, arguments, named):
    status, output, errors = _outcome(greet(*arguments))
    assert (status, output) == (1, "")
    assert re.fullmatch(r"error: [^\n]+\n", errors)
    assert named in errors


def test_an_address_is_no_folder():
    command = [sys.executable, "-m", "official.prepare_data", "--input=text.txt"]
    process = _start([*command, "--output=gs://bucket/corpus"])
    status, output, errors = _outcome(process)
    assert (status, output) == (1, "")
    assert errors.startswith("error: --output=gs://bucket/corpus: addresses cannot be ")
    assert not (ROOT / "gs:").exists()


def test_flags_come_from_files_too(greet, tmp_path):
    flag_file = tmp_path / "polite.flags"
    flag_file.write_text("# Why so.\n--name=Ann\n--times=1\n", encoding="utf-8")
    process = greet(f"--flagfile={flag_file}", "--warmth=1")
    assert _outcome(process)[:2] == (0, "Hello Ann {'times': 1, 'warmth': 1.0}\n")


def test_a_users_mistake_is_one_line(greet):
    status, output, errors = _outcome(greet("--name=nobody"))
    assert (status, output) == (1, "")
    assert errors == "error: people.txt:7: nobody is there: name somebody\n"


def test_an_interrupt_leaves_no_stack_trace(greet):
    # A shell that starts the tests in the background has them ignore interrupts.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = greet("--name=the deaf", preexec_fn=heed)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert _outcome(process) == (130, "", "interrupted\n")


def test_a_reader_that_leaves_is_no_error(greet):
    read_end, write_end = os.pipe()
    process = greet("--name=Ann", "--times=100000", stdout=write_end)
    os.close(write_end)
    os.close(read_end)
    assert _outcome(process) == (141, None, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_one_line(greet):
    with open("/dev/full", "w") as full:
        process = greet("--name=Ann", stdout=full)
    status, _, errors = _outcome(process)
    assert status == 1
    assert errors == "error: output: No space left on device: make room there\n"
