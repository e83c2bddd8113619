r"""Exports a fine-tuned model as a SavedModel that takes raw text.

  python -m official.export --model=my_classifier/preset --output=my_saved_model/1

The SavedModel is what TF Serving loads (a number as the folder's name is its version),
and what official.predict asks. Its signature takes "text", a batch of strings, and for
a model of pairs "text_pair"; that of a model that answers questions "question" and
"context". A classifier returns "label", "probability", "labels" and "probabilities", a
tagger "words", "tags" and "probabilities", and who answers questions "answer", "start",
"end" (characters of the context), "score" and "null_score".
"""

from absl import flags

from charbert_tf import export, families, models
from charbert_tf.files.errors import UserError
from charbert_tf.training.seed_runs import model_folder
from official import answer_flags, command

_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Preset that official.finetune wrote, or its output folder if it had one seed.",
    required=True,
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_PAIRS = flags.DEFINE_bool(
    "pairs",
    False,
    "Whether the model classifies pairs, which one that official.finetune trained "
    "tells itself.",
)


def main() -> None:
    """Runs the command."""
    folder = model_folder(_MODEL.value)
    kinds = [families.TextClassifier]
    if not _PAIRS.value:
        kinds += [families.TokenClassifier, families.QuestionAnswerer]
    with models.reading_model_folder(folder):
        model = next(
            (kind.from_preset(folder) for kind in kinds if kind.is_saved_in(folder)),
            None,
        )
    if model is None:
        names = " or ".join(kind.__name__ for kind in kinds)
        raise UserError(
            f"holds no {names}: name the preset that official.finetune wrote",
            folder,
        )
    models.check_labels(model, folder)
    if _PAIRS.value:
        model.takes_pairs = True
    options = [answer_flags.DOC_STRIDE, answer_flags.MAX_ANSWER_LENGTH]
    command.refuse_flags(
        [flag for flag in options if flag.name not in model.signature_cls.options],
        f"for models that answer questions only, not for a {type(model).__name__}",
    )
    export.ServingModule.of(model, **answer_flags.given()).export(_OUTPUT.value)
    print(f"Saved {_OUTPUT.value}")


if __name__ == "__main__":
    command.run(main)
