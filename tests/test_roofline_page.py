"""The roofline lesson as Streamlit runs it: every part, good and bad links, a kept result, and two visitors at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explainers.alone import FOLDER
from explainers.roofline import Conditions, Point, Request, Result, Runner, keep, plan, runner
from explainers.roofline.hardware import published_hardware
from explainers.views.roofline import live
from explainers.views.roofline.lesson import PAGES
from tests.pages import charts, html, opened, said, sentences
from tests.roofline.machines import MB, result, square, stream

DEADLINE_SECONDS = 240  # of a test that measures, on a machine that is busy with others

# Memory brings 20 GB/s, every cache 200; the largest products reach 100 and 200 GFLOP/s.
ROOFS = (
    *(stream("triad", size, size / 200e9, level) for size, level in ((2**14, "L1"), (2**18, "L2"), (2**21, "L3"))),
    *(stream(role, 64 * MB, 64 * MB / 20e9, "memory") for role in ("copy", "triad")),
    square(1000, 0.02),
    replace(square(1000, 0.01), task=replace(square(1000, 0.01).task, type="bf16", bytes=6_000_000)),
)


@pytest.fixture(autouse=True)
def _own_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test has a runner and a kept result of its own, and leaves no process behind."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    runner.cache_clear()
    yield
    runner().close()
    runner.cache_clear()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is made ready by a look at the page: for tests that do not measure."""
    monkeypatch.setattr(Runner, "warm", lambda _runner: None)


def lesson(**parameters: object) -> AppTest:
    return opened("roofline", **parameters)


def measured(request: Request | None = None, **changes: object) -> Result:
    """Points that nobody measured: a model's operations at half of what the roofs allow, and a few products."""
    bare = replace(result(*ROOFS), request=request or Request(tokens=128))
    points = []
    for task in plan(replace(bare.request, parts=("product", "model")), bare.machine, bare.limits):
        level = "memory" if task.state == "cold" else bare.machine.level(task.working_set_bytes)
        peak = {"fp32": 100e9, "bf16": 200e9}[task.type]
        seconds = 2 * max(task.flops / peak, task.bytes / (20e9 if level == "memory" else 200e9))
        points.append(Point(task, seconds, 0.9 * seconds, 1.1 * seconds, 9, 1, 0.01, level))
    return replace(bare, points=(*ROOFS, *points), **changes)  # type: ignore[arg-type]


