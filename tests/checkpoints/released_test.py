"""The authors' folders: their outputs, to the fifth digit, and the way back."""

import json
import pathlib
import shutil

import numpy as np
import pytest

import charbert_tf
from charbert_tf.checkpoints.released import read_released
from charbert_tf.checkpoints.torch_reference import TorchReference, largest_difference
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.families.named_heads import HEADS as HEADS_BY_NAME
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import read_state_dict, write_state_dict
from tests.transformers_models import change_config

HEADS = {
    "masked_lm": charbert_tf.Pretrainer,
    "token_classification": charbert_tf.TokenClassifier,
    "sequence_classification": charbert_tf.TextClassifier,
    "question_answering": charbert_tf.QuestionAnswerer,
}
FEATURES = {
    "token_ids": "in_input_ids",
    "segment_ids": "in_token_type_ids",
    "padding_mask": "in_attention_mask",
    "char_ids": "in_char_ids",
    "char_starts": "in_start_ids",
    "char_ends": "in_end_ids",
}
FOLDERS = [f"{encoder}/{head}" for encoder in ("bert", "roberta") for head in HEADS]


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request, shared):
    pytest.importorskip("torch")
    return shared / "parity" / request.param


@pytest.fixture(scope="module")
def model(folder):
    return charbert_tf.checkpoints.load_released(str(folder))


def reference(folder):
    """The authors' features and outputs."""
    arrays = np.load(folder / "reference.npz")
    features = {name: arrays[theirs] for name, theirs in FEATURES.items()}
    if folder.parent.name == "roberta":
        del features["segment_ids"]
    outputs = {n.removeprefix("out_"): arrays[n] for n in arrays if n[:4] == "out_"}
    return features, outputs


def outputs_of(model, features):
    """All outputs, by the names of the reference."""
    backbone = model.backbone
    outputs = dict(backbone(features))
    outputs["char_embedding_output"] = backbone.char_encoder(
        features["char_ids"],
        char_starts=features["char_starts"],
        char_ends=features["char_ends"],
        padding_mask=features["padding_mask"],
    )
    if isinstance(model, charbert_tf.Pretrainer):
        everywhere = np.tile(np.arange(24, dtype="int32"), (3, 1))
        logits = model(
            {**features, "mlm_positions": everywhere, "nlm_positions": everywhere}
        )
        return outputs | {
            name.replace("logits", "scores"): value for name, value in logits.items()
        }
    logits = model(features)
    return outputs | (logits if isinstance(logits, dict) else {"logits": logits})


@pytest.mark.sampled(2)
def test_the_authors_outputs(folder, model):
    assert type(model) is HEADS[folder.name]
    features, expected = reference(folder)
    actual = outputs_of(model, features)
    for name, value in expected.items():
        assert value.shape == actual[name].shape
        np.testing.assert_allclose(actual[name], value, atol=1e-5, rtol=0, err_msg=name)


def test_every_tensor_is_used(folder):
    _, report = read_released(str(folder))
    used = [name for tensors in report.used for name in tensors.names]
    tensors = read_state_dict(str(folder))
    shared = "lm_head.layer_norm."  # RoBERTa's: it is a weight of both heads.
    assert {n for n in used if used.count(n) > 1} == {
        n for n in tensors if n.startswith(shared)
    }
    assert set(used) == tensors.keys()
    assert (report.unused, report.new) == ({}, [])


def padded(features):
    """The features with two shorter rows, padded as the authors' code pads."""
    features = {name: value.copy() for name, value in features.items()}
    width = features["char_ids"].shape[1]
    for row, length in ((1, 15), (2, 4)):
        end = features["char_ends"][row, length - 1] + 2
        features["char_ids"][row, end:] = 0
        for name in ("char_starts", "char_ends"):
            features[name][row, length:] = width - 1
        padding_id = 0 if "segment_ids" in features else 1
        features["token_ids"][row, length:] = padding_id
        for name in features.keys() & {"segment_ids", "padding_mask"}:
            features[name][row, length:] = 0
    return features


@pytest.mark.sampled(4)
def test_the_reference_in_pytorch_is_the_authors(folder):
    """So that it may stand for their code where they left no outputs."""
    features, expected = reference(folder)
    outputs = TorchReference(HuggingFaceFolder(str(folder)))(features)
    for name, theirs in (
        *((name, name) for name in outputs if name in expected),
        ("mlm_logits", "mlm_scores"),
        ("nlm_logits", "nlm_scores"),
    ):
        if theirs in expected:
            np.testing.assert_allclose(outputs[name], expected[theirs], atol=1e-5)


@pytest.mark.sampled(4)
def test_padded_rows_see_their_padding_as_the_authors_do(folder, model):
    features = padded(reference(folder)[0])
    source = HuggingFaceFolder(str(folder))
    assert largest_difference(model, source, features) < 1e-5
    masked = charbert_tf.checkpoints.load_released(str(folder), mask_padding=True)
    assert largest_difference(masked, source, features) > 0.01


