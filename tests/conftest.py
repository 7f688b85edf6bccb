"""What keeps one test from another: empty caches, and the source language; and what an error shows: everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from explainers import language


@pytest.fixture(autouse=True)
def _no_state_from_other_tests() -> Iterator[None]:
    language.use("en")
    st.set_option("client.showErrorDetails", "full")
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
