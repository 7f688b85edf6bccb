"""Frames filled with words: texts in which every relation that was printed is known, with all its true answers."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Literal

import regex

from explainers.language import _
from explainers.training.everyday import inflection
from explainers.training.everyday.grammar import Choice, Frame, Slot, is_held_out, parse
from explainers.training.everyday.inflection import PRONOUNS
from explainers.training.everyday.lexicon import PEOPLE, Entry, EverydayError, Lexicon, lexicon, load

Split = Literal["training", "seen", "new frames", "new relations"]

_FULL_WEIGHT = 1_000  # fillings from which on a frame is drawn as often as any other
_TRIES = 12
_LITERAL_ARTICLE = regex.compile(r"(?:^|[^\w'])([Aa]n?) $")


@dataclass(frozen=True)
class Gap:
    """Where a text prints a relation's value for the first time: text[start:end] is one of the answers.

    The value is the word itself, without an article or an ending. The answers are all values of that relation for the
    entry, in the form that the sentence asks for.
    """

    start: int
    end: int
    type: str
    entry: str
    relation: str
    value: str
    answers: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether training never says that this entry has this value."""
        return is_held_out(f"{self.type}/{self.entry}/{self.relation}/{self.value}")


@dataclass(frozen=True)
class Text:
    """One filled frame. words: the entries that its free slots drew."""

    text: str
    gaps: tuple[Gap, ...]
    frame: Frame
    words: tuple[Entry, ...]


class Plan:
    """What a frame may draw in one split: candidates that have every relation the frame asks for, found once."""

    def __init__(self, frame: Frame, lexicon: Lexicon, new_relations: bool) -> None:
        self.frame = frame
        self._new = new_relations
        self._children = [
            [n for n, draw in enumerate(frame.draws) if draw.parent == parent] for parent in range(len(frame.draws))
        ]
        self.values: dict[tuple[int, Entry], tuple[Entry, ...]] = {}
        self.roots: dict[int, tuple[Entry, ...]] = {}
        fillings = float(math.prod(len(part.options) for part in frame.parts if isinstance(part, Choice)))
        for number, draw in enumerate(frame.draws):
            if draw.type:
                counts = {entry: self._fillings(number, entry) for entry in lexicon.of(draw.type)}
                self.roots[number] = tuple(entry for entry, count in counts.items() if count)
                fillings *= sum(counts.values())
        self.weight = min(1.0, math.sqrt(fillings / _FULL_WEIGHT))
        if new_relations and not any(
            is_held_out(_key(entry, frame.draws[number].relation, value))
            for (number, entry), values in self.values.items()
            for value in values
        ):
            self.weight = 0.0

    def draw(self, rng: random.Random, cast: Mapping[Entry, None]) -> list[Entry] | None:
        """An entry for every draw, no word twice; people of the cast come back half of the time. None if it fails."""
        bound: list[Entry] = []
        seen: set[str] = set()
        for number, draw in enumerate(self.frame.draws):
            if draw.parent >= 0:
                choices = self.values[number, bound[draw.parent]]
            else:
                choices = self.roots[number]
                if cast and choices[0].type in PEOPLE and rng.random() < 0.5:
                    known = [entry for entry in cast if entry in choices and entry.word not in seen]
                    choices = tuple(known) or choices
            entry = choices[int(rng.random() * len(choices))]
            if entry.word in seen:
                return None
            seen.add(entry.word)
            bound.append(entry)
        if self._new and not any(
            is_held_out(_key(bound[draw.parent], draw.relation, bound[number]))
            for number, draw in enumerate(self.frame.draws)
            if draw.parent >= 0
        ):
            return None
        return bound

    def _fillings(self, number: int, entry: Entry) -> int:
        """In how many ways everything that hangs on this draw can be filled when it gives this entry; keeps them."""
        ways = 1
        for child in self._children[number]:
            relation = self.frame.draws[child].relation
            counts = {
                value: self._fillings(child, value)
                for value in entry.relations.get(relation, ())
                if self._new or not is_held_out(_key(entry, relation, value))
            }
            self.values[child, entry] = tuple(value for value, count in counts.items() if count)
            ways *= sum(counts.values())
        return ways


