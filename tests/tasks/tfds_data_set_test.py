"""tensorflow-datasets' own readers make of a file what the tasks make of it."""

import json
import pathlib

import pytest
import tensorflow_datasets as tfds

from charbert_tf.errors import UserError
from charbert_tf.tasks.named_tasks import NAMED_TASKS
from charbert_tf.tasks.tagging import to_iob2

# What GLUE and CoNLL call their files, and the folder inside GLUE's archive.
FILES = {
    "qqp": ("QQP", ["train.tsv", "dev.tsv", "test.tsv"]),
    "qnli": ("QNLI", ["train.tsv", "dev.tsv", "test.tsv"]),
    "conll2003": ("", ["train.txt", "valid.txt", "test.txt"]),
    "squad1": ("", ["train-v1.1.json", "dev-v1.1.json"]),
    "squad2": ("", ["train-v2.0.json", "dev-v2.0.json"]),
}
QUESTIONS = [
    {
        "id": "b",
        "question": "Who?",
        "answers": [
            {"text": "Él", "answer_start": 0},
            {"text": "Rome", "answer_start": 8},
        ],
        "is_impossible": False,
    },
    {"id": "a", "question": "When?", "answers": [], "is_impossible": True},
]


def squad(questions):
    paragraph = {"context": "Él saw \U0001f600Rome.", "qas": questions}
    return json.dumps({"data": [{"title": "Rome", "paragraphs": [paragraph]}]})


CONTENT = {
    "qqp": 'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n7\t1\t2\tWhy "so?\tHow'
    " é?\t1\n8\t3\t4\tWho?\tWhen?\t0\n9\t5\t6\tWhat?\tWhich?\t0\n",
    "qnli": "index\tquestion\tsentence\tlabel\n5\tWho wins?\tRome wins.\tentailment\n"
    "6\tWho?\tIt rains.\tnot_entailment\n",
    # IOB1 in the files here, IOB2 in those that TFDS fetches.
    "conll2003": "-DOCSTART- -X- -X- O\n\nRome NNP B-NP I-LOC\nOslo NNP B-NP B-LOC\n"
    "wins VBZ B-VP O\n\nYes UH B-INTJ O\n\n",
    "squad1": squad(QUESTIONS[:1]),
    "squad2": squad(QUESTIONS),
}


def as_tfds_fetches_it(name, file):
    content = CONTENT[name]
    if name == "conll2003":
        return content.replace("I-LOC", "B-LOC")
    if file == "test.tsv":
        rows = [line.split("\t")[:-1] for line in content.splitlines()]
        return "".join("\t".join(row) + "\n" for row in rows)
    return content


def fetch(place):
    """What downloads and unpacks, if the network gave what is in a folder."""

    def download_and_extract(_, resource):
        if isinstance(resource, dict):
            return {
                name: tfds.core.Path(place / pathlib.PurePosixPath(url).name)
                for name, url in resource.items()
            }
        return tfds.core.Path(place)

    return download_and_extract


@pytest.fixture(scope="module")
def data_sets(tmp_path_factory):
    """A folder with the data sets as TFDS's own builders make them of such files."""
    folder = tmp_path_factory.mktemp("tfds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder / "data"))
        for name, (archive, files) in FILES.items():
            place = folder / "files" / name
            (place / archive).mkdir(parents=True)
            for file in files:
                content = as_tfds_fetches_it(name, file)
                (place / archive / file).write_text(content, encoding="utf-8")
            patch.setattr(
                tfds.download.DownloadManager, "download_and_extract", fetch(place)
            )
            tfds.builder(
                NAMED_TASKS[name].tfds.name, data_dir=folder / "data"
            ).download_and_prepare()
    return folder / "data"


@pytest.fixture
def data_dir(data_sets, monkeypatch):
    """Where a user's TFDS looks."""
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(data_sets))
    return data_sets


def content_of(examples):
    """Everything but the line, which counts header lines and blank ones."""
    if hasattr(examples[0], "words"):
        # TFDS shuffles what it writes, and GLUE alone numbers its examples.
        return sorted((e.words, tuple(to_iob2(e.tags))) for e in examples)
    if hasattr(examples[0], "context"):
        return sorted(examples, key=lambda example: example.id)
    return [(e.text, e.text_pair, e.label) for e in examples]


@pytest.mark.parametrize("name", FILES)
def test_the_same_examples_as_from_the_files(data_dir, tmp_path, name):
    path = tmp_path / "train"
    path.write_text(CONTENT[name], encoding="utf-8")
    of_file = NAMED_TASKS[name].make().read(path)
    of_tfds = NAMED_TASKS[name].read_split("train")
    assert content_of(of_tfds) == content_of(of_file)
    assert len(NAMED_TASKS[name].read_split("train[:1]")) == 1


def test_splits_that_cannot_be_read(data_dir):
    names = {"qnli": "train, validation, test", "conll2003": "train, dev, test"}
    for name, splits in names.items():
        with pytest.raises(UserError) as error:
            NAMED_TASKS[name].read_split("training")
        assert str(error.value) == (
            f"{NAMED_TASKS[name].tfds.name}: has no split 'training': name one of "
            f"{splits}"
        )
    with pytest.raises(UserError, match=r"^GLUE's test sets have no labels: "):
        NAMED_TASKS["qqp"].read_split("test")


def test_data_sets_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    for name, task in NAMED_TASKS.items():
        with pytest.raises(UserError) as error:
            task.read_split("train")
        if name in ("ptb", "wnut17"):
            message = "tensorflow-datasets does not have this data set: give "
        else:
            message = f"{task.tfds.name}: is not in {tmp_path}/"
            fetch = f"tfds.builder('{task.tfds.name}').download_and_prepare()\", or"
            assert f'python -c "import tensorflow_datasets as tfds; {fetch}' in str(
                error.value
            )
        assert str(error.value).startswith(message)
    assert not list(pathlib.Path(tmp_path).iterdir())
