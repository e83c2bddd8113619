"""The vocabularies of a released CharBERT, checked against its weights."""

from charbert_tf.families.named_heads import text_preprocessor_cls
from charbert_tf.files.errors import UserError
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.vocabularies.tokenizer_folder import has_tokenizer
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


def released_preprocessor(
    model: EncoderTask | CharBertBackbone, folder: str, sequence_length: int
) -> CharBertPreprocessor | None:
    """Makes the preprocessor of a released model from a folder of vocabularies.

    Args:
        model: The head, or the backbone if there is no head.
        folder: Holds the tokenizer's files, the character vocabulary and, for a
            `Pretrainer`, the word vocabulary.
        sequence_length: int. The most tokens of a sequence.

    Returns:
        The preprocessor, which pads as the authors' code does if the model does not
        mask its padding; `None` if the folder lacks one of the vocabularies.

    Raises:
        UserError: If a vocabulary is damaged, or of another size than the model's.

    Example:

    ```python
    preprocessor = released_preprocessor(
        backbone, "charbert_vocabularies", sequence_length=128
    )
    ```
    """
    vocabularies = VocabularyFolder(folder)
    num_words = getattr(model, "num_words", None)
    if not (
        has_tokenizer(folder)
        and vocabularies.has_characters()
        and (vocabularies.has_words() or num_words is None)
    ):
        return None
    backbone = getattr(model, "backbone", model)
    tokenizer, characters = vocabularies.tokenizer(), vocabularies.characters()
    subwords = tokenizer.vocabulary_size()
    _check_size(folder, "subwords", subwords, backbone.vocabulary_size)
    _check_size(folder, "characters", len(characters), backbone.num_characters)
    arguments = {
        "sequence_length": sequence_length,
        "static_shapes": not backbone.mask_padding,
    }
    if num_words is not None:
        arguments["words"] = vocabularies.words()
        _check_size(folder, "words", len(arguments["words"]), num_words)
    cls = getattr(model, "preprocessor_cls", None) or text_preprocessor_cls()
    return cls(tokenizer, characters, **arguments)


def _check_size(folder: str, what: str, found: int, expected: int) -> None:
    if found != expected:
        raise UserError(
            f"the vocabulary has {found} {what}, the model {expected}: name the folder "
            "of this model's own vocabularies",
            folder,
        )
