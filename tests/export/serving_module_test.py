import functools
import pickle
import string
import subprocess
import sys

import keras
import keras_nlp
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

import charbert_tf
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError
from charbert_tf.text.word_splitter import WordSplitter
from tests.families.keras_heads import make_head

CHARACTERS = [" ", *string.ascii_letters, "é", ".", "<unk>"]
VOCABULARY = [
    *["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    *["a", "good", "bad", "film", "caf", "##e", "."],
    *(f"##{letter}" for letter in "bcdfgh"),
]
TEXTS = [
    b"a good film.",
    b"a goood flim!",
    b"",
    " \t\u200b".encode(),
    "Café CAFÉ \U0001f600\U0001f3fd\u200d\U0001f3ac 映画".encode(),
    b"caf\xe9 \xff\xfe film",
    b"a\0film",
    b"good film " * 600,
    b"g" * 20_000,
]
LONG = 7  # "good film" 600 times
PAIRS = [*TEXTS[1:], TEXTS[0]]
CLASSIFIERS = ["bert_plain", "bert_classifier", "bert_pairs", "roberta_pairs"]
TAGGERS = ["bert_tagger", "roberta_tagger", "xlm_roberta_tagger"]

# The ops of tensorflow-text, all of which TF Serving's stock binary links, that the
# graphs of a model with such a tokenizer need.
TEXT_OPS = {
    "bert": {"FastWordpieceTokenizeWithOffsets"},
    "roberta": {"RegexSplitWithOffsets"},
    "xlm_roberta": {"SentencepieceOp", "SentencepieceTokenizeWithOffsetsOp"},
}
# Python's own functions do not leave the process; mutable tables cannot be restored.
FORBIDDEN = ("PyFunc", "EagerPyFunc", "MutableHashTable", "MutableDenseHashTable")

ASK = """
import pickle
import sys

import tensorflow as tf
import tensorflow_text

folders, texts, pairs, answers = pickle.load(sys.stdin.buffer)
result = {}
for name, folder in folders.items():
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    inputs = {"text": texts} | ({"text_pair": pairs} if "pairs" in name else {})
    output = serve(**{key: tf.constant(value) for key, value in inputs.items()})
    result[name] = {key: value.numpy() for key, value in output.items()}
assert not {"charbert_tf", "keras_nlp"} & set(sys.modules)
with open(answers, "wb") as file:
    pickle.dump(result, file)
"""


def encoder(kind, vocabulary_size):
    sizes = {
        "vocabulary_size": vocabulary_size,
        "num_layers": 1,
        "num_heads": 2,
        "hidden_dim": 16,
        "intermediate_dim": 32,
        "max_sequence_length": 24,
    }
    if kind == "bert":
        return keras_nlp.models.BertBackbone(**sizes)
    return charbert_tf.RobertaEncoder(**sizes)


def model(model_cls, kind, tokenizer, has_characters, labels):
    """A model with weights so large that its answers differ from text to text."""
    keras.utils.set_random_seed(0)
    backbone = encoder(kind, tokenizer.vocabulary_size())
    if has_characters:
        backbone = charbert_tf.CharBertBackbone(backbone, len(CHARACTERS))
    built = model_cls(
        backbone,
        num_classes=len(labels),
        labels=labels,
        preprocessor=model_cls.preprocessor_cls(
            tokenizer, CHARACTERS if has_characters else None, sequence_length=24
        ),
    )
    rng = np.random.default_rng(0)
    for weight in built.weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
    return built


@pytest.fixture(scope="module")
def models(byte_pair_tokenizer, sentence_piece_tokenizer):
    tokenizers = {
        "bert": keras_nlp.models.BertTokenizer(VOCABULARY, lowercase=True),
        "roberta": byte_pair_tokenizer,
        "xlm_roberta": sentence_piece_tokenizer,
    }

    @functools.cache
    def make(name):
        kind, task = name.rsplit("_", 1)
        if task == "tagger":
            model_cls, labels = charbert_tf.TokenClassifier, ["O", "B-X", "I-X"]
        else:
            model_cls, labels = charbert_tf.TextClassifier, ["bad", "good", "none"]
        built = model(model_cls, kind, tokenizers[kind], task != "plain", labels)
        if task == "pairs":
            built.takes_pairs = True
        return built

    return make


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    """The folder of each model, by name."""
    folder = tmp_path_factory.mktemp("exported")

    @functools.cache
    def export(name):
        ServingModule.of(models(name)).export(folder / name / "1")
        return folder / name / "1"

    return export


@pytest.fixture(scope="module")
def answers(exported):
    """What a fresh process, which has TensorFlow alone, is answered, by name."""

    @functools.cache
    def ask(name):
        folder = exported(name)
        path = folder.parents[1] / f"{name}.pickle"
        outcome = subprocess.run(
            [sys.executable, "-c", ASK],
            input=pickle.dumps(({name: str(folder)}, TEXTS, PAIRS, str(path))),
            cwd=folder,
            capture_output=True,
        )
        assert outcome.returncode == 0, outcome.stderr.decode()
        return pickle.loads(path.read_bytes())[name]

    return ask


def softmax(model, text):
    """The probabilities of one text (or pair, or list of words), alone in its batch."""
    features = model.preprocessor(text)
    return keras.ops.softmax(model(features, training=False)).numpy()[0]


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.slow
def test_classifiers_answer_as_in_memory(models, answers, name):
    model, answer = models(name), answers(name)
    inputs = [[tf.constant([text])] for text in TEXTS]
    if "pairs" in name:
        inputs = [
            [*first, tf.constant([second])]
            for first, second in zip(inputs, PAIRS, strict=True)
        ]
    expected = np.stack([softmax(model, tuple(texts)) for texts in inputs])
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-5)
    # The answers are not all alike, so that the comparison can fail.
    assert np.ptp(expected, axis=0).max() > 0.1
    np.testing.assert_allclose(answer["probability"], expected.max(axis=1), atol=1e-5)
    labels = np.array(model.labels, "S")
    assert answer["label"].tolist() == labels[expected.argmax(axis=1)].tolist()
    assert answer["labels"].tolist() == [labels.tolist()] * len(TEXTS)


