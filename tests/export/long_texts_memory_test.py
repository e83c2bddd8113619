"""An exported model asked about a long text computes some windows of it at a time."""

import json
import string
import subprocess
import sys

import keras_nlp
import pytest

import charbert_tf
from charbert_tf.export.serving_module import ServingModule

CHARACTERS = [" ", *string.ascii_lowercase, "<unk>"]
LENGTH = 128
TEXT = "a long text that has no end and " * 5000
# All windows at once would take 2,600 for a tagger.
MOST_MIB = 500

ASK = """
import json
import resource
import sys

import tensorflow as tf
import tensorflow_text

folder, asked = json.load(sys.stdin)
serve = tf.saved_model.load(folder).signatures["serving_default"]
peaks = []
for texts in asked:
    output = serve(**{name: tf.constant([text]) for name, text in texts.items()})
    # Linux counts in KiB.
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(json.dumps([*peaks, {name: of.shape[-1] for name, of in output.items()}]))
"""


def exported_peaks(model, folder, *asked):
    ServingModule.of(model).export(folder)
    outcome = subprocess.run(
        [sys.executable, "-c", ASK],
        input=json.dumps([str(folder), asked]),
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(outcome.stdout)


@pytest.fixture(scope="module")
def parts():
    letters = string.ascii_lowercase
    tokenizer = keras_nlp.models.BertTokenizer(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
        + [f"##{letter}" for letter in letters]
    )
    encoder = charbert_tf.BertEncoder(
        tokenizer.vocabulary_size(), 1, 8, 64, 128, max_sequence_length=LENGTH
    )
    return charbert_tf.CharBertBackbone(encoder, len(CHARACTERS)), tokenizer


@pytest.mark.slow
def test_a_tagger(parts, tmp_path):
    backbone, tokenizer = parts
    preprocessor = charbert_tf.TokenClassifierPreprocessor(
        tokenizer, CHARACTERS, sequence_length=LENGTH
    )
    tagger = charbert_tf.TokenClassifier(
        backbone, num_classes=2, preprocessor=preprocessor, labels=["O", "B-X"]
    )
    short, long, shape = exported_peaks(
        tagger, tmp_path / "1", {"text": TEXT[:2000]}, {"text": TEXT}
    )
    assert shape["tags"] == len(TEXT.split())
    assert long - short < MOST_MIB


@pytest.mark.slow
def test_a_question_answerer(parts, tmp_path):
    backbone, tokenizer = parts
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(
        tokenizer, CHARACTERS, sequence_length=LENGTH
    )
    answerer = charbert_tf.QuestionAnswerer(backbone, preprocessor)
    short, long, _ = exported_peaks(
        answerer,
        tmp_path / "1",
        {"question": "What has no end?", "context": TEXT[:2000]},
        {"question": "What has no end?", "context": TEXT},
    )
    assert long - short < MOST_MIB
