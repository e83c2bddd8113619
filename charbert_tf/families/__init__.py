"""Families of tasks, each a room of its own, and what there is of each by name."""

from charbert_tf.registry import Registry

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
