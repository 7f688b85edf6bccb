"""The lesson on matrix products as Streamlit runs it: every part, good and bad links, a measurement and its end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explainers import matmul
from explainers.checkpoints import FAMILIES
from explainers.matmul import COSTS, GROUPS, Load, Network
from explainers.matmul.process import MeasureError, Measurer
from explainers.views.components.products import tile_data, window_data
from explainers.views.matmul import words
from explainers.views.matmul.lesson import PARTS
from tests.pages import charts, component, html, opened, said, sentences

SMALL = {"arch_bert": "loaded model", "arch_gpt2": "loaded model", "arch_t5": "loaded model", "mm_batch": 1}
CHARTS = {"product": 1, "convolution": 0, "work": 2, "time": 1}


def lesson(**parameters: object) -> AppTest:
    return opened("matmul", **SMALL | {"mm_tokens": 5} | parameters)


@pytest.fixture
def _unmeasured() -> Iterator[None]:
    """Nothing was measured yet, and no process is left when the test is over."""
    matmul.timings.cache_clear()
    yield
    matmul.timings().close()
    matmul.timings.cache_clear()


@pytest.mark.usefixtures("_unmeasured")
def test_every_part_is_drawn_for_every_network_and_needs_no_text() -> None:
    app = lesson(text=" ", mm_part="Share of the work")  # this part has the controls of the sizes that the link names
    for part in PARTS:
        app.session_state["mm_part"] = part
        app.run()
        assert not app.exception
        assert not sentences(app)
        assert len(charts(app)) == CHARTS[part]
    for network in words.network_names():
        app.session_state["mm_net"] = network
        app.run()
        assert not app.exception
        assert not sentences(app)
        assert len(charts(app)) == 1  # nothing is measured before the reader asks for it


@pytest.mark.parametrize(
    "parameters",
    [
        {"mm_part": "<b>", "step": "x"},
        {"mm_part": "One product", "mm_m": "999", "mm_k": "-1", "mm_n": "many", "mm_tile": "0"},
        {"mm_part": "Convolution", "mm_kernel": "9", "mm_stride": "0", "mm_pad": "x"},
        {"mm_part": "Share of the work", "mm_mode": "<i>", "mm_batch": "0", "mm_tokens": "99999"},
        {"mm_part": "Share of the time", "mm_net": "../etc", "mm_tokens": "-5"},
    ],
)
@pytest.mark.usefixtures("_unmeasured")
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = lesson(**parameters)
    assert not sentences(app)
    assert not app.exception


def test_the_product_of_the_link_is_drawn_with_python_s_counts() -> None:
    app = lesson(mm_part="One product", mm_m=4, mm_k=6, mm_n=3, mm_tile=2)
    sent, _numbers = component(app, "tiles")
    walk = matmul.walk(4, 6, 3, 2)
    assert sent["reads"][-1] == walk.reads
    assert sent["adds"][-1] == 4 * 6 * 3
    assert len(sent["visits"]) == len(walk.visits)
    (bars,) = charts(app)
    assert bars["data"][0]["y"] == [matmul.reads(4, 6, 3, side) for side in range(1, 7)]


@pytest.mark.parametrize(("sizes", "tile"), [((8, 8, 8), 1), ((12, 12, 12), 1), ((5, 7, 3), 4), ((2, 2, 2), 6)])
def test_what_the_tiles_are_drawn_from(sizes: tuple[int, int, int], tile: int) -> None:
    walk = matmul.walk(*sizes, tile)
    sent = json.loads(json.dumps(tile_data(walk)))
    assert sent["reads"] == [sum(visit.reads for visit in walk.visits[: at + 1]) for at in range(len(walk.visits))]
    assert all(before < after for before, after in pairwise(sent["adds"]))
    assert sent["naive"] == 2 * sizes[0] * sizes[1] * sizes[2]
    assert max(walk.reads_a.max(), walk.reads_b.max()) <= sent["most"]
    assert str(walk.reads) in sent["alternative"].replace(",", "")


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 1, 1), (3, 2, 0), (4, 1, 0)])
def test_what_the_windows_are_drawn_from(kernel: int, stride: int, padding: int) -> None:
    shown = matmul.convolution(matmul.seven(), matmul.edge_filters(kernel), stride, padding)
    sent: dict[str, Any] = json.loads(json.dumps(window_data(shown, 99)))
    assert sent["product"] == shown.product.tolist()
    assert sent["step"] == len(sent["windows"]) - 1
    assert len(sent["product"]) % sent["columns"] == 0
    assert len(sent["names"]) == len(sent["weights"][0])


def test_the_work_of_five_networks_adds_up() -> None:
    app = lesson(mm_part="Share of the work", mm_mode="Training step")
    bars, others = charts(app)
    names = bars["data"][0]["y"]
    assert names[2:] == ["bert-mini", "gpt2-mini", "t5-mini"]
    for at in range(len(names)):
        shares = {trace["name"]: trace["x"][at] for trace in bars["data"]}
        assert sum(shares.values()) == pytest.approx(100)
        left = sum(trace["x"][at] for trace in others["data"])
        assert left == pytest.approx(100 - shares["matrix products"])


def test_the_page_shows_the_table_of_costs() -> None:
    app = lesson(mm_part="Share of the work")
    shown = html(app)
    for name, cost in COSTS.items():
        assert name in shown
        assert f">{cost.flops}<" in shown


@pytest.mark.usefixtures("_unmeasured")
def test_a_measurement_from_the_click_to_the_tables() -> None:
    app = lesson(mm_part="Share of the time", mm_net="MLP")
    assert "Published" in json.dumps(charts(app)[0]["data"][0]["y"])
    app.button(key="mm_measure").click().run()
    for _look in range(600):
        if len(charts(app)) == 2 and "mm_stop" not in {button.key for button in app.button}:
            break
        time.sleep(0.05)
        app.run()
    bars, phases = charts(app)
    rows = bars["data"][0]["y"]
    assert rows == [
        "Inference: work", "Inference: time", "Training step: work", "Training step: time",
        "Published, one layer: work", "Published, one layer: time",
    ]  # fmt: skip
    shares = [sum(trace["x"][at] for trace in bars["data"]) for at in range(len(rows))]
    assert shares == pytest.approx([100, 100, 100, 100, 99.8, 61])
    assert phases["data"][0]["y"] == [
        "Inference: forward", "Training step: forward", "Training step: backward", "Training step: optimizer"
    ]  # fmt: skip
    assert "Why work and time differ" in said(app)
    assert "2007.00072" in said(app)
    assert app.button(key="mm_measure").label == "Measure again"


@pytest.mark.usefixtures("_unmeasured")
def test_a_measurement_can_be_stopped() -> None:
    app = lesson(mm_part="Share of the time", mm_net="Convolutional", mm_batch=16)
    app.button(key="mm_measure").click().run()
    if "mm_stop" in {button.key for button in app.button}:  # else it was done before the page was drawn
        app.button(key="mm_stop").click().run()
    assert not app.exception
    assert "mm_measure" in {button.key for button in app.button}


@pytest.mark.usefixtures("_unmeasured")
def test_what_is_too_large_is_refused_in_a_sentence() -> None:
    app = lesson(mm_part="Share of the time", mm_net="T5", arch_t5="t5-large", mm_batch=64, mm_tokens=512)
    assert "Choose fewer sequences or tokens" in sentences(app)
    assert "mm_measure" not in {button.key for button in app.button}
    assert len(charts(app)) == 1


@pytest.mark.usefixtures("_unmeasured")
def test_a_failure_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise MeasureError("not enough memory")

    monkeypatch.setattr(Measurer, "measure", broken)
    app = lesson(mm_part="Share of the time", mm_net="MLP")
    app.button(key="mm_measure").click().run()
    for _look in range(100):
        if sentences(app):
            break
        time.sleep(0.05)
        app.run()
    assert "could not be measured" in sentences(app)
    assert "not enough memory" not in sentences(app)


@pytest.mark.usefixtures("_unmeasured")
def test_steps_lead_through_the_parts() -> None:
    app = lesson()
    seen = [app.session_state["mm_part"]]
    for _step in range(5):
        app.button(key="matmul_step_next").click()
        for family in FAMILIES:  # small ones are counted faster
            app.session_state[f"arch_{family}"] = "loaded"
        app.run()
        assert not app.exception
        assert not sentences(app)
        seen.append(app.session_state["mm_part"])
    assert seen == ["product", "product", "convolution", "work", "time", "time"]


def test_every_group_has_a_name() -> None:
    assert list(words.group_names()) == list(GROUPS)
    assert words.operator_name("addmm").startswith("addmm: ")
    assert words.operator_name("relu") == "relu"
    assert matmul.count(Network("mlp"), Load(1, 1), "inference").operators


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0 %"), (0.00004, "<0.01 %"), (0.0026, "0.26 %"), (0.0815, "8.2 %"), (0.61, "61 %"), (0.9974, "99.74 %"),
     (0.99999, ">99.99 %"), (1, "100 %")],
)  # fmt: skip
def test_shares_are_written_with_the_digits_that_say_something(share: float, written: str) -> None:
    from explainers.figures.matmul import percent

    assert percent(share) == written
