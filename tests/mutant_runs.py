"""MutantRuns: which tests cover a mutant, and whether one of them fails."""

import ast
import contextlib
import dataclasses
import functools
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterable

from tests.mutant import ROOT, Mutant

# What pytest says when all went well, when it was told to stop, and without tests.
_PASSED, _STOPPED, _NO_TESTS = 0, 2, 5
_ROOMS = ("charbert_tf", "official")
# Of a test that waits for what never comes: so many times its processor time.
_WAIT = 10
# With so many test files that cover a file, no others are looked for.
_FEW = 4
# What a fork tells about a test.
_RUNS, _FAILS = "runs ", "fails "


def covering_tests(path: str) -> list[str]:
    """Lists the test files that cover a file of the package.

    Args:
        path: The file, relative to the root.

    Returns:
        The tests of its name, then those that import its module, then those that name a
        class or function of it, then those of the names of files that import it, and if
        these are few, those that name what is in these, or import these, and so on;
        relative to the root.
    """
    texts = _texts("tests", "*_test.py")
    found = _of_name(path, texts) + _naming(path, texts)
    seen, users = {path}, [path]
    while users := [user for user in _users(users) if user not in seen]:
        seen.update(users)
        found += [test for user in users for test in _of_name(user, texts)]
        if len(set(found)) < _FEW:
            found += [test for user in users for test in _naming(user, texts)]
        if len(set(found)) >= _FEW:
            break
    # Those of its room: what is used through something else is tested through that.
    room = pathlib.PurePath(path).parent
    while not found and room.name:
        of_room = room.as_posix().replace("charbert_tf", "tests", 1)
        found = [test for test in texts if test.startswith(f"{of_room}/")]
        room = room.parent
    return list(dict.fromkeys(found))


