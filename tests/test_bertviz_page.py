"""BertViz on the heads page as Streamlit runs it: every view of every kind of attention, good links and bad, limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import load
from explainers.trace import Trace, trace
from explainers.views.attention_heads import bertviz
from explainers.views.bertviz_page import Drawn, document
from tests.pages import TEXTS, opened, said, sentences
from tests.test_bertviz import filled, given

TEXT, PAIR = "The old dog ran home", "A cat slept"
VIEWS = {"head": "Head view", "model": "Model view", "neuron": "Neuron view"}
KINDS = {
    "bert": {"att_family": "BERT"},
    "gpt2": {"att_family": "GPT-2"},
    "encoder": {"att_family": "T5", "att_kind": "Encoder"},
    "decoder": {"att_family": "T5", "att_kind": "Decoder"},
    "cross": {"att_family": "T5", "att_kind": "Cross-attention"},
}


def lesson(view: str = "head", **parameters: str) -> AppTest:
    return opened("attention-heads", att_part="BertViz", att_viz=VIEWS[view], **parameters)


def frames(app: AppTest) -> list[str]:
    """The documents that BertViz' frames get."""
    return [frame.proto.srcdoc for frame in app.get("iframe")]


def traced(kind: str, layer: int) -> Trace:
    """The same pass, made by ourselves."""
    family = kind if kind in ("bert", "gpt2") else "t5"
    its: Any = {"bert": "encoder", "gpt2": "decoder"}.get(kind, kind)
    pair, target = (None, PAIR) if family == "t5" else (PAIR, None)
    return trace(load(f"{family}-mini"), TEXT, pair, target=target, keep=("attentions", "heads"), layer=(its, layer))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", ["head", "model"])
def test_both_views_of_every_kind_get_the_pass_s_weights(view: str, kind: str) -> None:
    app = lesson(view, text=TEXT, pair=PAIR, att_layer="2", att_head="5", **KINDS[kind])
    assert not sentences(app)
    [page] = frames(app)
    own = traced(kind, 2)
    weights = next(iter(own.attentions.values())) if kind in ("bert", "gpt2") else own.attentions[kind]  # type: ignore[index]
    entry = filled(page)["attention"][0]
    np.testing.assert_allclose(entry["attn"], weights, rtol=0, atol=0.003)
    assert (len(entry["left_text"]), len(entry["right_text"])) == weights.shape[2:]
    assert len(filled(page)["attention"]) == (5 if kind == "bert" else 1)  # all, and A or B to A or B
    if view == "head":
        assert (given(page)["parameters"]["layer"], given(page)["parameters"]["heads"]) == (2, [5])
    assert app.get("iframe")[0].proto.alt.startswith("BertViz")
    assert "Layer 2, head 5. What each token looks at most" in page


