"""Names beside dots: each where it covers no other name and no dot, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_LETTER, _LINE, _GAP, _DOT = 8.6, 21.0, 9.0, 8.0  # pixels: a letter's width, a line's height, beside a dot, its radius


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    def covers(self, other: Box) -> bool:
        """Whether the two have a point in common."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


class Place(NamedTuple):
    """Where a name stands, as plotly's annotations take it."""

    xanchor: str
    yanchor: str
    xshift: float
    yshift: float


_PLACES = (
    Place("left", "middle", _GAP, 0),
    Place("right", "middle", -_GAP, 0),
    Place("center", "bottom", 0, _GAP),
    Place("center", "top", 0, -_GAP),
    Place("left", "bottom", _GAP, _GAP),
    Place("left", "top", _GAP, -_GAP),
    Place("right", "bottom", -_GAP, _GAP),
    Place("right", "top", -_GAP, -_GAP),
)


def places(
    dots: Sequence[tuple[float, float]], names: Sequence[str], others: Sequence[tuple[float, float]], width: float
) -> list[Place | None]:
    """A place for each dot's name, the first of eight that is free; None where none is.

    dots, others: pixels from the left and from below; others have no name but must not be covered. width: of the plot.
    """
    taken = [Box(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in (*dots, *others)]
    found: list[Place | None] = []
    for (x, y), name in zip(dots, names, strict=True):
        free = None
        for place in _PLACES if name else ():
            box = _box(x, y, name, place)
            if box.left >= 0 and box.right <= width and not any(box.covers(other) for other in taken):
                taken.append(box)
                free = place
                break
        found.append(free)
    return found


def _box(x: float, y: float, name: str, place: Place) -> Box:
    wide = _LETTER * len(name)
    left = {"left": x, "center": x - wide / 2, "right": x - wide}[place.xanchor] + place.xshift
    bottom = {"bottom": y, "middle": y - _LINE / 2, "top": y - _LINE}[place.yanchor] + place.yshift
    return Box(left, bottom, left + wide, bottom + _LINE)
