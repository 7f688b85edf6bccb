"""A box to choose one token of a text in; the choice is kept like one by click."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explainers.views.attention_heads import state


def choose_token(key: str, label: str, tokens: Sequence[str], chosen: int) -> int:
    """Draw the box and return the chosen token's place; `key` holds it in the session and in the address."""
    box = f"{key}_box"
    st.session_state[box] = chosen

    def changed() -> None:
        state.keep(key, int(st.session_state[box]))

    st.selectbox(
        label,
        range(len(tokens)),
        key=box,
        on_change=changed,
        format_func=lambda at: f"{at}: {tokens[at]}",
    )
    return chosen