@functools.cache
def _texts(folder: str, files: str = "*.py") -> dict[str, str]:
    """The texts of a folder's files by their paths."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in sorted((ROOT / folder).rglob(files))
    }


def _module(path: str) -> str:
    return re.escape(path.removesuffix(".py").replace("/", "."))


def _defined(path: str) -> str:
    """A pattern of the public classes and functions of a file."""
    names = [
        node.name
        for node in ast.parse((ROOT / path).read_bytes()).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        and not node.name.startswith("_")
    ]
    return f"({'|'.join(names)})" if names else "(?!)"


def _users(paths: list[str]) -> list[str]:
    """The files that import these or something of them, be it through their package."""
    imports = []
    for path in paths:
        *rooms, room, name = path.removesuffix(".py").split("/")
        package = re.escape(".".join([*rooms, room]))
        names = rf"\b({name}|{_defined(path)})\b"
        imports.append(rf"from {_module(path)} import")
        imports.append(rf"from {package} import (\([^)]*|.*){names}")
        imports.append(rf"\b{room}\.{names}")
    pattern = re.compile("|".join(imports))
    files = {path: text for room in _ROOMS for path, text in _texts(room).items()}
    return [user for user, text in files.items() if pattern.search(text)]


def _naming(path: str, tests: dict[str, str]) -> list[str]:
    """The tests that import a file, then those that name what it defines."""
    names = (rf"{_module(path)}\b", rf"\b{_defined(path)}\b")
    return [t for name in names for t, text in tests.items() if re.search(name, text)]


def _of_name(path: str | pathlib.PurePath, tests: Iterable[str]) -> list[str]:
    name = f"{pathlib.PurePath(path).stem}_test.py"
    return [test for test in tests if pathlib.PurePath(test).name == name]


class _Watch:
    """A pytest plugin: what runs and what failed, an alarm for each, and an end."""

    def __init__(self, told: int, seconds: int, seconds_of_all: int):
        self._told = told
        self._seconds = seconds
        self._seconds_of_all = seconds_of_all
        self._begin = time.process_time()
        self._has_failed = False

    def pytest_collectstart(self, collector):
        self._watch(collector.nodeid)

    def pytest_collectreport(self, report):
        self._keep(report)

    def pytest_runtest_logstart(self, nodeid):
        self._watch(nodeid)

    def pytest_runtest_logreport(self, report):
        self._keep(report)

    def pytest_runtest_teardown(self, item):
        if time.process_time() - self._begin > self._seconds_of_all:
            item.session.shouldstop = "no time is left"

    def _watch(self, test):
        """Tells the test before it can hang, and has the process ended if it does."""
        self._tell(f"{_RUNS}{test}")
        # Processor time: a busy machine is no fault of the mutant's.
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        signal.alarm(_WAIT * self._seconds)

    def _keep(self, report):
        if report.failed and not self._has_failed:
            self._has_failed = True
            self._tell(f"{_FAILS}{report.nodeid}")

    def _tell(self, line):
        os.write(self._told, f"{line}\n".encode())


@dataclasses.dataclass
class MutantRuns:
    """Runs of tests in a copy of the working tree, each in a fork.

    Args:
        tree: The copy, which is as it was after each run.
        seconds: int. A test that takes more of the processor's time hangs, and so does
            one that waits ten times as long.
        seconds_of_all: int. After these no other test of a mutant is begun.
    """

    tree: pathlib.Path
    seconds: int
    seconds_of_all: int

    def __post_init__(self):
        if imported := sys.modules.keys() & set(_ROOMS):
            raise RuntimeError(f"{imported} are imported: no fork would see a mutant.")
        self._fails_unchanged = {}

    def outcome(self, mutant: Mutant) -> tuple[str, str]:
        """Runs the tests that cover a mutant.

        Args:
            mutant: The mutant.

        Returns:
            "killed", "hung" (which is noticed, too), "survived", "unfinished" (the time
            was over before the tests) or "untested", and the test that failed or "".

        Raises:
            RuntimeError: If pytest does not start without a mutant either.
        """
        file = self.tree / mutant.path
        source = file.read_bytes()
        tests = covering_tests(mutant.path)
        # Without any, pytest would run all.
        while tests:
            broken = [test for test, fails in self._fails_unchanged.items() if fails]
            left_out = [f"--deselect={test}" for test in broken]
            left_out += [f"--ignore={test}" for test in broken if "::" not in test]
            file.write_bytes(mutant.applied(source))
            try:
                outcome, test = self._run([*left_out, *tests])
            finally:
                file.write_bytes(source)
            if outcome not in ("killed", "hung"):
                return outcome, test
            if not test:
                self._check_that_pytest_starts(tests)
                return outcome, test
            if not self._is_broken(test):
                return outcome, test
        return "untested", ""

    def _check_that_pytest_starts(self, tests: list[str]) -> None:
        """That it ends before any test may be the mutant's doing, but not without."""
        if self._run(["--collect-only", *tests])[0] != "survived":
            raise RuntimeError(f"pytest does not collect {' '.join(tests)}.")

    def _is_broken(self, test: str) -> bool:
        """Whether a test, or a file that cannot be collected, fails unchanged, too."""
        if test not in self._fails_unchanged:
            collect = [] if "::" in test else ["--collect-only"]
            outcome, _ = self._run([*collect, test])
            self._fails_unchanged[test] = outcome in ("killed", "hung")
        return self._fails_unchanged[test]

    def _run(self, arguments: list[str]) -> tuple[str, str]:
        with tempfile.TemporaryFile() as told:
            child = os.fork()
            if not child:
                self._test_in_child(arguments, told.fileno())
            try:
                status = os.waitpid(child, 0)[1]
            finally:
                # What the tests have started; itself, if this is interrupted.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
            told.seek(0)
            lines = told.read().decode().splitlines()
        running = lines[-1].removeprefix(_RUNS) if lines else ""
        failed = "".join(
            line.removeprefix(_FAILS) for line in lines if line.startswith(_FAILS)
        )
        if os.WIFSIGNALED(status):
            is_hung = os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF)
            return ("hung" if is_hung else "killed"), failed or running
        code = os.WEXITSTATUS(status)
        if code == _NO_TESTS:
            return "untested", ""
        if code == _STOPPED and not failed:
            return "unfinished", ""
        return ("survived" if code == _PASSED else "killed"), failed

    def _test_in_child(self, arguments: list[str], told: int) -> None:
        import pytest

        # Not `setsid`: a session of its own would have a priority of its own.
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.chdir(self.tree)
        others = [entry for entry in sys.path if entry not in ("", str(ROOT))]
        sys.path[:] = [str(self.tree), *others]
        # The tests' modules are the tree's, too.
        for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
            del sys.modules[name]
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
            os.dup2(nowhere.fileno(), sys.stderr.fileno())
        watch = _Watch(told, self.seconds, self.seconds_of_all)
        options = ["-q", "-x", "-p", "no:cacheprovider", "-m", "not slow"]
        code = pytest.main([*options, *arguments], plugins=[watch])
        # Not `sys.exit`, which would end the parent's business, too.
        os._exit(int(code))
