"""The heads of keras_heads.py."""

import pytest


@pytest.fixture(scope="session")
def make_head(tokenizer, characters, words):
    """Makes a head by its name; the arguments are the constructor's."""
    from tests.families import keras_heads

    def make_head(name, **arguments):
        return keras_heads.make_head(name, tokenizer, characters, words, **arguments)

    return make_head


@pytest.fixture(scope="module")
def heads(make_head):
    """Gives each head by its name, made once; nobody changes its weights."""
    made = {}

    def head(name):
        if name not in made:
            made[name] = make_head(name)
        return made[name]

    return head
