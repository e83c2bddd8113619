"""saved_class: of which class a preset's model or preprocessor is."""

import os

import keras

from charbert_tf.files.json_files import read_json_object


def saved_class(preset: str | os.PathLike[str], file: str) -> type | None:
    """Tells the class of what a preset's file describes.

    Args:
        preset: The preset's folder, or a name that is none.
        file: `"task.json"`, `"preprocessor.json"` or another file of keras-hub's.

    Returns:
        The class, if there is such a file and Keras knows the class.

    Raises:
        UserError: If the file cannot be read.

    Example:

    ```python
    saved_class("my_run/preset", "task.json")  # charbert_tf.Pretrainer
    ```
    """
    path = os.path.join(preset, file)
    if not os.path.exists(path):
        return None
    content = read_json_object(path, "fetch the preset again, or make it again")
    return keras.saving.get_registered_object(content.get("registered_name"))
