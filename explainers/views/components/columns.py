"""Several tokenizations of one text, cut into the columns that they share.

A column is the smallest run of whole characters that no token of any row divides, so every box spans whole columns.
Tokens that stand for no typed character ([CLS], </s>) have columns of their own.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explainers.views.components.visible import Direction, Shape, clusters, direction, shape, visible

if TYPE_CHECKING:
    from explainers.tokenization import Tokenization

# A run without blanks is cut after so many characters, so that a line can end inside it; wide ones fill a line sooner.
_LONGEST_CELL = 12
_LONGEST_WIDE_CELL = 6
_BREAKS_AFTER = frozenset("-‐–—/")


class Column(NamedTuple):
    """One column: the typed characters [start, end) of a source as they are drawn, or "" where nothing was typed."""

    source: int
    start: int
    end: int
    text: str
    shape: Shape
    direction: Direction


class Box(NamedTuple):
    """The columns [start, end) that the tokens [first, first + size) of a row stand under."""

    start: int
    end: int
    first: int
    size: int


class Paragraph(NamedTuple):
    """The columns from here to the next paragraph stand on lines of their own, of one source and one direction."""

    start: int
    source: int
    right_to_left: bool


@dataclass(frozen=True)
class Alignment:
    """The shared columns, their paragraphs, and each row's boxes, in the order of its tokens.

    breaks[c] says whether a line may begin at column c: 2 at a word, 1 only in a word too long for a line, 0 never.
    cuts holds, for each row, the column ranges of text that did not fit its model's context.
    """

    columns: tuple[Column, ...]
    paragraphs: tuple[Paragraph, ...]
    breaks: tuple[int, ...]
    boxes: tuple[tuple[Box, ...], ...]
    cuts: tuple[tuple[tuple[int, int], ...], ...]


class _Place(NamedTuple):
    """Where in the text a box stands: on characters [start, end), or, when nothing was typed for it, at one point."""

    source: int
    start: int
    end: int


class _Group(NamedTuple):
    place: _Place
    first: int
    size: int


def align(tokenizations: Sequence[Tokenization]) -> Alignment:
    """The columns that the tokenizations of one text share, so that one box never ends inside a column."""
    texts = _texts(tokenizations[0])
    rows = [_groups(tokenization, texts) for tokenization in tokenizations]
    columns: list[Column] = []
    inserted: dict[tuple[_Place, int], int] = {}
    for source, text in enumerate(texts):
        edges, points = _edges(rows, source, [cut for t in tokenizations for cut in _cut_places(t, texts)])
        columns.extend(_source_columns(source, text, edges, points, len(columns), inserted))
    lookup = _Lookup(columns)
    boxes = tuple(tuple(_boxes(groups, lookup, inserted)) for groups in rows)
    cuts = tuple(
        tuple(lookup.span(place) for place in _cut_places(tokenization, texts)) for tokenization in tokenizations
    )
    return Alignment(tuple(columns), tuple(_paragraphs(columns, texts)), tuple(_breaks(columns, boxes)), boxes, cuts)


class _Lookup:
    """From characters of a source to the columns that hold them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._column: dict[int, list[int]] = defaultdict(list)
        self._beyond: dict[int, int] = {}
        for index, column in enumerate(columns):
            self._column[column.source].extend([index] * (column.end - column.start))
            self._beyond[column.source] = index + 1

    def span(self, place: _Place) -> tuple[int, int]:
        """The columns of a place with characters, as a half-open range."""
        columns = self._column[place.source]
        if place.start >= len(columns):
            return self._beyond[place.source], self._beyond[place.source]
        return columns[place.start], columns[place.end - 1] + 1


def _texts(tokenization: Tokenization) -> list[str]:
    return [tokenization.text] if tokenization.pair is None else [tokenization.text, tokenization.pair]


def _cut_places(tokenization: Tokenization, texts: Sequence[str]) -> Iterator[_Place]:
    """The ends of the sources that the model never sees."""
    for source, (text, start) in enumerate(zip(texts, tokenization.dropped_from, strict=False)):
        if start is not None and start < len(text):
            yield _Place(source, start, len(text))


def _groups(tokenization: Tokenization, texts: Sequence[str]) -> list[_Group]:
    """The row's tokens in order, those of one mark together, each group with its place."""
    mark_of = {token: mark for mark in tokenization.marks for token in mark.tokens}
    tokens = tokenization.tokens
    source = 0
    groups: list[_Group] = []
    for index, token in enumerate(tokens):
        mark = mark_of.get(index)
        if token.source is not None:
            source = token.source
            start, end = (mark.start, mark.end) if mark else (token.start, token.end)
            place = _Place(source, start, end)
        else:
            last = index == len(tokens) - 1
            source = len(texts) - 1 if last else source
            point = 0 if index == 0 and not last else len(texts[source])
            place = _Place(source, point, point)
        if groups and place.start < place.end and groups[-1].place == place:
            groups[-1] = groups[-1]._replace(size=groups[-1].size + 1)
        else:
            groups.append(_Group(place, index, 1))
    return groups


