"""The first version of BERT's text, which presets keep that name no version."""

import tensorflow as tf

import charbert_tf
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "sch", "##on", "tm", "1"),
    *("##⁄", "##2", ".", "co", "op", "##op", "ss", "ก", "##ก"),
]


def test_the_first_version_folds_and_parts_at_format_characters():
    tokenizer = charbert_tf.BertTokenizer(PIECES, lowercase=True, normalizer_version=1)
    texts = ["Schön…", "½ ™", "ß", "co\u00adop", "ก" * 34]
    subwords = make_subword_tokenizer(tokenizer)(tf.constant(texts))
    assert [[PIECES[id] for id in row] for row in subwords.token_ids.to_list()] == [
        ["sch", "##on", ".", ".", "."],
        ["1", "##⁄", "##2", "tm"],
        ["ss"],
        ["co", "##op"],
        ["[UNK]"],
    ]
    assert subwords.surfaces[0].numpy().tolist() == [
        text.encode() for text in ("Sch", "ön", "…", "…", "…")
    ]
    words = make_subword_tokenizer(tokenizer).split(tf.constant(["a\u00adb c."])).words
    assert words.to_list() == [[b"a", b"b", b"c", b"."]]
    assert tokenizer(["ß"]).to_list() == [[PIECES.index("ss")]]
