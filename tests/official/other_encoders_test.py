"""DistilBERT and ELECTRA through the commands, from a folder of transformers on."""

import json
import math

import keras_nlp
import numpy as np
import pytest

import charbert_tf
from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer
from charbert_tf.state_dicts.state_dict_folder import read_state_dict
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from tests import transformers_models as hf

SQUAD = {
    "data": [
        {
            "paragraphs": [
                {
                    "context": "maria was in rome",
                    "qas": [
                        {
                            "id": str(number),
                            "question": f"where was maria {number}?",
                            "answers": [{"text": "rome", "answer_start": 13}],
                        }
                        for number in range(8)
                    ],
                }
            ]
        }
    ]
}
PAIRS = "sentence1\tsentence2\tscore\n" + "".join(
    f"the fine film\tthe {word}\t{score}\n"
    for score, word in enumerate(("end", "film", "fine film", "fine film was"))
)
CONFIGS = {"DistilBert": {"hidden_dim": 48}, "Electra": {"embedding_size": 16}}


@pytest.fixture(scope="module")
def folders(word_pieces, characters, words, tmp_path_factory):
    """Language models with the files of their tokenizer; a CharBERT's vocabularies."""
    transformers, _ = hf.import_libraries()
    place = tmp_path_factory.mktemp("huggingface")
    vocabulary = place / "vocab.txt"
    write_vocabulary(vocabulary, word_pieces)
    for name, config in CONFIGS.items():
        config |= {"vocab_size": len(word_pieces)}
        hf.random_model(f"{name}ForMaskedLM", **config).save_pretrained(place / name)
        tokenizer = getattr(
            transformers, f"{name}Tokenizer", transformers.BertTokenizer
        )
        tokenizer(str(vocabulary), do_lower_case=False).save_pretrained(place / name)
    (place / "vocabulary").mkdir()
    write_vocabulary(place / "vocabulary" / "char_vocab.txt", characters)
    write_vocabulary(place / "vocabulary" / "word_vocab.txt", words)
    return place


def run(commands, name, *arguments, **options):
    outcome = commands.fork(name, *arguments, **options)
    commands.assert_succeeded(outcome)
    return outcome.stdout


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.sampled(2)
def test_to_a_preset_and_back(commands, folders, tmp_path, name):
    told = run(
        commands,
        "convert_checkpoint",
        f"--input={folders / name}",
        f"--output={tmp_path}/preset",
    )
    assert f"holds a Pretrainer on a {name}Encoder" in told
    assert "odd sentences is that of transformers" in told
    assert "Largest difference to PyTorch on a sentence: " in told
    assert "left out" not in told and ": new" not in told
    back = tmp_path / "back"
    told = run(
        commands,
        "convert_checkpoint",
        f"--input={tmp_path}/preset",
        f"--output={back}",
        "--format=huggingface",
    )
    assert "Largest difference to PyTorch on a sentence: " in told
    original, tensors = (read_state_dict(str(f)) for f in (folders / name, back))
    assert original.keys() == tensors.keys()
    for tensor, value in original.items():
        np.testing.assert_array_equal(tensors[tensor], value, tensor)
    # What transformers makes of a text goes into what transformers makes of the model.
    transformers, torch = hf.import_libraries()
    tokenizer, theirs = (
        transformers.AutoTokenizer.from_pretrained(of) for of in (back, folders / name)
    )
    text = "The fine film, in the end"
    assert dict(tokenizer(text)) == dict(theirs(text))
    model = transformers.AutoModel.from_pretrained(back)
    with torch.no_grad():
        assert model(**tokenizer(text, return_tensors="pt")).last_hidden_state.any()