@pytest.mark.sampled(4)
def test_with_masks_padding_does_not_count(folder):
    model = charbert_tf.checkpoints.load_released(str(folder), mask_padding=True)
    features = padded(reference(folder)[0])
    together = outputs_of(model, features)["char_sequence_output"]
    length = 4
    width = features["char_ends"][2, length - 1] + 2
    alone = {
        n: v[2:, : width if n == "char_ids" else length] for n, v in features.items()
    }
    expected = model.backbone(alone)["char_sequence_output"]
    np.testing.assert_allclose(together[2:, :length], expected, atol=1e-5)


@pytest.mark.sampled(2)
def test_there_and_back_bit_for_bit(folder, model, tmp_path):
    """Through a preset, too."""
    model.save_to_preset(tmp_path / "preset")
    again = type(model).from_preset(str(tmp_path / "preset"), preprocessor=None)
    charbert_tf.checkpoints.save_released(again, str(tmp_path / "back"))
    tensors, original = (read_state_dict(str(f)) for f in (tmp_path / "back", folder))
    assert tensors.keys() == original.keys()
    for name, value in original.items():
        np.testing.assert_array_equal(tensors[name], value, name)
    config = json.loads((folder / "config.json").read_text())
    written = json.loads((tmp_path / "back" / "config.json").read_text())
    unused = {"num_labels"} if not hasattr(model, "num_classes") else set()
    assert {n: written.get(n) for n in config.keys() - unused} == {
        n: v for n, v in config.items() if n not in unused
    }


def copy(folder, target):
    """A folder that a test may damage."""
    shutil.copytree(folder, target)
    return target


@pytest.fixture
def bert(shared, tmp_path):
    """Makes a copy of one of the authors' BERT folders."""
    pytest.importorskip("torch")
    return lambda name: copy(shared / "parity" / "bert" / name, tmp_path / "model")


def test_vocabularies_make_the_preprocessor(bert, shared):
    folder, vocabulary = bert("masked_lm"), shared / "parity" / "bert"
    assert charbert_tf.checkpoints.load_released(str(folder)).preprocessor is None
    for name in ("vocab.txt", "char_vocab", "word_vocab"):
        shutil.copy(vocabulary / name, folder)
    pretrainer = charbert_tf.checkpoints.load_released(str(folder))
    features, labels, _ = pretrainer.preprocessor(["The fine film."])
    assert features["char_ids"].shape == (1, 6 * features["token_ids"].shape[1])
    logits = pretrainer(features)
    assert logits["nlm_logits"].shape == (*labels["nlm_logits"].shape, 500)
    masked = charbert_tf.checkpoints.load_released(str(folder), mask_padding=True)
    assert masked.preprocessor(["The fine film."])[0]["token_ids"].shape[1] < 64


def test_a_vocabulary_of_another_model(bert, shared):
    folder = bert("masked_lm")
    roberta = str(shared / "parity" / "roberta")
    with pytest.raises(UserError) as error:
        charbert_tf.checkpoints.load_released(str(folder), vocabulary=roberta)
    assert str(error.value) == (
        f"{roberta}: the vocabulary has 1050 characters, the model 1001: name the "
        "folder of this model's own vocabularies"
    )


def test_a_classifier_of_which_nothing_tells_the_kind(bert):
    folder = str(bert("token_classification"))
    load = charbert_tf.checkpoints.load_released
    with pytest.raises(UserError, match="may be of tokens or of texts: say which"):
        load(folder)
    for cls in (charbert_tf.TextClassifier, charbert_tf.TokenClassifier):
        assert type(load(folder, head=cls)) is cls
    change_config(folder, architectures=["BertForSequenceClassification"])
    assert type(load(folder)) is charbert_tf.TextClassifier
    with pytest.raises(UserError, match="holds no Pretrainer, but TokenClassifier or"):
        load(folder, head=charbert_tf.Pretrainer)


def test_labels_are_kept(bert, tmp_path):
    folder = str(bert("token_classification"))
    names = {"0": "O", "1": "B-PER", "2": "I-PER", "3": "B-LOC", "4": "I-LOC"}
    change_config(folder, id2label=names)
    tagger = charbert_tf.checkpoints.load_released(
        folder, head=charbert_tf.TokenClassifier
    )
    assert tagger.labels == list(names.values())
    charbert_tf.checkpoints.save_released(tagger, str(tmp_path / "back"))
    again = charbert_tf.checkpoints.load_released(str(tmp_path / "back"))
    assert type(again) is charbert_tf.TokenClassifier
    assert again.labels == tagger.labels


