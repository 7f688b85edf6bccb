"""Characters as a projector can show them: blanks, line ends, controls and lone marks get a shape of their own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import regex

if TYPE_CHECKING:
    from explainers.checkpoints import Family
    from explainers.tokenization import Entry

Shape = Literal["text", "blank", "line end", "code"]
Direction = Literal["left", "right", "digit", "none"]

_CLUSTER = regex.compile(r"\X")
_LINE_ENDS = frozenset({"\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"})
_BLANKS = {" ": "·", "\t": "→", "\u00a0": "⍽", "\u202f": "⍽"}
_DIRECTIONS: dict[str, Direction] = {"L": "left", "R": "right", "AL": "right", "EN": "digit", "AN": "digit"}


def clusters(text: str) -> Iterator[tuple[int, str]]:
    """The grapheme clusters of a text, what a reader takes for one character, each with where it starts."""
    if text.isascii() and "\r" not in text:
        return enumerate(text)
    return ((match.start(), match.group()) for match in _CLUSTER.finditer(text))


@lru_cache(maxsize=4096)
def shape(cluster: str) -> Shape:
    """What a cluster looks like: text, a blank, the end of a line, or a character that draws nothing ("code")."""
    if cluster in _LINE_ENDS:
        return "line end"
    first = cluster[0]
    if first.isalnum():
        return "text"
    if first in _BLANKS:
        return "blank"
    category = unicodedata.category(first)
    if category == "Zs":
        return "blank"
    return "code" if category[0] == "C" or _selects_variation(first) else "text"


@lru_cache(maxsize=4096)
def visible(cluster: str) -> str:
    """One cluster as it is drawn: a blank as ·, a line end as ↵, a control as its picture, a lone mark on a ◌."""
    match shape(cluster):
        case "line end":
            return "↵"
        case "blank":
            return _BLANKS.get(cluster[0], "·") + cluster[1:]
        case "code":
            return _code(cluster)
        case "text":
            return "◌" + cluster if unicodedata.category(cluster[0])[0] == "M" else cluster


def visible_text(text: str) -> str:
    """Every cluster of a text as it is drawn."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return "".join(visible(cluster) for _, cluster in clusters(text))


def drawn_entry(entry: Entry, family: Family) -> str:
    """An entry of the vocabulary as rows of tokens draw it: GPT-2's as the text it stands for, the others' pieces."""
    if family == "gpt2" and entry.kind in ("word start", "continuation"):
        return visible_text(entry.text)
    return entry.text if entry.kind == "byte" else visible_text(entry.piece)


def hexadecimal(data: bytes) -> str:
    """Bytes as pairs of hexadecimal digits: b"\\xed\\x95" is "ED 95"."""
    return data.hex(" ").upper()


def drawn_bytes(data: bytes) -> tuple[str, bool]:
    """Bytes as the characters they are, or in hexadecimal, with True, where they are no whole characters."""
    try:
        return visible_text(data.decode("utf-8")), False
    except UnicodeDecodeError:
        return hexadecimal(data), True


def direction(text: str) -> Direction:
    """Which way a text runs: that of its first letter, else "digit" if it has a digit, else "none"."""
    if text[:1].isascii() and text[:1].isalpha():
        return "left"
    found: Direction = "none"
    for character in text:
        way = _DIRECTIONS.get(unicodedata.bidirectional(character), "none")
        if way in ("left", "right"):
            return way
        if way == "digit":
            found = way
    return found


def _selects_variation(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _code(cluster: str) -> str:
    point = ord(cluster[0])
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "␡"
    return f"U+{point:04X}"
