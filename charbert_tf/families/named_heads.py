"""What stands on an encoder, and signatures, by name, loaded when asked for."""

from charbert_tf.registry import Registry

LANGUAGE_MODELS = Registry(
    "language model",
    "charbert_tf.models.encoder_task:EncoderTask",
    {"Pretrainer": "charbert_tf.models.pretrainer:Pretrainer"},
)
"""The models that are pretrained, by the names of their classes."""

HEADS = Registry(
    "head",
    "charbert_tf.models.encoder_task:EncoderTask",
    {
        "TokenClassifier": (
            "charbert_tf.families.tagging.token_classifier:TokenClassifier"
        ),
        "TextClassifier": (
            "charbert_tf.families.classification.text_classifier:TextClassifier"
        ),
        "QuestionAnswerer": (
            "charbert_tf.families.question_answering.question_answerer:QuestionAnswerer"
        ),
        "SentenceEmbedder": (
            "charbert_tf.families.embedding.sentence_embedder:SentenceEmbedder"
        ),
    },
)
"""The models that are fine-tuned, by the names of their classes."""


def text_preprocessor_cls() -> type:
    """Gives the class of the preprocessor of a model that has no head.

    Returns:
        That of a head that reads whole texts.

    Example:

    ```python
    preprocessor = text_preprocessor_cls()(tokenizer, characters)
    ```
    """
    return HEADS["TextClassifier"].preprocessor_cls


SIGNATURES = Registry(
    "signature",
    "charbert_tf.families.serving_signature:ServingSignature",
    {
        "classification": (
            "charbert_tf.families.classification.signature:TextClassifierSignature"
        ),
        "tagging": "charbert_tf.families.tagging.signature:TokenClassifierSignature",
        "question_answering": (
            "charbert_tf.families.question_answering.signature:"
            "QuestionAnswererSignature"
        ),
        "embedding": (
            "charbert_tf.families.embedding.signature:SentenceEmbedderSignature"
        ),
    },
)
"""What exported models take and return."""
