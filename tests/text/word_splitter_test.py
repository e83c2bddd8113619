"""Words: those of transformers' own basic tokenizer, cut from the text itself."""

import tensorflow as tf
from transformers.models.bert_japanese.tokenization_bert_japanese import BasicTokenizer

from charbert_tf.text.word_splitter import WordSplitter

TEXTS = [
    "The fine film's ending -- 2.5 hours (too long), she said.",
    "  white   space\tof\u00a0all\u3000kinds \n",
    "naïve café, Ångström; 日本語 and 漢字mixed",
    "a\x00b\x01c \x00",
    "",
]


def test_words_and_where_they_are():
    basic = BasicTokenizer(do_lower_case=False)
    words, starts, ends = WordSplitter().with_offsets(tf.constant(TEXTS))
    rows = zip(TEXTS, words.to_list(), starts.to_list(), ends.to_list(), strict=True)
    for text, row, row_starts, row_ends in rows:
        # The basic tokenizer drops control characters; here words keep them.
        shown = [word.decode().translate({0: None, 1: None}) for word in row]
        assert shown == basic.tokenize(text)
        offsets = zip(row_starts, row_ends, strict=True)
        assert [text.encode()[a:b] for a, b in offsets] == row