def change_tensors(folder, change):
    """Writes a folder's tensors anew, changed."""
    tensors = read_state_dict(str(folder))
    change(tensors)
    (pathlib.Path(folder) / "pytorch_model.bin").unlink()
    write_state_dict(str(folder), tensors)


_SECOND_COPY = "bert.encoder.fusion_layer_list.1.bias"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.pop("bert.char_embeddings.rnn_layer.bias_hh_l0_reverse"),
            "missing: bert.char_embeddings.rnn_layer.bias_hh_l0_reverse (48,)",
        ),
        (
            lambda t: t.update(mystery=np.zeros((2, 3), "float32")),
            "of no use: mystery (2, 3)",
        ),
        (
            lambda t: t.update({"qa_outputs.bias": np.zeros(3, "float32")}),
            "of another shape than config.json says: qa_outputs.bias (3,) instead of "
            "(2,)",
        ),
        (
            lambda t: t.update(
                {_SECOND_COPY: t[_SECOND_COPY] + 1},
            ),
            "bert.encoder.fusion_layer_list.0.bias and "
            f"{_SECOND_COPY} must be the same tensor, and differ",
        ),
    ],
    ids=["missing", "extra", "misshapen", "not shared"],
)
def test_tensors_that_do_not_fit(bert, change, message):
    folder = bert("question_answering")
    change_tensors(folder, change)
    with pytest.raises(UserError) as error:
        charbert_tf.checkpoints.load_released(str(folder))
    assert message in str(error.value)
    assert str(error.value).startswith(f"{folder}: ")


def test_what_the_authors_layout_has_no_place_for(make_encoder, characters, tmp_path):
    save = charbert_tf.checkpoints.save_released
    encoder = charbert_tf.BertEncoder(200, 1, 2, 16, 32)
    models = {
        "is no CharBERT: a plain encoder is saved with": encoder,
        "not for 'paper' on a BertEncoder": charbert_tf.CharBertBackbone(
            encoder, 20, 8
        ),
        "not for 'released' on a BertBackbone": charbert_tf.CharBertBackbone(
            make_encoder(), 20, 8, "released"
        ),
    }
    for message, model in models.items():
        with pytest.raises(UserError, match=message):
            save(model, str(tmp_path / "out"))
    assert not list(tmp_path.iterdir())


class OwnHead(charbert_tf.TokenClassifier):
    """A head of a user's, which the authors do not know."""

    released_head = None


def test_a_head_that_the_authors_have_not(tmp_path):
    encoder = charbert_tf.BertEncoder(200, 1, 2, 16, 32)
    backbone = charbert_tf.CharBertBackbone(encoder, 20, 8, "released")
    head = OwnHead(backbone, num_classes=3)
    save = charbert_tf.checkpoints.save_released
    with pytest.raises(UserError, match=r"no place for OwnHead, .* its backbone"):
        save(head, str(tmp_path / "out"))
    save(head.backbone, str(tmp_path / "out"))
    assert (
        type(read_released(str(tmp_path / "out")).model) is charbert_tf.CharBertBackbone
    )


class LaterHead(charbert_tf.TextClassifier):
    """A head of a user's in the layout of the authors' classifiers."""


def test_a_head_that_was_added_later(tmp_path, monkeypatch):
    monkeypatch.setattr(HEADS_BY_NAME, "_entries", dict(HEADS_BY_NAME._entries))
    encoder = charbert_tf.BertEncoder(200, 1, 2, 16, 32)
    backbone = charbert_tf.CharBertBackbone(encoder, 20, 8, "released")
    head, folder = LaterHead(backbone, num_classes=3), str(tmp_path / "out")
    charbert_tf.checkpoints.save_released(head, folder)
    load = charbert_tf.checkpoints.load_released
    with pytest.raises(UserError, match="holds no LaterHead, but TokenClassifier or T"):
        load(folder, head=LaterHead)
    HEADS_BY_NAME.add("LaterHead", f"{__name__}:LaterHead")
    again = load(folder, head=LaterHead)
    assert type(again) is LaterHead
    np.testing.assert_array_equal(again.get_weights()[-1], head.get_weights()[-1])


def test_heads_that_cannot_share_their_layer_norm(tmp_path):
    """The authors' RoBERTa has one for both language models."""
    encoder = charbert_tf.RobertaEncoder(200, 1, 2, 16, 32)
    backbone = charbert_tf.CharBertBackbone(encoder, 20, 8, "released")
    pretrainer = charbert_tf.Pretrainer(backbone, num_words=30)
    charbert_tf.checkpoints.save_released(pretrainer, str(tmp_path / "new"))
    layer_norm = pretrainer.nlm_head._intermediate_layer_norm
    layer_norm.gamma.assign(2 * layer_norm.gamma)
    with pytest.raises(UserError, match=r"lm_head\.layer_norm\.weight stands for two"):
        charbert_tf.checkpoints.save_released(pretrainer, str(tmp_path / "trained"))
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
