"""tensorflow-datasets' own readers make of a file what the tasks make of it."""

import json
import pathlib
import random
from urllib import parse

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from charbert_tf.families import DATA_SETS
from charbert_tf.families.tagging.tag_scheme import to_iob2
from charbert_tf.files.errors import UserError

# What the data sets' authors call their files, and the folder inside GLUE's archive.
GLUE_FILES = ["train.tsv", "dev.tsv", "test.tsv"]
MNLI_FILES = [
    "train.tsv",
    *(f"{s}_{m}.tsv" for s in ("dev", "test") for m in ("matched", "mismatched")),
]
FILES = {
    "cola": ("CoLA", GLUE_FILES),
    # TFDS has it from Microsoft's files, and parts train and dev as GLUE does.
    "mrpc": (
        "",
        ["msr_paraphrase_train.txt", "msr_paraphrase_test.txt", "mrpc_dev_ids.tsv"],
    ),
    "qqp": ("QQP", GLUE_FILES),
    "qnli": ("QNLI", GLUE_FILES),
    "rte": ("RTE", GLUE_FILES),
    "sst2": ("SST-2", GLUE_FILES),
    "stsb": ("STS-B", GLUE_FILES),
    "mnli": ("MNLI", MNLI_FILES),
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


MRPC_HEADER = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
MRPC_DEV = "1\t5\t6\tThey met.\tThey met again.\n"
CONTENT = {
    "cola": 'gj04\t1\t\tThe "car honked.\ngj04\t0\t*\tCar the é honked.\n',
    "mrpc": f'\ufeff{MRPC_HEADER}1\t1\t2\tHe said "so.\tSo he said.\n'
    "0\t3\t4\tIt é rose.\tIt fell.\n",
    "qqp": 'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n7\t1\t2\tWhy "so?\tHow'
    " é?\t1\n8\t3\t4\tWho?\tWhen?\t0\n9\t5\t6\tWhat?\tWhich?\t0\n",
    "qnli": "index\tquestion\tsentence\tlabel\n5\tWho wins?\tRome wins.\tentailment\n"
    "6\tWho?\tIt rains.\tnot_entailment\n",
    "rte": 'index\tsentence1\tsentence2\tlabel\n0\tRome is "big.\tRome is.\t'
    "entailment\n1\tIt rains.\tIt é snows.\tnot_entailment\n",
    "sst2": 'sentence\tlabel\na "fine é film \t1\ndull \t0\n',
    "stsb": 'index\tgenre\tsentence1\tsentence2\tscore\n0\tnews\tA "plane.\tAn é.\t'
    "5.000\n1\tnews\tIt rains.\tIt snows.\t3.20\n",
    "mnli": "index\tpairID\tsentence1\tsentence2\tlabel1\tgold_label\n"
    '0\t1n\tRome is "big.\tRome is.\tneutral\tentailment\n'
    "1\t2c\tIt rains.\tIt é snows.\tneutral\tcontradiction\n"
    "2\t3n\tIt rains.\tIt is wet.\tneutral\tneutral\n",
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
    if name == "mrpc":
        return {
            "msr_paraphrase_train.txt": content + MRPC_DEV,
            "msr_paraphrase_test.txt": content,
            "mrpc_dev_ids.tsv": "5\t6\n",
        }[file]
    if name == "cola" and file == "test.tsv":
        return "index\tsentence\n0\tThe car honked.\n"
    if name == "mnli" and "mismatched" in file:
        content = content.replace("Rome", "Oslo")
    if file.startswith("test") and file.endswith(".tsv"):
        rows = [line.split("\t")[:-1] for line in content.splitlines()]
        return "".join("\t".join(row) + "\n" for row in rows)
    return content


def file_name(url):
    return pathlib.PurePosixPath(parse.unquote(parse.urlsplit(url).path)).name


def fetch(place):
    """What downloads and unpacks, if the network gave what is in a folder."""

    def download_and_extract(_, resource):
        if isinstance(resource, dict):
            return {
                name: tfds.core.Path(place / file_name(url))
                for name, url in resource.items()
            }
        return tfds.core.Path(place)

    return download_and_extract


def make_data_set(name, folder):
    """Has TFDS's own builder make a data set of such files, in `folder / "data"`."""
    archive, files = FILES[name]
    place = folder / "files" / name
    (place / archive).mkdir(parents=True)
    for file in files:
        content = as_tfds_fetches_it(name, file)
        (place / archive / file).write_text(content, encoding="utf-8")
    others = ["mnli_matched", "mnli_mismatched"] if name == "mnli" else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder / "data"))
        for method in ("download", "download_and_extract"):
            patch.setattr(tfds.download.DownloadManager, method, fetch(place))
        for which in (name, *others):
            tfds.builder(
                DATA_SETS[which].tfds.name, data_dir=folder / "data"
            ).download_and_prepare()


