"""EmbeddingTask: STS-B's files, scores against SciPy, attacks and the report."""

import json

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

import charbert_tf
from charbert_tf.attacks import get_attack
from charbert_tf.families import DATA_SETS, FAMILIES
from charbert_tf.files.errors import UserError
from charbert_tf.robustness import (
    EvaluatedModel,
    RobustnessEvaluation,
    write_report,
)
from charbert_tf.robustness.losses import ModelLoss
from charbert_tf.training import CrossEntropy

HEADER = (
    "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"
)
SENTENCE = "a girl is styling her hair while the plane was taking off slowly"


def sentences(count, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(SENTENCE.split(), 6)) for _ in range(count)]


def write_stsb(path, count=40, scores=True):
    """As GLUE has it: quotes are ordinary characters, scores have three decimals."""
    rng = np.random.default_rng(1)
    lines = [HEADER + ("\tscore" if scores else "")]
    for index, (first, second) in enumerate(
        zip(sentences(count), sentences(count, 1), strict=True)
    ):
        cells = [index, "main-captions", "MSRvid", "2012test", f"{index:04}"]
        cells += ["none", "none", f'"{first}', f"{second}.", f"{rng.uniform(0, 5):.3f}"]
        lines.append("\t".join(map(str, cells if scores else cells[:-1])))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def stsb(tmp_path_factory):
    return write_stsb(tmp_path_factory.mktemp("stsb") / "dev.tsv")


@pytest.fixture(scope="module")
def model(make_encoder, tokenizer, characters):
    backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters), 8)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, w.shape) for w in backbone.get_weights()]
    backbone.set_weights(weights)
    return charbert_tf.SentenceEmbedder(
        backbone, charbert_tf.SentenceEmbedderPreprocessor(tokenizer, characters)
    )


def test_files_of_glue_and_of_pairs(stsb, tmp_path):
    task = DATA_SETS["stsb_embedding"].make()
    examples = task.read(stsb)
    assert len(examples) == 40
    assert examples[0].text == '"' + sentences(1)[0]
    assert isinstance(examples[3].label, float)
    assert task.labels(examples, str(stsb)) == []
    test = write_stsb(tmp_path / "test.tsv", scores=False)
    unlabelled = task.read_to_predict(test)
    assert [e.text for e in unlabelled] == [e.text for e in examples]
    assert not task.are_labelled(unlabelled)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a plane\tan air plane\t1\na man\ta cat\t0.25\n")
    own = FAMILIES["embedding"].make(
        text_column="0",
        text_pair_column="1",
        label_column="2",
        header=False,
        highest_score=1.0,
    )
    assert [e.label for e in own.read(pairs)] == [1.0, 0.25]
    benchmark = tmp_path / "sts-dev.csv"
    source = "main-news\tMSRpar\t2012train"
    benchmark.write_text(
        f'{source}\t0001\t5.000\tA "plane"\tAn air plane\n'
        f"{source}\t0002\t0.500\tA man\tA cat\thttp://a\thttp://b\n"
    )
    read = DATA_SETS["sts_benchmark_embedding"].make().read(benchmark)
    assert [(e.text, e.text_pair, e.label) for e in read] == [
        ('A "plane"', "An air plane", 5.0),
        ("A man", "A cat", 0.5),
    ]
    with pytest.raises(
        UserError, match=r"dev.tsv:\d+: the score .* not between 0 and 1"
    ):
        own.check(examples, [], str(stsb))


