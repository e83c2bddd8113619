"""SentenceEmbedder: against transformers, its losses against NumPy, and in training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.embedding.embedding_losses import (
    InBatchNegativesLoss,
    SimilarityLoss,
    TripletLoss,
)
from tests.transformers_models import import_libraries, save_text_classifier

TEXTS = [
    "the fine film",
    "dull",
    "",
    "it was not a dull film in the end, and it was fine",
    "THE END",
]
OTHERS = ["a fine one", "boring", "x", "a fine film", "in the beginning"]
NEGATIVES = ["in", "the end", "y", "no", "dull, dull"]


@pytest.fixture(scope="module")
def make(make_encoder, tokenizer, characters):
    def make(**arguments):
        keras.utils.set_random_seed(0)
        encoder = make_encoder(dropout=0.0)
        backbone = charbert_tf.CharBertBackbone(encoder, len(characters), 8)
        rng = np.random.default_rng(0)
        weights = [rng.normal(0, 0.3, w.shape) for w in backbone.get_weights()]
        backbone.set_weights(weights)
        preprocessor = charbert_tf.SentenceEmbedderPreprocessor(
            tokenizer, characters, sequence_length=32
        )
        return charbert_tf.SentenceEmbedder(backbone, preprocessor, **arguments)

    return make


@pytest.fixture(scope="module")
def embedder(make):
    """Nobody changes its weights."""
    return make()


def test_as_transformers(tmp_path, word_pieces):
    transformers, torch = import_libraries()
    save_text_classifier(tmp_path, word_pieces)
    tokenizer = transformers.BertTokenizer.from_pretrained(tmp_path)
    model = transformers.BertModel.from_pretrained(tmp_path).eval()
    inputs = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"][:, :, None]
    means = (hidden * mask).sum(1) / mask.sum(1)
    expected = torch.nn.functional.normalize(means, dim=1).numpy()
    embedder = charbert_tf.SentenceEmbedder.from_preset(str(tmp_path))
    np.testing.assert_allclose(embedder.embed(TEXTS), expected, atol=1e-5)


@pytest.mark.slow
def test_the_mean_of_channels(make, embedder):
    features = embedder.preprocessor(TEXTS)
    outputs = embedder.backbone(features, training=False)
    mask = features["padding_mask"].numpy()[:, :, None].astype("float32")
    tokens, characters = (
        (outputs[name].numpy() * mask).sum(1) / mask.sum(1)
        for name in ("sequence_output", "char_sequence_output")
    )
    projected = make(projection_dim=7)
    kernel = projected.projection.get_weights()[0]
    both = np.concatenate([tokens, characters], axis=1)
    for model, means in (
        (embedder, both),
        (make(channels="tokens"), tokens),
        (make(channels="characters"), characters),
        (projected, both @ kernel),
    ):
        expected = means / np.linalg.norm(means, axis=1, keepdims=True)
        embeddings = model.embed(TEXTS)
        assert embeddings.dtype == np.float32
        np.testing.assert_allclose(embeddings, expected, atol=1e-5)


@pytest.mark.slow
def test_any_iterable_and_any_batch(embedder):
    expected = embedder.embed(TEXTS)
    many = (TEXTS[index % len(TEXTS)] for index in range(2100))
    embeddings = embedder.embed(many)
    assert embeddings.shape == (2100, 32)
    np.testing.assert_allclose(embeddings, np.tile(expected, (420, 1)), atol=1e-5)
    for texts in (np.array(TEXTS), tf.constant(TEXTS), dict.fromkeys(TEXTS)):
        np.testing.assert_allclose(embedder.embed(texts), expected, atol=1e-5)
    for index, text in enumerate(TEXTS):
        alone = embedder.embed([text])
        np.testing.assert_allclose(alone, expected[[index]], atol=1e-5)
    assert embedder.embed([]).shape == (0, 32)
    with pytest.raises(TypeError, match="also for one: embed"):
        embedder.embed("the fine film")


def test_what_was_traced_is_not_kept_too_long(make):
    embedder = make()
    before = embedder.embed(TEXTS)
    embedder.backbone.set_weights([1.5 * w for w in embedder.backbone.get_weights()])
    assert np.abs(embedder.embed(TEXTS) - before).max() > 1e-3
    before = embedder.embed(TEXTS)
    shorter = embedder.preprocessor.get_config() | {"sequence_length": 5}
    shorter["tokenizer"] = embedder.preprocessor.tokenizer
    embedder.preprocessor = charbert_tf.SentenceEmbedderPreprocessor.from_config(
        shorter
    )
    after = embedder.embed(TEXTS)
    assert np.abs(after[3] - before[3]).max() > 1e-3
    np.testing.assert_allclose(after[2], before[2], atol=1e-5)


def test_texts_that_belong_together_are_embedded_as_alone(embedder):
    preprocessor = embedder.preprocessor
    alone = [embedder.embed(texts) for texts in (TEXTS, OTHERS, NEGATIVES)]
    x = {"anchor": TEXTS, "negative": NEGATIVES, "positive": OTHERS}
    together = embedder(preprocessor(x), training=False)
    np.testing.assert_allclose(together, np.stack(alone, axis=1), atol=1e-5)
    counts = preprocessor.subword_counts((TEXTS, OTHERS)).numpy()
    both = [preprocessor.subword_counts(texts).numpy() for texts in (TEXTS, OTHERS)]
    np.testing.assert_array_equal(counts, np.maximum(*both))
    with pytest.raises(ValueError, match="name them anchor, positive; or anchor"):
        preprocessor({"query": TEXTS, "document": OTHERS})


def test_losses():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(4, 3, 8)).astype("float32")
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    anchors, positives, negatives = np.moveaxis(vectors, 1, 0)
    near, far = (anchors * positives).sum(1), (anchors * negatives).sum(1)
    y = np.array([1, 0.5, 0, -1], "float32")
    nothing = tf.zeros(4)
    assert float(SimilarityLoss()(y, vectors[:, :2])) == pytest.approx(
        ((y - near) ** 2).mean(), abs=1e-6
    )
    assert float(TripletLoss(0.3)(nothing, vectors)) == pytest.approx(
        np.maximum(0.3 + far - near, 0).mean(), abs=1e-6
    )
    for count in (2, 3):
        candidates = np.concatenate([positives, negatives][: count - 1])
        logits = 20 * anchors @ candidates.T
        expected = np.log(np.exp(logits).sum(1)) - np.diag(logits[:, :4])
        assert float(
            InBatchNegativesLoss()(nothing, vectors[:, :count])
        ) == pytest.approx(expected.mean(), abs=1e-5)


@pytest.mark.parametrize("kind", ["similarities", "pairs", "triplets"])
@pytest.mark.sampled(3)
def test_fit_chooses_the_loss_by_the_data(make, kind):
    embedder = make()
    y = [1.0, 0.0, 1.0, 0.0, 1.0] if kind == "similarities" else None
    x = (TEXTS, OTHERS)
    if kind == "triplets":
        x = {"anchor": TEXTS, "positive": OTHERS, "negative": NEGATIVES}
    embedder.compile(optimizer=keras.optimizers.Adam(0.01))
    history = embedder.fit(x, y, epochs=12, batch_size=5, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    first, second = embedder.embed(TEXTS), embedder.embed(OTHERS)
    cosines = (first * second).sum(1)
    if kind == "similarities":
        assert np.abs(cosines - y).max() < 0.5
    elif kind == "pairs":
        assert (first @ second.T).argmax(1).tolist() == list(range(5))
    else:
        assert (cosines > (first * embedder.embed(NEGATIVES)).sum(1)).all()


@pytest.mark.slow
def test_fit_with_a_named_loss_and_a_keras_file(make, tmp_path):
    embedder = make(projection_dim=6)
    embedder.compile(loss="in_batch_negatives", optimizer=keras.optimizers.Adam(0.01))
    x = (TEXTS, OTHERS, NEGATIVES)
    losses = embedder.fit(x, epochs=3, batch_size=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    embedder.save(tmp_path / "embedder.keras")
    again = keras.models.load_model(tmp_path / "embedder.keras", compile=False)
    again.preprocessor = embedder.preprocessor
    np.testing.assert_allclose(again.embed(TEXTS), embedder.embed(TEXTS), atol=1e-6)


def test_exported_with_raw_text(embedder, tmp_path):
    ServingModule.of(embedder).export(str(tmp_path / "saved"))
    served = charbert_tf.export.ServedModel(str(tmp_path / "saved"))
    assert served.input_names == ("text",)
    assert served.output_names == ("embedding",)
    embeddings = served(text=TEXTS)["embedding"]
    np.testing.assert_allclose(embeddings, embedder.embed(TEXTS), atol=1e-5)
    lines = served.signature.lines(
        [[text] for text in TEXTS], {"embedding": embeddings}
    )
    numbers, text = lines[0].split("\t")
    assert text == TEXTS[0]
    np.testing.assert_allclose(
        np.array(numbers.split(" "), float), embeddings[0], atol=1e-5
    )


def test_refuses_what_cannot_be(make, make_encoder):
    with pytest.raises(ValueError, match="no channel of characters"):
        charbert_tf.SentenceEmbedder(make_encoder(), channels="characters")
    with pytest.raises(ValueError, match="Channels are one of"):
        make(channels="words")
    with pytest.raises(ValueError, match="no loss for 1 text"):
        make().fit(TEXTS, verbose=0)
    for loss in ("triplets", "mse", keras.losses.mean_squared_error, TripletLoss):
        with pytest.raises(
            ValueError, match=r"'triplet', 'in_batch_negatives', or a k"
        ):
            make().compile(loss=loss)
    with pytest.raises(ValueError, match="has one loss: leave out loss_weights"):
        make().compile(loss="triplet", loss_weights=0.5)


def test_the_loss_has_what_layers_add(make):
    embedder = make(projection_dim=6)
    x, y = (TEXTS, OTHERS), np.linspace(0, 1, 5)
    embedder.compile()
    expected = np.ravel(embedder.evaluate(x, y, verbose=0))[0]
    kernel = embedder.projection.kernel
    kernel.regularizer = keras.regularizers.L2(0.5)
    expected += 0.5 * np.square(kernel.numpy()).sum()
    embedder.compile()
    actual = np.ravel(embedder.evaluate(x, y, verbose=0))[0]
    assert actual == pytest.approx(expected, rel=1e-5)
