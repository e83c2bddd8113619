r"""Puts typos into a labelled file, and leaves all else in it as it is.

  python -m official.attack --task=conll2003 --input=test.txt \
      --output=test_attacked.txt --attack=mix --rate=1.0 --seed=0

The output has the input's format: other columns, comments, blank lines, line ends and
JSON stay as they are, and tags and answers fit the words that they belong to. Files
whose names end in .gz or .bz2 are read and written compressed, the log too. The same
seed gives the same typos as in official.evaluate. Every edit is written to a log, here
test_attacked.txt.edits.jsonl.

What the attacks do is told in docs/attacks.md. Several are mixed with '+' between them:
--attack=ocr+keyboard.
"""

import os
from collections.abc import Mapping

from absl import flags

from charbert_tf.attacks.named_attacks import ATTACKS
from charbert_tf.families.named_tasks import OptionUse
from charbert_tf.files.atomic_output import refuse_to_replace_file
from charbert_tf.files.errors import UserError
from official import (
    attack_flags,
    attack_once_flags,
    command,
    option_flags,
    task_flags,
)

_USES = (OptionUse.READING, OptionUse.ATTACKING)
_LOG_ENDING = ".edits.jsonl"

_INPUT = flags.DEFINE_string("input", None, "Labelled file.", required=True)
_OUTPUT = flags.DEFINE_string(
    "output", None, "File to write with the typos.", required=True
)
_ATTACK = flags.DEFINE_string(
    "attack",
    "mix",
    f"{', '.join(ATTACKS)}; or several of these, joined by '+'; or one of your own, "
    "my_package.my_module:MyAttack.",
)
_LOG = flags.DEFINE_string(
    "log",
    None,
    "File to write every edit to, as JSON lines; unless given, that of --output with "
    f"{_LOG_ENDING} after its name.",
)
option_flags.define(_USES)


def main() -> None:
    """Runs the command."""
    log = _LOG.value or _OUTPUT.value + _LOG_ENDING
    _check_outputs({"output": _OUTPUT.value, "log": log})
    task_flags.refuse_tfds("it has no file to attack")
    attack = attack_flags.attack(_ATTACK.value, attack_once_flags.RATE.value)
    task = task_flags.task_data(_USES).task
    attacked = task.attacked_file(_INPUT.value, attack, attack_once_flags.SEED.value)
    attacked.write(_OUTPUT.value, log)
    print(f"{_OUTPUT.value}: {len(attacked.edits):,} edit(s), listed in {log}")


def _check_outputs(outputs: Mapping[str, str]) -> None:
    """Refuses to write two files to one place, or over what is there."""
    taken = {os.path.realpath(f) for f in [_INPUT.value, *attack_flags.read_files()]}
    for flag, path in outputs.items():
        if os.path.realpath(path) in taken:
            raise UserError(
                f"--{flag} would replace another file of the command: name a file of "
                "its own",
                path,
            )
        refuse_to_replace_file(path)
        taken.add(os.path.realpath(path))


if __name__ == "__main__":
    command.run(main)
