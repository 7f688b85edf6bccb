"""The corruption, token by token: the token, its dice, what BERT reads in its place, and what BERT says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from explainers.figures.palette import FAMILY_COLOURS, KEPT, MASKED, REPLACED
from explainers.language import _
from explainers.views.components.assets import register

_component = register("masks", "elements", "painting")


@dataclass(frozen=True)
class MaskCell:
    """One token. fate: 0 untouched, 1 masked, 2 replaced, 3 kept (masking.Fate).

    token, seen: what stands in the text, and what BERT reads. choice, die: the two throws from 0 to 1, None where none
    counts: a special token throws none, and only a chosen token throws twice. said: BERT's first guess, "" where it is
    not asked, probability: that guess's, as printed, right: whether it is the token of the text.
    """

    token: str
    seen: str
    fixed: bool
    fate: int
    choice: float | None = None
    die: float | None = None
    said: str = ""
    probability: str = ""
    right: bool = False


def mask_cells(
    cells: Sequence[MaskCell],
    *,
    key: str,
    rate: float | None,
    shares: tuple[float, float] = (0.8, 0.9),
    selected: int | None = None,
    on_click: Callable[[int], None],
) -> None:
    """Draw the cells; a click on one that is not fixed calls on_click with its index, before the page runs again.

    rate: the first die's threshold, None where nobody threw dice. shares: where, on the second die, [MASK] ends and the
    random token ends. A click that was made on other cells is dropped.
    """
    drawn = [asdict(cell) for cell in cells]
    fingerprint = hashlib.blake2b(json.dumps([cell.token for cell in cells]).encode(), digest_size=12).hexdigest()

    def clicked() -> None:
        stored = st.session_state.get(key)
        at = valid_click(stored.get("click") if isinstance(stored, Mapping) else None, cells, fingerprint)
        if at is not None:
            on_click(at)

    data = {
        "cells": drawn,
        "rate": rate,
        "shares": list(shares),
        "selected": selected,
        "fingerprint": fingerprint,
        "colours": {
            "bert": list(FAMILY_COLOURS["bert"]),
            "masked": list(MASKED),
            "replaced": list(REPLACED),
            "kept": list(KEPT),
        },
        "labels": _labels(),
    }
    _component(key=key, data=data, on_click_change=clicked)


def valid_click(value: object, cells: Sequence[MaskCell], fingerprint: str) -> int | None:
    """The index that the browser sent, if it is that of one of these very cells that can be clicked."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    at = value.get("at")
    return at if type(at) is int and 0 <= at < len(cells) and not cells[at].fixed else None


def _labels() -> dict[str, Any]:
    """Every word that the browser writes, in the reader's language."""
    return {
        "picture": _("Every token, its dice, and what BERT reads"),
        "token": _("Token"),
        "choice": _("First die"),
        "die": _("Second die"),
        "seen": _("BERT reads"),
        "said": _("BERT says"),
        "fates": [_("not chosen"), _("masked"), _("random"), _("kept")],
        "special": _("special"),
        "sentence": _("“{token}”: {fate}. BERT reads “{seen}”. {said}"),
        "guess": _("BERT says “{said}”, {probability}."),
    }
