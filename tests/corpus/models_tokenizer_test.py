"""Text that is prepared for a model is cut by the model's tokenizer, to the letter."""

import json

import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.corpus.blocks import decode_blocks
from charbert_tf.corpus.prepared_corpus import PreparedCorpus, tokenizer_fingerprint
from charbert_tf.files.errors import UserError
from charbert_tf.text.added_token import AddedToken
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

pytest.importorskip("apache_beam")

from charbert_tf.corpus.corpus_parts import find_corpus_parts
from charbert_tf.corpus.corpus_preparation import CorpusPreparation
from charbert_tf.corpus.pipeline import run_beam

LINES = [
    "The fine film in thè Thing 語語.",
    "A½ finé FILM… and <e1> the <e1>thing.",
] * 9
SETTINGS = {
    "accents": {"lowercase": True, "strip_accents": False},
    "ideographs": {"tokenize_chinese_chars": False},
    "control_characters": {"clean_text": False},
    "long_words": {"max_characters_per_word": 4},
    "first_version": {"lowercase": True, "normalizer_version": 1},
    "added": {},
}
TEXTS = [*LINES[:2], "a\u200bfilm\x07in thing", "語語 é ½"]


def make_tokenizer(word_pieces, name):
    pieces = [*word_pieces, "é", "##é", "½", "…", "語", "##語"]
    settings = dict(SETTINGS[name])
    if name == "added":
        settings["added_tokens"] = [
            AddedToken("<e1>", len(pieces)),
            AddedToken("film", pieces.index("film"), is_word_piece=True),
        ]
    return charbert_tf.BertTokenizer(pieces, **settings)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_vocabulary_folder_keeps_all_settings(
    word_pieces, characters, words, tmp_path, name
):
    tokenizer = make_tokenizer(word_pieces, name)
    pieces = tokenizer.get_vocabulary()
    VocabularyFolder.write(tmp_path, pieces, characters, words, tokenizer.lowercase)
    folder = VocabularyFolder(tmp_path)
    # Or else there were nothing to keep.
    assert folder.tokenizer()(TEXTS).to_list() != tokenizer(TEXTS).to_list()
    folder.put_tokenizer(tokenizer)
    assert folder.tokenizer()(TEXTS).to_list() == tokenizer(TEXTS).to_list()
    assert tokenizer_fingerprint(folder.tokenizer()) == tokenizer_fingerprint(tokenizer)


@pytest.mark.parametrize("name", ["accents", "first_version"])
def test_blocks_are_those_of_the_model(word_pieces, tmp_path, name):
    text, output = tmp_path / "text.txt", tmp_path / "prepared"
    text.write_text("\n".join(f"{n} {line}" for n, line in enumerate(LINES)))
    tokenizer = make_tokenizer(word_pieces, name)

    def run(transform):
        run_beam(lambda pipeline: pipeline | transform, workers=1)

    preparation = CorpusPreparation(str(output), {})
    preparation.clean(find_corpus_parts([str(text)]), run)
    vocabularies = preparation.make_vocabularies(tokenizer, 0, False, 50, 50)
    preparation.cut_into_blocks(16, 0.15, 2, run)
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, vocabularies.characters(), vocabularies.words(), sequence_length=16
    )
    PreparedCorpus(str(output)).check(preprocessor)
    paths = [str(path) for path in output.glob("blocks/*.tfrecord")]
    blocks = next(iter(tf.data.TFRecordDataset(paths).batch(1000).map(decode_blocks)))
    counted = tokenizer(blocks["text"]).row_lengths()
    assert blocks["tokens"].numpy().tolist() == counted.numpy().tolist()
    # Another text is another tokenizer's.
    other = charbert_tf.BertTokenizer(tokenizer.get_vocabulary(), lowercase=True)
    preprocessor = charbert_tf.PretrainerPreprocessor(
        other, vocabularies.characters(), vocabularies.words(), sequence_length=16
    )
    with pytest.raises(UserError, match="was cut into blocks for another tokenizer"):
        PreparedCorpus(str(output)).check(preprocessor)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], r"charbert_tf is \[\], which is not supported"),
        ({"size": 1}, "charbert_tf is {'size': 1}, which is not supported"),
        ({"clean_text": 1}, "charbert_tf: clean_text is 1, which is not supported"),
        ({"normalizer_version": 3}, "charbert_tf: normalizer_version is 3, which is"),
        ({"max_characters_per_word": 0}, "max_characters_per_word is 0, and must be"),
    ],
)
def test_settings_that_there_are_not(
    word_pieces, characters, words, tmp_path, settings, message
):
    VocabularyFolder.write(tmp_path, word_pieces, characters, words, lowercase=True)
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps({"do_lower_case": True, "charbert_tf": settings}))
    with pytest.raises(UserError, match=f"^{path}: .*{message}"):
        VocabularyFolder(tmp_path).tokenizer()
