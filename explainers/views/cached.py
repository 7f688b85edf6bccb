"""Every cache of the application. Keys are strings; what is cached is never changed, so all sessions share it."""

from __future__ import annotations

import streamlit as st

from explainers import tokenization
from explainers.checkpoints import load
from explainers.tokenization import Entry, LanguageCost, Tokenization, tokenize


@st.cache_resource(max_entries=64, show_spinner=False)
def tokenized(name: str, text: str, pair: str | None = None) -> Tokenization:
    """The text (and pair) as the named checkpoint cuts it, with the counts and marks that were worked out before."""
    return tokenize(load(name), text, pair)


@st.cache_resource(max_entries=32, show_spinner=False)
def language_costs(name: str) -> tuple[LanguageCost, ...]:
    """What the sample text costs in every language with the named checkpoint."""
    return tokenization.language_costs(load(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def vocabulary(name: str) -> tuple[Entry, ...]:
    """The named checkpoint's whole vocabulary, by id."""
    return tokenization.vocabulary(load(name))
