"""Checkpoints to presets and back, with the commands that then take them."""

import json
import shutil

import numpy as np
import pytest

from charbert_tf.state_dicts.state_dict_folder import read_state_dict
from charbert_tf.vocabularies.tokenizer_folder import write_tokenizer
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from tests import transformers_models as hf


@pytest.fixture(scope="module")
def folders(tokenizers, characters, words, tmp_path_factory):
    """Hugging Face folders with their tokenizers, one of a CharBERT's vocabularies."""
    place = tmp_path_factory.mktemp("huggingface")
    models = {
        "bert": hf.random_model(
            "BertForMaskedLM", vocab_size=tokenizers["bert"].vocabulary_size()
        ),
        "roberta": hf.random_model(
            "RobertaModel", vocab_size=tokenizers["roberta"].vocabulary_size()
        ),
    }
    for name, model in models.items():
        model.save_pretrained(place / name)
        write_tokenizer(str(place / name), tokenizers[name], 38)
    (place / "vocabulary").mkdir()
    # As the authors' have it: the space before a word is a character, too.
    with_space = [characters[0], "Ġ", *characters[1:]]
    write_vocabulary(place / "vocabulary" / "char_vocab.txt", with_space)
    write_vocabulary(place / "vocabulary" / "word_vocab.txt", words)
    return place


def convert(commands, folder, output, *arguments, way="fork"):
    outcome = getattr(commands, way)(
        "convert_checkpoint", f"--input={folder}", f"--output={output}", *arguments
    )
    commands.assert_succeeded(outcome)
    return outcome.stdout


@pytest.mark.parametrize(
    ("name", "head"), [("bert", "ForMaskedLM"), ("roberta", "Model")]
)
@pytest.mark.sampled(2)
def test_to_a_preset_and_back(commands, folders, tmp_path, name, head):
    way = "run" if name == "bert" else "fork"
    told = convert(commands, folders / name, tmp_path / "preset", way=way)
    assert "attention.self.query.weight -> transformer_layer_*/" in told
    assert "Largest difference to PyTorch on a sentence: " in told
    assert told.endswith(f"Saved {tmp_path}/preset\n")
    card = (tmp_path / "preset" / "README.md").read_text()
    assert f"--input={folders / name}\n" in card
    assert "2 layers, hidden size 32, without the character channel" in card
    back = tmp_path / "back"
    told = convert(commands, tmp_path / "preset", back, "--format=huggingface")
    assert "Largest difference to PyTorch on a sentence: " in told
    original, tensors = (read_state_dict(str(f)) for f in (folders / name, back))
    assert original.keys() == tensors.keys()
    for tensor, value in original.items():
        np.testing.assert_array_equal(tensors[tensor], value, tensor)
    config = json.loads((back / "config.json").read_text())
    assert config["architectures"][0].endswith(head)
    for file in ("vocab.txt", "vocab.json", "merges.txt"):
        assert (back / file).exists() == (folders / name / file).exists()


