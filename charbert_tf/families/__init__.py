"""Families of tasks, each a room of its own, and what there is of each by name."""

from charbert_tf.lazy_names import lazy_names
from charbert_tf.registry import Registry

__getattr__, __dir__, __all__ = lazy_names(__name__)

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
    },
)
"""What exported models take and return."""
