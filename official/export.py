r"""Exports a fine-tuned model as a SavedModel that takes raw text.

  python -m official.export --model=my_classifier/preset --output=my_saved_model/1

The SavedModel is what TF Serving loads (a number as the folder's name is its version),
and what official.predict asks. Its signature takes "text", a batch of strings, and for
a model of pairs "text_pair"; that of a model that answers questions "question" and
"context". A classifier returns "label", "probability", "labels", "probabilities" and
"is_cut" (whether a text is too long to be seen to its end, which with
--long_texts=windows none is); one of several labels "predicted_labels" instead of the
first two, a regression "score" instead of the first four. A tagger returns "words",
"tags", "probabilities", "starts" and "ends" (characters of the text), and if tags mark
spans "entity_texts", "entity_labels", "entity_scores", "entity_starts" and
"entity_ends". Who answers questions returns "text" (and the same as "answer"), "start",
"end" (characters of the context), "score", "null_score" and "no_answer". A sentence
embedder returns "embedding".
"""

from absl import flags

from charbert_tf import export, models, recipes
from charbert_tf.families.named_heads import HEADS
from charbert_tf.families.named_tasks import FAMILIES, OptionUse
from charbert_tf.files.atomic_output import refuse_to_replace_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.seed_runs import preset_of_run
from official import command, option_flags

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

_USES = (OptionUse.EXPORTING,)
_OPTIONS = option_flags.define(_USES)


def main() -> None:
    """Runs the command."""
    folder = preset_of_run(_MODEL.value)
    refuse_to_replace_folder(_OUTPUT.value)
    recipes.load_tensorflow(command.notice)
    recipes.tell_device(command.notice)
    command.notice(f"Loading {folder}")
    heads = list(HEADS.values())
    if _PAIRS.value:
        heads = [head for head in heads if len(head.signature_cls.inputs) > 1]
    model = models.load_one_of(heads, folder)
    if _PAIRS.value:
        if model.takes_pairs is False:
            raise UserError("classifies single texts: leave --pairs out", folder)
        model.takes_pairs = True
    for family, named in FAMILIES.items():
        command.refuse_flags(
            [
                _OPTIONS[option.name]
                for option in named.options_for(_USES)
                if option.name not in model.signature_cls.options
            ],
            f"for models of {family.replace('_', ' ')} only, not for a "
            f"{type(model).__name__}",
        )
    module = export.ServingModule.of(model, **option_flags.given(_OPTIONS))
    command.notice("Tracing the signature")
    module.export(_OUTPUT.value)
    print(f"Saved {_OUTPUT.value}")


if __name__ == "__main__":
    command.run(main)