@pytest.fixture(scope="module")
def data_sets(tmp_path_factory):
    """A folder with all data sets."""
    folder = tmp_path_factory.mktemp("tfds")
    for name in FILES:
        make_data_set(name, folder)
    return folder / "data"


def test_mnli_has_two_sets_to_score_on(data_dir):
    mnli = DATA_SETS["mnli"]
    for which, place in (("matched", "Rome"), ("mismatched", "Oslo")):
        examples = mnli.read_split(f"validation_{which}")
        assert [e.text for e in examples] == [f'{place} is "big.', *["It rains."] * 2]
        assert {e.label for e in mnli.read_split_to_predict(f"test_{which}")} == {None}
        alone = DATA_SETS[f"mnli_{which}"].read_split("validation")
        assert alone == examples
    labels = mnli.make().labels(examples, "dev")
    assert labels == ["entailment", "neutral", "contradiction"]


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
    of_file = DATA_SETS[name].make().read(path)
    of_tfds = DATA_SETS[name].read_split("train")
    assert content_of(of_tfds) == content_of(of_file)
    assert len(DATA_SETS[name].read_split("train[:1]")) == 1


@pytest.mark.parametrize("name", ["cola", "qnli", "qqp", "rte", "sst2", "stsb"])
def test_test_sets_have_no_labels(data_dir, tmp_path, name):
    path = tmp_path / "test.tsv"
    path.write_text(as_tfds_fetches_it(name, "test.tsv"), encoding="utf-8")
    of_file = DATA_SETS[name].make().read_to_predict(str(path))
    of_tfds = DATA_SETS[name].read_split_to_predict("test")
    assert content_of(of_tfds) == content_of(of_file)
    assert {example.label for example in of_tfds} == {None}
    indices = [example.index for example in of_tfds]
    assert indices == [example.index for example in of_file]
    with pytest.raises(UserError, match=r"^GLUE's test sets have no labels: name ano"):
        DATA_SETS[name].read_split("test")


def test_mrpc_is_parted_as_by_glue(data_dir):
    (example,) = DATA_SETS["mrpc"].read_split("validation")
    assert (example.text, example.text_pair, example.label) == (
        *("They met.", "They met again.", "1"),
    )


def questions_for_tfds(builder, *_, **__):
    """Random questions: of TFDS's own, texts and starts are not equally many."""
    choose = random.Random(0)

    def records():
        for number in range(30):
            context = "".join(choose.choices("abé\U0001f600", k=50))
            starts = choose.sample(range(45), k=choose.randint(1, 3))
            texts = [context[start : start + 5] for start in starts]
            record = {"id": str(number), "title": "", "context": context}
            answers = {"text": texts, "answer_start": starts}
            record |= {"question": "Who?", "answers": answers}
            if "is_impossible" in builder.info.features:
                none = {"text": [], "answer_start": []}
                record |= {"is_impossible": False, "plausible_answers": none}
            yield record

    features = builder.info.features
    return tf.data.Dataset.from_generator(
        records, output_types=features.dtype, output_shapes=features.shape
    )


@pytest.mark.parametrize("name", FILES)
def test_random_examples_of_tfds(data_dir, name):
    """Whatever TFDS's features allow is an example with the task's labels."""
    task = DATA_SETS[name].make()
    make = questions_for_tfds if name in ("squad1", "squad2") else None
    with tfds.testing.mock_data(30, as_dataset_fn=make, data_dir=data_dir):
        examples = DATA_SETS[name].read_split("train")
    assert len(examples) == 30
    labels = task.labels(examples, "train")
    task.check(examples, labels, "train")
    for example in examples if make else ():
        assert example.answers
        for answer in example.answers:
            assert example.context.startswith(answer.text, answer.start)


def test_splits_that_cannot_be_read(data_dir):
    names = {"qnli": "train, validation, test", "conll2003": "train, dev, test"}
    for name, splits in names.items():
        with pytest.raises(UserError) as error:
            DATA_SETS[name].read_split("training")
        assert str(error.value) == (
            f"{DATA_SETS[name].tfds.name}: has no split 'training': name one of "
            f"{splits}"
        )
    with pytest.raises(UserError, match=r"^GLUE's test sets have no labels: "):
        DATA_SETS["qqp"].read_split("test")


def test_data_sets_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    for task in DATA_SETS.values():
        with pytest.raises(UserError) as error:
            task.read_split("train")
        if task.tfds is None:
            message = "tensorflow-datasets does not have this data set: give "
        else:
            message = f"{task.tfds.name}: is not in {tmp_path}/"
            fetch = f"tfds.builder('{task.tfds.name}').download_and_prepare()\", or"
            assert f'python -c "import tensorflow_datasets as tfds; {fetch}' in str(
                error.value
            )
        assert str(error.value).startswith(message)
    assert not list(pathlib.Path(tmp_path).iterdir())
