"""The examples of docs/analysis.md run as they stand: adversaries of black boxes."""

import math

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.export.served_model import ServedModel
from charbert_tf.export.serving_module import ServingModule
from tests import transformers_models as hf
from tests.documented_code import code_of

PAGE = "analysis.md"
SENTENCES = ["The fine film", "in Rome filming", "the Maria ended fine", "fine fine"]


def test_the_command_in_python(
    make_encoder, tokenizer, characters, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    charbert_tf.TextClassifier(
        charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        num_classes=2,
        preprocessor=charbert_tf.TextClassifierPreprocessor(tokenizer, characters),
        labels=["0", "1"],
    ).save_to_preset("my_classifier/preset")
    rows = [f"{sentence}\t{i % 2}\n" for i, sentence in enumerate(SENTENCES)]
    (tmp_path / "dev.tsv").write_text("sentence\tlabel\n" + "".join(rows))
    names = {}
    exec(code_of(PAGE, "Adversaries"), names)
    worst = names["worst"]
    assert worst in names["result"].examples
    loss = worst.loss["adversarial"]
    assert loss == max(of.loss["adversarial"] for of in names["result"].examples)
    assert worst.loss["clean"] <= loss
    line = f"{worst.clean.text} {worst.adversarial.text} "
    assert capsys.readouterr().out.splitlines()[-1] in (f"{line}0", f"{line}1")


@pytest.mark.slow
def test_a_saved_model(
    make_encoder, tokenizer, characters, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    labels = ["B-LOC", "B-ORG", "B-PER", "O"]
    tagger = charbert_tf.TokenClassifier(
        charbert_tf.CharBertBackbone(make_encoder(), len(characters)),
        num_classes=len(labels),
        preprocessor=charbert_tf.TokenClassifierPreprocessor(tokenizer, characters),
        labels=labels,
    )
    ServingModule.of(tagger).export("my_saved_model/1")
    served = ServedModel("my_saved_model/1")

    def tags(words):
        (found,) = served(text=[" ".join(words)])["tags"]
        return found[: len(words)]

    # What the model says of the clean text is the truth, so that it is right there.
    true = {sentence: tags(sentence.split()) for sentence in SENTENCES}
    rows = [
        "".join(
            f"{word} {tag}\n" for word, tag in zip(of.split(), true[of], strict=True)
        )
        for of in SENTENCES
    ]
    (tmp_path / "test.txt").write_text("\n".join(rows))

    exec(code_of(PAGE, "Any model"), {})
    lines = capsys.readouterr().out.splitlines()
    raised = 0
    for sentence, line in zip(SENTENCES, lines, strict=True):
        *words, before, after = line.split()
        pairs = zip(true[sentence], tags(words), strict=True)
        assert float(before) == 0
        assert float(after) == pytest.approx(np.mean([a != b for a, b in pairs]))
        raised += float(after) > 0
    assert raised >= len(SENTENCES) / 2


def test_a_pipeline_of_hugging_face(word_pieces, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    hf.save_text_classifier(tmp_path / "huggingface_classifier", word_pieces)
    rows = [f"{text}\t{number % 2}\n" for number, text in enumerate(SENTENCES)]
    (tmp_path / "dev.tsv").write_text("sentence\tlabel\n" + "".join(rows))

    names = {}
    exec(code_of(PAGE, "A pipeline of Hugging Face"), names)
    lines = capsys.readouterr().out.splitlines()
    raised = 0
    for number, (clean, line) in enumerate(zip(SENTENCES, lines, strict=True)):
        text, before, after = line.rsplit(" ", 2)
        for of, loss in ((clean, before), (text, after)):
            (outputs,) = names["classifier"]([of])
            (score,) = [o["score"] for o in outputs if o["label"] == str(number % 2)]
            assert float(loss) == pytest.approx(-math.log(score), abs=1e-4)
        assert (text == clean) == (before == after)
        raised += float(after) > float(before)
    assert raised >= len(SENTENCES) / 2
