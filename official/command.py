"""The way every command starts: flags, help, errors in one line, exit status."""

import errno
import math
import os
import re
import sys
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NoReturn

from absl import flags

from charbert_tf import recipes
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.limits import output_fault
from charbert_tf.recipes.settings import Rule
from charbert_tf.registry import import_users_module

_IMPORT = flags.DEFINE_list(
    "import",
    None,
    "Modules of yours, my_package.my_module, that add encoders, heads or signatures to "
    "those that there are: imported at first.",
)

_FAILURE = 1
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_BROKEN_PIPE = 141  # 128 + SIGPIPE
_SIGNALLED = 128  # to which shells add the number of the signal

_HELP = {"-h", "-help", "--help", "--helpshort", "--helpfull", "-?"}
_REQUIRED = "must have a value other than None."
# What Python says of a number that is none is not what a user reads with pleasure.
_NOT_A_NUMBER = (
    (r"invalid literal for int\(\).*", "not a whole number"),
    (r"could not convert string to float.*", "not a number"),
)
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def run(main: Callable[[], None]) -> NoReturn:
    """Parses the flags, runs a command and leaves the process.

    `--help` prints the docstring of the command's module and its own flags, without
    importing anything: a command imports TensorFlow inside `main`. A user's mistake is
    one line on standard error and exit status 1; 130 is the status when interrupted.

    Args:
        main: the command. It takes nothing: its settings are absl flags.

    Raises:
        SystemExit: always, except that a mistake of the user's ends the process at
            once.

    Example:
        ```python
        if __name__ == "__main__":
            command.run(main)
        ```
    """
    if _HELP.intersection(sys.argv[1:]):
        print(_help())
        sys.exit()
    _parse_flags()
    sys.exit(_status_of(main))


def settings(ignored: Collection[str] = ()) -> dict[str, Any]:
    """Gives the values of the command's own flags, such as to keep with its output.

    Args:
        ignored: names of flags to leave out.

    Returns:
        The value of each flag by its name, in the order in which they are defined.

    Example:
        ```python
        json.dump(command.settings(ignored=["output"]), file)
        ```
    """
    return {flag.name: flag.value for flag in _own_flags() if flag.name not in ignored}


def given() -> dict[str, Any]:
    """Gives the values of the command's own flags that a user gave, for a recipe.

    Returns:
        The value of each by its name.

    Example:
        ```python
        finetune(**command.given(), notice=command.notice)
        ```
    """
    return {flag.name: flag.value for flag in _own_flags() if flag.present}


def notice(text: str) -> None:
    """Says what takes long on standard error, beside what others may read.

    Args:
        text: one line.

    Example:
        ```python
        command.notice("Loading my_tagger")
        ```
    """
    recipes.print_aside(text)


def keep_rules(rules: Sequence[Rule]) -> None:
    """Has flags that are against the rules of a recipe refused.

    Args:
        rules: the rules.

    Example:
        ```python
        command.keep_rules(FINETUNING_RULES)
        ```
    """
    for rule in rules:
        if len(rule.names) > 1:
            flags.register_multi_flags_validator(rule.names, rule.holds, rule.message)
        else:
            _keep_rule_of_one_flag(rule)


def _keep_rule_of_one_flag(rule: Rule) -> None:
    (name,) = rule.names
    flags.register_validator(
        name, lambda value: rule.holds({name: value}), rule.message
    )


def refuse_flags(holders: Collection[flags.FlagHolder], reason: str) -> None:
    """Refuses flags that would have no effect.

    Args:
        holders: the flags.
        reason: why they would have none.

    Raises:
        UserError: if one of them is given.

    Example:
        ```python
        command.refuse_flags([_NUM_LAYERS], "--init has its own")
        ```
    """
    given = [f"--{holder.name}" for holder in holders if holder.present]
    if given:
        raise UserError(f"{', '.join(given)}: {reason}: leave it out")


