"""For all tests: TensorFlow as the commands have it, on Keras's TensorFlow backend."""

import pathlib
import string

import pytest

import official  # noqa: F401  Its import does that.


@pytest.fixture(scope="session")
def shared():
    """The folder of the development data, which a clone does not have."""
    folder = pathlib.Path(__file__).resolve().parents[1] / ".." / "shared"
    if not folder.exists():
        pytest.skip("The development data are not there.")
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
                "max_sequence_length": 64,
                **arguments,
            }
        )

    return make
