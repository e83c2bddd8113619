"""BERT's tokenizer files against the `tokenizers` library and transformers."""

import itertools
import json

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
import transformers

from charbert_tf.files.errors import UserError
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer

PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "sch", "Sch", "f", "##ö", "##o"),
    *("##n", "##ü", "##u", "##r", "schon", "fur", "für", "語", "##語", "a", "…", "½"),
    *("t", "##m", "™", "s", "##s", "ß", "ﬁ", ".", "<", ">", "e", "##1"),
]
TEXTS = [
    "Schön für",
    "schon fur",
    "a語a 語",
    "… ½ ™ ß ﬁ",
    "a\u00ada",
    "<e1>a <E1>.",
    "",
]


def theirs(folder, **options):
    return transformers.BertTokenizer(str(folder / "vocab.txt"), **options)


def write_vocabulary(folder, pieces=PIECES):
    (folder / "vocab.txt").write_text(
        "".join(f"{piece}\n" for piece in pieces), "utf-8"
    )


def check(folder, expected):
    """Ids and offsets are those of a tokenizer of transformers."""
    subwords = make_subword_tokenizer(load_tokenizer(folder))(tf.constant(TEXTS))
    encoded = expected(TEXTS, add_special_tokens=False, return_offsets_mapping=True)
    assert subwords.token_ids.to_list() == encoded["input_ids"]
    for row, text in enumerate(TEXTS):
        ends = np.cumsum([0, *(len(c.encode()) for c in text)])
        offsets = [(ends[a], ends[b]) for a, b in encoded["offset_mapping"][row]]
        actual = zip(
            subwords.starts[row].numpy(), subwords.ends[row].numpy(), strict=True
        )
        assert list(actual) == offsets


@pytest.mark.parametrize(
    ("lowercase", "strip_accents", "chinese"),
    list(itertools.product([True, False], [True, False, None], [True, False])),
)
def test_settings_in_either_file(tmp_path, lowercase, strip_accents, chinese):
    write_vocabulary(tmp_path)
    settings = {
        "do_lower_case": lowercase,
        "strip_accents": strip_accents,
        "tokenize_chinese_chars": chinese,
    }
    expected = theirs(tmp_path, **settings)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    check(tmp_path, expected)
    expected.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").unlink()
    (tmp_path / "vocab.txt").unlink()
    check(tmp_path, expected)