@pytest.mark.parametrize("name", CONFIGS)
def test_pretraining_begins_with_the_folders_head(folders, capsys, name):
    initial = InitialPretrainer.from_folder(
        str(folders / name),
        VocabularyFolder(str(folders / "vocabulary")),
        sequence_length=32,
    )
    assert "odd sentences is that of transformers" in capsys.readouterr().out
    loaded = charbert_tf.checkpoints.load_huggingface(str(folders / name)).pretrainer
    for ours, theirs in zip(
        initial.pretrainer.mlm_head.weights, loaded.mlm_head.weights, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert not any("mlm_head" in weight.path for weight in initial.new_variables)
    backbone = initial.pretrainer.backbone
    for ours, theirs in zip(
        backbone.encoder.weights, loaded.backbone.weights, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_all_the_way(commands, files, folders, tmp_path, name):
    """Pretrained as a CharBERT, fine-tuned, scored, analysed, served and asked."""
    run(
        commands,
        "pretrain",
        f"--init={folders / name}",
        f"--vocabulary={folders}/vocabulary",
        f"--input={files}/text_1.txt",
        f"--output={tmp_path}/run",
        "--warm_start_steps=2",
        "--steps=2",
        "--batch_size=4",
        "--sequence_length=32",
    )
    preset = tmp_path / "run" / "preset"
    backbone = keras_nlp.models.Backbone.from_preset(str(preset))
    assert type(backbone.encoder).__name__ == f"{name}Encoder"
    for start, output in ((preset, "tagger"), (folders / name, "plain")):
        told = run(
            commands,
            "finetune",
            "--task=tagging",
            f"--train={files}/iob2.txt",
            "--epochs=1",
            "--batch_size=16",
            "--sequence_length=32",
            f"--init={start}",
            f"--output={tmp_path / output}",
        )
        is_folder = output == "plain"
        assert ("odd sentences is that of transformers" in told) == is_folder
    taggers = f"{tmp_path}/tagger/preset,{tmp_path}/plain/preset"
    labelled = ["--task=tagging", f"--input={files}/iob2.txt"]
    scored = run(
        commands, "evaluate", *labelled, "--attacks=none,mix", f"--models={taggers}"
    )
    assert len(scored.splitlines()) == 4
    run(
        commands,
        "analyze",
        "--analysis=sensitivity",
        *labelled,
        f"--models={preset},{folders / name}",
        f"--output={tmp_path}/sensitivity",
    )
    results = json.loads((tmp_path / "sensitivity" / "results.json").read_text())
    means = list(results["results"].values())
    assert [list(of) for of in means] == [["[T ; H]", "T", "H"], ["T"]]
    for of_model in means:
        for mean in of_model.values():
            assert 0 < mean["sensitivity"] < 2 and math.isfinite(mean["sensitivity"])
    run(
        commands,
        "export",
        f"--model={tmp_path}/tagger/preset",
        f"--output={tmp_path}/saved",
    )
    asked = run(
        commands, "predict", f"--model={tmp_path}/saved", text="maria was in rome\n"
    )
    words = [line.split("\t")[0] for line in asked.splitlines()]
    assert words == ["maria", "was", "in", "rome", ""]
    # The other families, on the CharBERT and on the plain encoder.
    questions, pairs = tmp_path / "questions.json", tmp_path / "pairs.tsv"
    questions.write_text(json.dumps(SQUAD))
    pairs.write_text(PAIRS)
    question = "where was maria?\tmaria was in rome\n"
    for task, start, train, text in (
        ("classification", preset, files / "train.tsv", "the fine film\n"),
        ("question_answering", preset, questions, question),
        ("embedding", folders / name, pairs, "the fine film\n"),
    ):
        output = tmp_path / task
        run(
            commands,
            "finetune",
            f"--task={task}",
            f"--train={train}",
            "--epochs=1",
            "--batch_size=4",
            "--sequence_length=32",
            f"--init={start}",
            f"--output={output}",
        )
        backbone = keras_nlp.models.Backbone.from_preset(f"{output}/preset")
        encoder = getattr(backbone, "encoder", backbone)
        assert type(encoder).__name__ == f"{name}Encoder"
        run(commands, "export", f"--model={output}", f"--output={output}/saved")
        asked = run(commands, "predict", f"--model={output}/saved", text=text)
        assert len(asked.splitlines()) == 1
