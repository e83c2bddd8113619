"""The examples of docs/robustness.md run as they stand: pipelines, wrappers."""

import string

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.attacks import get_attack
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families import DATA_SETS
from tests import transformers_models as hf
from tests.documented_code import code_of

PAGE = "robustness.md"
TEXTS = ["a borign film", "", "fine actors, a thin story", "the best thing in years"]


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """A file of labelled texts in the working folder."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{text} number {n}\t{n % 2}\n" for n in range(20) for text in TEXTS]
    (tmp_path / "dev.tsv").write_text("sentence\tlabel\n" + "".join(rows))
    return tmp_path / "dev.tsv"


def test_a_function(dev, capsys):
    exec(code_of(PAGE, "What a model is"), {})
    assert capsys.readouterr().out == "0.0 [0.0, 0.0]\n"


@pytest.mark.slow
def test_a_pipeline_of_hugging_face(dev, tmp_path, capsys, word_pieces):
    hf.save_text_classifier(tmp_path / "huggingface_classifier", word_pieces)

    names = {}
    exec(code_of(PAGE, "Pipelines of Hugging Face"), names)
    result, classifier = names["result"], names["classifier"]

    def accuracy(examples):
        outputs = [classifier(example.text)[0]["label"] for example in examples]
        return np.mean([o == e.label for o, e in zip(outputs, examples, strict=True)])

    task = DATA_SETS["sst2"].make()
    examples = task.read(str(dev))
    assert result.score("pipeline", "none").score.value == accuracy(examples)
    row = result.score("pipeline", "mix")
    assert row.by_seed == tuple(
        accuracy(task.attacked(examples, get_attack("mix"), seed)) for seed in (0, 1, 2)
    )
    assert len(set(row.by_seed)) > 1
    assert capsys.readouterr().out == f"{row.drop}\n"


def test_a_wrapper_for_textattack(tokenizer, tmp_path):
    keras.utils.set_random_seed(0)
    characters = [" ", *string.ascii_letters, "<unk>"]
    encoder = charbert_tf.BertEncoder(tokenizer.vocabulary_size(), 1, 2, 16, 32)
    classifier = charbert_tf.TextClassifier(
        charbert_tf.CharBertBackbone(encoder, len(characters)),
        num_classes=3,
        preprocessor=charbert_tf.TextClassifierPreprocessor(
            tokenizer, characters, sequence_length=32
        ),
        labels=["a", "b", "c"],
    )
    ServingModule.of(classifier).export(tmp_path / "1")

    names = {}
    exec(code_of(PAGE, "TextAttack"), names)
    wrapper = names["TextAttackWrapper"](str(tmp_path / "1"))
    # What TextAttack's goal functions do with a wrapper and its output.
    assert wrapper.model is not None
    found = wrapper(TEXTS)
    assert isinstance(found, np.ndarray) and found.shape == (4, 3)
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-6
    logits = classifier.predict(TEXTS, verbose=0)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found == pytest.approx(expected, abs=1e-5)

    classifier.takes_pairs = True
    ServingModule.of(classifier).export(tmp_path / "2")
    pairs = list(zip(TEXTS, reversed(TEXTS), strict=True))
    found = names["TextAttackWrapper"](str(tmp_path / "2"))(pairs)
    features = classifier.preprocessor((TEXTS, TEXTS[::-1]))
    expected = keras.ops.softmax(classifier(features, training=False)).numpy()
    assert found == pytest.approx(expected, abs=1e-5)