def test_added_tokens_of_all_files(tmp_path):
    write_vocabulary(tmp_path)
    expected = theirs(tmp_path)
    expected.add_tokens(["Schön", "<e1>"])
    expected.add_tokens(["<E1>"], special_tokens=True)
    whole, decoder, older = (tmp_path / n for n in ("whole", "decoder", "older"))
    for folder in (whole, decoder, older):
        folder.mkdir()
    expected.save_pretrained(whole)
    check(whole, expected)
    config = {"do_lower_case": True, "added_tokens_decoder": {}}
    for id, token in expected.added_tokens_decoder.items():
        config["added_tokens_decoder"][str(id)] = (
            json.loads(token.__getstate__())
            if (isinstance(token.__getstate__(), str))
            else dict(token.__getstate__())
        )
    write_vocabulary(decoder)
    (decoder / "tokenizer_config.json").write_text(json.dumps(config))
    check(decoder, expected)
    # The older files know no special tokens.
    expected = theirs(tmp_path)
    expected.add_tokens(["Schön", "<e1>"])
    write_vocabulary(older)
    (older / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    added = {"Schön": len(PIECES), "<e1>": len(PIECES) + 1}
    (older / "added_tokens.json").write_text(json.dumps(added))
    check(older, expected)


def test_special_tokens_that_are_only_named(tmp_path):
    """`added_tokens.json` goes before; of the others one is in the vocabulary."""
    write_vocabulary(tmp_path)
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<E1>": len(PIECES)}))
    named = ["schon", "<e1>", {"content": "a", "normalized": True}]
    for name, key in (
        ("tokenizer_config.json", "additional_special_tokens"),
        ("tokenizer_config.json", "extra_special_tokens"),
        ("special_tokens_map.json", "additional_special_tokens"),
    ):
        (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
        content = {"do_lower_case": True, key: named}
        (tmp_path / name).write_text(json.dumps(content))
        expected = theirs(tmp_path)
        expected.add_tokens(["<E1>"])
        expected.add_tokens(
            [
                *(transformers.AddedToken(t, special=True) for t in named[:2]),
                transformers.AddedToken("a", normalized=True, special=True),
            ],
            special_tokens=True,
        )
        assert expected.added_tokens_decoder[len(PIECES) + 1].content == "<e1>"
        check(tmp_path, expected)
        (tmp_path / name).write_text(json.dumps({key: [3]}))
        with pytest.raises(UserError, match=f"{name}: {key} must name tokens"):
            load_tokenizer(tmp_path)
        (tmp_path / name).unlink()
    for token in ("<e1>", {"content": "<e1>", "normalized": False}):
        config = {"do_lower_case": True, "bos_token": token, "eos_token": "[SEP]"}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        expected = theirs(tmp_path)
        expected.add_tokens(["<E1>"])
        expected.add_tokens(["<e1>"], special_tokens=True)
        check(tmp_path, expected)


@pytest.mark.parametrize("before", ["", "\ufeff"], ids=["", "byte-order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("behind", ["", "\n\n"], ids=["", "empty lines"])
def test_how_vocabularies_are_written(tmp_path, before, end, behind):
    clean = tmp_path / "clean"
    clean.mkdir()
    write_vocabulary(clean)
    text = before + "".join(piece + end for piece in PIECES) + behind
    (tmp_path / "vocab.txt").write_bytes(text.encode())
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    check(tmp_path, theirs(clean))
    assert load_tokenizer(tmp_path).vocabulary_size() == len(PIECES)


def test_a_vocabulary_of_carriage_returns_alone(tmp_path):
    (tmp_path / "vocab.txt").write_text("\r".join(PIECES), newline="")
    with pytest.raises(UserError, match="the lines end in carriage returns alone"):
        load_tokenizer(tmp_path)


def a_sequence_of_one(content):
    for section, members in (
        ("normalizer", "normalizers"),
        ("pre_tokenizer", "pretokenizers"),
        ("post_processor", "processors"),
    ):
        content[section] = {"type": "Sequence", members: [content[section]]}


@pytest.mark.parametrize(
    "change",
    [
        # As the library's first versions wrote them.
        lambda content: content["model"].pop("type"),
        lambda content: content["normalizer"].pop("strip_accents"),
        lambda content: content["normalizer"].update(strip_accents=False),
        lambda content: content.pop("added_tokens"),
        lambda content: content.update(post_processor=None),
        lambda content: content.update(normalizer=None),
        lambda content: content.update(normalizer={"type": "Lowercase"}),
        lambda content: content.update(
            normalizer={"type": "Sequence", "normalizers": []}
        ),
        a_sequence_of_one,
        lambda content: content["model"].update(max_input_chars_per_word=3),
    ],
)
def test_files_of_all_years(tmp_path, change):
    write_vocabulary(tmp_path)
    content = json.loads(theirs(tmp_path).backend_tokenizer.to_str())
    change(content)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content))
    check(tmp_path, transformers.PreTrainedTokenizerFast(tokenizer_file=str(path)))


def test_lines_keep_their_ids(tmp_path):
    pieces = [*PIECES[:9], "", "a", *PIECES[9:], "", "##r"]
    write_vocabulary(tmp_path, pieces)
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    ids = {piece: id for id, piece in enumerate(pieces)}
    expected = theirs(tmp_path)
    assert expected.get_vocab()["##r"] == ids["##r"] == len(pieces) - 1
    check(tmp_path, expected)
    assert load_tokenizer(tmp_path).vocabulary_size() == len(pieces)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normalizer": {"type": "NFKC"}}, "normalizer: NFKC is not supported"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "pre_tokenizer: Whitespace is"),
        ({"pre_tokenizer": None}, "pre_tokenizer: none is not supported"),
        (
            {
                "post_processor": {
                    "type": "BertProcessing",
                    "sep": ["</s>", 3],
                    "cls": ["<s>", 2],
                }
            },
            "post_processor: '<s> A </s>' and '<s> A </s> B:1 </s>:1' is not",
        ),
        (
            {
                "post_processor": {
                    "type": "BertProcessing",
                    "sep": ["[SEP]", 4],
                    "cls": ["[CLS]", 2],
                }
            },
            "post_processor: [SEP] has id 4, and 3 in the vocabulary",
        ),
        ({"post_processor": {"type": "ByteLevel"}}, "post_processor: 'ByteLevel' is"),
        (
            {
                "normalizer": {
                    "type": "Sequence",
                    "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}],
                }
            },
            "normalizer: Sequence of NFD, StripAccents is not supported, only Bert",
        ),
        ({"normalizer": {"type": "BertNormalizer"}}, "normalizer: lacks lowercase"),
        ({"normalizer": "BertNormalizer"}, "is no tokenizer's file: fetch"),
        (
            {"post_processor": {"type": "TemplateProcessing", "single": [3]}},
            "is no tokenizer's file: fetch",
        ),
        (
            {"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}},
            "is no tokenizer's file: fetch",
        ),
        (
            {"model": {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "<unk>"}},
            "model: unk_token is '<unk>', which is not supported",
        ),
        (
            {"added_tokens": [{"content": "x", "id": 90, "lstrip": True}]},
            "the added token 'x' has lstrip, which is not supported",
        ),
        (
            {"added_tokens": [{"content": "x", "id": 5}]},
            "the added token 'x' has id 5, but that is not its place",
        ),
        ({"model": {"type": "WordPiece", "vocab": {"a": 0}}}, "the vocabulary lacks"),
    ],
)
def test_what_cannot_be_done_exactly_is_refused_by_name(tmp_path, changes, message):
    write_vocabulary(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(theirs(tmp_path).backend_tokenizer.to_str())
    path.write_text(json.dumps(content | changes))
    with pytest.raises(UserError) as raised:
        load_tokenizer(tmp_path)
    assert str(raised.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"do_lower_case": "yes"}, "do_lower_case is 'yes', and must be true or false"),
        ({"never_split": ["a"]}, "never_split is ['a'], which is not supported"),
        ({"do_basic_tokenize": False}, "do_basic_tokenize is False, which is not"),
        ({"cls_token": "<s>"}, "cls_token is '<s>', which is not supported"),
        (
            {"tokenizer_class": "BertJapaneseTokenizer"},
            "tokenizer_class is 'BertJapaneseTokenizer', which is not supported",
        ),
    ],
)
def test_settings_that_are_refused_by_name(tmp_path, config, message):
    write_vocabulary(tmp_path)
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps(config))
    with pytest.raises(UserError) as raised:
        load_tokenizer(tmp_path)
    assert str(raised.value).startswith(f"{path}: {message}")