def _parse_flags() -> None:
    try:
        positional = flags.FLAGS(sys.argv)[1:]
    except (flags.Error, ValueError) as error:
        _fail(_explain(str(error)))
    if positional:
        _fail(
            f"unexpected argument {positional[0]!r}: every setting is a flag, such as "
            "--name=value; see --help"
        )
    # absl takes "nan" for a number, and for one between all bounds.
    for flag in _own_flags():
        if isinstance(flag.value, float) and math.isnan(flag.value):
            _fail(f"--{flag.name}={flag.value}: not a number; see --help")
    # Such as of a shell's variable that is not set.
    empty = [f"--{flag.name}" for flag in _own_flags() if flag.value == ""]
    if empty:
        _fail(f"{' and '.join(empty)}: the value is empty: give one; see --help")
    output = flags.FLAGS["output"].value if "output" in flags.FLAGS else None
    if fault := output_fault(output):
        _fail(fault)


def _explain(message: str) -> str:
    if _REQUIRED in message:
        missing = [
            f"--{flag.name}"
            for flag in _own_flags()
            if _is_required(flag) and flag.value is None
        ]
        return f"{' and '.join(missing)} must be given; see --help"
    for pattern, replacement in _NOT_A_NUMBER:
        message = re.sub(pattern, replacement, message)
    return f"{message.removeprefix('ERROR:: ')}; see --help"


def _status_of(main: Callable[[], None]) -> int:
    try:
        for module in _IMPORT.value or ():
            import_users_module(module, f"--import={module}")
        main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return _BROKEN_PIPE
    except Exception as error:
        if _is(error, "charbert_tf.files.errors", "UserError"):
            _fail(str(error))
        if _is(error, "charbert_tf.training.trainer", "TrainingTerminatedError"):
            print(
                f"Stopped after step {error.step}, with a checkpoint: the same command "
                "goes on",
                flush=True,
            )
            return _SIGNALLED + error.number
        if isinstance(error, OSError) and error.errno in _FULL_DISK:
            _discard_output()
            _fail(f"{error.filename or 'output'}: {error.strerror}: make room there")
        raise
    return 0


def _is(error: Exception, module: str, name: str) -> bool:
    # Whoever raised one has imported it; to import it here might import TensorFlow.
    kinds = sys.modules.get(module)
    return kinds is not None and isinstance(error, getattr(kinds, name))


def _fail(message: str) -> NoReturn:
    sys.stdout.flush()
    print("error:", " ".join(message.splitlines()), file=sys.stderr, flush=True)
    # Not sys.exit: when the disk was full, HDF5 crashes while Python cleans up.
    os._exit(_FAILURE)


def _discard_output() -> None:
    """Keeps Python from complaining, at exit, of output that nobody takes."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _own_flags() -> Iterator[flags.Flag]:
    """The flags that the command and the modules beside it define."""
    for module, defined in flags.FLAGS.flags_by_module_dict().items():
        # absl knows the main module by the path of its file.
        if module == sys.argv[0] or module.startswith("official."):
            # Every command has this one: no setting of what it makes.
            yield from (flag for flag in defined if flag.name != _IMPORT.name)


def _is_required(flag: flags.Flag) -> bool:
    return any(str(rule.message).endswith(_REQUIRED) for rule in flag.validators)


def _help() -> str:
    text = (sys.modules["__main__"].__doc__ or "").strip()
    entries = [_flag_help(flag) for flag in _own_flags()]
    entries.append(_flag_help(flags.FLAGS[_IMPORT.name]))
    entries.append(_entry("--flagfile", "File to read flags from, one a line."))
    return "\n".join([text, "", "Flags:", *entries])


def _flag_help(flag: flags.Flag) -> str:
    name = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}"
    if _is_required(flag):
        return _entry(name, f"{flag.help} (required)")
    if flag.default is None:
        return _entry(name, flag.help)
    # absl puts the default into quotes.
    return _entry(name, f"{flag.help} (default: {flag.default_as_str[1:-1]})")


def _entry(name: str, text: str) -> str:
    indent = " " * 6
    # absl breaks the line before what it adds to the help of a repeated flag.
    body = textwrap.fill(
        " ".join(text.split()), 79, initial_indent=indent, subsequent_indent=indent
    )
    return f"  {name}\n{body}"
