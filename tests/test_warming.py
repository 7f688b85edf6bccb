"""Loading in the background: the order of things, and what is said when it fails."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from explainers.checkpoints import Checkpoint, CheckpointError, load
from explainers.trace import trace
from explainers.warming import Warming, spare_the_collector

SECONDS = 5.0


def wait_until_done(warming: Warming) -> None:
    deadline = time.monotonic() + SECONDS
    while any(model.state in {"waiting", "loading"} for model in warming.states):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_nothing_loads_before_the_first_page_is_served() -> None:
    loaded: list[str] = []
    warming = Warming(["a", "b"], loaded.append, quiet_seconds=60, paint_seconds=0)
    warming.start()
    time.sleep(0.05)
    assert not loaded
    assert not warming.ready
    warming.page_served()
    wait_until_done(warming)
    assert loaded == ["a", "b"]
    assert warming.ready


def test_loading_starts_by_itself_where_nobody_comes() -> None:
    loaded: list[str] = []
    warming = Warming(["a"], loaded.append, quiet_seconds=0.01)
    warming.start()
    warming.start()
    wait_until_done(warming)
    assert loaded == ["a"]


def test_a_model_that_fails_says_why_and_the_others_still_load(caplog: pytest.LogCaptureFixture) -> None:
    def load_weights(name: str) -> None:
        if name == "bad":
            raise CheckpointError("bad has no weights: choose another.")
        if name == "worse":
            raise MemoryError

    warming = Warming(["bad", "worse", "good"], load_weights, quiet_seconds=0)
    warming.start()
    wait_until_done(warming)
    assert [model.state for model in warming.states] == ["failed", "failed", "ready"]
    assert warming.states[0].sentence == "bad has no weights: choose another."
    assert "log" in warming.states[1].sentence
    assert "worse" in caplog.text
    assert not warming.ready


def test_stopping_ends_the_loading_after_the_model_at_hand() -> None:
    started, release = threading.Event(), threading.Event()

    def load_weights(_name: str) -> None:
        started.set()
        release.wait(SECONDS)

    warming = Warming(["a", "b"], load_weights, quiet_seconds=0)
    warming.start()
    assert started.wait(SECONDS)
    warming.stop()
    release.set()
    deadline = time.monotonic() + SECONDS
    while warming.states[0].state != "ready":
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(0.05)
    assert [model.state for model in warming.states] == ["ready", "waiting"]


def test_what_comes_after_the_models_comes_last() -> None:
    done: list[str] = []
    warming = Warming(["a", "b"], done.append, quiet_seconds=0, then=lambda: done.append("then"))
    warming.start()
    deadline = time.monotonic() + SECONDS
    while len(done) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert done == ["a", "b", "then"]


def test_a_model_is_freed_without_the_collector() -> None:
    """So nothing is lost where the collector leaves it out."""
    checkpoint = Checkpoint("its own", load("bert-mini").folder)
    trace(checkpoint, "A dog.")
    spare_the_collector()
    try:
        model = weakref.ref(checkpoint.model)
        checkpoint.release()
        assert model() is None
    finally:
        gc.unfreeze()
