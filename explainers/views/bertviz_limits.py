"""How much BertViz' views draw: every weight is a line of its own, and a browser stands still while it draws them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from explainers.views.bertviz_page import View

MOST_ELEMENTS = 150_000
"""Elements of a page that a view may draw.

Measured by tests/benchmarks/bertviz.py (`make bench` prints the table) with Chromium 156 on one core of a server, as
the time that the page's main thread computes. All three views draw about 50,000 elements a second: 145,278 of the
model view take 2.3 s, 149,877 of the head view 3.3 s, 151,440 of the neuron view 2.7 s, and the model view of 12 x 12
heads at 64 tokens, 599,499 elements, 11.1 s. So this many stand for 3 s in which the page does not answer.
"""

MOST_NUMBERS = 1_000_000
"""Numbers that are sent with a view: weights of one byte each, and components of queries and keys of two bytes."""


class Extent(NamedTuple):
    """The lengths of both axes of a map, and d_head, which counts in the neuron view."""

    queries: int
    keys: int
    d_head: int = 0


class Part(NamedTuple):
    """The layers and the heads that are sent: two ranges of numbers without gaps."""

    layers: range
    heads: range


def elements(view: View, extent: Extent, layers: int, heads: int) -> int:
    """How many elements a view draws of so many layers and heads, as its script does it.

    The head view draws one layer, the neuron view one head of one layer.
    """
    queries, keys, d_head = extent
    lines = queries * keys
    if view == "head":
        return heads * (lines + 2 * queries + keys + 4) + 3 * (queries + keys) + 9
    if view == "model":
        return layers * heads * (lines + queries + 3) + layers + heads + 3
    return 7 * lines + d_head * (queries + 2 * keys) + 20 * queries + 11 * keys + 36


def numbers(view: View, extent: Extent, layers: int, heads: int) -> int:
    """How many numbers are sent with a view."""
    queries, keys, d_head = extent
    vectors = (queries + keys) * d_head if view == "neuron" else 0
    return layers * heads * (queries * keys + vectors)


def fits(view: View, extent: Extent, layers: int, heads: int) -> bool:
    """Whether a browser can draw so much."""
    few = elements(view, extent, layers, heads) <= MOST_ELEMENTS
    return few and numbers(view, extent, layers, heads) <= MOST_NUMBERS


def fitting(view: View, extent: Extent, layers: int, heads: int, layer: int, head: int) -> Part | None:
    """As many heads, and then as many layers, as a browser can draw, with this layer and head among them.

    layers, heads: how many there are. None where one head is too much.
    """
    width = _most(heads, lambda count: fits(view, extent, 1, count))
    depth = 1 if view == "neuron" else _most(layers, lambda count: fits(view, extent, count, width))
    return Part(_around(layer, depth, layers), _around(head, width, heads)) if width and depth else None


def _most(count: int, possible: Callable[[int], bool]) -> int:
    return next((some for some in range(count, 0, -1) if possible(some)), 0)


def _around(at: int, length: int, count: int) -> range:
    """So many of the numbers from 0 up to count, with `at` among them."""
    start = min(at, count - length)
    return range(start, start + length)
