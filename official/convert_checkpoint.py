r"""Converts models of PyTorch to presets, and back.

A Hugging Face folder (docs/checkpoints.md lists the encoders) or one of the authors'
released CharBERT folders becomes a preset, which all other commands take; which of the
two it is, the files tell:

  python -m official.convert_checkpoint --input=bert-base-cased --output=bert_preset

A preset becomes a Hugging Face folder (of a CharBERT, the plain encoder inside), or a
CharBERT in the layout of the authors' code:

  python -m official.convert_checkpoint --input=my_run/preset \
      --format=huggingface --output=my_bert
  python -m official.convert_checkpoint --input=charbert_preset \
      --format=released --output=charbert_for_pytorch

It prints what became of every tensor. Where PyTorch is installed, it computes a
sentence with both models, and refuses a result that differs.
"""

from absl import flags

from charbert_tf import checkpoints, recipes
from official import command

_INPUT = flags.DEFINE_string("input", None, "Folder to convert.", required=True)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to make.", required=True)
_FORMAT = flags.DEFINE_enum(
    "format", "preset", ["preset", "huggingface", "released"], "What to make."
)
_VOCABULARY = flags.DEFINE_string(
    "vocabulary",
    None,
    "Folder of the tokenizer, and of a CharBERT's character and word vocabularies; by "
    "default --input.",
)
_HEAD = flags.DEFINE_enum(
    "head",
    None,
    ["TokenClassifier", "TextClassifier"],
    "Whether a classifier of the authors' CharBERT on BERT is of tokens or of texts, "
    "which its tensors do not tell.",
)
_MASK_PADDING = flags.DEFINE_bool(
    "mask_padding",
    False,
    "Whether a released CharBERT shall no longer see its padding, as models trained "
    "here do not; its outputs then differ from those of the authors' code.",
)


def main() -> None:
    """Runs the command."""
    if _FORMAT.value != "preset":
        command.refuse_flags(
            [_VOCABULARY, _HEAD, _MASK_PADDING],
            f"--format={_FORMAT.value} takes a preset as it is",
        )
    recipes.load_tensorflow(command.notice)
    command.notice(f"Loading {_INPUT.value}")
    if _FORMAT.value == "preset":
        report = checkpoints.convert_to_preset(
            _INPUT.value,
            _OUTPUT.value,
            vocabulary=_VOCABULARY.value,
            head=_HEAD.value and checkpoints.released_heads()[_HEAD.value],
            mask_padding=_MASK_PADDING.value,
        )
    else:
        report = checkpoints.export_preset(_INPUT.value, _OUTPUT.value, _FORMAT.value)
    print("\n".join(report))
    print(f"Saved {_OUTPUT.value}")


if __name__ == "__main__":
    command.run(main)
