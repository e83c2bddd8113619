"""MutantRuns: which tests cover a mutant, and whether one of them fails."""

import ast
import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import sys
import time
from collections.abc import Iterable

from tests.mutant import ROOT, Mutant

# What pytest says when all went well, when it was told to stop, and without tests.
_PASSED, _STOPPED, _NO_TESTS = 0, 2, 5


def covering_tests(path: str) -> list[str]:
    """Lists the test files that cover a file of the package.

    Args:
        path: The file, relative to the root.

    Returns:
        The tests of its name, then those that import its module, then those that name a
        class or function of it, then those of the names of files that import it,
        relative to the root.
    """
    texts = {
        p.relative_to(ROOT).as_posix(): p.read_text("utf-8")
        for p in sorted((ROOT / "tests").rglob("*_test.py"))
    }
    module = re.escape(path.removesuffix(".py").replace("/", "."))
    defined = [
        node.name
        for node in ast.parse((ROOT / path).read_bytes()).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        and not node.name.startswith("_")
    ]
    found = _of_name(path, texts)
    for names in (rf"{module}\b", rf"\b({'|'.join(defined)})\b" if defined else "(?!)"):
        found += [t for t, text in texts.items() if re.search(names, text)]
    for user in sorted((ROOT / "charbert_tf").rglob("*.py")):
        if re.search(rf"{module} import", user.read_text("utf-8")):
            found += _of_name(user, texts)
    # Those of its room: what is used through something else is tested through that.
    room = pathlib.PurePath(path).parent
    while not found and room.name:
        of_room = room.as_posix().replace("charbert_tf", "tests", 1)
        found = [test for test in texts if test.startswith(f"{of_room}/")]
        room = room.parent
    return list(dict.fromkeys(found))


def _of_name(path: str | pathlib.PurePath, tests: Iterable[str]) -> list[str]:
    name = f"{pathlib.PurePath(path).stem}_test.py"
    return [test for test in tests if pathlib.PurePath(test).name == name]


class _Watch:
    """A pytest plugin: the first failure, an alarm for each test, and an end."""

    def __init__(self, seconds: int, seconds_of_all: int):
        self.failed = ""
        self._seconds = seconds
        self._end = time.monotonic() + seconds_of_all

    def pytest_collectreport(self, report):
        self._keep(report)

    def pytest_runtest_logstart(self):
        signal.alarm(self._seconds)

    def pytest_runtest_logreport(self, report):
        self._keep(report)

    def pytest_runtest_teardown(self, item):
        if time.monotonic() > self._end:
            item.session.shouldstop = "no time is left"

    def _keep(self, report):
        if report.failed and not self.failed:
            self.failed = report.nodeid


@dataclasses.dataclass
class MutantRuns:
    """Runs of tests in a copy of the working tree, each in a fork.

    Args:
        tree: The copy, which is as it was after each run.
        seconds: int. A test that takes longer hangs.
        seconds_of_all: int. After these no other test of a mutant is begun.
    """

    tree: pathlib.Path
    seconds: int
    seconds_of_all: int

    def __post_init__(self):
        self._fails_unchanged = {}

    def outcome(self, mutant: Mutant) -> tuple[str, str]:
        """Runs the tests that cover a mutant.

        Args:
            mutant: The mutant.

        Returns:
            "killed", "hung" (which is noticed, too), "survived", "unfinished" (the time
            was over before the tests) or "untested", and the test that failed or "".
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
                outcome, failed = (
                    self._run([*left_out, *tests]) if tests else (None, "")
                )
            finally:
                file.write_bytes(source)
            if outcome != "killed" or not failed or not self._is_broken(failed):
                return outcome, failed
        return "untested", ""

    def _is_broken(self, test: str) -> bool:
        """Whether a test, or a file that cannot be collected, fails unchanged, too."""
        if test not in self._fails_unchanged:
            collect = [] if "::" in test else ["--collect-only"]
            self._fails_unchanged[test] = self._run([*collect, test])[0] == "killed"
        return self._fails_unchanged[test]

    def _run(self, arguments: list[str]) -> tuple[str, str]:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            self._test_in_child(arguments, writer)
        os.close(writer)
        with os.fdopen(reader) as file:
            status = os.waitpid(child, 0)[1]
            # What the tests have started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            failed = file.read()
        if os.WIFSIGNALED(status):
            is_hung = os.WTERMSIG(status) == signal.SIGALRM
            return ("hung" if is_hung else "killed"), failed
        code = os.WEXITSTATUS(status)
        if code == _NO_TESTS:
            return "untested", ""
        if code == _STOPPED and not failed:
            return "unfinished", ""
        return ("survived" if code == _PASSED else "killed"), failed

    def _test_in_child(self, arguments: list[str], writer: int) -> None:
        import pytest

        os.setsid()
        os.chdir(self.tree)
        others = [entry for entry in sys.path if entry not in ("", str(ROOT))]
        sys.path[:] = [str(self.tree), *others]
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
            os.dup2(nowhere.fileno(), sys.stderr.fileno())
        watch = _Watch(self.seconds, self.seconds_of_all)
        options = ["-q", "-x", "-p", "no:cacheprovider", "-m", "not slow"]
        code = pytest.main([*options, *arguments], plugins=[watch])
        os.write(writer, watch.failed.encode())
        # Not `sys.exit`, which would end the parent's business, too.
        os._exit(int(code))