def until(app: AppTest, ready: Callable[[AppTest], bool]) -> AppTest:
    """Run the page again until it shows what is waited for."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not ready(app):
        assert time.monotonic() < deadline, said(app)
        time.sleep(0.2)
        app.run()
        assert not app.exception
    return app


def buttons(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button if str(button.key).startswith("roof_")}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("part", PAGES)
def test_every_part_is_drawn_before_anything_is_measured(part: str) -> None:
    app = lesson(text=" ")
    app.session_state["roof_part"] = part
    app.run()
    assert not app.exception
    assert not sentences(app)
    if part in ("machine", "model"):
        assert "Nothing has been measured on this machine yet" in said(app)
        assert "roof_run" in buttons(app)
    assert len(charts(app)) == (part != "machine")


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("part", "count"), [("machine", 2), ("model", 1), ("hardware", 1)])
def test_the_last_result_is_shown_at_once(part: str, count: int) -> None:
    keep(measured())
    app = lesson(text=" ")
    app.session_state["roof_part"] = part
    app.run()
    assert not app.exception
    assert not sentences(app)
    assert len(charts(app)) == count
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))
    if part != "hardware":
        told = said(app)
        assert "Shown is the last result of this machine, of 2026-01-02 03:04 UTC" in told
        assert "box: a processor, 1 of 1 threads, Linux" in told.replace("\\", "")
        assert "torch 2" in told
        assert "1\u00a0µs" in told  # what every call takes
        labels = [button.proto.label for button in app.get("download_button")]
        assert {"CSV", "JSON"} <= set(labels)


@pytest.mark.parametrize(
    ("sides", "intensity", "speed"),
    [
        ((1024, 1024, 1024), 2 * 1024 / 12, 19.5e12),  # 171 FLOPs per byte, under the flat roof
        ((1, 1024, 1024), 2 * 1024**2 / (4 * (1024**2 + 2048)), 2039e9 * 2 * 1024**2 / (4 * (1024**2 + 2048))),
    ],
)
def test_the_theory_puts_the_product_where_its_formula_does(
    sides: tuple[int, int, int], intensity: float, speed: float
) -> None:
    m, k, n = sides
    app = lesson(roof_m=m, roof_k=k, roof_n=n, roof_type="fp32")
    (chart,) = charts(app)
    dot = chart["data"][-1]
    assert dot["x"] == pytest.approx([intensity])
    assert dot["y"] == pytest.approx([speed])
    assert f"**{intensity:.3g} FLOPs per byte**" in said(app)
    limit = "arithmetic is the limit" if m > 1 else "memory is the limit"
    assert f"**{limit}**" in said(app)


def test_a_type_that_the_vendor_does_not_print_is_said() -> None:
    app = lesson(roof_on="Apple M2 laptop (10-core GPU)", roof_type="int8")
    assert "prints no peak for int8" in sentences(app)
    assert not charts(app)


def test_this_machine_has_a_roof_in_the_theory_once_it_was_measured() -> None:
    app = lesson(roof_on="this machine")
    assert "no measured roof for fp32 on this machine" in sentences(app) or "has no measured roof" in sentences(app)
    runner.cache_clear()
    keep(measured())
    app = lesson(roof_on="this machine")
    assert not sentences(app)
    assert charts(app)[0]["data"][-1]["y"] == pytest.approx([100e9])


@pytest.mark.usefixtures("quiet")
def test_the_roofs_of_this_machine_and_every_product_are_drawn() -> None:
    found = measured()
    keep(found)
    chart = charts(lesson(roof_part="This machine"))[0]
    names = {annotation["text"] for annotation in chart["layout"]["annotations"]}
    assert {"<b>fp32, 100\u00a0GFLOP/s</b>", "<b>bf16, 200\u00a0GFLOP/s</b>", "ridge 5", "ridge 10"} <= names
    assert "memory, 20\u00a0GB/s" in names
    drawn = {name for trace in chart["data"] for name in [trace.get("name")] if name}
    assert {"fp32, square", "bf16, few rows", "fp32, few columns", "fp32, short inner side"} <= drawn
    dots = sum(len(trace["y"]) for trace in chart["data"] if trace.get("name"))
    assert dots == len(found.group("peak", "product"))


@pytest.mark.usefixtures("quiet")
def test_published_roofs_are_laid_over_the_measured_ones() -> None:
    keep(measured())
    chart = charts(lesson(roof_part="This machine", roof_chips=["H100", "V100"]))[0]
    names = [annotation["text"] for annotation in chart["layout"]["annotations"]]
    assert "H100, bf16, ridge 295" in names
    assert "V100, fp16, ridge 139" in names


@pytest.mark.usefixtures("quiet")
def test_a_model_s_operations_stand_where_they_were_measured_and_where_they_should() -> None:
    keep(measured())
    app = lesson(roof_part="A model", roof_length="128", roof_type="fp32")
    (chart,) = charts(app)
    (products,) = (trace for trace in chart["data"] if trace.get("name") == "one token more: products")
    assert len(products["y"]) == 7
    assert max(products["x"]) < 0.51  # matrix times vector
    (text,) = (trace for trace in chart["data"] if trace.get("name") == "whole text: products")
    assert min(text["x"]) > 10
    assert "hollow: promised by the roofs" in [trace.get("name") for trace in chart["data"]]
    told = said(app)
    assert "**The whole text at once, 128 tokens × 1**: at least" in told
    assert "measured." in told
    rows = html(app)
    for operation in ("Q, K, V", "scores", "mixing of values", "FFN in", "LM head", "softmax", "GELU", "layer norm"):
        assert operation in rows
    assert rows.count('<td class="number" dir="auto">50 %</td>') == rows.count("FLOP/s</td>") / 2


@pytest.mark.usefixtures("quiet")
def test_before_anything_is_measured_a_model_stands_under_a_published_roof() -> None:
    app = lesson(roof_part="A model", roof_length="128", roof_type="bf16")
    assert "the published roof of the NVIDIA A100" in said(app)
    assert "Press **Run**" in said(app)
    (chart,) = charts(app)
    drawn = [(x, y) for trace in chart["data"] if "open" in str(trace.get("marker", {}).get("symbol")) and trace["y"]
             for x, y in zip(trace["x"], trace["y"], strict=True) if x]  # fmt: skip
    assert len(drawn) == 20  # products of both passes, and what stands between them
    for x, y in drawn:
        assert y == pytest.approx(min(312e12, x * 2039e9))
    assert not [y for trace in chart["data"] for y in trace["y"] if "products" in str(trace.get("name"))]
    app = lesson(roof_part="A model", roof_type="bf16", roof_chips=["H100"])
    assert "the published roof of the NVIDIA H100" in said(app)


@pytest.mark.usefixtures("quiet")
def test_at_another_length_only_the_promise_is_shown() -> None:
    keep(measured())
    app = lesson(roof_part="A model", roof_length="512")
    (chart,) = charts(app)
    assert not [y for trace in chart["data"] for y in trace["y"] if "products" in str(trace.get("name"))]
    assert "The last run measured" in said(app)
    assert "press Run to measure this" in said(app)
    assert "–" in html(app)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("family", ["BERT", "GPT-2", "T5"])
def test_the_loaded_models_and_the_reader_s_own_sentence(family: str) -> None:
    keep(measured())
    app = lesson(roof_part="A model", roof_model=f"the loaded {family}", text="A dog. " * 300)
    assert not sentences(app)
    rows = html(app)
    assert "softmax" in rows
    assert ("RMS norm, cross-attention" in rows) == (family == "T5")
    assert ("Operation by operation: one token more" in said(app)) == (family != "BERT")


@pytest.mark.usefixtures("quiet")
def test_what_was_noticed_is_said_plainly() -> None:
    found = measured(conditions=Conditions(2e-5, 0.4, 1.5))
    keep(replace(found, points=(replace(found.points[0], disturbed=True), *found.points[1:])))
    told = said(lesson(roof_part="This machine"))
    assert "**Every call takes 20\u00a0µs**" in told
    assert "**Other programs were busy**: they used 40 % of the processors" in told
    assert "result of this machine, of 2026-01-02 03:04 UTC: **other programs were busy** then." in told
    assert "up to 1.5 times as long" in told
    assert f"1 of {len(found.points)} points were measured while other work was going on" in told


@pytest.mark.usefixtures("quiet")
def test_a_machine_s_own_name_is_text_and_never_markup() -> None:
    found = measured()
    keep(replace(found, machine=replace(found.machine, name="<img src=x> **bold** [a](b)")))
    told = said(lesson(roof_part="This machine"))
    assert "\\<img src" in told
    assert "\\*\\*bold\\*\\*" in told


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "parameters",
    [
        {"roof_part": "<b>", "roof_m": "-1", "roof_type": "fp9", "roof_on": "../x", "step": "x"},
        {"roof_part": "This machine", "roof_threads": "9999", "roof_types": "none", "roof_device": "tpu"},
        {"roof_part": "A model", "roof_batch": "3", "roof_length": "12345678", "roof_model": "<i>"},
        {"roof_part": "Other chips", "roof_chips": ["B999", "H100"]},
        {"step": "99"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, object]) -> None:
    keep(measured())
    app = lesson(**parameters)
    assert not sentences(app)
    assert charts(app)


def test_every_published_number_is_printed_with_its_link() -> None:
    rows = html(lesson(roof_part="Other chips", roof_type="bf16"))
    for device in published_hardware().values():
        assert device.name in rows
        assert device.link in rows
        assert f"{device.bandwidth / 1e9:,.5g}" in rows


def test_chips_without_a_roof_in_this_type_are_not_offered_and_said() -> None:
    app = lesson(roof_part="Other chips", roof_type="bf16")
    (pills,) = (each for each in app.button_group if each.key == "roof_chips")
    assert [option.content for option in pills.proto.options] == ["V100", "A100", "H100", "H200", "TPU v4", "TPU v5e"]
    assert "No peak for bf16 is printed for Apple M1 Max" in said(app)
    (chart,) = charts(app)
    assert len({trace["line"]["color"] for trace in chart["data"]}) == len(chart["data"]) == 6


def test_what_the_last_step_says_holds_for_the_numbers_that_are_drawn() -> None:
    told = said(lesson(step=6))
    chips = published_hardware()
    ridges = {chip.short: chip.ridge("bf16") for chip in chips.values() if chip.peak("bf16")}
    assert min(ridges.values()) > 100
    assert f"{min(ridges.values()):.0f} on the {min(ridges, key=lambda name: ridges[name])}" in told
    assert f"{max(ridges.values()):.0f} on the {max(ridges, key=lambda name: ridges[name])}" in told
    assert chips["h200"].peak("bf16") == chips["h100"].peak("bf16")
    assert chips["h200"].bandwidth > chips["h100"].bandwidth
    assert "the H200 has the flat roof of the H100, and a steeper slope" in told


@pytest.mark.usefixtures("quiet")
def test_a_run_goes_on_while_the_reader_looks_at_other_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runner, "_run", lambda _runner: None)  # nobody has a turn
    app = lesson(step=4)
    app.button(key="roof_run").click().run()
    starting = "Starting: torch is loading"
    for part in ("machine", "model", "hardware", "theory", "machine"):
        app.session_state["roof_part"] = part
        app.run()
        assert not app.exception
        (bar,) = app.get("progress")
        assert starting in bar.proto.text
        assert "roof_stop" in buttons(app)
        assert "Nothing has been measured" not in said(app)
        assert ("Your run goes on:" in said(app)) == (part in ("hardware", "theory"))
    app.session_state["roof_part"] = "theory"
    app.run()
    app.button(key="roof_stop").click().run()
    assert not app.get("progress")
    app.session_state["roof_part"] = "machine"
    app.run()
    assert {"roof_resume", "roof_run"} <= buttons(app)


@pytest.mark.usefixtures("quiet")
def test_the_buttons_are_not_of_what_is_redrawn_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A press on one that is would wait for the redraw that is under way, and find another button under it."""
    monkeypatch.setattr(Runner, "_run", lambda _runner: None)  # nobody has a turn
    for redrawn in ("_watched", "_followed"):
        monkeypatch.setattr(live, redrawn, lambda *_given: None)
    app = lesson(roof_part="This machine")
    assert buttons(app) == {"roof_run"}
    app.button(key="roof_run").click().run()
    for part in PAGES:
        app.session_state["roof_part"] = part
        app.run()
        assert buttons(app) == {"roof_stop"}
    app.button(key="roof_stop").click().run()
    assert not buttons(app)
    app.session_state["roof_part"] = "model"
    app.run()
    assert buttons(app) == {"roof_resume", "roof_run"}


