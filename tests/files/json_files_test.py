"""JSON of a user's: whatever is wrong with it is one line that names the file."""

import ast
import pathlib

import pytest

import charbert_tf
from charbert_tf.corpus.prepared_corpus import PreparedCorpus
from charbert_tf.encoders import HuggingFaceFolder
from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import read_run_settings
from charbert_tf.models.model_folder import check_model_folder
from charbert_tf.training.distribution import WorkerCluster
from charbert_tf.word_recognition.recognizer_vocabulary import RecognizerVocabulary
from charbert_tf.word_recognition.word_recognizer import load_word_recognizer

PACKAGE = pathlib.Path(charbert_tf.__file__).parent
TOO_DEEP = "[" * 100_000
# Of lines, each with its number, and of what the process wrote itself a moment ago.
READ_JSON_THEMSELVES = {"corpus/text_part.py", "files/run_folder.py"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (TOO_DEEP.encode(), "cannot be read as JSON (it is nested too deeply): "),
        (b"{", "cannot be read as JSON (Expecting property name"),
        (b"\xff", "cannot be read as JSON ('utf-8' codec"),
        (rb'"\ud83d"', "cannot be read as JSON (half a character, '\\ud83d', "),
    ],
)
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("config.json", check_model_folder),
        ("config.json", HuggingFaceFolder),
        ("config.json", HuggingFaceFolder.is_one),
        ("config.json", charbert_tf.TextClassifier.from_preset),
        ("config.json", load_word_recognizer),
        ("settings.json", read_run_settings),
        (
            "words.json",
            lambda folder: RecognizerVocabulary.read(f"{folder}/words.json"),
        ),
    ],
)
def test_a_file_of_no_use(tmp_path, name, read, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        read(str(tmp_path))
    assert str(error.value).startswith(f"{tmp_path}/{name}: {reason}")


@pytest.mark.parametrize("name", ["task.json", "preprocessor.json"])
def test_a_preset_whose_files_are_nested_too_deeply(
    make_encoder, tokenizer, tmp_path, name
):
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, sequence_length=16)
    charbert_tf.TextClassifier(make_encoder(), 2, preprocessor).save_to_preset(
        str(tmp_path)
    )
    (tmp_path / name).write_text(TOO_DEEP)
    with pytest.raises(UserError, match=rf"{name}: .*nested too deeply\): fetch"):
        charbert_tf.SentenceEmbedder.from_preset(str(tmp_path))


def test_an_index_of_blocks_and_a_cluster_that_are_nested_too_deeply(
    tmp_path, monkeypatch
):
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "index.json").write_text(TOO_DEEP)
    with pytest.raises(UserError, match=r"index\.json: cannot be read \(it is nested"):
        PreparedCorpus(str(tmp_path))
    monkeypatch.setenv("TF_CONFIG", TOO_DEEP)
    with pytest.raises(UserError, match=r"^TF_CONFIG: cannot be read \(it is nested"):
        WorkerCluster.from_environment()


def test_one_file_reads_json():
    readers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("json.load", "json.loads")
    }
    assert readers == {"files/json_files.py", *READ_JSON_THEMSELVES}
