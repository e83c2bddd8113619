"""Word vs. Subword: scores of the words that stay whole and of those that are split."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from charbert_tf.analysis.segmentation import word_subwords
from charbert_tf.attacks.attack import Attack
from charbert_tf.families.metric import share
from charbert_tf.families.tagging.tag_scheme import (
    is_span_tagging,
    spans_of_tags,
    to_iob2,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_metric import span_scores_of_counts
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.files.paper_figure import (
    draw_grouped_bars,
    draw_legend,
    paper_axes,
    paper_style,
)
from charbert_tf.text.subword_tokenizer import SubwordTokenizer

# Whether the words of each group are split.
_GROUPS = {"all": (False, True), "whole": (False,), "split": (True,)}


@dataclasses.dataclass(frozen=True)
class WordGroupScores:
    """The scores of one group of words, all numbers in [0, 1].

    Args:
        share_of_words: how many of all words are in the group.
        accuracy: the share of them whose tag is right.
        share_of_spans: how many of all true spans are in the group; None, as the rest,
            where tags mark no spans.
        precision: the share of the group's predicted spans that are right.
        recall: the share of the group's true spans that are found.
        f1: the harmonic mean of both.
    """

    share_of_words: float
    accuracy: float
    share_of_spans: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


def split_words(
    sentences: Sequence[TaggedSentence], tokenizer: SubwordTokenizer
) -> list[list[bool]]:
    """Tells of each word whether it has several subwords.

    Args:
        sentences: The sentences.
        tokenizer: What `make_subword_tokenizer` gives.

    Returns:
        A flag for each word of each sentence.

    Example:

    ```python
    tokenizer = make_subword_tokenizer(load_model_tokenizer("bert-base-uncased"))
    split_words(task.read("test.txt"), tokenizer)
    ```
    """
    words = [word for sentence in sentences for word in sentence.words]
    flags = iter([len(subwords) > 1 for subwords in word_subwords(words, tokenizer)])
    return [[next(flags) for _ in sentence.words] for sentence in sentences]


def analyze_word_vs_subword(
    sentences: Sequence[TaggedSentence],
    tagger: TokenClassifier,
    attack: Attack | None = None,
    seed: int = 0,
) -> dict[str, WordGroupScores]:
    """Lets a model tag the sentences, and scores it as `word_vs_subword` does.

    Words are sorted by whether the model's own vocabulary splits them, as the model
    sees them: after the attack.

    Args:
        sentences: The sentences, tags in IOB1 or IOB2, or of another kind.
        tagger: A model that was fine-tuned on such tags, its preprocessor attached.
        attack: What is done to the words before; by default nothing.
        seed: int. Of the attack.

    Returns:
        The scores of `"all"` words, of `"whole"` and of `"split"` ones;
        `draw_word_vs_subword` draws them.

    Example:

    ```python
    tagger = TaggingTask().load_model("my_tagger/preset")
    analyze_word_vs_subword(task.read("test.txt"), tagger)
    ```
    """
    task = TaggingTask()
    seen = sentences if attack is None else task.attacked(sentences, attack, seed)
    is_split = split_words(seen, tagger.preprocessor.subword_tokenizer)
    return word_vs_subword(seen, task.predict(tagger, seen), is_split)


def word_vs_subword(
    sentences: Sequence[TaggedSentence],
    predictions: Sequence[Sequence[str]],
    is_split: Sequence[Sequence[bool]],
) -> dict[str, WordGroupScores]:
    """Scores apart what is made of whole words and what has a split word in it.

    A span, true or predicted, is split if any of its words is (CharBERT, section 6,
    https://arxiv.org/abs/2011.01513). A span that is right is so in the same group as
    the true one, so the groups' counts add up to those of the whole file.

    Args:
        sentences: The sentences, tags in IOB1 or IOB2, or of another kind.
        predictions: A tag for each word, in IOB2 if they mark spans.
        is_split: As `split_words` gives it, of the words as the model saw them.

    Returns:
        The scores of `"all"` words, of `"whole"` and of `"split"` ones; a score of
        nothing is 0.

    Raises:
        ValueError: If there are not as many predictions and flags as words.

    Example:
        >>> sentence = TaggedSentence(("Leicestershire", "won"), ("I-ORG", "O"), line=1)
        >>> scores = word_vs_subword([sentence], [["B-ORG", "O"]], [[True, False]])
        >>> scores["split"].f1, scores["split"].share_of_words
        (1.0, 0.5)
    """
    true = [to_iob2(sentence.tags) for sentence in sentences]
    predicted = [list(tags) for tags in predictions]
    words = [
        (true_tag == predicted_tag, flag)
        for of_sentence in zip(true, predicted, is_split, strict=True)
        for true_tag, predicted_tag, flag in zip(*of_sentence, strict=True)
    ]
    have_spans = is_span_tagging(tag for tags in true for tag in tags)
    return {
        name: WordGroupScores(
            **_word_scores(words, group),
            **(_span_scores(true, predicted, is_split, group) if have_spans else {}),
        )
        for name, group in _GROUPS.items()
    }


@paper_style()
def draw_word_vs_subword(
    results: Mapping[str, Mapping[str, WordGroupScores]],
) -> Figure:
    """Draws each model's scores of all words and of both groups, as in figure 7.

    Args:
        results: What `analyze_word_vs_subword` returned, by the model's name.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    draw_word_vs_subword({"BERT": analyze_word_vs_subword(sentences, tagger)})
    ```
    """
    figure, (axes,) = paper_axes()
    first = next(iter(results.values()))["whole"]
    measure = "accuracy" if first.f1 is None else "f1"
    scores = {
        name: [100 * getattr(of_model[name], measure) for of_model in results.values()]
        for name in _GROUPS
    }
    draw_grouped_bars(axes, list(results), scores, "%.1f")
    axes.set_ylim(0, 100)
    axes.set_ylabel("F1 (%)" if measure == "f1" else "accuracy (%)")
    draw_legend(figure, axes)
    return figure


def _word_scores(
    words: Sequence[tuple[bool, bool]], group: Collection[bool]
) -> dict[str, float]:
    of_group = [is_right for is_right, flag in words if flag in group]
    return {
        "share_of_words": share(len(of_group), len(words)),
        "accuracy": share(sum(of_group), len(of_group)),
    }


def _span_scores(
    true, predicted, is_split, group: Collection[bool]
) -> dict[str, float]:
    counts, of_all = np.zeros(3), 0
    for true_tags, predicted_tags, flags in zip(true, predicted, is_split, strict=True):
        all_spans = spans_of_tags(true_tags)
        true_spans = _of_group(all_spans, flags, group)
        predicted_spans = _of_group(spans_of_tags(predicted_tags), flags, group)
        counts += [
            len(true_spans & predicted_spans),
            len(predicted_spans),
            len(true_spans),
        ]
        of_all += len(all_spans)
    scores = span_scores_of_counts(counts)
    return {"share_of_spans": share(counts[2], of_all)} | {
        # A group without spans has no score.
        name: float(np.nan_to_num(score))
        for name, score in scores.items()
    }


def _of_group(spans: set, flags: Sequence[bool], group: Collection[bool]) -> set:
    return {
        (kind, first, end)
        for kind, first, end in spans
        if any(flags[first:end]) in group
    }
