"""How a data set of tensorflow-datasets is fetched, for messages."""


def download_command(name: str) -> str:
    """Writes the command that fetches a data set once, for a message or a document.

    It is not `tfds build`, which does not start without packages that
    tensorflow-datasets does not ask for.

    Args:
        name: its name, configuration and version, such as "glue/cola:2.0.0".

    Returns:
        The command, for a shell.

    Example:
        >>> import shlex
        >>> print(shlex.split(download_command("mnist"))[2])
        import tensorflow_datasets as tfds; tfds.builder('mnist').download_and_prepare()
    """
    code = f"import tensorflow_datasets as tfds; tfds.builder('{name}')"
    return f'python -c "{code}.download_and_prepare()"'
