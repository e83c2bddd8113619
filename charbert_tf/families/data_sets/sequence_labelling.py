"""CoNLL-2003 and WNUT-2017 (named entities), the Penn Treebank (parts of speech)."""

from collections.abc import Sequence

from charbert_tf.families.named_tasks import HyperParameters, NamedTask
from charbert_tf.families.tagging.options import FAMILY, JOINS_WORDS
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tfds_data_set import Records, TfdsDataSet

_NER = HyperParameters(3e-5, batch_size=18, epochs=3)
_POS = HyperParameters(2e-5, batch_size=48, epochs=1)


def tagged_sentences(records: Records, tags: Sequence[str]) -> list[TaggedSentence]:
    """Makes examples of CoNLL-2003's records.

    Args:
        records: with tokens and the ids of their named-entity tags.
        tags: the tags' names by their ids.

    Returns:
        The sentences; TFDS puts an empty one at the end of each split, which is left
        out.

    Example:
        >>> records = [{"tokens": [b"Rome"], "ner": [1]}, {"tokens": [], "ner": []}]
        >>> tagged_sentences(records, ["O", "B-LOC"])
        [TaggedSentence(words=('Rome',), tags=('B-LOC',), line=1)]
    """
    return [
        TaggedSentence(
            words=tuple(token.decode() for token in record["tokens"]),
            tags=tuple(tags[id] for id in record["ner"]),
            line=number,
        )
        for number, record in enumerate(records, start=1)
        if len(record["tokens"])
    ]


def _named_entities(*entities: str) -> dict[str, object]:
    tags = ["O", *(f"{prefix}-{entity}" for prefix in "BI" for entity in entities)]
    return {"metric": "f1", "labels": tags}


CONLL2003 = NamedTask(
    FAMILY,
    _named_entities("LOC", "MISC", "ORG", "PER"),
    options=(JOINS_WORDS,),
    hyper_parameters=_NER,
    tfds=TfdsDataSet(
        "conll2003:1.0.0",
        lambda records, features: tagged_sentences(
            records, features["ner"].feature.names
        ),
    ),
)
PTB = NamedTask(
    FAMILY,
    {"metric": "accuracy"},
    options=(JOINS_WORDS,),
    hyper_parameters=_POS,
    files="files of the Penn Treebank, a word and its part of speech a line",
)
WNUT17 = NamedTask(
    FAMILY,
    _named_entities(
        *("corporation", "creative-work", "group", "location", "person", "product")
    ),
    options=(JOINS_WORDS,),
    hyper_parameters=_NER,
    files="WNUT-2017's files, a word and its tag a line",
)
