"""`import charbert_tf` gives all names and costs nothing; Keras still finds classes."""

import ast
import importlib
import pathlib
import re
import subprocess
import sys

import pytest

import charbert_tf

ROOT = pathlib.Path(__file__).resolve().parents[1]
FACES = sorted(
    ".".join(path.relative_to(ROOT).parent.parts)
    for path in (ROOT / "charbert_tf").rglob("__init__.pyi")
)
HEAVY = ["tensorflow", "keras", "keras_hub", "keras_nlp", "matplotlib", "numpy"]


def run(code, *arguments):
    """Runs code in a fresh interpreter and gives what it prints, in words."""
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.split()


def registered_names():
    """What the source registers with Keras, by the names that presets give."""
    names = set()
    for path in (ROOT / "charbert_tf").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            decorators = getattr(node, "decorator_list", ())
            if any("register_keras_serial" in ast.unparse(d) for d in decorators):
                names.add(f"charbert_tf>{node.name}")
    return names


def faces_of(tree):
    """The names by which a file knows faces, and which face each is."""
    faces = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                if origin + alias.name in FACES:
                    faces[alias.asname or alias.name] = origin + alias.name
    return faces


def test_code_asks_faces_only_for_names_that_they_have():
    asked = set()
    for room in ("charbert_tf", "official", "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            faces = faces_of(tree)
            asked |= {
                (path.relative_to(ROOT), faces[node.value.id], node.attr)
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in faces
            }
    assert len(asked) > 50
    missing = {
        (str(path), face, name)
        for path, face, name in asked
        if not hasattr(importlib.import_module(face), name)
    }
    assert missing == set()


def shown_imports():
    """What documents and docstrings import, and where: module and names."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for code in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S):
            yield page, ast.parse(code)
    for path in (ROOT / "charbert_tf").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"^ +>>> (from .+)", text, re.M):
            yield path, ast.parse(line)


def test_what_is_shown_comes_from_the_faces_that_have_it():
    shown = {
        (path.relative_to(ROOT), node.module, alias.name)
        for path, tree in shown_imports()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert len([of for of in shown if of[1] in FACES]) > 30
    deep = set()
    for path, module, name in shown:
        face = ".".join(module.split(".")[:2])
        is_inside = face in FACES and face != module
        if is_inside and name in importlib.import_module(face).__all__:
            deep.add((str(path), module, name))
    assert deep == set()


def test_what_a_function_as_a_model_takes_and_returns_is_at_the_door():
    code = (
        "from charbert_tf.families import LabelledText, PredictedAnswer, Question\n"
        "from charbert_tf.families import TaggedSentence\n"
        "question = Question('1', 'Where?', 'In Rome.', ())\n"
        "print(PredictedAnswer('Rome', (), -2.0).text, *question.texts())"
    )
    assert run(code) == ["Rome", "question", "context"]


def test_a_face_is_a_place_of_what_nobody_imported():
    code = (
        "from charbert_tf.families import find_task\n"
        "print(type(find_task('charbert_tf.families:TaggingTask').make()).__name__)"
    )
    assert run(code) == ["TaggingTask"]


def test_faces_import_no_model():
    code = (
        "import importlib, sys\n"
        "for face in sys.argv[1].split():\n"
        "    module = importlib.import_module(face)\n"
        "    assert set(module.__all__) <= set(dir(module)), face\n"
        "    assert not hasattr(module, 'no_such_name')\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    assert run(code, " ".join(FACES)) == []


@pytest.mark.parametrize("face", FACES)
def test_every_name_is_where_the_stub_says(face):
    module = importlib.import_module(face)
    parts = {path.stem for path in pathlib.Path(module.__file__).parent.glob("*.py")}
    # Else the name would be the module as soon as anything has imported that.
    assert parts.isdisjoint(module.__all__)
    for name in module.__all__:
        thing = getattr(module, name)
        assert name in vars(module)
        if isinstance(thing, type):
            assert thing.__name__ == name


def test_all_names_come_with_a_star():
    names = {}
    exec("from charbert_tf import *", names)
    assert names["TextClassifier"] is charbert_tf.TextClassifier
    with pytest.raises(AttributeError, match="'charbert_tf' has no attribute 'Berd'"):
        charbert_tf.Berd  # noqa: B018


@pytest.mark.parametrize(
    "imports", ["import charbert_tf, keras_hub", "import keras_hub, charbert_tf"]
)
@pytest.mark.slow
def test_doors_of_keras_hub_find_classes_that_nobody_imported(imports, tmp_path):
    encoder = charbert_tf.BertEncoder(8, 1, 2, hidden_dim=4, intermediate_dim=4)
    backbone = charbert_tf.CharBertBackbone(encoder, 5, char_embedding_dim=4)
    backbone.save_to_preset(tmp_path)
    code = f"""{imports}
import sys
assert "charbert_tf.word_recognition.word_recognizer" not in sys.modules
backbone = keras_hub.models.Backbone.from_preset(sys.argv[1])
import keras
print(*[name for name in sys.argv[2].split() if keras.saving.get_registered_object(name)
        is None], backbone.count_params())
"""
    printed = run(code, str(tmp_path), " ".join(registered_names()))
    assert printed == [str(backbone.count_params())]
