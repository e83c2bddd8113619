"""What every attack promises, on random Unicode text."""

import collections
import itertools

import hypothesis
import pytest
from hypothesis import strategies as st

from charbert_tf.attacks import ATTACKS, get_attack
from charbert_tf.attacks.edit import edited_words
from charbert_tf.attacks.running_text import WORD
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask

EVERY = [*ATTACKS, "ocr+keyboard", "mix+split+join"]
# Each makes one kind of edit, and of one word alone.
SINGLE = [name for name in ATTACKS if name not in ("mix", "join")]
PAPERS = ["drop", "add", "swap", "keyboard", "mix"]
KINDS = {
    **{name: {name} for name in ATTACKS},
    "mix": {"drop", "add", "swap", "keyboard"},
    "ocr+keyboard": {"ocr", "keyboard"},
    "mix+split+join": {"drop", "add", "swap", "keyboard", "split", "join"},
}
# What they do to words is not a matter of length.
LETTER_CASES = [*(name for name in ATTACKS if get_attack(name).shortest == 1)]
INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060")

LETTERS = st.sampled_from("aeiourlnmstcdABEIOS01éßü'’")
# English enough for every attack to have something to do, or anything at all.
WORDS = st.lists(
    st.text(LETTERS, max_size=12) | st.text(max_size=8) | st.just("accommodate"),
    max_size=8,
)
TEXTS = st.lists(
    st.text(LETTERS, max_size=12)
    | st.sampled_from([" ", "\n", ", ", "rock'n'roll"])
    | st.text(max_size=8),
    max_size=12,
).map("".join)
NUMBERS = st.integers(0, 1 << 40)
RATES = st.sampled_from([0.2, 0.5, 1.0])


def on_random(*strategies, examples=100):
    """A property that is to hold for all values, as pytest runs it."""

    def wrap(test):
        settings = hypothesis.settings(
            max_examples=examples, deadline=None, derandomize=True, database=None
        )
        return settings(hypothesis.given(*strategies)(test))

    return wrap


def keeps_words(name):
    return KINDS[name].isdisjoint({"split", "join"})


def is_one_edit(edit):
    """Whether it is a single edit of its kind, of and to as many words as it may be."""
    if edit.kind == "join":
        return len(edit.old) == 2 and edit.new == ("".join(edit.old),)
    (old,) = edit.old
    num_words = 2 if edit.kind == "split" else 1
    possible = get_attack(edit.kind).possible_edits(old)
    return len(edit.new) == num_words and " ".join(edit.new) in possible


def is_eligible(word, name):
    shortest = 1 if name in LETTER_CASES else 4
    return len(word) >= shortest and any(map(str.isalpha, word))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_edits_tell_all_that_changes(name):
    @on_random(WORDS, NUMBERS, NUMBERS, RATES)
    def check(words, seed, example, rate):
        attack = get_attack(name, rate=rate)
        edits = attack.edits(words, seed, example)
        taken = [index for edit in edits for index in edit.indices]
        assert taken == sorted(set(taken))
        for edit in edits:
            assert edit.old == tuple(words[index] for index in edit.indices)
            assert edit.new != edit.old
            assert all(edit.new)
            assert is_eligible(words[edit.first], name)
            assert edit.kind in KINDS[name]
            assert is_one_edit(edit)
        attacked = attack.attack_words(words, seed, example)
        assert attacked == edited_words(words, edits)
        assert attacked == attack.attack_words(words, seed, example)

    check()


@pytest.mark.parametrize("name", SINGLE)
def test_one_edit_in_every_word_where_there_is_one(name):
    @on_random(WORDS, NUMBERS, NUMBERS)
    def check(words, seed, example):
        attack = get_attack(name)
        edits = {edit.first: edit for edit in attack.edits(words, seed, example)}
        for index, word in enumerate(words):
            is_possible = is_eligible(word, name)
            possible = attack.possible_edits(word) if is_possible else []
            assert (index in edits) == bool(possible)

    check()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_a_higher_rate_only_adds_edits(name):
    @on_random(WORDS, NUMBERS, NUMBERS)
    def check(words, seed, example):
        edits = [
            get_attack(name, rate=rate).edits(words, seed, example)
            for rate in (0.0, 0.3, 0.6, 1.0)
        ]
        assert edits[0] == []
        for fewer, more in itertools.pairwise(edits):
            assert set(fewer) <= set(more)

    check()


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_attacks_keep_first_and_last_characters(name):
    @on_random(WORDS, NUMBERS)
    def check(words, seed):
        attacked = get_attack(name).attack_words(words, seed, example=0)
        for old, new in zip(words, attacked, strict=True):
            assert (old[:1], old[-1:]) == (new[:1], new[-1:])
            assert abs(len(old) - len(new)) <= 1

    check()