def test_segments_that_are_others(tmp_path):
    write_vocabulary(tmp_path)
    content = json.loads(theirs(tmp_path).backend_tokenizer.to_str())
    for part in content["post_processor"]["pair"]:
        next(iter(part.values()))["type_id"] = 0
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"'\[CLS\] A \[SEP\] B \[SEP\]' is not supp"):
        load_tokenizer(tmp_path)


def test_names_in_the_older_file_of_special_tokens(tmp_path):
    write_vocabulary(tmp_path)
    path = tmp_path / "special_tokens_map.json"
    path.write_text(json.dumps({"cls_token": {"content": "<s>", "lstrip": False}}))
    with pytest.raises(UserError, match=f"^{path}: cls_token is '<s>', which is not"):
        load_tokenizer(tmp_path)


def test_tokenizer_json_is_the_truth(tmp_path, capsys):
    write_vocabulary(tmp_path)
    expected = theirs(tmp_path, do_lower_case=False)
    expected.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    check(tmp_path, expected)
    assert "lowercase is False, which is taken, although" in capsys.readouterr().err


def test_what_was_guessed_is_printed(tmp_path, capsys):
    write_vocabulary(tmp_path)
    assert not load_tokenizer(tmp_path).lowercase
    message = capsys.readouterr().err
    assert message.startswith(
        f"warning: {tmp_path}/vocab.txt: says nothing of its case"
    )
    assert "is taken for cased, because 'Sch' has a capital letter" in message
    # The remedy that it names.
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    assert load_tokenizer(tmp_path).lowercase
    assert capsys.readouterr().err == ""


def test_the_library_reads_what_is_saved(tmp_path):
    """So that the comparisons above are with the file's own tokenizer."""
    write_vocabulary(tmp_path)
    path = str(tmp_path / "tokenizer.json")
    theirs(tmp_path).backend_tokenizer.save(path)
    ids = tokenizers.Tokenizer.from_file(path).encode(
        TEXTS[0], add_special_tokens=False
    )
    loaded = load_tokenizer(tmp_path)
    assert loaded(TEXTS[0]).numpy().tolist() == ids.ids
