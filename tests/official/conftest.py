"""A tiny job for the commands: its files, and the models that they make once."""

import concurrent.futures
import fcntl
import gzip
import itertools
import multiprocessing
import os
import pathlib
import pickle
import random
import re
import resource
import runpy
import shutil
import string
import subprocess
import sys

import pytest

from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from charbert_tf.vocabularies.word_piece_vocabulary import SPECIAL_TOKENS

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What commands say on standard error before what takes long.
_NOTICE = re.compile(r"(Loading|Reading|Running on|Tracing) .+\n")

# Seconds after which a command hangs.
_PATIENCE = 1200

TINY = """# The smallest CharBERT that learns anything.
--num_layers=1
--num_heads=2
--hidden_dim=16
--intermediate_dim=32
--sequence_length=32
--batch_size=8
--learning_rate=1e-2
"""
WORDS = ["a", "actor", "and", "by", "film", "for", "from", "in", "music", "story"]
PRAISE, BLAME = ["good", "lovely", "fine"], ["bad", "boring", "poor"]
ENTITIES = {
    ("rome",): "LOC",
    ("paris",): "LOC",
    ("new", "york"): "LOC",
    ("maria",): "PER",
    ("otto",): "PER",
}


def without_notices(stderr):
    """What a command says on standard error that is more than what it is doing."""
    lines = stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not _NOTICE.fullmatch(line))


