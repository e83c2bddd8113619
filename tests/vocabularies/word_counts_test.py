import collections

import tokenizers

from charbert_tf.files.text_files import read_lines
from charbert_tf.vocabularies.counted_vocabularies import count_words


def bert_words(text):
    """The words of an implementation of BERT's tokenizer that is not TensorFlow's."""
    normalizer = tokenizers.normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=False,
        lowercase=False,
    )
    splitter = tokenizers.pre_tokenizers.BertPreTokenizer()
    return [
        word
        for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text))
        if word
    ]


def test_words_are_those_of_berts_basic_tokenizer():
    texts = [
        "The cat's \u201cmat\u201d\u2014caf\u00e9, na\u00efve_name; 3.14 + 2^8 = $5!",
        "\u4e2d\u6587 and \u65e5\u672c\u8a9e\u306e text, \ud55c\uad6d\uc5b4 words",
        "tab\tand\u00a0no-break\u3000space",
        "",
        "  \n ",
        "cat cat Cat",
    ]
    expected = collections.Counter(word for text in texts for word in bert_words(text))
    assert count_words(iter(texts)) == expected
    assert expected["cat"] == 3


def test_words_of_a_real_corpus(shared):
    # BERT's tokenizer drops U+FFFD, which marks damaged text; ours keeps what is there.
    path = shared / "data" / "corpus" / "english_heldout.txt"
    lines = [line.replace("\ufffd", "") for _, line in read_lines(path)]
    expected = collections.Counter(word for line in lines for word in bert_words(line))
    assert count_words(lines) == expected