@pytest.mark.parametrize("name", ["split", "join", "mix+split+join"])
def test_splits_and_joins_lose_nothing_but_spaces(name):
    @on_random(TEXTS, NUMBERS)
    def check(text, seed):
        edited = get_attack(name).edited_text(text, seed, example=0)
        for edit in edited.edits:
            if edit.kind in ("split", "join"):
                assert "".join(edit.old) == "".join(edit.new)
                assert abs(len(edit.old) - len(edit.new)) == 1

    check()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_all_between_the_words_of_a_text_stays(name):
    @on_random(TEXTS, NUMBERS, NUMBERS, RATES)
    def check(text, seed, example, rate):
        attack = get_attack(name, rate=rate)
        edited = attack.edited_text(text, seed, example)
        assert edited.text == attack.attack_text(text, seed, example)
        assert get_attack(name, rate=0.0).attack_text(text, seed, example) == text
        done = 0
        parts = []
        for (start, end, new), edit in zip(
            edited.replacements(), edited.edits, strict=True
        ):
            assert done <= start
            assert text[start:end] == " ".join(edit.old)
            assert [m.group() for m in WORD.finditer(text[start:end])] == [*edit.old]
            parts += [text[done:start], new]
            done = end
        assert "".join([*parts, text[done:]]) == edited.text

    check()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_words_of_a_text_stay_words(name):
    @on_random(TEXTS, NUMBERS)
    def check(text, seed):
        edited = get_attack(name).edited_text(text, seed, example=0)
        assert all(map(is_one_edit, edited.edits))
        if name == "zero_width":
            assert edited.text.translate(INVISIBLE) == text.translate(INVISIBLE)
            return
        expected = edited_words(WORD.findall(text), edited.edits)
        # Between the parts of a word that is split an apostrophe is of neither.
        assert WORD.findall(edited.text) == [word.strip("'’") for word in expected]

    check()


@pytest.mark.parametrize("name", EVERY)
def test_tags_and_labels_stay(name):
    tags = st.lists(st.sampled_from(["O", "B-LOC", "I-LOC"]), min_size=8, max_size=8)

    @on_random(WORDS, tags, TEXTS, NUMBERS, examples=50)
    def check(words, tags, text, seed):
        attack = get_attack(name)
        sentence = TaggedSentence((*words,), (*tags[: len(words)],), line=1)
        (attacked,) = TaggingTask().attacked([sentence], attack, seed)
        assert len(attacked.tags) == len(attacked.words)
        if keeps_words(name):
            assert attacked.tags == sentence.tags
        pair = LabelledText(" ".join(words), text, "yes", line=1)
        (attacked,) = ClassificationTask(0, 2, 1).attacked([pair], attack, seed)
        assert (attacked.label, attacked.line) == ("yes", 1)

    check()


@pytest.mark.parametrize("name", EVERY)
def test_answers_are_found_where_they_start(name):
    task = QuestionAnsweringTask(attacked_text="both")
    ends = st.tuples(NUMBERS, NUMBERS)

    @on_random(TEXTS, st.lists(ends, min_size=1, max_size=3), NUMBERS, examples=50)
    def check(context, ends, seed):
        questions = []
        for pair in ends:
            start, end = sorted(number % (len(context) + 1) for number in pair)
            answers = (Answer(context[start:end], start),) if start < end else ()
            questions.append(Question(str(pair), "What is told?", context, answers))
        attacked = task.attacked(questions, get_attack(name), seed)
        assert len({question.context for question in attacked}) == 1
        for before, after in zip(questions, attacked, strict=True):
            assert after.id == before.id
            texts = [answer.text for answer in after.answers]
            assert texts == [answer.text for answer in before.answers]
            for answer in after.answers:
                assert after.context.startswith(answer.text, answer.start)

    check()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_protected_spans_move_as_they_are(name):
    spans = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3)

    @on_random(TEXTS, spans, NUMBERS)
    def check(text, spans, seed):
        size = len(text) + 1
        spans = [tuple(sorted((a % size, b % size))) for a, b in spans]
        edited = get_attack(name).edited_text(text, seed, 0, spans)
        for start, end in spans:
            new_start, new_end = edited.moved(start, end)
            if start < end:
                assert edited.text[new_start:new_end] == text[start:end]
        assert edited.moved(0, len(text)) == (0, len(edited.text))

    check()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(2)
def test_protected_words_stay(name):
    @on_random(WORDS, NUMBERS)
    def check(words, seed):
        protected = [word.swapcase() for word in words[::2]]
        attack = get_attack(name, protected_words=protected)
        folded = {word.casefold() for word in protected}
        kept = [word for word in words if word.casefold() in folded]
        changed = {
            word for edit in attack.edits(words, seed, example=0) for word in edit.old
        }
        assert changed.isdisjoint(kept)
        attacked = collections.Counter(attack.attack_words(words, seed, example=0))
        assert collections.Counter(kept) <= attacked

    check()