@pytest.mark.parametrize("kind", KINDS)
def test_the_neuron_view_of_every_kind_gets_the_pass_s_queries_and_keys(kind: str) -> None:
    app = lesson("neuron", text=TEXT, pair=PAIR, att_layer="1", att_head="3", **KINDS[kind])
    assert not sentences(app)
    [page] = frames(app)
    parts = traced(kind, 1).heads
    assert parts is not None
    parameters = filled(page)
    entry = parameters["attention"]["all"]
    np.testing.assert_allclose(entry["attn"][0], parts.weights, rtol=0, atol=0.003)
    np.testing.assert_allclose(entry["queries"][0], parts.q, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(entry["keys"][0], parts.k, rtol=1e-3, atol=1e-5)
    assert parameters["bidirectional"] is (kind not in ("gpt2", "decoder"))
    assert (parameters["layer"], parameters["head"]) == (0, 3)
    assert (given(page)["layers"], given(page)["heads"]) == ([1], list(range(8)))
    assert ("does not divide" in said(app)) is (kind in ("encoder", "decoder", "cross"))
    assert ("adds a bias" in said(app)) is (kind in ("encoder", "decoder"))


def test_only_the_open_tab_makes_and_sends_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(drawn: Drawn, alternative: str) -> str:
        made.append(drawn.view)
        return document(drawn, alternative)

    monkeypatch.setattr(bertviz, "document", counted)
    app = opened("attention-heads", text=TEXT)
    assert (made, frames(app)) == ([], [])
    app.session_state["att_part"] = "bertviz"
    for view in VIEWS:
        made.clear()
        app.session_state["att_viz"] = view
        app.run()
        assert made == [view]
        assert len(frames(app)) == 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_odd_texts_are_drawn_or_said_to_be_too_long(text: str) -> None:
    for view in VIEWS:
        app = lesson(view, text=text)
        assert not app.error
        assert len(frames(app)) == (1 if text.strip() and "too long" not in sentences(app) else 0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"att_viz": "<b>", "att_viz_layers": "x", "att_viz_heads": "3-1"},
        {"att_viz_layers": "0-40", "att_viz_heads": "-1-2"},
        {"att_viz_layers": "9" * 400 + "-1", "att_viz_heads": "²-3", "att_layer": "77"},
        {"att_viz_layers": "1", "att_viz_heads": "1-2-3", "att_family": "T5", "att_kind": "nothing"},
    ],
)
def test_a_bad_link_shows_all_that_fits(parameters: dict[str, str]) -> None:
    app = opened("attention-heads", text=TEXT, att_part="BertViz", **parameters)
    assert not sentences(app)
    [page] = frames(app)
    layers = load("t5-mini" if "att_family" in parameters else "bert-mini").sizes.layers
    assert (given(page)["layers"], given(page)["heads"]) == (list(range(layers)), list(range(8)))


def test_chosen_layers_and_heads_are_sent_alone_and_kept_in_the_address() -> None:
    app = lesson("model", text=TEXT, att_viz_layers="1-2", att_viz_heads="4-4")
    [page] = frames(app)
    assert (given(page)["layers"], given(page)["heads"]) == ([1, 2], [4])
    assert f"Layer 1–2 of {load('bert-mini').sizes.layers}, head 4 of 8" in said(app)
    app.slider(key="att_viz_layers_box").set_value((3, 3)).run()
    app.slider(key="att_viz_heads_box").set_value((0, 1)).run()
    [page] = frames(app)
    assert (given(page)["layers"], given(page)["heads"]) == ([3], [0, 1])
    assert (app.query_params["att_viz_layers"], app.query_params["att_viz_heads"]) == ("3-3", "0-1")
    app.session_state["att_viz"] = "neuron"
    app.run()
    app.slider(key="att_viz_layer_box").set_value(2).run()
    assert given(frames(app)[0])["layers"] == [2]
    assert app.query_params["att_layer"] == "2"


@pytest.mark.parametrize(("view", "has_grid"), [("head", True), ("model", True), ("neuron", True)])
def test_a_text_that_is_too_long_gets_the_page_s_own_picture(view: str, *, has_grid: bool) -> None:
    app = lesson(view, text="dog " * 500)
    assert not frames(app)
    assert "too long for this view of BertViz" in sentences(app)
    names = [node.proto.component_name for node in app.get("bidi_component")]
    assert any(name.endswith("head_grid") for name in names) is has_grid
    assert any(name.endswith("head_map") for name in names) is (view != "neuron")
    assert ("1. Multiply" in said(app)) is (view == "neuron")


def test_of_a_long_text_as_many_layers_as_fit_are_sent_and_more_are_refused() -> None:
    text = "dog " * 98  # 100 tokens: one layer of eight heads
    app = lesson("model", text=text, att_layer="2", att_head="0")
    assert (given(frames(app)[0])["layers"], given(frames(app)[0])["heads"]) == ([2], list(range(8)))
    app.slider(key="att_viz_layers_box").set_value((0, 3)).run()
    assert not frames(app)
    assert "choose fewer layers or heads" in sentences(app)
    app.slider(key="att_viz_layers_box").set_value((1, 1)).run()
    assert given(frames(app)[0])["layers"] == [1]
