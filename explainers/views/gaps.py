"""Which tokens the span corruption lesson takes out: `gaps` in the address.

Missing: two long words, for a first look. "draw": the seed decides. "none": everything was put back. Else the places
(explainers.spans); nonsense is taken out of the address.
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from explainers import spans
from explainers.tokenization import Tokenization
from explainers.views import address

DRAW = "draw"
_KEY = "gaps"
_NONE = "none"


def current(tokenization: Tokenization) -> tuple[int, ...]:
    """The tokens that are taken out in this run; the address is brought up to date."""
    state = st.session_state
    written = str(state[_KEY] if _KEY in state else address.read(_KEY))
    places = state[_KEY] = written if written in (DRAW, _NONE) else spans.places_in(written)
    address.keep(_KEY, places)
    if places not in ("", DRAW):
        return spans.tokens_at(tokenization, places)
    if any(token.kind == "sentinel" for token in tokenization.tokens):
        return ()  # the reader typed the gaps
    if not places:
        return spans.two_words(tokenization)
    own = sum(token.source is not None for token in tokenization.tokens)
    share, length = (float(state[key]) for key in ("span_share", "span_length"))
    return spans.drawn(own, int(state["span_seed"]), share / 100, length)


def keep(tokenization: Tokenization, picked: Collection[int]) -> None:
    """Take exactly these tokens out from now on."""
    st.session_state[_KEY] = spans.places_of(tokenization, picked) or _NONE


def clear() -> None:
    """Put every token back."""
    st.session_state[_KEY] = _NONE


def forget() -> None:
    """Let the seed decide again."""
    st.session_state[_KEY] = DRAW


def draw_again() -> None:
    """Let the next seed decide."""
    forget()
    st.session_state["span_seed"] = (int(st.session_state.get("span_seed") or 0) + 1) % 1_000_000
