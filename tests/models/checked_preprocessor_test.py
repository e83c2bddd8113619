"""A head refuses a preprocessor whose numbers its encoder has no rows for.

A GPU would take zeros for those rows, and train and predict on.
"""

import keras
import keras_hub
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families import ClassificationTask
from charbert_tf.files.errors import UserError
from charbert_tf.models.model_folder import load_head
from tests.families.keras_heads import HEADS, INPUTS, TARGETS, TEXTS, make_head

TOO_LONG = r"up to 513 tokens, and the model takes 512 at most: give it sequence_length"


@pytest.fixture(scope="module")
def classifier(tokenizer, characters, words):
    return make_head("TextClassifier on CharBERT", tokenizer, characters, words)


@pytest.mark.parametrize("name", HEADS)
def test_every_door_of_every_head(name, tokenizer, characters, words):
    head = make_head(f"{name} on CharBERT", tokenizer, characters, words)
    head.preprocessor.sequence_length = 513
    y = () if TARGETS[name] is None else (TARGETS[name],)
    doors = [
        lambda: head.fit(INPUTS[name], *y, verbose=0),
        lambda: head.evaluate(INPUTS[name], *y, verbose=0),
        lambda: head.predict(INPUTS[name], verbose=0),
        lambda: head.predict_on_batch(INPUTS[name]),
        lambda: head.backbone.embed(TEXTS),
        lambda: type(head)(**head.get_config() | parts(head)),
    ]
    if hasattr(head, "signature_cls"):
        doors.append(lambda: ServingModule.of(head))
    asked = {
        "TextClassifier": lambda: head.classify(TEXTS),
        "TokenClassifier": lambda: head.tag(TEXTS),
        "QuestionAnswerer": lambda: head.answer("Was it?", TEXTS[0]),
        "SentenceEmbedder": lambda: head.embed(TEXTS),
    }
    doors += [asked[name]] if name in asked else []
    for door in doors:
        with pytest.raises(ValueError, match=TOO_LONG):
            door()


def parts(head):
    return {"backbone": head.backbone, "preprocessor": head.preprocessor}


def test_an_argument_of_from_preset(classifier, tmp_path):
    classifier.save_to_preset(tmp_path)
    for cls in (charbert_tf.TextClassifier, charbert_tf.TokenClassifier):
        with pytest.raises(ValueError, match=TOO_LONG):
            cls.from_preset(str(tmp_path), num_classes=3, sequence_length=513)


def test_vocabularies(classifier, tokenizer, characters, words, word_pieces):
    larger = charbert_tf.BertTokenizer([*word_pieces, "##ly"], lowercase=False)
    size = tokenizer.vocabulary_size()
    message = f"{size + 1} subwords, and the model rows for {size}: give it those that"
    preprocessor = charbert_tf.TextClassifierPreprocessor(larger, characters)
    with pytest.raises(ValueError, match=message):
        charbert_tf.TextClassifier(classifier.backbone, 2, preprocessor)
    preprocessor.tokenizer = tokenizer
    preprocessor.characters = [*characters[:-1], "ш", characters[-1]]
    message = r"characters, and the model rows .* a model with num_characters=\d+\.$"
    with pytest.raises(ValueError, match=message):
        charbert_tf.TextClassifier(classifier.backbone, 2, preprocessor)
    # A plain encoder reads none.
    charbert_tf.TextClassifier(classifier.backbone.encoder, 2, preprocessor)
    of_pretrainer = charbert_tf.PretrainerPreprocessor(tokenizer, characters, words)
    message = f"{len(words)} words, and the model rows for {len(words) - 1}"
    with pytest.raises(ValueError, match=message):
        charbert_tf.Pretrainer(classifier.backbone, len(words) - 1, of_pretrainer)


def test_rows_that_no_token_has_are_not_counted(byte_pair_tokenizer):
    sizes = byte_pair_tokenizer.vocabulary_size(), 1, 2, 8, 16
    for cls in (charbert_tf.RobertaEncoder, keras_hub.models.RobertaBackbone):
        backbone = cls(*sizes, max_sequence_length=9)
        preprocessor = charbert_tf.TextClassifierPreprocessor(
            byte_pair_tokenizer, sequence_length=9
        )
        classifier = charbert_tf.TextClassifier(backbone, 2, preprocessor)
        classifier.predict(["the film " * 9], verbose=0)
        preprocessor.sequence_length = 10
        with pytest.raises(ValueError, match="takes 9 at most"):
            classifier.predict(["the film " * 9], verbose=0)


