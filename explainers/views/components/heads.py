"""Attention on canvas: all heads as a grid of small pictures, and one map as lines or as a matrix."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import streamlit as st

from explainers.attention import Thumbnails, as_half_floats
from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS, MASKED
from explainers.language import _
from explainers.views.components.assets import register
from explainers.views.components.visible import visible_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_grid = register("head_grid", "elements", "keys", "canvas", "pixels")
_map = register("head_map", "elements", "keys", "canvas", "pixels", "head_map/lines", "head_map/matrix")

Look = Literal["lines", "matrix"]
Mode = Literal[
    "open", "knock", "gather"
]  # what a click does besides opening a head: silence it, or take it into a mean


class Place(NamedTuple):
    """A head of one kind of attention; both count from 0."""

    layer: int
    head: int


@dataclass(frozen=True)
class Cell:
    """What is written on one thumbnail. note: a number below it. mark: what a dot on it stands for."""

    note: str = ""
    mark: str = ""


@dataclass(frozen=True)
class MapAxes:
    """The tokens of a map, and where each stands in the whole sequence, which a filter may have taken others out of."""

    queries: Sequence[str]
    keys: Sequence[str]
    query_places: Sequence[int]
    key_places: Sequence[int]


def head_grid(
    small: Thumbnails,
    cells: Sequence[Sequence[Cell]],
    *,
    key: str,
    family: Family,
    selected: Place,
    mode: Mode,
    chosen: Collection[Place],
    alternative: str,
    on_pick: Callable[[Place, frozenset[Place]], None],
) -> None:
    """Draw all heads, a row a layer; a click or an arrow key calls on_pick with the open head and the chosen ones.

    cells [layers][heads]. chosen: those that are silenced or taken, as the mode says. A click that was made on another
    picture or in another mode is dropped.
    """
    layers, heads, rows, columns = small.levels.shape
    numbers = small.levels.tobytes()
    fingerprint = hashlib.blake2b(numbers, digest_size=12).hexdigest()
    header = {
        "shape": [layers, heads, rows, columns],
        "block": small.block,
        "cells": [[asdict(cell) for cell in row] for row in cells],
        "selected": list(selected),
        "mode": mode,
        "chosen": sorted(map(list, chosen)),
        "colours": {"family": FAMILY_COLOURS[family], "out": MASKED},
        "fingerprint": fingerprint,
        "alternative": alternative,
        "labels": {
            "layer": _("layer"),
            "head": _("head"),
            "place": _("layer {layer}, head {head}"),
            "knock": _("knocked out"),
            "gather": _("in the mean"),
            "grid": _("All heads. The arrow keys go to another head."),
            "pooled": _("Long text: each dot is the largest weight of {n} × {n} pairs of tokens."),
        },
    }

    def clicked() -> None:
        picked = valid_pick(_sent(key, "pick"), (layers, heads), mode, fingerprint)
        if picked is not None:
            on_pick(*picked)

    _grid(key=key, data=_packed(header, numbers), on_pick_change=clicked)


def head_map(
    weights: Floats,
    axes: MapAxes,
    *,
    key: str,
    family: Family,
    look: Look,
    threshold: float,
    query: int | None,
    chosen_key: int | None = None,
    place: Place,
    size: tuple[int, int],
    label: str,
    alternative: str,
    on_pair: Callable[[int | None, int | None], None],
    on_go: Callable[[Place], None],
) -> None:
    """Draw one map (queries, keys) of shares from 0 to 1; hovering is answered in the browser, without the server.

    threshold: weaker weights are left out. query, chosen_key: places in the sequence that are held on to; a click
    calls on_pair with the new ones (None: no query, no key). place, size: of the head, and how many layers and heads
    there are; an arrow key calls on_go with the next. label, alternative: the picture's name and what it says,
    for those who listen.
    """
    numbers = as_half_floats(weights)
    header = {
        **{field: [visible_text(piece) for piece in getattr(axes, field)] for field in ("queries", "keys")},
        "query_places": list(axes.query_places),
        "key_places": list(axes.key_places),
        "look": look,
        "threshold": threshold,
        "query": query,
        "key": chosen_key,
        "place": list(place),
        "size": list(size),
        "colours": {"family": FAMILY_COLOURS[family]},
        "label": label,
        "alternative": alternative,
        "labels": _map_labels(),
    }

    def paired() -> None:
        pair = valid_pair(_sent(key, "pair"), axes)
        if pair is not None:
            on_pair(*pair)

    def gone() -> None:
        sent = _sent(key, "go")
        to = valid_place((sent.get("layer"), sent.get("head")), size) if isinstance(sent, Mapping) else None
        if to is not None:
            on_go(to)

    _map(key=key, data=_packed(header, numbers), on_pair_change=paired, on_go_change=gone)


def valid_pick(
    value: object, size: tuple[int, int], mode: Mode, fingerprint: str
) -> tuple[Place, frozenset[Place]] | None:
    """The open head and the chosen ones that the browser sent, if they are of this very picture; None for all else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint or value.get("mode") != mode:
        return None
    sent = value.get("chosen")
    places = [valid_place(entry, size) for entry in sent] if isinstance(sent, Sequence) else [None]
    place = valid_place((value.get("layer"), value.get("head")), size)
    chosen = frozenset(entry for entry in places if entry is not None)
    return None if place is None or len(chosen) != len(places) else (place, chosen)


def valid_place(value: object, size: tuple[int, int]) -> Place | None:
    """A layer and a head that the browser sent, if there is such a head; None for anything else."""
    if not isinstance(value, Sequence) or len(value) != 2:
        return None
    layer, head = value
    if type(layer) is int and type(head) is int and 0 <= layer < size[0] and 0 <= head < size[1]:
        return Place(layer, head)
    return None


def valid_pair(value: object, axes: MapAxes) -> tuple[int | None, int | None] | None:
    """The places of a query and a key that the browser sent, each None where it let go; None for anything else."""
    if not isinstance(value, Mapping):
        return None
    query, key = value.get("query"), value.get("key")
    if not (query is None or (type(query) is int and query in axes.query_places)):
        return None
    if not (key is None or (type(key) is int and key in axes.key_places)):
        return None
    return query, key


def _map_labels() -> dict[str, str]:
    """Every word that the browser writes on a map, in the reader's language."""
    return {
        "from": _("looks (query)"),
        "to": _("is looked at (key)"),
        "hint": _("Point at a token; a click holds it. The arrow keys go to the next head."),
        "faint": _("No weight reaches 1 %: too weak for lines. The matrix shows them."),
        "hint_matrix": _("Point at a cell; a click holds it. The arrow keys go to the next head."),
        "pair": _("{query} looks at {key}: {share}"),
        "pooled": _("Each point is the largest weight of {n} × {n} pairs."),
    }


def _sent(key: str, trigger: str) -> object:
    stored = st.session_state.get(key)
    return stored.get(trigger) if isinstance(stored, Mapping) else None


def _packed(header: Mapping[str, object], numbers: bytes) -> bytes:
    """One buffer: the length of the header (uint32), the header in JSON, padded to pairs of bytes, the numbers."""
    head = json.dumps(header).encode()
    head += b" " * (len(head) % 2)
    return len(head).to_bytes(4, "little") + head + numbers
