"""The kinds of encoder by name. A new one is a room, and a line here."""

from typing import TYPE_CHECKING

from charbert_tf.registry import Registry

if TYPE_CHECKING:
    import keras_nlp

    from charbert_tf.encoders.encoder_kind import EncoderKind

ENCODERS = Registry(
    "encoder",
    "charbert_tf.encoders.encoder_kind:EncoderKind",
    {
        "bert": "charbert_tf.encoders.bert.bert_kind:BERT",
        "distilbert": "charbert_tf.encoders.distilbert.distilbert_kind:DISTILBERT",
        "electra": "charbert_tf.encoders.electra.electra_kind:ELECTRA",
        "roberta": "charbert_tf.encoders.roberta.roberta_kind:ROBERTA",
        "xlm-roberta": "charbert_tf.encoders.roberta.roberta_kind:ROBERTA",
    },
    instances=True,
)
"""The `EncoderKind` of each `model_type` of Hugging Face's config.json."""


def kind_of(encoder: "keras_nlp.models.Backbone") -> "EncoderKind | None":
    """Finds the kind that an encoder is of.

    Args:
        encoder: An encoder, not a CharBERT around one.

    Returns:
        The kind; `None` for an encoder of another library.

    Example:

    ```python
    kind_of(encoder).architecture  # "Bert"
    ```
    """
    by_class = {kind.encoder_cls: kind for kind in ENCODERS.values()}
    return next(
        (by_class[cls] for cls in type(encoder).__mro__ if cls in by_class), None
    )
