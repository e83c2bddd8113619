"""CoNLL files: those of the data sets, and the forms that the format has."""

import pytest

from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.families.tagging.tag_scheme import is_span_tagging, to_iob2
from charbert_tf.families.tagging.tagged_sentence import (
    TaggedSentence,
    check_tags,
    tag_names,
)


# The numbers of sentences, words and entities that the data sets' papers report.
@pytest.mark.parametrize(
    ("name", "sentences", "words", "entities", "labels"),
    [
        ("conll2003/train.txt", 14_041, 203_621, 23_499, 9),
        ("conll2003/dev.txt", 3_250, 51_362, 5_942, 9),
        ("conll2003/test.txt", 3_453, 46_435, 5_648, 9),
        ("wnut17/train.txt", 3_394, 62_730, 1_975, 13),
        ("wnut17/dev.txt", 1_009, 15_733, 836, 13),
        ("wnut17/test.txt", 1_287, 23_394, 1_079, 13),
    ],
)
@pytest.mark.sampled(3)
def test_entity_files(shared, name, sentences, words, entities, labels):
    path = shared / "data" / name
    examples = ConllFormat().read(path)
    assert len(examples) == sentences
    assert sum(len(example.words) for example in examples) == words
    tags = [tag for example in examples for tag in to_iob2(example.tags)]
    assert sum(tag.startswith("B-") for tag in tags) == entities
    known = tag_names(examples, path)
    assert known[0] == "O"
    assert known[1:] == sorted(known[1:])
    assert len(known) == labels
    lines = path.read_text("utf-8").split("\n")
    for example in examples[::97]:
        last = example.line - 2 + len(example.words)
        assert lines[last].startswith(example.words[-1])
        assert lines[last].endswith(example.tags[-1])


def test_part_of_speech_file(shared):
    path = shared / "data" / "ptb_sample" / "train.txt"
    examples = ConllFormat().read(path)
    assert sum(len(example.words) for example in examples) == 81_902
    labels = tag_names(examples, path)
    assert {",", ".", "#", "$", "NN"} <= set(labels)
    assert not is_span_tagging(labels)
    assert to_iob2(examples[0].tags) == list(examples[0].tags)
    check_tags(ConllFormat().read(path.with_name("test.txt")), labels, path)


def test_forms_of_the_format(tmp_path):
    path = tmp_path / "tags.txt"
    path.write_text(
        "-DOCSTART-\t-X-\tO\n\n# id 7\n#\tSYM\tO\n#NLP\tNN\tB-topic,O\n"
        "New York\tNNP\tB-place\n \t\n# text = a\n,\t,\tO,B-topic\r\nb\u00a0c\tNN\tO"
    )
    assert ConllFormat().read(path) == [
        TaggedSentence(("#", "#NLP", "New York"), ("O", "B-topic", "B-place"), 4),
        TaggedSentence((",", "b\u00a0c"), ("O", "O"), 9),
    ]
    assert ConllFormat(tag_column=1).read(path)[1].tags == (",", "NN")
    path.write_text("I-LOC  Rome\nO wins\n")
    assert ConllFormat(word_column=1, tag_column=0).read(path) == [
        TaggedSentence(("Rome", "wins"), ("I-LOC", "O"), 1)
    ]
