"""Registries: names without imports, a user's own things, errors of one line."""

import subprocess
import sys

import pytest

from charbert_tf.attacks import ATTACKS, get_attack
from charbert_tf.attacks.attack import Attack
from charbert_tf.files.errors import UserError
from charbert_tf.registry import Registry

THEIRS = '''
import functools
from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks import Drop

class Repeat(Attack):
    """Writes one letter of a word twice."""

    kind = "repeat"

    def edits_by_place(self, word):
        return [[word[: i + 1] + word[i:]] for i in range(len(word))]

class Abstract(Attack):
    kind = "abstract"

class Nameless(Attack):
    def edits_by_place(self, word):
        return []

repeat = Repeat()
LONG = functools.partial(functools.partial(Repeat), minimum_length=6)
NAMELESS = functools.partial(Nameless, minimum_length=6)
'''
BROKEN = "import sys; sys.exit('not for import')"


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """Modules of a user's, outside of the project."""
    folder = tmp_path / "their_typos"
    folder.mkdir()
    (folder / "letters.py").write_text(THEIRS)
    (folder / "leaves.py").write_text(BROKEN)
    (folder / "broken.py").write_text("import no_such_package")
    (folder / "unfinished.py").write_text("def f(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [n for n in sys.modules if n.split(".")[0] == "their_typos"]:
        del sys.modules[name]


def test_a_users_attack_is_found_by_its_place(theirs):
    repeat = get_attack("their_typos.letters:Repeat", rate=1.0)
    assert repeat.attack_text("word", seed=0, example=0) in {
        *("wword", "woord", "worrd", "wordd")
    }
    # With arguments that are set, as the project's own may have.
    long = get_attack("their_typos.letters:LONG", rate=0.5)
    assert (long.kind, long.minimum_length, long.rate) == ("repeat", 6, 0.5)
    mix = get_attack("drop+their_typos.letters:Repeat", minimum_length=3)
    assert mix.possible_edits("abc") == ["ac", "aabc", "abbc", "abcc"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("dorp", r"no attack 'dorp': choose one of drop, add, .*my_module:MyName$"),
        ("", "no attack '': choose one of drop, add, "),
        (":Repeat", "no attack ':Repeat': .* your own as my_package.my_module:MyName"),
        ("a/b.py:Repeat", "no attack 'a/b.py:Repeat': choose .* or name your own as"),
        ("nowhere:Repeat", r"nowhere cannot be imported \(ModuleNotFoundError: No .*'"),
        ("their_typos.broken:X", r"_typos.broken cannot .*'no_such_package'\): mend"),
        ("their_typos.unfinished:X", r"unfinished cannot be imported \(SyntaxError: "),
        ("their_typos.leaves:X", r"leaves cannot be imported \(SystemExit: not for"),
        (
            "their_typos.letters:Repaet",
            r"letters has no 'Repaet': choose their_typos.letters:Drop, "
            r"their_typos.letters:Repeat, .* or one of drop, add",
        ),
        ("their_typos.letters:Abstract", "Abstract lacks edits_by_place: choose "),
        ("their_typos.letters:repeat", "repeat is not a subclass of charbert_tf.att"),
        ("os:path", "no attack: os:path is not a subclass .*: choose another, or one"),
        (
            "their_typos.letters:Nameless",
            "attack their_typos.letters:Nameless has no `kind`",
        ),
        (
            "their_typos.letters:NAMELESS",
            "attack their_typos.letters:NAMELESS has no `kind`",
        ),
    ],
)
def test_what_cannot_be_found_is_one_line(theirs, name, error):
    with pytest.raises(UserError, match=error) as raised:
        get_attack(name)
    assert "\n" not in str(raised.value)


def test_instances_and_functions_are_told_from_classes(theirs):
    registry = Registry(
        "attack",
        "charbert_tf.attacks.attack:Attack",
        {"drop": "charbert_tf.attacks.single_characters:Drop"},
        instances=True,
    )
    repeat = registry.find("their_typos.letters:repeat")
    assert isinstance(repeat, Attack)
    with pytest.raises(UserError, match=r"choose their_typos\.letters:repeat, or one "):
        registry.find("their_typos.letters:Repeat")
    measures = Registry("measure", "collections.abc:Callable", {}, instances=True)
    assert measures.find("math:sqrt")(9.0) == 3.0


def test_every_entry_is_what_its_registry_holds():
    for name in ATTACKS:
        assert get_attack(name).kind == name
        assert ATTACKS.find(name) is ATTACKS[name]
    with pytest.raises(KeyError):
        ATTACKS["dorp"]


def test_names_cost_no_import():
    names = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from charbert_tf.registry import Registry\n"
            "registry = Registry('thing', 'a.b:C', {'one': 'no.such:Place'})\n"
            "print(*registry, len(registry), 'one' in registry, 'no' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert names.stdout.split() == ["one", "1", "True", "False"]
