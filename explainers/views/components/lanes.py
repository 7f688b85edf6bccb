"""Rows of cells over shared columns: sequences that belong together, step by step, with arrows between them.

For what is no tokenization of one typed text: corrupted inputs, targets, what a model wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS
from explainers.language import _
from explainers.views.components.assets import register
from explainers.views.components.visible import visible_text

CellKind = Literal["token", "deep", "sentinel", "special", "gone", "number"]

_component = register("lanes", "elements", "painting")


@dataclass(frozen=True)
class Cell:
    """One cell: its column, its text, a small line under it, and its look.

    link: cells of one link light up together. level: from 0 to 1, how far the cell is filled.
    """

    column: int
    text: str
    note: str = ""
    kind: CellKind = "token"
    link: str = ""
    level: float | None = None


@dataclass(frozen=True)
class Lane:
    """One row of cells, with its name and a few words on what it is."""

    title: str
    note: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Arrow:
    """From a cell to another, each by its lane and column."""

    lane: int
    column: int
    to_lane: int
    to_column: int


@dataclass(frozen=True)
class Pick:
    """The lane whose cells can be clicked, one at a time or many, and the places of those that are picked in it."""

    lane: int
    many: bool
    picked: Collection[int]


def lanes(
    rows: Sequence[Lane],
    *,
    key: str,
    family: Family,
    pick: Pick | None = None,
    on_pick: Callable[[list[int]], None] = lambda picked: None,
    arrows: Sequence[Arrow] = (),
    breaks: Collection[int] = (),
) -> None:
    """Draw the lanes, wrapped into lines that begin at a column of `breaks` where that can be.

    on_pick is called before the next run with the places of all picked cells, never with those of another picture.
    """
    data = lane_data(rows, family, pick, arrows, breaks)

    def changed() -> None:
        stored = st.session_state.get(key)
        value = stored.get("picked") if isinstance(stored, Mapping) else None
        picked = valid_pick(value, data["fingerprint"], len(rows[pick.lane].cells) if pick else 0)
        if picked is not None:
            on_pick(picked)

    _component(key=key, data=data, default={"picked": None}, on_picked_change=changed)


def valid_pick(value: object, fingerprint: str, cells: int) -> list[int] | None:
    """The picked places that the browser sent, if they are places of this very picture; None for anything else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    picked = value.get("picked")
    if not isinstance(picked, list) or not all(type(at) is int and 0 <= at < cells for at in picked):
        return None
    return sorted(set(picked))


def lane_data(
    rows: Sequence[Lane], family: Family, pick: Pick | None, arrows: Sequence[Arrow], breaks: Collection[int]
) -> dict[str, Any]:
    """What the browser needs to draw the lanes. The fingerprint is of the lane that is picked from, not of the rest."""
    colour = FAMILY_COLOURS[family]
    drawn = [
        {"title": row.title, "note": row.note, "cells": [_cell(cell) for cell in row.cells], "spoken": _spoken(row)}
        for row in rows
    ]
    known = [cell.text for cell in rows[pick.lane].cells] if pick else []
    return {
        "fingerprint": hashlib.blake2b(json.dumps(known).encode(), digest_size=12).hexdigest(),
        "colours": [colour.light, colour.dark],
        "lanes": drawn,
        "columns": 1 + max((cell.column for row in rows for cell in row.cells), default=-1),
        "breaks": sorted(breaks),
        "arrows": [[arrow.lane, arrow.column, arrow.to_lane, arrow.to_column] for arrow in arrows],
        "pick": None if pick is None else {"lane": pick.lane, "many": pick.many, "picked": sorted(pick.picked)},
        "label": _("Tokens in rows"),
    }


def _cell(cell: Cell) -> list[Any]:
    text = cell.text if cell.kind == "number" else visible_text(cell.text)
    return [cell.column, text, cell.note, cell.kind, cell.link, cell.level]


def _spoken(row: Lane) -> str:
    """The lane as a sentence, for those who listen to it."""
    return f"{row.title}: {', '.join(cell.text for cell in row.cells)}"
