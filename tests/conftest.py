"""What keeps one test from another: empty caches, and the source language; and what an error shows: everything."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence

import pytest
import streamlit as st

from explainers import language
from explainers.alone import FOLDER
from explainers.checkpoints import Checkpoint, settings
from explainers.next_sentence import judging

# For the servers that tests start, too: no test sees the models that this machine's user has, and none asks the hub.
os.environ[settings.FOLDER] = tempfile.mkdtemp(prefix="explainers-models-")
atexit.register(shutil.rmtree, os.environ[settings.FOLDER], ignore_errors=True)
os.environ[FOLDER] = tempfile.mkdtemp(prefix="explainers-cache-")  # and none the measurements
atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _no_state_from_other_tests() -> Iterator[None]:
    language.use("en")
    st.set_option("client.showErrorDetails", "full")
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True, scope="session")
def _the_same_pairs_are_judged_once() -> Iterator[None]:
    """The next sentence page asks about the same hundreds of pairs at every cold visit, for seconds."""
    known: dict[tuple[object, ...], tuple[float, ...]] = {}
    ask = judging.chances

    def chances(checkpoint: Checkpoint, pairs: Sequence[tuple[str, str]]) -> tuple[float, ...]:
        key = (checkpoint.name, checkpoint.folder, *pairs)
        if key not in known:
            known[key] = ask(checkpoint, pairs)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "chances", chances)
        yield
