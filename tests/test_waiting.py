"""Long passes on the heads page: said before, with progress, stopped by the visitor, taken up again, and refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from explainers.checkpoints import load, memory
from explainers.trace import Trace, TraceError, TraceStopped, trace
from explainers.views import waiting
from tests.pages import opened, sentences

WAIT_SECONDS = 240.0
TEXT = "My dog is hairy"


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "BIG", 0)
    for name in ("bert-mini", "gpt2-mini", "t5-mini"):
        load(name).model  # noqa: B018 - what is waited for is a pass, not a library


def run_until(app: AppTest, done: Callable[[], bool]) -> None:
    """Look at the page again and again, as the browser does by itself."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
        app.run()
        assert not app.exception


def drawn(app: AppTest, component: str) -> bool:
    return any(node.proto.component_name.endswith(component) for node in app.get("bidi_component"))


def computing() -> bool:
    return any(thread.name == "computing" for thread in threading.enumerate())


def buttons(app: AppTest, name: str) -> list[Button]:
    return [button for button in app.button if (button.key or "").startswith(f"waiting_{name}_")]


def said(app: AppTest) -> str:
    return "\n".join([*(node.proto.text for node in app.get("progress")), *(text.value for text in app.markdown)])


class SlowTrace:
    """trace() that waits after some steps until the test lets it go."""

    def __init__(self, steps: int = 1) -> None:
        self.steps = steps
        self.go = threading.Event()
        self.stopped = False

    def __call__(self, *_given: object, stop: Callable[[], bool], **_options: object) -> Trace:
        for _step in range(1 + self.steps):
            stop()
        assert self.go.wait(WAIT_SECONDS)
        self.stopped = stop()
        raise TraceStopped


@pytest.mark.parametrize(
    ("page", "parameters", "component"),
    [
        ("attention-heads", {}, "head_grid"),
        ("attention-heads", {"att_part": "Inside", "att_family": "GPT-2"}, "head_grid"),
        ("attention-heads", {"att_part": "Knock out", "att_family": "T5", "att_out": "cross.0.0"}, "head_grid"),
        ("attention-heads", {"att_part": "Compare"}, "head_map"),
        ("attention-masks", {}, "maskgrid"),
    ],
)
def test_the_page_is_whole_once_its_passes_are_over(page: str, parameters: dict[str, str], component: str) -> None:
    app = opened(page, text=TEXT, pair="A cat sat", **parameters)
    run_until(app, lambda: drawn(app, component) and not app.get("progress"))
    assert not sentences(app)
    whole = said(app)
    app.run()
    assert said(app) == whole


def test_every_head_alone_is_tried_in_the_background() -> None:
    app = opened("attention-heads", text=TEXT, att_part="Knock out", att_each="true")
    run_until(app, lambda: drawn(app, "head_grid") and not app.get("progress"))
    assert not sentences(app)


def test_a_visitor_stops_a_pass_and_takes_it_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowTrace()
    monkeypatch.setattr("explainers.views.passes.trace", slow)
    app = opened("attention-heads", text=TEXT)
    run_until(app, lambda: "About" in said(app))
    assert "of memory" in said(app)
    assert f"step 2 of {load('bert-mini').sizes.layers + 1}" in said(app)
    (stop,) = buttons(app, "stop")
    stop.click().run()
    assert "Stopped" in said(app)
    assert not buttons(app, "stop")
    slow.go.set()
    run_until(app, lambda: not computing())
    assert slow.stopped
    monkeypatch.setattr("explainers.views.passes.trace", trace)
    (start,) = buttons(app, "start")
    start.click().run()
    run_until(app, lambda: drawn(app, "head_grid"))


def test_the_time_is_said_before_the_first_step_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowTrace(steps=0)
    monkeypatch.setattr("explainers.views.passes.trace", slow)
    app = opened("attention-heads", text=TEXT)
    run_until(app, lambda: "step 1 of" in said(app))
    assert "About" in said(app)
    assert "judged by" in said(app)
    (stop,) = buttons(app, "stop")
    stop.click().run()
    slow.go.set()
    run_until(app, lambda: not computing())


def test_a_text_that_is_changed_meanwhile_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowTrace()
    monkeypatch.setattr(
        "explainers.views.passes.trace",
        lambda model, text, *given, **options: (slow if text == TEXT else trace)(model, text, *given, **options),
    )
    app = opened("attention-heads", text=TEXT)
    run_until(app, lambda: "About" in said(app))
    slow.go.set()
    app.text_area(key="text").set_value("Another text").run()
    run_until(app, lambda: drawn(app, "head_grid"))
    run_until(app, lambda: not computing())


def test_what_goes_wrong_in_the_background_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object, **_options: object) -> Trace:
        raise TraceError("Choose another layer.")

    monkeypatch.setattr("explainers.views.passes.trace", fail)
    app = opened("attention-heads", text=TEXT)
    run_until(app, lambda: "Choose another layer" in sentences(app))


def test_a_pass_that_does_not_fit_into_memory_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
    app = opened("attention-heads", text=TEXT)
    assert "shorten the text" in sentences(app)
    assert not computing()