@pytest.mark.slow
def test_what_was_saved_so_loads_and_is_told(classifier, tmp_path):
    head = charbert_tf.TextClassifier.from_config(classifier.get_config())
    head.preprocessor = classifier.preprocessor
    head.preprocessor.sequence_length = 513
    try:
        head.save(tmp_path / "head.keras")
        head.save_to_preset(tmp_path / "preset")
    finally:
        head.preprocessor.sequence_length = 16
    preset = str(tmp_path / "preset")
    for loaded in (
        keras.models.load_model(tmp_path / "head.keras"),
        charbert_tf.TextClassifier.from_preset(preset),
    ):
        with pytest.raises(ValueError, match=TOO_LONG):
            loaded.predict(TEXTS, verbose=0)
        loaded.preprocessor.sequence_length = 512
        loaded.predict(TEXTS, verbose=0)
    charbert_tf.TextClassifier.from_preset(preset, sequence_length=16)
    with pytest.raises(UserError, match=f"^{preset}: cannot be used.*{TOO_LONG}"):
        load_head(charbert_tf.TextClassifier, preset)


PAIRS = (TEXTS, TEXTS[::-1])
NO_ROW = r"has the segment 1, and the model a row for segment 0 alone: give it single"


def of_segments(tokenizer, num_segments, characters=None):
    """A BERT with so many rows of segments, and what a preprocessor is made of."""
    encoder = charbert_tf.BertEncoder(
        tokenizer.vocabulary_size(), 1, 2, 8, 16, num_segments=num_segments
    )
    if characters is not None:
        encoder = charbert_tf.CharBertBackbone(encoder, len(characters), 6)
    return encoder, {
        "tokenizer": tokenizer,
        "characters": characters,
        "sequence_length": 16,
    }


@pytest.mark.parametrize("channel", ["plain", "characters"])
def test_pairs_without_a_second_segment(tokenizer, characters, channel):
    backbone, options = of_segments(
        tokenizer, 1, characters if channel == "characters" else None
    )
    preprocessor = charbert_tf.TextClassifierPreprocessor(**options)
    for make in (
        lambda: charbert_tf.TextClassifier(backbone, 2, preprocessor, takes_pairs=True),
        lambda: charbert_tf.QuestionAnswerer(
            backbone, charbert_tf.QuestionAnswererPreprocessor(**options)
        ),
    ):
        with pytest.raises(ValueError, match=NO_ROW):
            make()
    head = charbert_tf.TextClassifier(backbone, 2, preprocessor, labels=["x", "y"])
    batches = tf.data.Dataset.from_tensors((PAIRS, [0, 1, 1, 0]))
    by_name = {"text": PAIRS[0], "text_pair": PAIRS[1]}
    for door in (
        lambda: head.fit(PAIRS, [0, 1, 1, 0], verbose=0),
        lambda: head.fit(batches, verbose=0),
        lambda: head.predict(by_name, verbose=0),
        lambda: head.train_on_batch(PAIRS, [0, 1, 1, 0]),
        lambda: head.classify(list(zip(*PAIRS, strict=True))),
    ):
        with pytest.raises(ValueError, match=NO_ROW):
            door()
    head.fit(TEXTS, [0, 1, 1, 0], verbose=0)
    assert len(head.classify(TEXTS)) == len(TEXTS)


def test_pairs_of_encoders_that_have_a_row_or_read_none(tokenizer, byte_pair_tokenizer):
    two, options = of_segments(tokenizer, 2)
    sizes = byte_pair_tokenizer.vocabulary_size(), 1, 2, 8, 16
    for backbone, more in (
        (two, {}),
        (charbert_tf.RobertaEncoder(*sizes), {"tokenizer": byte_pair_tokenizer}),
    ):
        head = charbert_tf.QuestionAnswerer(
            backbone, charbert_tf.QuestionAnswererPreprocessor(**options | more)
        )
        assert head.answer("Was it?", TEXTS[0])
        classifier = charbert_tf.TextClassifier(
            backbone,
            2,
            charbert_tf.TextClassifierPreprocessor(**options | more),
            takes_pairs=True,
        )
        classifier.predict(PAIRS, verbose=0)


def test_commands_tell_it_in_one_line(tokenizer, tmp_path):
    backbone, options = of_segments(tokenizer, 1)
    preprocessor = charbert_tf.TextClassifierPreprocessor(**options)
    head = charbert_tf.TextClassifier(backbone, 2, preprocessor, labels=["x", "y"])
    preset = str(tmp_path)
    head.save_to_preset(preset)
    pairs = ClassificationTask("text", "label", text_pair_column="text_pair")
    with pytest.raises(
        UserError, match=f"^{preset}: cannot be started from: .*{NO_ROW}"
    ):
        pairs.make_model(preset, ["x", "y"], sequence_length=16)
    with pytest.raises(UserError, match=f"^{preset}: cannot be used for .*{NO_ROW}"):
        pairs.head.load(preset)
    ClassificationTask("text", "label").make_model(preset, ["x", "y"], 16)
