"""Folders' text is held against transformers when a model is begun from them."""

import json

import pytest

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.models.huggingface_tokenizer import verify_text
from charbert_tf.text.added_token import AddedToken
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer, write_tokenizer


@pytest.mark.parametrize("lowercase", [True, False])
def test_what_is_saved_has_the_same_text(tmp_path, word_pieces, lowercase):
    pieces = [*word_pieces, *"éüößñ…½™語日本ก", *(f"##{c}" for c in "éüößñ語ก")]
    added = [
        AddedToken("<e1>", len(pieces), False),
        AddedToken("Covid", len(pieces) + 1),
    ]
    tokenizer = charbert_tf.BertTokenizer(pieces, lowercase, added_tokens=added)
    write_tokenizer(str(tmp_path), tokenizer, 512)
    loaded = load_tokenizer(tmp_path)
    assert loaded.added_tokens == added
    assert loaded.get_vocabulary() == tokenizer.get_vocabulary()
    assert verify_text(str(tmp_path), loaded).startswith("The text of 39")
    # As of another model: the whole point is that this is noticed.
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"do_lower_case": not lowercase})
    )
    with pytest.raises(UserError, match="sentences get other ids than from transform"):
        verify_text(str(tmp_path), loaded)


@pytest.mark.parametrize("added", [[], ["<e1>", "né", "fine film"]])
def test_byte_pairs(tmp_path, byte_pair_tokenizer, added):
    vocabulary = dict(byte_pair_tokenizer.vocabulary)
    vocabulary |= {token: len(vocabulary) + i for i, token in enumerate(added)}
    tokenizer = type(byte_pair_tokenizer)(
        vocabulary,
        byte_pair_tokenizer.merges,
        unsplittable_tokens=[*byte_pair_tokenizer.unsplittable_tokens, *added],
    )
    write_tokenizer(str(tmp_path), tokenizer, 512)
    loaded = load_tokenizer(tmp_path)
    tokens = (of.unsplittable_tokens for of in (loaded, tokenizer))
    assert len(set(map(frozenset, tokens))) == 1
    count = 380 + 5 * len(added)
    assert verify_text(str(tmp_path), loaded).startswith(f"The text of {count} ")