@dataclass(frozen=True)
class Everyday:
    """The words and frames of a folder of data files, ready to be turned into text."""

    lexicon: Lexicon
    frames: tuple[Frame, ...]
    _forms: dict[tuple[Entry, tuple[str, ...]], str] = field(default_factory=dict, repr=False, compare=False)

    def plans(self, split: Split) -> tuple[Plan, ...]:
        """The frames that can be filled in this split; all but training need a relation to ask for."""
        found = (
            Plan(frame, self.lexicon, split == "new relations")
            for frame in self.frames
            if frame.held_out == (split == "new frames")
            and (split == "training" or any(draw.relation for draw in frame.draws))
        )
        return tuple(plan for plan in found if plan.weight)

    def texts(self, rng: random.Random, split: Split) -> Iterator[Text]:
        """Texts without end: training and seen share frames and values, the others have what training never saw.

        Every frame is equally likely, but one with n < 1000 fillings only sqrt(n / 1000) as likely.
        """
        plans = self.plans(split)
        if not plans:
            raise EverydayError(_("no frame can be filled for {split}.").format(split=split))
        weights = list(accumulate(plan.weight for plan in plans))
        while True:
            plan = rng.choices(plans, cum_weights=weights)[0]
            if (text := self.fill(plan, rng)) is not None:
                yield text

    def fill(self, plan: Plan, rng: random.Random, cast: Mapping[Entry, None] | None = None) -> Text | None:
        """One text of a frame; None where a few tries found no distinct words for its slots."""
        for _try in range(_TRIES):
            if (bound := plan.draw(rng, cast or {})) is not None:
                return self._text(plan.frame, bound, rng)
        return None

    def _text(self, frame: Frame, bound: list[Entry], rng: random.Random) -> Text:
        they = [rng.choice(("he", "she")) if entry.they == "any" else entry.they for entry in bound]
        text = ""
        spans: list[tuple[int, int, Slot]] = []
        shown: set[int] = set()
        for part in _chosen(frame, rng):
            if isinstance(part, str):
                text = _joined(text, part)
                continue
            entry = bound[part.draw]
            piece = self._pronoun(they[part.draw], part) if part.pronoun else self.form(entry, part.filters)
            text = _joined(text, piece, entry.article if entry.word == piece else "")
            if frame.draws[part.draw].parent >= 0 and not part.pronoun and part.draw not in shown:
                shown.add(part.draw)
                spans.append((len(text) - len(piece), len(text), part))
        final = inflection.capitalised(text.rstrip())
        gaps = tuple(self._gap(final, text, span, frame, bound) for span in spans)
        words = tuple(entry for draw, entry in zip(frame.draws, bound, strict=True) if draw.type)
        return Text(final, gaps, frame, words)

    def _gap(self, final: str, text: str, span: tuple[int, int, Slot], frame: Frame, bound: list[Entry]) -> Gap:
        start, end, slot = span
        draw = frame.draws[slot.draw]
        entry = bound[draw.parent]
        answers = [self.form(value, slot.filters) for value in entry.relations[draw.relation]]
        if final[start] != text[start]:
            answers = [answer[0].upper() + answer[1:] for answer in answers]
        return Gap(start, end, entry.type, entry.word, draw.relation, bound[slot.draw].word, frozenset(answers))

    def _pronoun(self, they: str, slot: Slot) -> str:
        pronoun = PRONOUNS[they][slot.pronoun]
        return pronoun.capitalize() if "cap" in slot.filters else pronoun

    def form(self, entry: Entry, filters: tuple[str, ...]) -> str:
        """The entry's word after the filters, in their order."""
        key = (entry, filters)
        if key not in self._forms:
            phrase = entry.word
            for name in filters:
                phrase = self._filtered(phrase, name, entry)
            self._forms[key] = phrase
        return self._forms[key]

    def _filtered(self, phrase: str, name: str, entry: Entry) -> str:
        match name:
            case "a":
                bare = entry.proper or entry.mass or entry.plural_only or inflection.is_determined(phrase)
                return phrase if bare else f"{entry.article or inflection.article(phrase)} {phrase}"
            case "s":
                fixed = entry.mass or entry.plural_only
                return phrase if fixed else entry.plural or inflection.plural(phrase)
            case "past":
                return inflection.past(phrase, self.lexicon.verbs)
            case "done":
                return inflection.participle(phrase, self.lexicon.verbs)
            case "ing":
                return inflection.ing(phrase)
            case "3":
                return inflection.third_person(phrase)
            case _:
                return phrase[:1].upper() + phrase[1:]


def read(folder: Path) -> Everyday:
    """The words and frames of all data files. Raises EverydayError that names the file and the frame or entry."""
    files = load(folder)
    words = lexicon(files)
    frames = [
        parse(text, file, group, words)
        for file, content in files.items()
        for group, texts in content.get("frames", {}).items()
        for text in texts
    ]
    for frame in frames:
        _check(frame, words)
    return Everyday(words, tuple(frames))


def _check(frame: Frame, words: Lexicon) -> None:
    """Raise EverydayError where a relation, or the combination of them, fits no entry."""
    where = {"file": frame.file, "frame": frame.text}
    for draw in frame.draws:
        kind = frame.draws[draw.parent].type if draw.parent >= 0 else ""
        if kind and not any(draw.relation in entry.relations for entry in words.of(kind)):
            raise EverydayError(
                _('{file}, frame "{frame}": no {type} has the relation {relation}.').format(
                    **where, type=kind, relation=draw.relation
                )
            )
    plan = Plan(frame, words, new_relations=True)
    if not all(plan.roots.values()):
        raise EverydayError(_('{file}, frame "{frame}": no entry has all its relations.').format(**where))


def _key(entry: Entry, relation: str, value: Entry) -> str:
    return f"{entry.type}/{entry.word}/{relation}/{value.word}"


def _chosen(frame: Frame, rng: random.Random) -> Iterator[str | Slot]:
    """The frame's parts with one option of every choice."""
    for part in frame.parts:
        if isinstance(part, Choice):
            yield from part.options[int(rng.random() * len(part.options))]
        else:
            yield part


def _joined(text: str, piece: str, override: str = "") -> str:
    """The text with a piece more: no double blanks, none before punctuation, and a written "a" or "an" before the
    piece made to fit it.
    """
    if text[-1:] in ("", " "):
        piece = piece.lstrip(" ")
        if piece[:1] in (",", ".", "!", "?", ";", ":"):
            text = text.rstrip(" ")
        elif piece and text.endswith(("a ", "an ", "A ", "An ")) and (match := _LITERAL_ARTICLE.search(text)):
            text = text[: match.start(1)] + match[1][0] + (override or inflection.article(piece))[1:] + " "
    return text + piece
