"""Labelled sentences: three tasks of our own (assets/labelled), and what a reader pastes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from explainers.checkpoints import ASSETS
from explainers.language import _

OURS = ("mood", "topic", "order")
OWN = "task"  # what a pasted one is called

MOST_SENTENCES = 400
MOST_CHARACTERS = 300  # of one sentence
MOST_LABELS = 6
FEWEST_OF_A_LABEL = 4
_TEST_SHARE = 4  # of the pasted sentences of a label, every fourth is kept for the test
_LONGEST_LABEL = 24
_MARK = re.compile("[\t,]")


class TaskError(ValueError):
    """Sentences from which no task can be made; the message is one sentence that says what to do."""


class Labelled(NamedTuple):
    """One sentence, and which of the task's labels is right."""

    text: str
    label: int


@dataclass(frozen=True)
class Task:
    """What is to be told apart: a name, the labels, sentences to learn from, and others to test with."""

    name: str
    labels: tuple[str, ...]
    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...]

    @property
    def chance(self) -> float:
        """The share that is right when always the commonest label of the test is said."""
        return max(Counter(labelled.label for labelled in self.test).values()) / len(self.test)

    def drawn(self, count: int, seed: int) -> tuple[Labelled, ...]:
        """So many sentences to learn from, in turn one of each label as long as there are any, drawn by the seed."""
        import numpy as np

        rng = np.random.default_rng(seed)
        by_label: list[list[Labelled]] = []
        for label in range(len(self.labels)):
            mine = [labelled for labelled in self.train if labelled.label == label]
            by_label.append([mine[place] for place in rng.permutation(len(mine))])
        longest = max(map(len, by_label))
        dealt = [mine[turn] for turn in range(longest) for mine in by_label if turn < len(mine)]
        return tuple(dealt[:count])


@lru_cache(maxsize=len(OURS))
def task(name: str) -> Task:
    """One of OURS, from assets/labelled; KeyError for any other name."""
    if name not in OURS:
        raise KeyError(name)
    lines = (ASSETS / "labelled" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    labels = tuple(dict.fromkeys(label for label, _split, _text in rows))
    parts: dict[str, list[Labelled]] = {"train": [], "test": []}
    for label, split, text in rows:
        parts[split].append(Labelled(text, labels.index(label)))
    return Task(name, labels, tuple(parts["train"]), tuple(parts["test"]))


def pasted(text: str) -> Task:
    """A task from lines of a label, a tab or comma, and a sentence; every fourth of a label is kept for the test.

    Raises TaskError where a line has no label, or there are too few or too many of something.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    found = [_row(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    rows = list({(label, _same(sentence)): (label, sentence) for label, sentence in reversed(found)}.values())[::-1]
    if len(rows) > MOST_SENTENCES:
        raise TaskError(_("These are {n} sentences: leave at most {most}.").format(n=len(rows), most=MOST_SENTENCES))
    labels = tuple(dict.fromkeys(label for label, _sentence in rows))
    if not 2 <= len(labels) <= MOST_LABELS:
        raise TaskError(
            _("These lines have {n} different labels: use 2 to {most}.").format(n=len(labels), most=MOST_LABELS)
        )
    train: list[Labelled] = []
    test: list[Labelled] = []
    for place, label in enumerate(labels):
        mine = [Labelled(sentence, place) for name, sentence in rows if name == label]
        if len(mine) < FEWEST_OF_A_LABEL:
            raise TaskError(
                _("The label {label} has too few sentences ({n}): give every label at least {least}.").format(
                    label=label, n=len(mine), least=FEWEST_OF_A_LABEL
                )
            )
        test += mine[_TEST_SHARE - 1 :: _TEST_SHARE]
        train += [labelled for at, labelled in enumerate(mine) if at % _TEST_SHARE != _TEST_SHARE - 1]
    _refuse_two_labels([*train, *test])
    return Task(OWN, labels, tuple(train), tuple(test))


def _row(number: int, line: str) -> tuple[str, str]:
    """The label and the sentence of one line, which the first tab or comma parts."""
    label, sentence = (part.strip() for part in [*_MARK.split(line, maxsplit=1), ""][:2])
    if not label or not sentence or len(label) > _LONGEST_LABEL:
        raise TaskError(
            _("Line {n} has no label: write a short label, a comma, and then the sentence.").format(n=number)
        )
    if len(sentence) > MOST_CHARACTERS:
        raise TaskError(
            _("Line {n} is too long: leave at most {most} characters.").format(n=number, most=MOST_CHARACTERS)
        )
    return label, sentence


def _same(sentence: str) -> str:
    """What is alike in two lines that are one sentence: twice the same would stand in both parts."""
    return " ".join(sentence.casefold().split())


def _refuse_two_labels(rows: Sequence[Labelled]) -> None:
    counts = Counter(_same(labelled.text) for labelled in rows)
    twice = [labelled.text for labelled in rows if counts[_same(labelled.text)] > 1]
    if twice:
        raise TaskError(_("“{text}” has two labels: leave one of them.").format(text=twice[0][:60]))