@pytest.mark.parametrize(
    ("name", "encoder_cls"),
    [("bert", charbert_tf.BertEncoder), ("roberta", charbert_tf.RobertaEncoder)],
)
def test_training_tells_how_many_are_cut(stsb, tokenizers, name, encoder_cls, capsys):
    tokenizer = tokenizers[name]
    task = DATA_SETS["stsb_embedding"].make()
    examples = task.read(stsb)
    lengths = [
        max(len(tokenizer(text)) for text in (example.text, example.text_pair))
        for example in examples
    ]
    # Some are just not cut.
    room = sorted(lengths)[len(lengths) // 2]
    preprocessor = charbert_tf.SentenceEmbedderPreprocessor(
        tokenizer, sequence_length=room + 2
    )
    encoder = encoder_cls(tokenizer.vocabulary_size(), 1, 2, 8, 16)
    short = charbert_tf.SentenceEmbedder(encoder, preprocessor)
    task.training_dataset(short, examples, batch_size=16, epochs=1, seed=0)
    num_cut = sum(length > room for length in lengths)
    assert 0 < num_cut < 40
    assert capsys.readouterr().err == (
        f"{num_cut} of 40 pairs have texts that are longer than {room + 2} tokens and "
        "cut: raise --sequence_length\n"
    )


@pytest.mark.slow
def test_predictions_are_cosines_and_scores_are_scipys(stsb, model):
    task = DATA_SETS["stsb_embedding"].make()
    examples = task.read(stsb)
    predictions = task.predict(model, examples)
    first, second = (
        model.embed([getattr(e, name) for e in examples])
        for name in ("text", "text_pair")
    )
    np.testing.assert_allclose(predictions, 5 * (first * second).sum(1), atol=1e-4)
    true = [example.label for example in examples]
    # Cosines of this model are all near to 1: of their digits few tell them apart.
    scores = task.scores(examples, predictions, [])
    assert scores == {
        "pearson": pytest.approx(stats.pearsonr(true, predictions)[0], abs=1e-6),
        "spearman": pytest.approx(stats.spearmanr(true, predictions)[0], abs=1e-9),
    }


def test_training_and_the_loss_of_an_example_are_squared_errors(stsb, model):
    task = DATA_SETS["stsb_embedding"].make()
    examples = task.read(stsb)
    true = np.array([example.label for example in examples])
    errors = (np.array(task.predict(model, examples)) - true) / 5
    losses = ModelLoss(task, model)(examples)
    np.testing.assert_allclose(losses, errors**2, atol=1e-5)
    dataset = task.training_dataset(model, examples, batch_size=16, epochs=1, seed=0)
    assert dataset.cardinality() == 3
    terms = [CrossEntropy(model)(batch, training=False)["label"] for batch in dataset]
    total, right, count = (float(tf.add_n(of)) for of in zip(*terms, strict=True))
    assert count == len(examples)
    assert total == pytest.approx((errors**2).sum(), rel=1e-4)
    assert right == (np.abs(errors) <= 0.1).sum()


@pytest.mark.slow
def test_attacks_and_the_robustness_report_know_it(stsb, tmp_path):
    task = DATA_SETS["stsb_embedding"].make()
    examples = task.read(stsb)
    attack = get_attack("mix")
    task.attacked_file(stsb, attack, seed=0).write(tmp_path / "attacked.tsv")
    attacked = task.read(tmp_path / "attacked.tsv")
    assert attacked == task.attacked(examples, attack, seed=0)
    assert [e.label for e in attacked] == [e.label for e in examples]
    assert all(
        a.text_pair != b.text_pair for a, b in zip(attacked, examples, strict=True)
    )

    def near(examples):
        """Right, as far as a text has no typos."""
        known = {e.text: e.label for e in task.read(stsb)}
        return [known.get(e.text, 2.5) for e in examples]

    models = [
        EvaluatedModel("near", near, []),
        EvaluatedModel("same", lambda of: [float(len(e.text)) for e in of], []),
    ]
    result = RobustnessEvaluation(task, examples, models, resamples=50).measure(
        {"mix": attack}, seeds=[0], rates=[0.1, 1.0]
    )
    scores = {(s.model, s.rate, s.measure): s.score.value for s in result.scores}
    assert scores["near", 0.0, "pearson"] == pytest.approx(1)
    assert scores["near", 0.0, "spearman"] == pytest.approx(1)
    assert scores["near", 1.0, "pearson"] == 0
    assert 0 < scores["near", 0.1, "pearson"] < 1
    write_report(result, tmp_path, {})
    lines = (tmp_path / "changed.jsonl").read_text().splitlines()
    record = json.loads(lines[0])
    assert record["prediction"]["attacked"] == 2.5
    assert record["prediction"]["clean"] == record["clean"]["label"]
