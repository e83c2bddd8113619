"""Word vs. Subword: against the scores of tags from which the other group is taken."""

import numpy as np
import pytest

from charbert_tf.analysis.word_vs_subword import split_words, word_vs_subword
from charbert_tf.families.tagging.tag_scheme import to_iob2
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.models.model_folder import load_model_tokenizer
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from tests.seqeval_scores import span_scores

TAGS = ["O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.fixture(scope="module")
def tagged():
    """Random sentences, predictions and flags."""
    random = np.random.default_rng(0)
    sentences, predictions, is_split = [], [], []
    for _ in range(200):
        length = random.integers(1, 15)
        tags = random.choice(TAGS, size=length).tolist()
        words = tuple("w" * length)
        sentences.append(TaggedSentence(words, tuple(tags), 1))
        other = random.choice(TAGS, size=length).tolist()
        is_kept = random.random(length) < 0.8
        predictions.append(np.where(is_kept, to_iob2(tags), other).tolist())
        is_split.append((random.random(length) < 0.3).tolist())
    return sentences, predictions, is_split


def of_group(tags, flags, group):
    """The tags with the spans of the other group taken out, word by word."""
    tags, kept = to_iob2(tags), []
    for index, tag in enumerate(tags):
        first = last = index
        while tags[first].startswith("I-"):
            first -= 1
        while tags[last + 1 : last + 2] and tags[last + 1] == f"I-{tag[2:]}":
            last += 1
        kept.append(tag if any(flags[first : last + 1]) == group else "O")
    return kept


@pytest.mark.parametrize(("name", "group"), [("whole", False), ("split", True)])
def test_scores_of_a_group(tagged, name, group):
    result = word_vs_subword(*tagged)[name]
    sentences, predictions, is_split = tagged
    true = [
        of_group(sentence.tags, flags, group)
        for sentence, flags in zip(sentences, is_split, strict=True)
    ]
    predicted = [
        of_group(tags, flags, group)
        for tags, flags in zip(predictions, is_split, strict=True)
    ]
    expected = span_scores(true, predicted)
    assert 0.1 < expected["f1"] < 0.9
    for measure, score in expected.items():
        assert getattr(result, measure) == pytest.approx(score)


def test_both_groups_are_the_file(tagged):
    sentences, predictions, is_split = tagged
    groups = word_vs_subword(*tagged)
    whole, split = groups["whole"], groups["split"]
    assert whole.share_of_words + split.share_of_words == pytest.approx(1)
    assert whole.share_of_spans + split.share_of_spans == pytest.approx(1)
    assert groups["all"].share_of_words == groups["all"].share_of_spans == 1
    expected = span_scores([sentence.tags for sentence in sentences], predictions)
    assert groups["all"].f1 == pytest.approx(expected["f1"])
    all_split = [[True] * len(flags) for flags in is_split]
    groups = word_vs_subword(sentences, predictions, all_split)
    assert groups["split"].f1 == pytest.approx(expected["f1"])
    assert groups["whole"].f1 == groups["whole"].accuracy == 0


def test_parts_of_speech_have_no_spans(tokenizer):
    sentence = TaggedSentence(("the", "thing", "filmed"), ("DT", "NN", "VBD"), 1)
    is_split = split_words([sentence], make_subword_tokenizer(tokenizer))
    assert is_split == [[False, True, True]]
    groups = word_vs_subword([sentence], [["DT", "NN", "NN"]], is_split)
    assert groups["whole"].share_of_words == pytest.approx(1 / 3)
    assert (groups["whole"].accuracy, groups["split"].accuracy) == (1, 0.5)
    assert groups["split"].f1 is None


def test_the_split_words_of_conll2003(shared):
    """With BERT's uncased vocabulary; the paper's cased one splits 17.8 and 45.3 %."""
    sentences = TaggingTask().read(shared / "data" / "conll2003" / "test.txt")
    tokenizer = load_model_tokenizer(str(shared / "models" / "charbert_minilm"))
    is_split = split_words(sentences, make_subword_tokenizer(tokenizer))
    tags = [to_iob2(sentence.tags) for sentence in sentences]
    split = word_vs_subword(sentences, tags, is_split)["split"]
    assert split.share_of_words == pytest.approx(0.135, abs=5e-4)
    assert split.share_of_spans == pytest.approx(0.400, abs=5e-4)
    assert split.f1 == 1
