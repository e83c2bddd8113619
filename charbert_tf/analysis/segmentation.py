"""Segmentation: which words a vocabulary splits, and what one edit makes of them."""

import dataclasses
from collections.abc import Mapping, Sequence

import keras_nlp
import tensorflow as tf
from matplotlib.figure import Figure

from charbert_tf.analysis.edit_kinds import edited_word_by_word
from charbert_tf.attacks.attack import Attack
from charbert_tf.families.metric import share
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.paper_figure import (
    draw_grouped_bars,
    draw_legend,
    paper_axes,
    paper_style,
)
from charbert_tf.text.subword_tokenizer import SubwordTokenizer
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.text.word_splitter import valid_utf8


def word_subwords(words: Sequence[str], tokenizer: SubwordTokenizer) -> list[list[int]]:
    """Tokenizes words as they stand inside a sentence.

    Args:
        words: The words.
        tokenizer: What `make_subword_tokenizer` gives.

    Returns:
        The token ids of each word, at least one.

    Example:

    ```python
    tokenizer = make_subword_tokenizer(load_model_tokenizer("bert-base-uncased"))
    word_subwords(["Rome", "Leicestershire"], tokenizer)
    ```
    """
    texts = tf.constant(words, tf.string, shape=[len(words)])
    return tokenizer.at_least_one(valid_utf8(texts)).token_ids.to_list()


# The Penn Treebank's nouns are NN, NNS, NNP and NNPS; Universal Dependencies' the rest.
_NOUNS = ("NN", "NOUN", "PROPN")


@dataclasses.dataclass(frozen=True)
class Segmentation:
    """How a vocabulary segments a list of words.

    Args:
        words: how many there are.
        split: the share of them that has several subwords.
        edited: how many of them an edit changed.
        changed: the share of the edited ones none of whose subwords is left.
    """

    words: int
    split: float
    edited: int
    changed: float


def segmentation(
    words: Sequence[str], tokenizer: SubwordTokenizer, attack: Attack, seed: int = 0
) -> Segmentation:
    """Counts the words that are split, and the edits that leave no subword in place.

    CharBERT (section 1, https://arxiv.org/abs/2011.01513) reports of the nouns of
    CoNLL-2003's dev set that 28 % are split and that dropping one random character
    changes the subwords of 78 % entirely. "Entirely" is read as: the words before and
    after the edit have no subword in common.

    Args:
        words: The words.
        tokenizer: What `make_subword_tokenizer` gives.
        attack: What the edit is. Words that it leaves as they are, such as those that
            are too short, are not counted as edited.
        seed: int. Of the edits.

    Returns:
        The counts and shares, shares of nothing being 0.

    Raises:
        UserError: If the attack splits or joins some of the words.

    Example:

    ```python
    tokenizer = make_subword_tokenizer(load_model_tokenizer("bert-base-uncased"))
    segmentation(["Rome", "Leicestershire"], tokenizer, get_attack("drop"))
    ```
    """
    edited = edited_word_by_word(words, attack, seed, example=0)
    before = word_subwords(words, tokenizer)
    after = word_subwords(edited, tokenizer)
    changed = [
        not set(old_subwords) & set(new_subwords)
        for old, new, old_subwords, new_subwords in zip(
            words, edited, before, after, strict=True
        )
        if old != new
    ]
    return Segmentation(
        words=len(words),
        split=share(sum(len(subwords) > 1 for subwords in before), len(words)),
        edited=len(changed),
        changed=share(sum(changed), len(changed)),
    )


def analyze_segmentation(
    sentences: Sequence[TaggedSentence],
    tokenizer: keras_nlp.models.Tokenizer,
    attack: Attack,
    seed: int = 0,
) -> dict[str, Segmentation]:
    """Counts as `segmentation` does, for each group of a file's words.

    Args:
        sentences: As `word_groups` takes them.
        tokenizer: A model's tokenizer.
        attack: What the edit is.
        seed: int. Of the edits.

    Returns:
        The counts and shares by the names of `word_groups`; `draw_segmentation` draws
        them. Nothing if there are no words of letters.

    Raises:
        UserError: If the attack splits or joins some of the words.

    Example:

    ```python
    tokenizer = load_model_tokenizer("bert-base-uncased")
    analyze_segmentation(TaggingTask(0, 1).read("dev.txt"), tokenizer, Drop())
    ```
    """
    subword_tokenizer = make_subword_tokenizer(tokenizer)
    return {
        name: segmentation(words, subword_tokenizer, attack, seed)
        for name, words in word_groups(sentences).items()
    }


def word_groups(sentences: Sequence[TaggedSentence]) -> dict[str, list[str]]:
    """Groups the words of a file: all or the nouns, each time or once for all.

    Only words of letters alone count. Numbers are no words, and what has a mark in it
    ("Asia-Pacific", "U.N.") BERT's tokenizer splits there whatever its vocabulary.

    Args:
        sentences: Sentences whose tags are parts of speech, or others; then there are
            no nouns.

    Returns:
        `"words"` and, if there are any, `"nouns"`: every occurrence, in order;
        `"distinct words"` and `"distinct nouns"`: each word once, sorted.

    Example:
        >>> sentence = TaggedSentence(("a", "dog", "is", "a", "dog"),
        ...                           ("DT", "NN", "VBZ", "DT", "NN"), line=1)
        >>> word_groups([sentence])["distinct words"]
        ['a', 'dog', 'is']
    """
    tagged = [
        (word, tag)
        for sentence in sentences
        for word, tag in zip(sentence.words, sentence.tags, strict=True)
        if word.isalpha()
    ]
    groups = {
        "words": [word for word, _ in tagged],
        "nouns": [word for word, tag in tagged if tag.startswith(_NOUNS)],
    }
    groups |= {f"distinct {name}": sorted(set(of)) for name, of in groups.items()}
    return {name: of for name, of in groups.items() if of}


@paper_style()
def draw_segmentation(results: Mapping[str, Mapping[str, Segmentation]]) -> Figure:
    """Draws the two shares of each group of words, a colour for each vocabulary.

    Args:
        results: What `analyze_segmentation` returned, by the vocabulary's name.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    draw_segmentation({"BERT": analyze_segmentation(sentences, tokenizer, Drop())})
    ```
    """
    figure, panels = paper_axes(panels=2, is_wide=True)
    groups = list(next(iter(results.values())))
    for axes, field, title in zip(
        panels,
        ("split", "changed"),
        ("split into several subwords", "no subword left after one edit"),
        strict=True,
    ):
        shares = {
            name: [100 * getattr(of_name[group], field) for group in groups]
            for name, of_name in results.items()
        }
        draw_grouped_bars(
            axes, [group.replace(" ", "\n") for group in groups], shares, "%.1f"
        )
        axes.set_ylim(0, 100)
        axes.set_ylabel("words (%)")
        axes.set_title(title)
    draw_legend(figure, panels[0])
    return figure
