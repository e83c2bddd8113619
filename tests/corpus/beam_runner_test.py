import pytest

from charbert_tf.files.errors import UserError

beam = pytest.importorskip("apache_beam")

from charbert_tf.corpus.pipeline import run_beam  # noqa: E402


def _build(pipeline):
    pipeline | beam.Create([1])


def test_a_runner_that_beam_does_not_know():
    with pytest.raises(UserError, match=r"NoSuchRunner.*--beam_options") as error:
        run_beam(_build, options=["--runner=NoSuchRunner"])
    assert "\n" not in str(error.value)


def test_a_number_of_workers_among_the_options():
    run_beam(_build, workers=2, options=["--direct_num_workers=3"])
