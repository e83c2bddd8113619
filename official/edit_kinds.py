r"""Counts which edits made attacked files of a clean one, whoever attacked it.

  python -m official.edit_kinds --task=conll2003 --joins_words --clean=test.txt \
      --input=authors.txt,textflint.txt

A table with a line for each attacked file: how many words it has, how many of these are
edited, and the share of the edits by kind: a letter dropped, added, swapped with the
next, replaced by its neighbour on the keyboard or by another one, or several at once.
"""

from absl import flags

from charbert_tf import analysis
from charbert_tf.families.named_tasks import OptionUse
from charbert_tf.files.markdown import markdown_table
from official import command, option_flags, task_flags

_USES = (OptionUse.READING,)

_CLEAN = flags.DEFINE_string(
    "clean", None, "Labelled file without typos.", required=True
)
_INPUT = flags.DEFINE_list(
    "input", None, "Labelled files of the same examples with typos.", required=True
)
option_flags.define(_USES)


def main() -> None:
    """Runs the command."""
    task_flags.refuse_tfds("it has no attacked files")
    task = task_flags.task_data(_USES).task
    clean = task.read(_CLEAN.value)
    rows = []
    for path in _INPUT.value:
        counts = analysis.analyze_edit_kinds(clean, task.read(path), path)
        edited = counts.kinds.total() / max(counts.words, 1)
        shares = {"edited": edited, **counts.shares}
        row = {"file": path, "words": f"{counts.words:,}"}
        row |= {f"{name} (%)": f"{100 * of:.1f}" for name, of in shares.items()}
        rows.append({**row, "texts left out": f"{counts.left_out:,}"})
    print(markdown_table(list(rows[0]), [row.values() for row in rows]), end="")


if __name__ == "__main__":
    command.run(main)
