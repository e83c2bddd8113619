"""saved_class: of which class a preset's model or preprocessor is."""

import json
import os

import keras


def saved_class(preset: str | os.PathLike[str], file: str) -> type | None:
    """Tells the class of what a preset's file describes.

    Args:
        preset: The preset's folder, or a name that is none.
        file: `"task.json"`, `"preprocessor.json"` or another file of keras-hub's.

    Returns:
        The class, if there is such a file and Keras knows the class.

    Example:

    ```python
    saved_class("my_run/preset", "task.json")  # charbert_tf.Pretrainer
    ```
    """
    path = os.path.join(preset, file)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as opened:
        registered_name = json.load(opened)["registered_name"]
    return keras.saving.get_registered_object(registered_name)