class Commands:
    """Runs commands as a user does, in a process of their own."""

    def __init__(self, folder):
        self._folder = folder
        self._numbers = itertools.count()
        # Its processes are forked from one that has imported TensorFlow already.
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload(
            [
                "official",
                "tensorflow_text",
                "charbert_tf.export.serving_module",
                "charbert_tf.families.classification.classification_task",
                "charbert_tf.pretraining.pretraining_datasets",
                "charbert_tf.families.tagging.tagging_task",
                "charbert_tf.training.trainer",
            ]
        )

    def start(self, name, *arguments, largest_file=None):
        """Starts `python -m official.NAME` in a fresh Python.

        `largest_file`, in bytes, is what a full disk would do to larger ones.
        """
        # What tests/conftest.py sets, a user's shell does not.
        unset = ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND")
        return subprocess.Popen(
            [sys.executable, "-m", f"official.{name}", *map(str, arguments)],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if key not in unset},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: _limit_files(largest_file),
        )

    def finish(self, process, text=None):
        stdout, stderr = process.communicate(text, timeout=_PATIENCE)
        return subprocess.CompletedProcess(
            process.args, process.returncode, stdout, stderr
        )

    def run(self, name, *arguments, text=None, **options):
        """Runs a command in a fresh Python."""
        return self.finish(self.start(name, *arguments, **options), text)

    def fork(self, name, *arguments, text="", largest_file=None, cwd=ROOT):
        """Runs a command as `run` does, ten seconds faster."""
        place = self._folder / str(next(self._numbers))
        place.mkdir()
        (place / "stdin").write_text(text, encoding="utf-8")
        arguments = [str(argument) for argument in arguments]
        process = self._forks.Process(
            target=_run_module,
            args=(f"official.{name}", arguments, place, largest_file, cwd),
        )
        process.start()
        process.join(timeout=_PATIENCE)
        if process.exitcode is None:
            process.kill()
        stdout, stderr = (
            (place / stream).read_text(encoding="utf-8")
            for stream in ("stdout", "stderr")
        )
        return subprocess.CompletedProcess(arguments, process.exitcode, stdout, stderr)

    def fork_all(self, commands):
        """Runs several commands at once, by names of one's own."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            outcomes = pool.map(lambda command: self.fork(*command), commands.values())
            return dict(zip(commands, outcomes, strict=True))

    def refuse(self, name, arguments, message, folder):
        """Checks that a command fails with one clear line and leaves a folder alone."""
        before = self.contents(folder)
        self.assert_refused(self.fork(name, *arguments), message)
        assert self.contents(folder) == before

    @staticmethod
    def assert_refused(outcome, message):
        """Checks the one line, which says where, then what is wrong and the remedy."""
        said = without_notices(outcome.stderr)
        assert said.startswith(f"error: {message}"), outcome.stderr
        assert said.endswith("\n")
        assert said.count("\n") == 1, outcome.stderr
        assert outcome.returncode == 1

    @staticmethod
    def assert_succeeded(outcome):
        said = without_notices(outcome.stderr)
        assert (outcome.returncode, said) == (0, "")

    without_notices = staticmethod(without_notices)

    @staticmethod
    def contents(folder):
        return {
            path.relative_to(folder): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")
        }


def _limit_files(largest):
    if largest is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))


def _run_module(module, arguments, place, largest_file, cwd):
    _limit_files(largest_file)
    for number, (stream, flags) in enumerate(
        {
            "stdin": os.O_RDONLY,
            "stdout": os.O_WRONLY | os.O_CREAT,
            "stderr": os.O_WRONLY | os.O_CREAT,
        }.items()
    ):
        os.dup2(os.open(place / stream, flags), number)
    # multiprocessing gives its processes no standard input.
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.chdir(cwd)
    # As `python -m` does.
    sys.path.insert(0, str(cwd))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    return Commands(tmp_path_factory.mktemp("streams"))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Makes a folder that the processes of pytest-xdist share, and what goes with it.

    Whoever comes first makes it, the others wait.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made_once(name, make):
        folder, result = root / name, root / f"{name}.pickle"
        with open(root / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not result.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                result.write_bytes(pickle.dumps(make(folder)))
        return folder, pickle.loads(result.read_bytes())

    return made_once


@pytest.fixture(scope="session")
def files(made_once):
    """The files of a user: text, vocabularies, labelled files."""
    folder, _ = made_once("files", _write_files)
    return folder


def _write_files(folder):
    rng = random.Random(0)
    (folder / "tiny.flags").write_text(TINY)
    _write_text(folder, rng)
    _write_vocabularies(folder / "vocabulary")
    _write_texts_with_labels(folder, rng)
    _write_tags(folder, rng)


def _write_text(folder, rng):
    words = [*WORDS, *PRAISE, *BLAME, *itertools.chain(*ENTITIES)]
    lines = [" ".join(rng.choices(words, k=12)) + ".\n" for _ in range(400)]
    (folder / "text_1.txt").write_text("".join(lines[:200]))
    with gzip.open(folder / "text_2.txt.gz", "wt") as file:
        file.writelines(lines[200:])


def _write_vocabularies(folder):
    folder.mkdir()
    letters, words = string.ascii_lowercase, WORDS + PRAISE + BLAME
    subwords = [*words, *letters[1:], *(f"##{letter}" for letter in letters), "."]
    characters = [" ", *string.ascii_letters, ".", "<unk>"]
    VocabularyFolder.write(
        str(folder),
        [*SPECIAL_TOKENS, *subwords],
        characters,
        [*words, "<unk>"],
        lowercase=True,
    )


def _write_texts_with_labels(folder, rng):
    def text(adjectives):
        return " ".join([*rng.choices(WORDS, k=4), rng.choice(adjectives)])

    labels = [("good", PRAISE), ("bad", BLAME)] * 60
    rows = [f"{text(adjectives)}\t{label}\n" for label, adjectives in labels]
    (folder / "train.tsv").write_text("sentence\tlabel\n" + "".join(rows[:80]))
    (folder / "dev.tsv").write_text("sentence\tlabel\n" + "".join(rows[80:]))
    pairs = [
        f"{number}\t{text(PRAISE)}\t{text(adjectives)}\t{label}\n"
        for number, (label, adjectives) in enumerate(labels[:32])
    ]
    (folder / "pairs.tsv").write_text("".join(pairs))


def _write_tags(folder, rng):
    """The same sentences in IOB1, as CoNLL-2003 has it, and in IOB2."""
    schemes = {"iob1": [], "iob2": []}
    for _ in range(100):
        previous = None
        for part in rng.choices([*ENTITIES, ("a",), ("was",), ("from",)], k=5):
            kind = ENTITIES.get(part)
            for scheme, lines in schemes.items():
                first = "B" if scheme == "iob2" or previous == kind else "I"
                prefixes = [first, *("I" for _ in part[1:])]
                lines.extend(
                    f"{word} NN {f'{prefix}-{kind}' if kind else 'O'}\n"
                    for word, prefix in zip(part, prefixes, strict=True)
                )
            previous = kind
        for lines in schemes.values():
            lines.append("\n")
    for scheme, lines in schemes.items():
        text = "-DOCSTART- -X- O\n\n" + "".join(lines)
        (folder / f"{scheme}.txt").write_text(text)


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory):
    """Files that no command can read; the place and what is wrong by their names."""
    folder = tmp_path_factory.mktemp("bad")
    good = b"a fine film\tgood\n"
    (folder / "empty").touch()
    (folder / "latin").write_bytes(good + b"un caf\xe9\tgood\n")
    (folder / "nul").write_bytes(good + good + b"a\0b\tgood\n")
    (folder / "long").write_bytes(good + b"a" * 1_000_000 + b"\tgood\n")
    return {
        folder / "missing": ": no such file: check the spelling",
        folder / "empty": ": ",
        folder / "latin": ":2: invalid UTF-8 at byte 7 of the line: convert the file",
        folder / "nul": ":3: a NUL character: ",
        folder / "long": ":2: the line has 1,000,000 bytes or more: break it",
    }


@pytest.fixture(scope="session")
def pretraining(files):
    """The flags that every pretraining from random weights shares."""
    return [
        f"--flagfile={files}/tiny.flags",
        f"--input={files}/text_*",
        f"--vocabulary={files}/vocabulary",
    ]


@pytest.fixture(scope="session")
def pretrained(commands, pretraining, made_once):
    """A folder of finished pretrainings, and what was printed."""
    common = ["pretrain", *pretraining, "--steps=60"]

    def make(folder):
        return commands.fork_all(
            {
                "charbert": [*common, f"--output={folder}/charbert"],
                "bert": [*common, f"--output={folder}/bert", "--nocharacters"],
            }
        )

    return made_once("pretrained", make)


@pytest.fixture(scope="session")
def finetuning(files, pretrained):
    """The flags of a fine-tuning of each kind but --output."""
    folder, _ = pretrained
    common = ["--learning_rate=1e-2", "--batch_size=8", "--sequence_length=32"]
    return {
        "classifier": [
            *common,
            "--task=classification",
            "--epochs=6",
            f"--init={folder}/charbert/preset",
            f"--train={files}/train.tsv",
            f"--dev={files}/dev.tsv",
        ],
        "pairs": [
            *common,
            "--task=classification",
            *("--noheader", "--text_column=1", "--text_pair_column=2"),
            "--label_column=3",
            f"--init={folder}/bert/preset",
            f"--train={files}/pairs.tsv",
            *("--noise_rate=0.2-0.8", "--noise_attacks=mix,capitals"),
            *("--clean_share=0.3", "--epochs=24"),
        ],
        "tagger": [
            *common,
            "--task=tagging",
            f"--init={folder}/charbert/preset",
            f"--train={files}/iob1.txt",
            f"--dev={files}/iob2.txt",
        ],
    }


@pytest.fixture(scope="session")
def finetuned(commands, finetuning, made_once):
    """A folder of fine-tuned models, and what was printed."""

    def make(folder):
        return commands.fork_all(
            {
                name: ["finetune", *arguments, f"--output={folder / name}"]
                for name, arguments in finetuning.items()
            }
        )

    return made_once("finetuned", make)


@pytest.fixture(scope="session")
def exported(commands, finetuned, made_once):
    """A folder of SavedModels, and what was printed."""
    models, _ = finetuned

    def make(folder):
        outcomes = {}
        for name in ("classifier", "pairs", "tagger"):
            # The preset, or what is short for it.
            model = models / name if name == "pairs" else models / name / "preset"
            arguments = [f"--model={model}", f"--output={folder / name}/1"]
            # One as a user does it, the others faster.
            way = commands.run if name == "classifier" else commands.fork
            outcomes[name] = way("export", *arguments)
        return outcomes

    return made_once("exported", make)
