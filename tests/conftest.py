"""For all tests: TensorFlow as the commands have it, on Keras's TensorFlow backend."""

import collections
import io
import os
import pathlib
import string
import tarfile
import zlib

import pytest

import official  # noqa: F401  Its import does that.


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What an upgrade of Keras broke is told before what that broke in turn.

    Of a test that is `sampled` one in so many cases stays quick, another one for each
    test, so that tests of the same cases see different ones.
    """
    items.sort(key=lambda item: item.path.stem != "third_party_internals_test")
    numbers = collections.Counter()
    for item in items:
        sampled = item.get_closest_marker("sampled")
        if sampled is None:
            continue
        (one_in,) = sampled.args
        first = zlib.crc32(item.originalname.encode()) % one_in
        test = item.path, item.originalname
        if numbers[test] % one_in != first:
            item.add_marker(pytest.mark.slow)
        numbers[test] += 1


@pytest.fixture(scope="session")
def shared():
    """The folder of the development data, which a clone does not have."""
    beside = pathlib.Path(__file__).resolve().parents[1] / ".." / "shared"
    folder = pathlib.Path(os.environ.get("CHARBERT_TF_TEST_DATA", beside))
    if not folder.exists():
        pytest.skip(
            "The development data (corpora, data sets and outputs of the authors' "
            "code) are not there: CHARBERT_TF_TEST_DATA may name their folder."
        )
    return folder


@pytest.fixture(scope="session")
def legacy(tmp_path_factory):
    """What an earlier commit wrote: tests/legacy_presets/README.md lists it."""
    folder = tmp_path_factory.mktemp("legacy")
    archive = pathlib.Path(__file__).with_name("legacy_presets") / "eafd613.tar.xz"
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def word_pieces():
    """A WordPiece vocabulary with which no word of ASCII characters is unknown."""
    symbols = string.ascii_letters + string.digits + string.punctuation
    longer = ["the", "fine", "film", "in", "th", "##ing", "##ed", "##er", "##on"]
    return [
        *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
        *symbols,
        *(f"##{symbol}" for symbol in symbols),
        *longer,
    ]


@pytest.fixture(scope="session")
def tokenizer(word_pieces):
    import keras_nlp

    return keras_nlp.models.BertTokenizer(word_pieces, lowercase=False)


@pytest.fixture(scope="session")
def byte_pair_tokenizer():
    """A RoBERTa tokenizer with all bytes, and some English merged."""
    import keras_nlp

    from charbert_tf.text.byte_pair_subword_tokenizer import byte_symbols

    words = ["Ġthe", "Ġfine", "fine", "Ġfilm", "Ġin", "Ġth", "ing", "ed", "er", "'s"]
    merges = []
    for word in words:
        merges += [f"{word[:i]} {word[i]}" for i in range(1, len(word))]
    merges = list(dict.fromkeys(merges))
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *byte_symbols()]
    tokens += [merge.replace(" ", "") for merge in merges]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    return keras_nlp.models.RobertaTokenizer(vocabulary, merges)


@pytest.fixture(scope="session")
def sentence_piece_tokenizer():
    """An XLM-RoBERTa tokenizer that has learnt some words of four scripts."""
    import keras_nlp
    import sentencepiece

    sentences = [
        "The fine film was not dull, in the end it was a fine, fine film!",
        "Der schöne Film war nicht langweilig; é ß ü",
        "日本語の文章と漢字。これは例です。",
        "Русский текст и ещё слова, ελληνικά",
        string.ascii_letters + string.digits + string.punctuation,
    ]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences * 20),
        model_writer=model,
        vocab_size=150,
        character_coverage=1.0,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        minloglevel=2,
    )
    return keras_nlp.models.XLMRobertaTokenizer(model.getvalue())


@pytest.fixture(scope="session")
def tokenizers(tokenizer, byte_pair_tokenizer, sentence_piece_tokenizer):
    """A tokenizer of every kind."""
    return {
        "bert": tokenizer,
        "roberta": byte_pair_tokenizer,
        "xlm_roberta": sentence_piece_tokenizer,
    }


@pytest.fixture(scope="session")
def characters():
    """A character vocabulary: what is rare in English is not in it."""
    return [" ", *"etaoinshrdlcumwfgypbvk.,ETAOINSHRD0123456789éß語", "<unk>"]


@pytest.fixture(scope="session")
def words():
    """A word vocabulary."""
    frequent = "the of and to a in film fine dull was is it not"
    return [*frequent.split(), "<unk>"]


@pytest.fixture(scope="session")
def make_encoder(word_pieces):
    """Makes a tiny BERT; the arguments are those of `BertBackbone`."""
    import keras_nlp

    def make(**arguments):
        return keras_nlp.models.BertBackbone(
            **{
                "vocabulary_size": len(word_pieces),
                "num_layers": 1,
                "num_heads": 2,
                "hidden_dim": 16,
                "intermediate_dim": 32,
                "max_sequence_length": 128,
                **arguments,
            }
        )

    return make
