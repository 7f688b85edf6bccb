"""The masks lesson as Streamlit runs it: a plain visit, every model and mask, links, clicks, a batch, long texts."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import TEXTS, html, opened, said, sentences

PAGE = "attention-masks"
TEXT = "The old dog ran home."


def losses(app: AppTest) -> list[list[float]]:
    """The bars of the chart, of each mask."""
    (chart,) = app.get("plotly_chart")
    return [trace["y"] for trace in json.loads(chart.proto.spec)["data"]]


def lesson(**parameters: str) -> AppTest:
    return opened(PAGE, **parameters)


def test_a_plain_visit_shows_bert_under_its_own_mask() -> None:
    app = lesson(text=TEXT)
    assert "Mean loss under its own mask" in said(app)
    assert len(losses(app)) == 1
    assert not sentences(app)


@pytest.mark.parametrize(
    ("family", "kind", "masks"),
    [
        ("bert", None, ("own", "causal", "prefix")),
        ("gpt2", None, ("own", "all", "prefix")),
        ("t5", "encoder", ("own", "causal", "prefix")),
        ("t5", "decoder", ("own", "all", "prefix")),
        ("t5", "cross", ("own",)),
    ],
)
def test_every_mask_of_every_model(family: str, kind: str | None, masks: tuple[str, ...]) -> None:
    app = lesson(text=TEXT)
    app.session_state["am_family"] = family
    if kind:
        app.session_state["am_kind"] = kind
    for mask in masks:
        app.session_state["am_mask"] = mask
        app.session_state["am_prefix"] = 2
        app.run()
        assert not app.exception
        assert not sentences(app)
        assert len(losses(app)) == (1 if mask == "own" else 2)


def test_without_its_mask_gpt2_leaks_and_the_page_says_so() -> None:
    app = lesson(text=TEXT, am_family="GPT-2", am_mask="Everybody")
    assert "**no** measure of prediction" in said(app)
    assert "With the causal mask **0\N{NO-BREAK SPACE}%** of the probability" in said(app)
    assert "measures prediction" in said(lesson(text=TEXT, am_family="GPT-2", am_mask="Prefix", am_prefix="2"))


def test_cells_changed_by_hand_come_with_the_link_and_go_with_the_mask() -> None:
    app = lesson(text=TEXT, am_flips="1-2.3-1.99-1.x", am_query="3")
    assert app.session_state["am_query"] == "3"
    assert len(losses(app)) == 2
    app.session_state["am_flips"] = ""
    app.run()
    assert len(losses(app)) == 1
    assert "am_flips" not in app.query_params
    assert len(losses(lesson(text=TEXT, am_flips=".".join(f"2-{key}" for key in range(8))))) == 1  # an empty row


@pytest.mark.parametrize(
    "parameters",
    [
        {"am_family": "BART", "am_mask": "none", "am_layer": "99", "am_head": "-3"},
        {"am_query": "-1", "am_flips": "<script>", "am_prefix": "abc"},
        {"am_query": "9" * 4_000, "am_flips": "1-1." * 4_000},
        {"step": "77", "am_kind": "sideways"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = lesson(text=TEXT, **parameters)
    assert not app.error
    assert "Mean loss" in said(app)


def test_a_layer_that_the_model_lacks_is_the_first() -> None:
    app = lesson(text=TEXT)
    app.session_state["am_layer"] = 3
    app.run()
    assert "layer 3, head 0" in said(app)
    app.session_state["am_layer"] = app.session_state["am_head"] = 99
    app.run()
    assert not app.exception
    assert "layer 0, head 0" in said(app)


def test_a_batch_is_padded_and_counted() -> None:
    app = lesson(text="The old dog ran home and slept by the fire.", pair="He was tired.", am_mask="Padding")
    assert "[PAD]" in html(app)
    assert "of the work is for pads" in said(app)
    app.toggle(key="am_pads").set_value(False).run()
    assert not app.exception
    app.text_area(key="pair").set_value("The old dog ran home and slept by the fire.").run()
    assert "nothing is filled up" in said(app)
    app.session_state["am_family"] = "gpt2"
    app.text_area(key="pair").set_value("He slept.").run()
    assert "no pad token of its own" in said(app)
    app.session_state["am_family"] = "t5"
    app.session_state["am_kind"] = "encoder"
    app.session_state["am_mask"] = "padding"
    app.run()
    assert not app.exception
    assert "of both stacks" in said(app)


def test_every_step_opens() -> None:
    app = lesson(text=TEXT)
    for step in range(6):
        app.button(key=f"{PAGE}_step_{step}").click().run()
        assert not app.exception
        assert not sentences(app)
        assert (app.text_area(key="text").value, app.text_area(key="pair").value) == (TEXT, "")
    app = lesson()
    for step, pair in ((0, ""), (5, "He was tired."), (0, "")):
        app.button(key=f"{PAGE}_step_{step}").click().run()
        assert app.text_area(key="text").value == "The old dog ran home and slept by the fire."
        assert app.text_area(key="pair").value == pair


@pytest.mark.parametrize("family", ["bert", "gpt2", "t5"])
@pytest.mark.parametrize("text", ["dog", TEXTS["script tag"], "[MASK] 🏦"])
def test_odd_texts_are_shown_and_escaped(family: str, text: str) -> None:
    app = lesson(text=text)
    app.session_state["am_family"] = family
    for mask in ("own", "prefix", "padding"):
        app.session_state["am_mask"] = mask
        app.run()
        assert not app.exception
        assert not app.error
        assert "<script" not in html(app)


@pytest.mark.parametrize("family", ["BERT", "GPT-2", "T5"])
def test_a_long_text_is_cut_and_it_is_said(family: str) -> None:
    app = lesson(text="the old dog ran home. " * 150, am_family=family)
    assert "reads the first 512 of" in sentences(app)
    assert "Mean loss" in said(app)