@pytest.mark.parametrize("name", TAGGERS)
@pytest.mark.sampled(3)
def test_taggers_answer_as_in_memory(models, answers, name):
    model, answer = models(name), answers(name)
    spread = []
    for row, text in enumerate(TEXTS):
        words = WordSplitter()(tf.constant([text]))
        width = words.row_lengths().numpy()[0]
        assert answer["words"][row, :width].tolist() == words.to_list()[0]
        assert not answer["words"][row, width:].any()
        assert not answer["tags"][row, width:].any()
        assert not answer["probabilities"][row, width:].any()
        if width == 0:
            continue
        (sentence,) = words.to_list()
        sentence = tuple(word.decode() for word in sentence)
        example = TaggedSentence(sentence, ("O",) * width, 1)
        (predicted,) = TaggingTask().predict(model, [example])
        assert answer["tags"][row, :width].astype(str).tolist() == predicted
        positions = model.preprocessor.word_positions(words).to_list()[0]
        if -1 in positions:
            continue
        probabilities = softmax(model, words)
        best = probabilities[positions].max(axis=-1)
        np.testing.assert_allclose(
            answer["probabilities"][row, :width], best, atol=1e-5
        )
        spread += best.tolist()
    assert np.ptp(spread) > 0.1
    # The long text has many times the words that the model has room for.
    assert answer["tags"][LONG].astype(bool).sum() == 1200


def exported_ops(folder):
    """The names of all operations of a SavedModel, its functions' too."""
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((folder / "saved_model.pb").read_bytes())
    ops = set()
    for meta_graph in saved_model.meta_graphs:
        graph = meta_graph.graph_def
        ops.update(node.op for node in graph.node)
        for function in graph.library.function:
            ops.update(node.op for node in function.node_def)
    return ops


def assert_stock_ops(folder, tokenizer):
    """TF Serving's stock binary has all that the graph needs."""
    ops = exported_ops(folder)
    of_text = {op.removeprefix("TFText>") for op in ops if not hasattr(tf.raw_ops, op)}
    assert of_text == TEXT_OPS[tokenizer]
    assert not [op for op in ops if op.startswith(FORBIDDEN)]


@pytest.mark.parametrize("name", CLASSIFIERS + TAGGERS)
@pytest.mark.sampled(3)
def test_exported_graphs_have_only_ops_of_tf_serving(exported, name):
    tokenizer = name.rsplit("_", 1)[0]
    assert_stock_ops(exported(name), tokenizer)


@pytest.mark.parametrize(
    ("head", "options"),
    [
        ("QuestionAnswerer", {}),
        ("SentenceEmbedder", {}),
        ("TextClassifier", {"long_texts": "windows"}),
    ],
)
def test_so_have_those_of_other_heads(head, options, tokenizer, characters, tmp_path):
    built = make_head(f"{head} on CharBERT", tokenizer, characters, None)
    ServingModule.of(built, **options).export(str(tmp_path / "1"))
    assert_stock_ops(tmp_path / "1", "bert")


def test_a_folder_that_holds_something_is_left_alone(models, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match=f"^{tmp_path}: already holds something: "):
        ServingModule.of(models("bert_plain")).export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_models_that_cannot_be_served(models):
    plain = models("bert_plain")
    unlabelled = charbert_tf.TextClassifier(
        plain.backbone, num_classes=2, preprocessor=plain.preprocessor
    )
    with pytest.raises(ValueError, match="needs its preprocessor and its labels"):
        ServingModule.of(unlabelled)
    with pytest.raises(TypeError, match="BertBackbone cannot be served"):
        ServingModule.of(plain.backbone)
