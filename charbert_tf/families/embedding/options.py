"""Embedding as a task of a user's own files, and its flags."""

from charbert_tf.families.named_tasks import (
    HyperParameters,
    NamedTask,
    OptionUse,
    TaskOption,
)

FAMILY = "charbert_tf.families.embedding.embedding_task:EmbeddingTask"

HYPER_PARAMETERS = HyperParameters(2e-5, batch_size=16, epochs=4)
"""Those of Sentence-BERT on STS-B (https://arxiv.org/abs/1908.10084, section 4.2)."""

MODEL = (
    TaskOption(
        "channels",
        str,
        "For embedding: what of a CharBERT the mean is of: both, tokens or characters. "
        "both unless given.",
        choices=("both", "tokens", "characters"),
        uses=(OptionUse.MAKING,),
    ),
    TaskOption(
        "projection_dim",
        int,
        "For embedding: the size of embeddings, if they are to be projected.",
        least=1,
        uses=(OptionUse.MAKING,),
    ),
)
"""What a new model is."""

EMBEDDING = NamedTask(
    FAMILY,
    options=(
        TaskOption(
            "text_column",
            str,
            "For embedding: the first text's, sentence1 unless given.",
            "sentence1",
        ),
        TaskOption(
            "text_pair_column",
            str,
            "For embedding: sentence2 unless given.",
            "sentence2",
        ),
        TaskOption(
            "label_column",
            str,
            "For embedding: that of how similar texts are, score unless given.",
            "score",
        ),
        TaskOption(
            "header",
            bool,
            "For embedding: the same.",
            True,
        ),
        TaskOption(
            "highest_score",
            float,
            "For embedding: what texts have that mean the same; others have less, down "
            "to 0. 5 unless given.",
            # No file has another form for it.
            uses=(OptionUse.PREDICTING,),
        ),
        *MODEL,
    ),
    hyper_parameters=HYPER_PARAMETERS,
)
