"""What the reader has chosen by click: it lives in the session, and in the address under the same name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import streamlit as st

from explainers.trace import KINDS, AttentionKind
from explainers.views import address
from explainers.views.components.heads import Place

HeadSet = Literal["att_out", "att_set"]  # the heads that are knocked out, and those that are averaged

_LONGEST = 6  # digits of a number in an address
_MOST_HEADS = 400  # heads in an address


def number(key: str, count: int) -> int | None:
    """The chosen number from 0 up to count; None where none is chosen or it does not fit."""
    written = address.read(key)
    fits = written.isascii() and written.isdecimal() and len(written) <= _LONGEST
    value = st.session_state.get(key, int(written) if fits else None)
    chosen = value if type(value) is int and 0 <= value < count else None
    address.keep(key, "" if chosen is None else str(chosen))
    return chosen


def number_range(key: str, count: int) -> range | None:
    """The chosen numbers from 0 up to count, as in "0-3"; None where none are chosen or they do not fit."""
    first, dash, last = str(st.session_state.get(key, address.read(key))).partition("-")
    ends = [int(end) for end in (first, last) if end.isascii() and end.isdecimal() and len(end) <= _LONGEST]
    chosen = range(ends[0], ends[1] + 1) if dash and len(ends) == 2 and ends[0] <= ends[1] < count else None
    address.keep(key, f"{chosen[0]}-{chosen[-1]}" if chosen else "")
    return chosen


def keep(key: str, value: int | str | None) -> None:
    """Remember a choice; None or "" forgets it."""
    st.session_state[key] = value
    address.keep(key, "" if value is None else str(value))


def chosen_heads(key: HeadSet, kind: AttentionKind, layers: int, heads: int) -> frozenset[Place]:
    """The heads of one kind that are in the set; what does not exist in this model is left out."""
    return frozenset(place for its, place in _all(key) if its == kind and place.layer < layers and place.head < heads)


def choose_heads(key: HeadSet, kind: AttentionKind, places: frozenset[Place]) -> None:
    """Let these be the heads of one kind in a set; those of other kinds stay."""
    keep(key, _written({(its, place) for its, place in _all(key) if its != kind} | {(kind, place) for place in places}))


def empty(key: HeadSet) -> None:
    """Take every head out of a set."""
    keep(key, "")


def _all(key: HeadSet) -> frozenset[tuple[AttentionKind, Place]]:
    """Every head of a set, of all kinds of attention: "encoder.0.3-cross.1.2" in the address."""
    written = st.session_state.get(key, address.read(key))
    found: set[tuple[AttentionKind, Place]] = set()
    for entry in str(written).split("-")[:_MOST_HEADS]:
        name, *numbers = entry.split(".")
        kind = next((kind for kind in KINDS["t5"] if kind == name), None)
        if kind and len(numbers) == 2 and all(n.isascii() and n.isdecimal() and len(n) < 4 for n in numbers):
            found.add((kind, Place(int(numbers[0]), int(numbers[1]))))
    address.keep(key, _written(found))
    return frozenset(found)


def _written(heads: Collection[tuple[AttentionKind, Place]]) -> str:
    return "-".join(f"{kind}.{place.layer}.{place.head}" for kind, place in sorted(heads))
