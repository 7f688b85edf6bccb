"""The address says what is shown, so that a copied link brings back what its sender saw.

Streamlit looks after the parameters that are bound to a widget: a value that does not fit gives way to the usual one.
What the reader chooses by click stands in no widget: it is read and kept here, and nonsense is taken out. At the end of
a run `settle` takes out what nobody has read: misspelt names, and settings of controls that this view does not have.
"""

from __future__ import annotations

from contextlib import suppress
from math import isinf

import streamlit as st
from streamlit.errors import StreamlitAPIException

TEXTS = frozenset(
    {"text", "pair", "pairs_text", "trick_old", "trick_new", "ft_own"}
)  # of text boxes, which may be empty

_READ = "address_read"
_UNFINISHED = "address_unfinished"


def begin() -> None:
    """Forget what the run before has read, and take out what widgets cannot read; the router calls it first of all."""
    st.session_state[_READ] = set()
    st.session_state[_UNFINISHED] = False
    unreadable = [key for key, value in st.query_params.items() if key not in TEXTS and _is_unreadable(key, value)]
    if [key for key in unreadable if _take_out(key)]:
        st.rerun()


def read(key: str) -> str:
    """What the address says under this name, "" where it says nothing."""
    st.session_state.setdefault(_READ, set()).add(key)
    return str(st.query_params.get(key, ""))


def number(key: str, count: int, *, first: int = 0) -> int | None:
    """The whole number from first up to, but not including, count that the address names.

    None where it names none; one that does not fit is taken out.
    """
    written = read(key)
    if written.isascii() and written.isdecimal() and len(written) <= len(f"{count}") and first <= int(written) < count:
        return int(written)
    keep(key, "")
    return None


def keep(key: str, value: str) -> None:
    """Let the address say this under the name, and nothing where the value is empty."""
    read(key)
    if value and st.query_params.get(key) != value:
        st.query_params[key] = value
    elif not value and key in st.query_params:
        del st.query_params[key]


def wait() -> None:
    """Leave the address as it is after this run: the page is not drawn to its end, so what it reads is not known."""
    st.session_state[_UNFINISHED] = True


def settle() -> None:
    """Take out of the address what nothing on the page has read; the router calls it once the page is drawn."""
    if st.session_state.get(_UNFINISHED):
        return
    read_by_us = st.session_state.get(_READ, set())
    for key in list(st.query_params):
        if key not in read_by_us:
            _take_out(key)


def _is_unreadable(key: str, value: str) -> bool:
    """Whether Streamlit's widgets fail at it: a switch that must have a choice at nothing, a number box at "inf"."""
    if not value:
        return True
    with suppress(ValueError):
        return isinf(float(value))
    return False


def _take_out(key: str) -> bool:
    """Whether it could be taken out: Streamlit keeps what is bound to a widget that was drawn before."""
    with suppress(StreamlitAPIException):
        del st.query_params[key]
        return True
    return False
