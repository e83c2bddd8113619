"""CheckedPreprocessor: a model's preprocessor, held against it before it is used."""

from collections.abc import Callable

from charbert_tf.encoders.preprocessor_sizes import check_sizes


class CheckedPreprocessor:
    """A task that neither trains nor predicts with a preprocessor of another model.

    A preprocessor can be set, and its arguments too, after the model was made.

    Example:

    ```python
    classifier.preprocessor.sequence_length = 1024
    classifier.predict(["a fine film"])  # a ValueError: the encoder takes 512 tokens
    ```
    """

    def check_preprocessor(self) -> None:
        """Refuses a preprocessor that gives numbers for which the model has no rows.

        Raises:
            ValueError: If its sequences are longer than the encoder takes, or it has
                more subwords or characters than the encoder.
        """
        if self.preprocessor is not None:
            check_sizes(self.preprocessor, self.backbone)

    def make_train_function(self, force: bool = False) -> Callable:
        """Makes what `fit` calls for each step, as `keras.Model` does.

        Args:
            force: bool. Whether to make it anew.

        Returns:
            The function.
        """
        self.check_preprocessor()
        return super().make_train_function(force)

    def make_test_function(self, force: bool = False) -> Callable:
        """Makes what `evaluate` calls for each batch, as `keras.Model` does.

        Args:
            force: bool. Whether to make it anew.

        Returns:
            The function.
        """
        self.check_preprocessor()
        return super().make_test_function(force)

    def make_predict_function(self, force: bool = False) -> Callable:
        """Makes what `predict` calls for each batch, as `keras.Model` does.

        Args:
            force: bool. Whether to make it anew.

        Returns:
            The function.
        """
        self.check_preprocessor()
        return super().make_predict_function(force)
