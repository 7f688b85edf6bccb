"""The frames: sentences with slots, parsed once into parts and the draws that fill them.

    "The {a:animal} [lives|sleeps] in {h=a.home|a}. {a.they} likes {a.eats}."

{e:errand.place} is {e:errand} without printing the errand, then {e.place}.

The frame above needs the draws a (an entry of a type), a.home (also called h) and a.eats (values of a's relations).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import regex

from explainers.language import _
from explainers.training.everyday.inflection import PRONOUNS
from explainers.training.everyday.lexicon import EverydayError, Lexicon

FILTERS = frozenset({"a", "s", "past", "done", "ing", "3", "cap"})
_CASES = frozenset(PRONOUNS["it"])

_SLOT = regex.compile(
    r"(?:(?P<new>\w+)=)?(?P<variable>\w+)(?::(?P<type>[\w-]+))?(?:\.(?P<relation>[\w-]+))?(?P<filters>(?:\|\w+)*)"
)
_PIECE = regex.compile(r"\{(?P<slot>[^{}\[\]]*)\}|\[(?P<choice>[^\[\]]*)\]|(?P<text>[^{}\[\]]+)")
_OPTION = regex.compile(r"(?:\{[^{}]*\}|[^|{}])*")


@dataclass(frozen=True)
class Draw:
    """Something to be drawn: an entry of a type, or a value of a relation of what an earlier draw gave."""

    type: str = ""
    parent: int = -1
    relation: str = ""


@dataclass(frozen=True)
class Slot:
    """A place where the word of a draw is printed with filters, or a pronoun for it."""

    draw: int
    filters: tuple[str, ...] = ()
    pronoun: str = ""


@dataclass(frozen=True)
class Choice:
    """Alternatives of which one is printed."""

    options: tuple[tuple[str | Slot, ...], ...]


Part = str | Slot | Choice


@dataclass(frozen=True, eq=False)
class Frame:
    """A text with slots, from a group of a file; draws stand after the draws that they depend on."""

    text: str
    file: str
    group: str
    parts: tuple[Part, ...]
    draws: tuple[Draw, ...]

    @property
    def held_out(self) -> bool:
        """Whether the frame is kept out of training, one in ten."""
        return is_held_out(self.text)


def is_held_out(key: str) -> bool:
    """One key in ten, the same ones for ever."""
    return zlib.crc32(key.encode()) % 10 == 0


def parse(text: str, file: str, group: str, lexicon: Lexicon) -> Frame:
    """The frame of a text. Raises EverydayError that names the file, the frame and what is wrong with it."""
    try:
        pieces = list(_pieces(text))
        draws, names = _draws(list(_slots(pieces)), lexicon)
        return Frame(text, file, group, tuple(_parts(pieces, names)), tuple(draws))
    except EverydayError as error:
        raise EverydayError(_('{file}, frame "{frame}": {error}').format(file=file, frame=text, error=error)) from error


Raw = Mapping[str, str | None]
RawPiece = str | Raw | list[list[str | Raw]]


def _pieces(text: str, nested: bool = False) -> Iterator[RawPiece]:
    """Plain text, slots as their named parts, and choices as lists of these."""
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None or (nested and match["choice"] is not None):
            raise EverydayError(_("a bracket or brace at character {n} has no partner.").format(n=position + 1))
        position = match.end()
        if match["text"] is not None:
            yield match["text"]
        elif match["slot"] is not None:
            slot = _SLOT.fullmatch(match["slot"])
            if slot is None or (slot["new"] and not slot["relation"]):
                raise EverydayError(_("{slot} is no slot.").format(slot=match[0]))
            for name in _filters(slot["filters"]):
                if name not in FILTERS:
                    raise EverydayError(_("{slot} has the unknown filter {filter}.").format(slot=match[0], filter=name))
            yield slot.groupdict()
        else:
            yield [_flat(option) for option in _options(match["choice"])]


def _options(choice: str) -> list[str]:
    """The alternatives of a choice: cut at bars that stand outside of braces."""
    options, position = [], 0
    while True:
        match = _OPTION.match(choice, position)
        assert match is not None  # noqa: S101 - the pattern matches the empty text
        options.append(match[0])
        position = match.end() + 1
        if position > len(choice):
            return options


def _flat(option: str) -> list[str | Raw]:
    return [piece for piece in _pieces(option, nested=True) if not isinstance(piece, list)]


def _slots(pieces: list[RawPiece]) -> Iterator[Raw]:
    for piece in pieces:
        for part in [item for option in piece for item in option] if isinstance(piece, list) else [piece]:
            if not isinstance(part, str):
                yield part


def _draws(slots: list[Raw], lexicon: Lexicon) -> tuple[list[Draw], dict[str, int]]:
    """The draws in order, and the number of the draw behind every name: "a" and "a.home"."""
    draws: list[Draw] = []
    names: dict[str, int] = {}
    for slot in slots:
        if kind := slot["type"]:
            name = str(slot["variable"])
            if not lexicon.has(kind):
                raise EverydayError(_("no file defines the type {type}.").format(type=kind))
            if name not in names:
                names[name] = len(draws)
                draws.append(Draw(type=kind))
            elif draws[names[name]].type != kind:
                raise EverydayError(_("{name} is bound twice.").format(name=name))
    waiting = [slot for slot in slots if slot["relation"] and slot["relation"] not in _CASES]
    waiting.sort(key=lambda slot: slot["new"] is None)  # names first, so that {x.rel} beside {y=x.rel} prints y
    while waiting:
        ready = [slot for slot in waiting if slot["variable"] in names]
        if not ready:
            raise EverydayError(_("{name} is never bound.").format(name=waiting[0]["variable"]))
        for slot in ready:
            _add(slot, draws, names)
        waiting = [slot for slot in waiting if slot not in ready]
    return draws, names


def _add(slot: Raw, draws: list[Draw], names: dict[str, int]) -> None:
    """Add the draw of a relation slot. A second name for one relation of one entry is a second, different value."""
    variable, relation, new = str(slot["variable"]), str(slot["relation"]), slot["new"]
    draw = Draw(parent=names[variable], relation=relation)
    path = f"{variable}.{relation}"
    if new and new in names:
        if draws[names[new]] != draw:
            raise EverydayError(_("{name} is bound twice.").format(name=new))
        return
    if new or path not in names:
        names.setdefault(path, len(draws))
        if new:
            names[new] = len(draws)
        draws.append(draw)


def _parts(pieces: list[RawPiece], names: Mapping[str, int]) -> Iterator[Part]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, list):
            yield Choice(tuple(tuple(_part(item, names) for item in option) for option in piece))
        else:
            yield _slot(piece, names)


def _part(item: str | Raw, names: Mapping[str, int]) -> str | Slot:
    return item if isinstance(item, str) else _slot(item, names)


def _slot(slot: Raw, names: Mapping[str, int]) -> Slot:
    variable, relation = str(slot["variable"]), slot["relation"]
    if variable not in names:
        raise EverydayError(_("{name} is never bound.").format(name=variable))
    filters = _filters(slot["filters"])
    if relation in _CASES:
        return Slot(names[variable], filters, str(relation))
    if not relation:
        return Slot(names[variable], filters)
    return Slot(names[str(slot["new"] or f"{variable}.{relation}")], filters)


def _filters(filters: str | None) -> tuple[str, ...]:
    return tuple((filters or "").split("|")[1:])
