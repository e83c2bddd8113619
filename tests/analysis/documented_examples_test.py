"""The examples of docs/analysis.md run as they stand: a notebook's analyses."""

import math

import numpy as np
import pytest

import charbert_tf
from charbert_tf.analysis.segmentation import segmentation
from charbert_tf.attacks import Drop, get_attack
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from tests.documented_code import code_of

PAGE = "analysis.md"
# All of one letter: with the vocabulary of the tests a subword each, 40 of them.
LONG = " ".join("abcdefghij" * 4)
SENTENCES = [
    "The fine film in Rome",
    "Maria filmed Otto",
    *("It was fine", "the end in Paris", LONG, "Otto Otto"),
    "Otto saw the finest film",
]
PLACES, PEOPLE = ("Rome", "Paris"), ("Maria", "Otto")


@pytest.fixture(scope="module")
def words():
    return [sentence.split() for sentence in SENTENCES]


@pytest.fixture
def folder(words, tmp_path, monkeypatch):
    """Labelled files in the working folder."""
    monkeypatch.chdir(tmp_path)

    def tag(word):
        return "B-LOC" if word in PLACES else "B-PER" if word in PEOPLE else "O"

    def is_noun(word):
        return word in (*PLACES, *PEOPLE, "film", "end")

    rows = [
        "".join(f"{word} {'NN' if is_noun(word) else 'X'} {tag(word)}\n" for word in of)
        for of in words
    ]
    for name in ("dev.txt", "test.txt"):
        (tmp_path / name).write_text("\n".join(rows))
    return tmp_path


@pytest.fixture
def tagger(folder, make_encoder, tokenizer, characters):
    """Random taggers that see 16 tokens, saved by the names in the page."""

    def make(path, encoder, characters):
        tagger = charbert_tf.TokenClassifier(
            encoder,
            num_classes=3,
            preprocessor=charbert_tf.TokenClassifierPreprocessor(
                tokenizer, characters, sequence_length=16
            ),
            labels=["O", "B-LOC", "B-PER"],
        )
        rng = np.random.default_rng(0)
        tagger.set_weights([rng.normal(0, 0.3, w.shape) for w in tagger.get_weights()])
        tagger.save_to_preset(str(folder / path))
        return tagger

    make("bert_folder", make_encoder(), None)
    for path in ("my_run/preset", "my_tagger/preset"):
        backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters))
        tagger = make(path, backbone, characters)
    return tagger


def run(section, capsys):
    """The names that the section's code leaves, and what it prints."""
    names = {}
    exec(code_of(PAGE, section), names)
    return names, capsys.readouterr().out


def test_the_command_in_python(tagger, capsys):
    names, printed = run("Analyses", capsys)
    groups, _ = run("Segmentation", capsys)
    found = names["result"].by_model
    assert found == {"BERT": groups["groups"]}
    split = found["BERT"]["distinct nouns"].split
    assert printed.endswith(f"{names['result'].table}{split}\n")


def test_segmentation(tagger, tokenizer, capsys):
    names, printed = run("Segmentation", capsys)
    nouns = ["Maria", "Otto", "Paris", "Rome", "end", "film"]
    expected = segmentation(nouns, make_subword_tokenizer(tokenizer), Drop(), seed=0)
    assert names["groups"]["distinct nouns"] == expected
    assert printed == f"{expected.split} {expected.changed}\n"
    # "film" alone is in the vocabulary.
    assert expected.split == 5 / 6
    heights = [bar.get_height() for bar in names["figure"].axes[0].patches]
    assert heights[-1] == pytest.approx(100 * expected.split)


@pytest.mark.slow
def test_word_vs_subword(tagger, words, capsys):
    names, printed = run("Word vs. Subword", capsys)
    task = TaggingTask()
    sentences = task.read("test.txt")
    whole = {"fine", "film", "in", "the", *LONG.split()}
    for name, seen in (
        ("clean", sentences),
        ("attacked", task.attacked(sentences, get_attack("mix"), seed=0)),
    ):
        tagged = [
            (word in whole, true == tag)
            for sentence, tags in zip(seen, task.predict(tagger, seen), strict=True)
            for word, true, tag in zip(sentence.words, sentence.tags, tags, strict=True)
        ]
        for group, flags in (
            ("all", (True, False)),
            ("whole", (True,)),
            ("split", (False,)),
        ):
            right = [is_right for of, is_right in tagged if of in flags]
            scores = names[name][group]
            assert scores.share_of_words == pytest.approx(len(right) / len(tagged))
            assert scores.accuracy == pytest.approx(np.mean(right))
    clean, attacked = names["clean"]["split"], names["attacked"]["split"]
    assert clean.share_of_words < attacked.share_of_words
    assert printed == f"{clean.f1} {attacked.f1}\n"
    # As figure 7 of the paper has it: a model's F1 of all words, of the words that
    # stay whole, and of those that are split.
    axes = names["figure"].axes[0]
    legend = [text.get_text() for text in names["figure"].legends[0].get_texts()]
    assert (legend, len(axes.patches)) == (["all", "whole", "split"], 6)
    heights = [bar.get_height() for bar in axes.patches]
    for scores in (names["clean"], names["attacked"]):
        for group in legend:
            assert any(h == pytest.approx(100 * scores[group].f1) for h in heights)


@pytest.mark.slow
def test_sensitivity(tagger, words, capsys):
    names, printed = run("Sensitivity", capsys)
    attack = get_attack("mix", rate=0.2)
    noisy = [attack.attack_words(of, 0, index) for index, of in enumerate(words)]
    for result in names["results"].values():
        assert list(map(list, result.noisy)) == noisy
        assert list(map(list, result.clean)) == words
    means = names["results"]["CharBERT"].means
    assert list(means) == ["[T ; H]", "T", "H"]
    assert printed == f"{means['[T ; H]'].sensitivity}\n"
    # As long as the encoder takes, longer than the preset's own preprocessor does.
    assert (means["T"].words, means["T"].left_out) == (sum(map(len, words)), 0)
    assert 0 < means["T"].sensitivity < means["T"].of_noisy_words
    bars = [bar.get_height() for bar in names["bars"].axes[0].patches]
    assert bars[0] == pytest.approx(means["[T ; H]"].sensitivity)
    labels = [text.get_text() for text in names["words"].axes[0].get_xticklabels()]
    assert labels == noisy[6]
    assert all(map(math.isfinite, bars))


@pytest.mark.slow
def test_two_versions_of_a_text(tagger, capsys):
    names, printed = run("Two versions of a text", capsys)
    distances = names["distances"]
    assert [line.split(" It ")[0] for line in printed.splitlines()] == list(distances)
    assert list(distances) == ["[T ; H]", "T", "H"]
    for of_words in distances.values():
        assert of_words.argmax() == 3
        assert of_words.shape == (5,)
