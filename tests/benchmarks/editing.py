"""Each lesson's own server time for an edit of 30 words, against the same edit where the page draws nothing."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from unittest import mock

import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from explainers.views import lessons
from tests.benchmarks.measuring import medians_in_turn
from tests.pages import opened

GOAL_SECONDS = 0.3
REPEATS = 9
WARM_UP = 3
WORDS = 30
ROW = "{:<20} {:>8} {:>11} {:>11}   {}"


def measure(repeats: int = REPEATS) -> Iterator[str]:
    """A table: one row for each lesson, as its address without settings shows it, with the built-in models."""
    yield ROW.format("lesson", "an edit", "empty page", "ratio", f"goal {GOAL_SECONDS * 1e3:.0f} ms")
    edits = _texts()
    for lesson in lessons.lessons():
        shown = _edit(opened(lesson.slug, text=next(edits)), edits)
        with mock.patch.object(st.Page, "run"):
            empty = opened(lesson.slug, text=next(edits))
        seconds, reference = medians_in_turn(shown, _without_page(_edit(empty, edits)), repeats, WARM_UP)
        yield ROW.format(
            lesson.slug,
            f"{seconds * 1e3:,.0f} ms",
            f"{reference * 1e3:,.0f} ms",
            f"{seconds / reference:.1f} times",
            "met" if seconds <= GOAL_SECONDS else "NOT met",
        )


def _texts() -> Iterator[str]:
    """Texts of 30 words, each with another word in its middle, so that no cache has the answer."""
    for number in itertools.count():
        words = [["the", "old", "dog", "ran"][at % 4] for at in range(WORDS)]
        words[WORDS // 2] = f"number{number}"
        yield " ".join(words)


def _edit(app: AppTest, texts: Iterator[str]) -> Callable[[], float]:
    """The time of the script's thread: the router, the controls and the page, but not AppTest's reading of it all."""

    def seconds() -> float:
        spent = []
        run_script = LocalScriptRunner._run_script_thread

        def timed(runner: LocalScriptRunner) -> None:
            started = time.perf_counter()
            run_script(runner)
            spent.append(time.perf_counter() - started)

        app.text_area(key="text").set_value(next(texts))
        with mock.patch.object(LocalScriptRunner, "_run_script_thread", timed):
            app.run()
        if app.exception or app.error:
            raise AssertionError("a page with an error is no measurement")
        return sum(spent)

    return seconds


def _without_page(edit: Callable[[], float]) -> Callable[[], float]:
    def seconds() -> float:
        with mock.patch.object(st.Page, "run"):
            return edit()

    return seconds
