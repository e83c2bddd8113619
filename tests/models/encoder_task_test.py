"""A head on the encoder of another task's preset."""

import keras_nlp
import numpy as np
import pytest

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.tokenizer_folder import write_tokenizer
from tests import transformers_models as hf

OTHER_TASKS = [charbert_tf.TokenClassifier, charbert_tf.TextClassifier]


@pytest.fixture(scope="module")
def pretrainer(make_encoder, tokenizer, characters, words):
    backbone = charbert_tf.CharBertBackbone(
        make_encoder(), len(characters), 8, "released", mask_padding=False
    )
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, characters, words, sequence_length=48
    )
    return charbert_tf.Pretrainer(backbone, len(words), preprocessor)


@pytest.fixture(scope="module")
def preset(pretrainer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("preset")
    pretrainer.save_to_preset(folder)
    return str(folder)


def assert_same_weights(actual, expected):
    assert len(actual.weights) == len(expected.weights)
    for a, b in zip(actual.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), b.path)


@pytest.mark.parametrize("cls", OTHER_TASKS)
def test_the_encoder_and_the_characters_are_kept(
    pretrainer, preset, cls, tokenizer, characters
):
    task = cls.from_preset(preset, num_classes=3)
    assert type(task) is cls
    assert task.output.shape[-1] == 3
    backbone = pretrainer.backbone
    assert_same_weights(task.backbone, backbone)
    assert task.backbone.get_config() == backbone.get_config() | {
        "name": task.backbone.name,
        "encoder": task.backbone.get_config()["encoder"],
    }
    assert type(task.preprocessor) is cls.preprocessor_cls
    assert task.preprocessor.characters == characters
    assert task.preprocessor.sequence_length == 48
    assert task.preprocessor.tokenizer.get_vocabulary() == tokenizer.get_vocabulary()
    assert task.preprocessor.tokenizer.lowercase == tokenizer.lowercase


@pytest.mark.parametrize("cls", OTHER_TASKS)
def test_arguments_go_before_the_presets_own(preset, cls, tokenizer):
    preprocessor = cls.preprocessor_cls.from_preset(preset, sequence_length=20)
    task = cls.from_preset(
        preset, num_classes=2, labels=["a", "b"], preprocessor=preprocessor
    )
    assert task.preprocessor.sequence_length == 20
    assert task.labels == ["a", "b"]


def test_from_one_head_to_another_and_back(preset, tmp_path, pretrainer):
    tagger = charbert_tf.TokenClassifier.from_preset(preset, num_classes=3)
    tagger.save_to_preset(tmp_path)
    assert charbert_tf.TokenClassifier.is_saved_in(str(tmp_path))
    assert not charbert_tf.TextClassifier.is_saved_in(str(tmp_path))
    classifier = charbert_tf.TextClassifier.from_preset(str(tmp_path), num_classes=2)
    assert_same_weights(classifier.backbone, pretrainer.backbone)
    # The same task with other classes keeps the encoder, and has a new head.
    other = charbert_tf.TokenClassifier.from_preset(str(tmp_path), num_classes=7)
    assert other.output.shape[-1] == 7
    assert_same_weights(other.backbone, pretrainer.backbone)


def test_a_plain_encoders_preset(make_encoder, tokenizer, tmp_path):
    encoder = make_encoder()
    encoder.save_to_preset(tmp_path)
    tokenizer.save_to_preset(tmp_path)
    task = charbert_tf.TextClassifier.from_preset(str(tmp_path), num_classes=2)
    assert isinstance(task.backbone, keras_nlp.models.BertBackbone)
    assert_same_weights(task.backbone, encoder)
    assert task.preprocessor.characters is None
    assert task(task.preprocessor(["The fine film."])).shape == (1, 2)


def test_a_preset_saved_under_a_mixed_policy(
    make_encoder, tokenizer, characters, tmp_path
):
    encoder = make_encoder(dtype="mixed_bfloat16")
    backbone = charbert_tf.CharBertBackbone(encoder, len(characters), 8)
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
    charbert_tf.TextClassifier(backbone, 2, preprocessor).save_to_preset(tmp_path)
    for cls in OTHER_TASKS:
        task = cls.from_preset(str(tmp_path), num_classes=3)
        assert_same_weights(task.backbone, backbone)
        assert task.backbone.compute_dtype == "float32"
        assert task.backbone.encoder.compute_dtype == "float32"
    again = charbert_tf.TextClassifier.from_preset(
        str(tmp_path), dtype="mixed_bfloat16"
    )
    assert again.backbone.encoder.compute_dtype == "bfloat16"
    assert_same_weights(again.backbone, backbone)


def test_random_weights_on_demand(preset, pretrainer):
    task = charbert_tf.TextClassifier.from_preset(
        preset, num_classes=2, load_weights=False
    )
    table, saved = (b.token_embedding for b in (task.backbone, pretrainer.backbone))
    assert np.abs(table.embeddings - saved.embeddings).max() > 0.01


def test_a_folder_that_is_no_preset(tmp_path):
    with pytest.raises(ValueError, match="preset"):
        charbert_tf.TextClassifier.from_preset(str(tmp_path), num_classes=2)


@pytest.mark.parametrize(
    "kind",
    [
        "bert",
        *(pytest.param(k, marks=pytest.mark.slow) for k in ("roberta", "xlm_roberta")),
    ],
)
@pytest.mark.slow
def test_a_hugging_face_folder(tokenizers, kind, tmp_path):
    """Of every kind, with its tokenizer, to a trained task and its preset."""
    names = {"bert": "Bert", "roberta": "Roberta", "xlm_roberta": "XLMRoberta"}
    size = tokenizers[kind].vocabulary_size()
    hf.random_model(f"{names[kind]}Model", vocab_size=size).save_pretrained(tmp_path)
    write_tokenizer(str(tmp_path), tokenizers[kind], 38)
    texts = ["the fine film", "not in Rome"]
    classifier = charbert_tf.TextClassifier.from_preset(str(tmp_path), num_classes=2)
    assert classifier.preprocessor.sequence_length <= 40
    classifier.fit(x=texts, y=[1, 0], verbose=0)
    classifier.save_to_preset(tmp_path / "preset")
    again = charbert_tf.TextClassifier.from_preset(str(tmp_path / "preset"))
    expected = classifier.predict(texts, verbose=0)
    np.testing.assert_allclose(again.predict(texts, verbose=0), expected, atol=1e-6)


def test_a_hugging_face_folder_without_a_tokenizer(tmp_path):
    hf.random_model("BertModel").save_pretrained(tmp_path)
    with pytest.raises(UserError, match="holds no tokenizer"):
        charbert_tf.TextClassifier.from_preset(str(tmp_path), num_classes=2)
