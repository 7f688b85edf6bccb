"""Our own labelled sentences, and what readers paste: a task or one sentence that says what to do."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explainers.fine_tuning import OURS, Labelled, Task, TaskError, pasted, task
from explainers.fine_tuning.tasks import MOST_CHARACTERS, MOST_SENTENCES
from tests import strategies
from tests.fine_tuning.samples import TASK

LABELS = {"mood": {"good", "bad"}, "topic": {"food", "weather", "animals", "travel"}, "order": {"right", "wrong"}}
HOSTILE = ("<script>a()</script>", "👨\u200d👩\u200d👧", "مرحبا بالعالم", "a\x00b", "{n} {}", "%s", "</s>", "\u202eabc")


def lines(count: int, label: str, sentence: str = "sentence") -> str:
    """So many lines of a label, every sentence another one."""
    return "".join(f"{label}, {sentence} {label} {n}\n" for n in range(count))


@pytest.mark.parametrize("name", OURS)
def test_our_own_tasks(name: str) -> None:
    found = task(name)
    assert found.name == name
    assert set(found.labels) == LABELS[name]
    assert (len(found.train), len(found.test)) == (128, 100)
    for part in (found.train, found.test):
        counts = Counter(labelled.label for labelled in part)
        assert dict(counts) == dict.fromkeys(range(len(found.labels)), len(part) // len(found.labels))
    texts = [labelled.text for labelled in (*found.train, *found.test)]
    assert all(text == text.strip() and text for text in texts)
    assert max(map(len, texts)) <= MOST_CHARACTERS
    normal = Counter(" ".join(text.lower().split()) for text in texts)
    assert max(normal.values()) == 1  # nothing to learn from is in the test
    assert found.chance == 1 / len(found.labels)
    assert task(name) is found


def test_other_names_are_no_task() -> None:
    for name in ("", "task", "../mood", "MOOD"):
        with pytest.raises(KeyError):
            task(name)


def test_labels_are_dealt_in_turn() -> None:
    drawn = TASK.drawn(11, seed=4)
    assert [labelled.label for labelled in drawn] == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 2]
    assert sorted(drawn) == sorted(TASK.train)  # each once
    assert TASK.drawn(5, seed=4) == drawn[:5]
    assert TASK.drawn(400, seed=4) == drawn  # never more than there are
    assert TASK.drawn(11, seed=4) == drawn
    assert len({TASK.drawn(11, seed) for seed in range(5)}) == 5
    balanced = Counter(labelled.label for labelled in task("topic").drawn(30, seed=1))
    assert balanced == {0: 8, 1: 8, 2: 7, 3: 7}


def test_the_chance_is_that_of_the_commonest_label() -> None:
    assert TASK.chance == 3 / 7


def test_every_fourth_sentence_of_a_label_is_kept_for_the_test() -> None:
    found = pasted("good\ta, b\n\nbad,c, d\n   \ngood\te\nbad , f\ngood\tg\n bad,h\ngood\t i\ngood\tj\nbad\tk \n")
    assert found == Task(
        "task",
        ("good", "bad"),
        (
            Labelled("a, b", 0),
            Labelled("e", 0),
            Labelled("g", 0),
            Labelled("j", 0),
            Labelled("c, d", 1),
            Labelled("f", 1),
            Labelled("h", 1),
        ),
        (Labelled("i", 0), Labelled("k", 1)),
    )


def test_the_same_line_twice_counts_once() -> None:
    found = pasted(lines(4, "a") + lines(4, "b") + lines(4, "a"))
    assert [len(part) for part in (found.train, found.test)] == [6, 2]
    with pytest.raises(TaskError, match=r"The label b has too few sentences \(3\): give every label at least 4."):
        pasted(lines(4, "a") + lines(3, "b") + lines(3, "b"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "These lines have 0 different labels: use 2 to 6."),
        (" \n\t\n\n", "These lines have 0 different labels: use 2 to 6."),
        (lines(8, "a"), "These lines have 1 different labels: use 2 to 6."),
        ("".join(lines(4, label) for label in "abcdefg"), "These lines have 7 different labels: use 2 to 6."),
        (lines(4, "a") + lines(3, "b"), "The label b has too few sentences (3): give every label at least 4."),
        (
            lines(4, "a") + "\nno label here",
            "Line 6 has no label: write a short label, a comma, and then the sentence.",
        ),
        (lines(4, "a") + ", no label", "Line 5 has no label: write a short label, a comma, and then the sentence."),
        ("a,", "Line 1 has no label: write a short label, a comma, and then the sentence."),
        ("\n" + "l" * 25 + ",b", "Line 2 has no label: write a short label, a comma, and then the sentence."),
        (lines(201, "a") + lines(200, "b"), "These are 401 sentences: leave at most 400."),
        (lines(4, "a") + lines(4, "b") + "b,sentence a 1\n", "“sentence a 1” has two labels: leave one of them."),
        (lines(4, "{n}") + lines(1, "%s{}"), "The label %s{} has too few sentences (1): give every label at least 4."),
    ],
)
def test_what_makes_no_task_is_said(text: str, message: str) -> None:
    with pytest.raises(TaskError) as raised:
        pasted(text)
    assert str(raised.value) == message


def test_as_much_as_may_be() -> None:
    labels = ["l" * 23 + digit for digit in "123456"]
    found = pasted("".join(lines(4, label) for label in labels[1:]) + lines(MOST_SENTENCES - 20, labels[0]))
    assert len(found.labels) == 6
    assert (len(found.train), len(found.test)) == (300, 100)
    pasted(lines(4, "a") + "".join(f"b,{n}{'x' * 299}\n" for n in range(4)))
    with pytest.raises(TaskError, match=r"^Line 5 is too long: leave at most 300 characters\.$"):
        pasted(lines(4, "a") + "".join(f"b,{n}{'x' * 300}\n" for n in range(4)))


def test_the_first_mark_parts_a_line_and_a_byte_order_mark_is_no_letter() -> None:
    found = pasted("\ufeffa, one\tand more\na\ttwo, and more\na,3\na,4\n" + lines(4, "b"))
    assert found.labels == ("a", "b")
    assert [labelled.text for labelled in found.train[:2]] == ["one\tand more", "two, and more"]


def test_a_sentence_that_differs_in_case_or_blanks_alone_counts_once() -> None:
    found = pasted(lines(4, "b") + "a,Come  in\na,come in\na,1\na,2\na,3\n")
    assert [labelled.text for labelled in found.train if labelled.label == 1] == ["Come  in", "1", "2"]
    with pytest.raises(TaskError, match="“COME IN” has two labels"):
        pasted(lines(4, "b") + "b,COME IN\na,Come  in\na,1\na,2\na,3\n")


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_text_is_kept_as_it_is(odd: str) -> None:
    found = pasted("".join(f"{odd}\t{odd} {n}\nplain\t{n} {odd}\n" for n in range(5)))
    assert found.labels == (odd, "plain")
    assert {labelled.text for labelled in (*found.train, *found.test)} == {
        *(f"{odd} {n}" for n in range(5)),
        *(f"{n} {odd}" for n in range(5)),
    }


def check(text: str) -> None:
    """Any text is a task, all of whose sentences and labels stand in it, or a TaskError that says something."""
    try:
        found = pasted(text)
    except TaskError as error:
        message = str(error)
    else:
        check_task(found, text)
        return
    assert 0 < len(message) < 200


def check_task(found: Task, text: str) -> None:
    sentences = [*found.train, *found.test]
    assert all(labelled.text in text and 0 < len(labelled.text) <= MOST_CHARACTERS for labelled in sentences)
    assert len({labelled.text for labelled in sentences}) == len(sentences) <= MOST_SENTENCES
    assert 2 <= len(found.labels) <= 6
    assert all(label in text and label.strip() == label and label for label in found.labels)
    for part, fewest in ((found.train, 3), (found.test, 1)):
        assert min(Counter(labelled.label for labelled in part)[at] for at in range(len(found.labels))) >= fewest


@settings(deadline=None, max_examples=150)
@given(st.one_of(strategies.texts(), st.text(max_size=200)))
@example("\ud800,\udfff\n" * 9)
@example("a," * 100_000)
@example("a,b\n" * 100_000)
@example("".join(f"{n},{n}\n" for n in range(50_000)))
@example("a,b\x00\x85\u2028\x0b\x0c" * 1000)
def test_any_text(text: str) -> None:
    check(text)


ROWS = st.tuples(
    st.sampled_from(("a", "b", " b", "c\x00", "<b>", "مزاج", "l" * 24, "l" * 25)),
    st.sampled_from((",", "\t", " , ", ",,", "\t,", ";")),
    strategies.texts(3),
)


@settings(deadline=None, max_examples=100)
@given(st.lists(ROWS, max_size=60))
def test_any_rows(rows: list[tuple[str, str, str]]) -> None:
    check("\n".join(map("".join, rows)))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=400), min_size=8, max_size=30),
    st.sampled_from(",\t"),
)
def test_any_sentences_under_good_labels(sentences: list[str], mark: str) -> None:
    check("\n".join(f"{'ab'[n % 2]}{mark}{n} {sentence}" for n, sentence in enumerate(sentences)))
