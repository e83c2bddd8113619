"""Sensitivity: the same as word by word in NumPy, each sentence alone."""

import keras
import keras_nlp
import numpy as np
import pytest

import charbert_tf
from charbert_tf.analysis.sensitivity import (
    draw_sensitivity,
    mean_sensitivities,
    word_sensitivities,
)

CLEAN = [
    ["the", "fine", "filming", "in", "Rome"],
    ["the"],
    ["not", "the", "finest", "film", ",", "in", "the", "end"],
]
NOISY = [
    ["the", "fnie", "filmng", "in", "Rome"],
    ["the"],
    ["not", "the", "finesst", "film", ",", "in", "the", "ned"],
]


@pytest.fixture(scope="module")
def encoders(make_encoder, word_pieces, byte_pair_tokenizer, characters):
    keras.utils.set_random_seed(0)
    sizes = (len(word_pieces), 1, 2, 16, 32)
    roberta = keras_nlp.models.RobertaBackbone(
        vocabulary_size=byte_pair_tokenizer.vocabulary_size(),
        num_layers=1,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        max_sequence_length=64,
    )
    encoders = {
        "bert": make_encoder(),
        "roberta": roberta,
        "charbert": charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        "keras-hub's distilbert": keras_nlp.models.DistilBertBackbone(*sizes),
    }
    for name, cls in (
        ("distilbert", charbert_tf.DistilBertEncoder),
        ("electra", charbert_tf.ElectraEncoder),
    ):
        options = {"embedding_dim": 8} if name == "electra" else {}
        encoders[name], inside = (cls(*sizes, **options) for _ in range(2))
        encoders[f"charbert on {name}"] = charbert_tf.CharBertBackbone(
            inside, len(characters)
        )
    return encoders


def preprocessor_of(name, tokenizers, characters, **arguments):
    return charbert_tf.TokenClassifierPreprocessor(
        tokenizers["roberta" if name == "roberta" else "bert"],
        characters if "charbert" in name else None,
        **arguments,
    )


def vectors(encoder, preprocessor, words):
    """Each word's vectors, of a sentence alone, by the names of the channels."""
    features = preprocessor([words])
    outputs = encoder({name: features[name] for name in encoder.input})
    if not isinstance(outputs, dict):
        outputs = {"sequence_output": outputs}
    channels = {"T": np.array(outputs["sequence_output"][0])}
    if "char_sequence_output" in outputs:
        channels["H"] = np.array(outputs["char_sequence_output"][0])
        channels["[T ; H]"] = np.concatenate([channels["T"], channels["H"]], axis=1)
    of_words = {name: [] for name in channels}
    place = 1
    for word in words:
        subwords = preprocessor.subword_tokenizer.tokenize_words([word])
        count = int(subwords.token_ids.row_lengths()[0])
        for name, channel in channels.items():
            of_words[name].append(channel[place : place + count].mean(axis=0))
        place += count
    return of_words


def cosine(first, second):
    return first @ second / np.linalg.norm(first) / np.linalg.norm(second)


@pytest.mark.parametrize(
    "name",
    [
        *("bert", "roberta", "charbert", "keras-hub's distilbert", "distilbert"),
        *("electra", "charbert on distilbert", "charbert on electra"),
    ],
)
@pytest.mark.sampled(4)
def test_as_word_by_word(encoders, tokenizers, characters, name):
    encoder = encoders[name]
    preprocessor = preprocessor_of(name, tokenizers, characters)
    results = word_sensitivities(encoder, preprocessor, CLEAN, NOISY)
    names = ["[T ; H]", "T", "H"] if "charbert" in name else ["T"]
    for clean, noisy, result in zip(CLEAN, NOISY, results, strict=True):
        assert list(result) == names
        old, new = (vectors(encoder, preprocessor, words) for words in (clean, noisy))
        for channel in names:
            expected = [
                1 - cosine(*of) for of in zip(old[channel], new[channel], strict=True)
            ]
            np.testing.assert_allclose(result[channel], expected, atol=2e-6)
    assert results[1][names[0]] == pytest.approx([0], abs=1e-9)
    assert results[0][names[0]].max() > 1e-3


def test_words_beyond_the_sequence(encoders, tokenizers, characters):
    # [CLS] the f ##n ##i ##e [SEP]
    preprocessor = preprocessor_of("bert", tokenizers, characters, sequence_length=7)
    values = word_sensitivities(encoders["bert"], preprocessor, CLEAN[:1], NOISY[:1])
    assert np.isnan(values[0]["T"]).tolist() == [False, False, True, True, True]
    means = mean_sensitivities(values, CLEAN[:1], NOISY[:1])["T"]
    assert (means.words, means.left_out) == (2, 3)
    assert means.of_other_words == pytest.approx(values[0]["T"][0])
    assert means.of_noisy_words == pytest.approx(values[0]["T"][1])
    assert means.sensitivity == pytest.approx(values[0]["T"][:2].mean())
    same = word_sensitivities(encoders["bert"], preprocessor, CLEAN[:1], CLEAN[:1])
    means = mean_sensitivities(same, CLEAN[:1], CLEAN[:1])
    assert means["T"].of_noisy_words is None
    axes = draw_sensitivity({"BERT": means}).axes[0]
    heights = [bar.get_height() for bar in axes.patches]
    np.testing.assert_allclose(heights, [0, np.nan, 0], atol=1e-9)
    assert [text.get_text() for text in axes.texts] == ["0.000", "", "0.000"]


def test_words_that_do_not_match(encoders, tokenizers, characters):
    preprocessor = preprocessor_of("bert", tokenizers, characters)
    with pytest.raises(ValueError, match="as many noisy words"):
        word_sensitivities(encoders["bert"], preprocessor, [["a", "b"]], [["ab"]])
