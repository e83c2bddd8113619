"""What pretraining begins with: what of a folder goes on, and what is new."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.trainer import Trainer
from charbert_tf.vocabularies.tokenizer_folder import write_tokenizer
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from tests import transformers_models as hf

TEXTS = ["the fine film", "in the end it was a fine, fine film", "not a film"]
KINDS = {"BertForMaskedLM": "bert", "RobertaForMaskedLM": "roberta"}


@pytest.fixture(scope="module", params=KINDS)
def language_model(request, tokenizers, tmp_path_factory):
    """A model of PyTorch without dropout, and its folder."""
    tokenizer = tokenizers[KINDS[request.param]]
    model = hf.random_model(
        request.param,
        vocab_size=tokenizer.vocabulary_size(),
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    folder = str(tmp_path_factory.mktemp(request.param))
    model.save_pretrained(folder)
    write_tokenizer(folder, tokenizer, 32)
    return model, folder


@pytest.fixture(scope="module")
def vocabularies(word_pieces, characters, words, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("vocabulary"))
    VocabularyFolder.write(folder, word_pieces, characters, words, lowercase=False)
    return VocabularyFolder(folder)


def from_folder(folder, **options):
    return InitialPretrainer.from_folder(folder, sequence_length=32, **options)


@pytest.mark.sampled(2)
def test_the_first_loss_is_pytorchs(language_model):
    model, folder = language_model
    initial = from_folder(folder, has_characters=False, mask_rate=0.3, noise_rate=0.0)
    assert initial.new_variables == []
    dataset = initial.pretrainer.preprocessor(TEXTS)
    features, labels, weights = keras.tree.map_structure(np.asarray, dataset)
    logits = hf.outputs(model, features)["logits"]
    rows = np.arange(len(TEXTS))[:, None]
    of_labels = logits[rows, features["mlm_positions"]]
    shifted = of_labels - of_labels.max(-1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    columns = np.arange(labels["mlm_logits"].shape[1])
    losses = -log_probabilities[rows, columns, labels["mlm_logits"]]
    expected = np.average(losses, weights=weights["mlm_logits"])

    trainer = Trainer(CrossEntropy(initial.pretrainer), keras.optimizers.SGD(0.0))
    report = trainer.train(tf.data.Dataset.from_tensors(dataset), total_steps=1)
    assert report["loss"] == pytest.approx(float(expected), abs=1e-4)


def test_a_charbert_goes_on_with_the_head(language_model, vocabularies, tmp_path):
    """Of PyTorch's folder, and of a preset that was pretrained without characters."""
    model, folder = language_model
    _, torch = hf.import_libraries()
    plain = from_folder(folder, has_characters=False).pretrainer
    plain.save_to_preset(str(tmp_path / "preset"))
    states = np.random.default_rng(0).normal(size=(2, 3, 32)).astype("float32")
    head = model.cls if hasattr(model, "cls") else model.lm_head
    with torch.no_grad():
        expected = head(torch.from_numpy(states)).numpy()
    for start in (folder, str(tmp_path / "preset")):
        initial = from_folder(start, vocabularies=vocabularies)
        assert isinstance(initial.pretrainer.backbone, charbert_tf.CharBertBackbone)
        assert not initial.was_charbert
        everywhere = np.tile(np.arange(3), (2, 1))
        actual = initial.pretrainer.mlm_head(states, everywhere)
        np.testing.assert_allclose(actual, expected, atol=1e-4, rtol=0)
        new = {id(variable) for variable in initial.new_variables}
        assert not new & {id(v) for v in initial.pretrainer.mlm_head.variables}
        assert new >= {id(v) for v in initial.pretrainer.nlm_head.variables}