@pytest.mark.slow
def test_a_charbert_on_roberta_all_the_way(commands, files, folders, tmp_path):
    """Pretrained, released to PyTorch and back, fine-tuned, attacked, served."""
    pretrained = commands.fork(
        "pretrain",
        f"--init={folders}/roberta",
        f"--vocabulary={folders}/vocabulary",
        f"--input={files}/text_1.txt",
        f"--output={tmp_path}/run",
        "--interaction=released",
        "--warm_start_steps=2",
        "--steps=2",
        "--batch_size=4",
        "--sequence_length=32",
    )
    commands.assert_succeeded(pretrained)
    preset, released = tmp_path / "run" / "preset", tmp_path / "released"
    # Two steps have changed the head's layer norms, which are one in that layout.
    commands.refuse(
        "convert_checkpoint",
        [f"--input={preset}", f"--output={released}", "--format=released"],
        "lm_head.layer_norm.weight stands for two weights in this layout",
        tmp_path,
    )
    tuning = ["--task=tagging", f"--train={files}/iob2.txt", "--epochs=1"]
    # All that the encoder takes, as in what is converted.
    limits = ["--batch_size=16", "--sequence_length=38"]
    for name, start in (("tagger", preset), ("again", tmp_path / "converted")):
        commands.assert_succeeded(
            commands.fork(
                "finetune",
                *tuning,
                *limits,
                f"--init={start}",
                f"--output={tmp_path / name}",
            )
        )
        if name == "tagger":
            convert(
                commands,
                tmp_path / "tagger" / "preset",
                released,
                "--format=released",
            )
            told = convert(commands, released, tmp_path / "converted", "--mask_padding")
            assert "TokenClassifier on a CharBertBackbone around a Roberta" in told
    evaluation = ["--task=tagging", f"--input={files}/iob2.txt", "--attacks=none,mix"]
    models = f"--models={tmp_path}/tagger/preset,{tmp_path}/converted"
    scored = commands.fork("evaluate", *evaluation, models)
    commands.assert_succeeded(scored)
    lines = [line.split(maxsplit=1)[1] for line in scored.stdout.splitlines()]
    assert len(lines) == 4
    assert lines[:2] == lines[2:]
    saved = tmp_path / "saved_model"
    commands.assert_succeeded(
        commands.fork("export", f"--model={tmp_path}/converted", f"--output={saved}")
    )
    asked = commands.fork("predict", f"--model={saved}", text="maria was in rome\n")
    commands.assert_succeeded(asked)
    words = [line.split("\t")[0] for line in asked.stdout.splitlines()]
    assert words == ["maria", "was", "in", "rome", ""]


def test_what_cannot_be_converted(commands, folders, tmp_path):
    def refuse(arguments, message):
        commands.refuse(
            "convert_checkpoint",
            [*arguments, f"--output={tmp_path}/out"],
            message,
            tmp_path,
        )

    plain = f"{folders}/bert: is no CharBERT, of which alone "
    for flags, given in (
        (["--mask_padding"], "--mask_padding can"),
        (
            ["--head=TextClassifier", "--mask_padding"],
            "--head and --mask_padding can be told: leave it out",
        ),
    ):
        refuse([f"--input={folders}/bert", *flags], plain + given)
    for layout in ("released", "huggingface"):
        refuse(
            ["--input=p", f"--format={layout}", "--mask_padding", "--vocabulary=v"],
            f"--vocabulary, --mask_padding: --format={layout} takes a preset as it is",
        )
    bert = tmp_path / "bert"
    shutil.copytree(folders / "bert", bert)
    (bert / "vocab.txt").unlink()
    refuse([f"--input={bert}"], f"{bert}: holds no tokenizer, that is vocab.txt, ")
    hf.change_config(bert, num_hidden_layers=1)
    refuse([f"--input={bert}"], f"{bert}: the weights do not fit the model: of no use")
    weights = bert / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    refuse([f"--input={bert}"], f"{weights}: the file is damaged or not complete")
    weights.unlink()
    refuse([f"--input={bert}"], f"{bert}: holds no weights, neither model.safetensors")
    refuse([f"--input={tmp_path}/none"], f"{tmp_path}/none: no such folder")
    refuse(
        [f"--input={folders}/bert", "--format=released"],
        f"{folders}/bert: is a Hugging Face folder, not a preset",
    )
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    refuse([f"--input={folders}/bert"], f"{tmp_path}/out: already holds something")


def test_the_authors_folder(commands, shared, tmp_path):
    pytest.importorskip("torch")
    folder = shared / "parity" / "roberta" / "masked_lm"
    refusal = f"{folder}: holds no tokenizer (vocab.txt, or vocab.json with merges.txt)"
    output = tmp_path / "preset"
    commands.refuse(
        "convert_checkpoint",
        [f"--input={folder}", f"--output={output}"],
        refusal,
        tmp_path,
    )
    told = convert(commands, folder, output, f"--vocabulary={folder.parent}")
    assert "Pretrainer on a CharBertBackbone around a RobertaEncoder" in told
    back = tmp_path / "back"
    convert(commands, output, back, "--format=released")
    original, tensors = (read_state_dict(str(f)) for f in (folder, back))
    assert original.keys() == tensors.keys()
    for name, value in original.items():
        np.testing.assert_array_equal(tensors[name], value, name)
    for name in ("char_vocab", "word_vocab"):
        expected = (folder.parent / name).read_text("utf-8").splitlines()
        assert (back / name).read_text("utf-8").splitlines() == expected
