"""ClassNames: the names of a head's classes, as many as it has."""

from collections.abc import Sequence

from charbert_tf.families.problem_types import problem_of


class ClassNames:
    """A head whose outputs have names, each at the number of its output.

    It sets `num_classes`, and then `labels`, which nothing has before: TensorFlow
    leaves out to set what is there already.

    Example:

    ```python
    classifier.labels = ["bad", "good"]
    ```
    """

    @property
    def labels(self) -> list[str] | None:
        """The classes' names in the order of their ids; `None` if nobody told them."""
        return self._labels

    @labels.setter
    def labels(self, names: Sequence[str] | None) -> None:
        """Names the classes; refuses more or fewer names, and one that is there twice.

        Args:
            names: The names, or `None`.

        Raises:
            ValueError: If there are not as many names as classes, each another one.
        """
        problem = problem_of(self)
        problem.check(self.num_classes, names)
        self._labels = problem.names(names)