def _edges(rows: Sequence[Sequence[_Group]], source: int, cuts: Sequence[_Place]) -> tuple[set[int], dict[int, int]]:
    """Where the boxes of any row begin and end in a source, and how many columns without text each point needs."""
    edges: set[int] = set()
    points: dict[int, int] = defaultdict(int)
    for groups in rows:
        here: dict[int, int] = defaultdict(int)
        for place, _, _ in groups:
            if place.source != source:
                continue
            if place.start == place.end:
                here[place.start] += 1
            edges.update((place.start, place.end))
        for point, count in here.items():
            points[point] = max(points[point], count)
    edges.update(edge for cut in cuts if cut.source == source for edge in (cut.start, cut.end))
    return edges, points


def _source_columns(
    source: int,
    text: str,
    edges: set[int],
    points: dict[int, int],
    index: int,
    inserted: dict[tuple[_Place, int], int],
) -> Iterator[Column]:
    """The columns of one source; `inserted` learns which column each place without characters got."""
    waiting = sorted(points, reverse=True)
    for start, end, drawn, form in (*_cells(text, edges), _end(len(text))):
        while waiting and (waiting[-1] <= start or waiting[-1] < end):
            point = waiting.pop()
            for nth in range(points[point]):
                inserted[_Place(source, point, point), nth] = index
                yield Column(source, start, start, "", "text", "none")
                index += 1
        if start < end:
            yield Column(source, start, end, drawn, form, direction(text[start:end]))
            index += 1


class _Cell(NamedTuple):
    start: int
    end: int
    drawn: str
    form: Shape


def _end(length: int) -> _Cell:
    return _Cell(length, length, "", "text")


def _cells(text: str, edges: set[int]) -> Iterator[_Cell]:
    """The text cut at every edge, around blanks and hidden characters, and where a run grows too long for a line."""
    start, limit = 0, _LONGEST_CELL
    drawn: list[str] = []
    form: Shape = "text"
    for at, cluster in clusters(text):
        new, picture = shape(cluster), visible(cluster)
        joins = new == form and (new == "text" or (new == "blank" and picture == drawn[-1]))
        if drawn and (at in edges or not joins or len(drawn) >= limit):
            yield _Cell(start, at, "".join(drawn), form)
            start, drawn, limit = at, [], _LONGEST_CELL
        form = new
        drawn.append(picture)
        if _wide(cluster):
            limit = _LONGEST_WIDE_CELL
    if drawn:
        yield _Cell(start, len(text), "".join(drawn), form)


def _wide(cluster: str) -> bool:
    return cluster[0] > "\u1000" and unicodedata.east_asian_width(cluster[0]) in "WF"


def _boxes(groups: Sequence[_Group], lookup: _Lookup, inserted: dict[tuple[_Place, int], int]) -> Iterator[Box]:
    nth: dict[_Place, int] = defaultdict(int)
    for place, first, size in groups:
        if place.start < place.end:
            yield Box(*lookup.span(place), first, size)
        else:
            column = inserted[place, nth[place]]
            nth[place] += 1
            yield Box(column, column + 1, first, size)


def _paragraphs(columns: Sequence[Column], texts: Sequence[str]) -> Iterator[Paragraph]:
    """One paragraph a source and typed line, running as its first letter does."""
    start = 0
    for index, column in enumerate(columns):
        last = index + 1 == len(columns)
        if last or column.shape == "line end" or columns[index + 1].source != column.source:
            text = texts[column.source][columns[start].start : column.end]
            yield Paragraph(start, column.source, direction(text) == "right")
            start = index + 1


def _breaks(columns: Sequence[Column], boxes: Sequence[Sequence[Box]]) -> Iterator[int]:
    inside = {column for row in boxes for box in row for column in range(box.start + 1, box.end)}
    for index, column in enumerate(columns):
        if index == 0 or index in inside:
            yield 0
        else:
            yield 2 if _between_words(columns[index - 1], column) else 1


def _between_words(left: Column, right: Column) -> bool:
    if not left.text or not right.text:
        return False
    if "text" not in (left.shape, right.shape) or left.shape != right.shape:
        return left.shape == "blank" or right.shape == "blank"
    return left.text[-1] in _BREAKS_AFTER or (_wide(left.text[-1]) and _wide(right.text))