@pytest.mark.usefixtures("quiet")
def test_steps_lead_through_the_parts() -> None:
    app = lesson()
    seen = [app.session_state["roof_part"]]
    for _step in range(5):
        app.button(key="roofline_step_next").click().run()
        assert not app.exception
        seen.append(app.session_state["roof_part"])
    assert seen == ["theory", "theory", "theory", "machine", "model", "hardware"]


def test_a_second_visitor_waits_with_a_message_and_then_has_a_turn() -> None:
    first, second = lesson(roof_part="This machine"), lesson(roof_part="This machine")
    first.button(key="roof_run").click().run()
    until(first, lambda app: bool(charts(app)))
    assert "roof_stop" in buttons(first)
    second.run()
    assert "Another visitor's sweep is being measured" in sentences(second)
    assert not charts(second)  # the first one's numbers are not shown as somebody else's
    second.button(key="roof_run").click().run()
    assert "Yours comes after it" in sentences(second)
    first.run()
    assert "roof_stop" in buttons(first)
    assert not sentences(first)
    first.button(key="roof_stop").click().run()
    until(second, lambda app: bool(charts(app)))
    assert not sentences(second)
    first.run()
    assert "Stopped. What was measured so far is kept." in said(first)
    assert charts(first)
    assert {"roof_resume", "roof_run"} <= buttons(first)
    assert "Another visitor's sweep is being measured" in sentences(first)
    second.button(key="roof_stop").click().run()
    first.button(key="roof_resume").click().run()
    until(first, lambda app: any(" measurements" in bar.proto.text for bar in app.get("progress")))
    first.button(key="roof_stop").click().run()
