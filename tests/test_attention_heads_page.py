"""The heads lesson as Streamlit runs it: every part of every kind, good links and bad, odd and long texts."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explainers import attention
from explainers.checkpoints import load
from explainers.trace import trace
from explainers.views.components.heads import MapAxes, Place, valid_pair, valid_pick, valid_place
from tests.pages import component, opened, said, sentences

KINDS = (("bert", "encoder"), ("gpt2", "decoder"), ("t5", "encoder"), ("t5", "decoder"), ("t5", "cross"))
PARTS = ("look", "patterns", "measures", "inside", "knock", "compare")
ODD = ("a", "[CLS] [SEP]", "👨‍👩‍👧‍👦", "안녕하세요", "اللغة", "</script><img src=x onerror=alert(1)> **b**", "\t\n.")


def lesson(**parameters: str) -> AppTest:
    return opened("attention-heads", **parameters)


@pytest.mark.parametrize(("family", "kind"), KINDS)
def test_every_part_of_every_kind_is_drawn(family: str, kind: str) -> None:
    app = lesson(pair="A cat")
    app.session_state["att_family"], app.session_state["att_kind"] = family, kind
    for part in PARTS:
        app.session_state["att_part"] = part
        app.run()
        assert not app.exception
        assert not sentences(app)
    app.session_state["att_part"] = "look"
    for view in attention.MAP_VIEWS:
        if (view, kind) == ("rollout", "cross"):
            continue
        for look in ("lines", "matrix"):
            app.session_state["att_view"], app.session_state["att_look"] = view, look
            app.run()
            assert not app.exception
            assert not sentences(app)


@pytest.mark.parametrize("family", ["bert", "gpt2", "t5"])
def test_odd_texts_are_drawn(family: str) -> None:
    app = lesson()
    app.session_state["att_family"] = family
    for number, text in enumerate(ODD):
        for part in (PARTS[0], PARTS[1 + number % 5]):
            app.session_state["att_part"] = part
            app.text_area(key="text").set_value(text)
            app.text_area(key="pair").set_value(text if number % 2 else "").run()
            assert not app.exception
            assert not app.error


def test_a_text_that_is_as_long_as_the_context_is_drawn_and_the_rest_is_said() -> None:
    app = lesson(text="a bank " * 400)
    for part in ("look", "measures", "inside"):
        app.session_state["att_part"] = part
        app.run()
        assert "reads the first 512" in sentences(app)
        assert not app.error
    header, numbers = component(app, "head_grid")
    assert header["block"] == 8
    sizes = load("bert-mini").sizes
    assert len(numbers) == sizes.layers * sizes.heads * 64 * 64


@pytest.mark.parametrize(
    "parameters",
    [
        {"att_family": "no family", "att_part": "<b>", "att_layer": "-1", "att_head": "x", "step": "9"},
        {"att_layer": "9" * 400, "att_head": "²", "att_query": "77", "att_key": "-3"},
        {"att_part": "Knock out", "att_out": "encoder.99.0-encoder.0.x-.-cross.1.1-<b>.1.1", "att_at": "500"},
        {"att_part": "Measures", "att_measure": "nothing", "att_family": "T5", "att_kind": "Cross-attention"},
        {"att_view": "Chosen", "att_set": "....--", "att_least": "1000", "att_side": "A → B"},
        {"att_part": "Inside", "att_query": "99999", "att_key": "0"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    assert not sentences(lesson(text="My dog is hairy", **parameters))


def test_a_link_opens_its_head_with_the_model_s_own_numbers() -> None:
    text = "My dog is hairy"
    app = lesson(text=text, att_layer="2", att_head="5")
    weights = trace(load("bert-mini"), text).attentions["encoder"]
    header, numbers = component(app, "head_map")
    sent = np.frombuffer(numbers, "<f2").reshape(len(header["queries"]), len(header["keys"]))
    np.testing.assert_allclose(sent, weights[2, 5], atol=1e-3)
    assert component(app, "head_grid")[0]["selected"] == [2, 5]
    dog, most = header["queries"].index("dog"), int(weights[2, 5, 2].argmax())
    assert f"{header['queries'][dog]} → {header['keys'][most]} " in header["alternative"]


def test_filters_leave_tokens_out() -> None:
    app = lesson(text="My dog", pair="A cat", att_hide="true", att_side="A → B", att_least="20")
    header, numbers = component(app, "head_map")
    assert (header["queries"], header["keys"], header["threshold"]) == (["my", "dog"], ["a", "cat"], 0.2)
    assert (header["query_places"], header["key_places"]) == ([1, 2], [4, 5])
    assert len(numbers) == 2 * 2 * 2
    nothing = lesson(text="[CLS] [SEP]", att_hide="true")
    assert "leaves no token" in sentences(nothing)


def test_knocked_out_heads_come_back() -> None:
    app = lesson(text="My dog is hairy", att_part="Knock out", att_out="encoder.0.3-encoder.1.1")
    assert "Without 2 heads" in said(app)
    assert component(app, "head_grid")[0]["chosen"] == [[0, 3], [1, 1]]
    app.button(key="att_restore").click().run()
    assert "With all heads" in said(app)
    app.toggle(key="att_each").set_value(True).run()
    assert not app.exception
    assert all(cell["note"] for row in component(app, "head_grid")[0]["cells"] for cell in row)


def test_a_query_and_a_key_are_chosen_and_kept() -> None:
    app = lesson(text="My dog is hairy", att_family="GPT-2", att_part="Inside")
    app.selectbox(key="att_query_box").set_value(0).run()
    app.selectbox(key="att_key_box").set_value(2).run()
    assert (app.query_params["att_query"], app.query_params["att_key"]) == ("0", "2")
    assert "forbids" in said(app)
    app.selectbox(key="att_key_box").set_value(0).run()
    assert "forbids" not in said(app)
    assert not app.exception


def test_two_texts_stand_side_by_side() -> None:
    app = lesson(text="My dog", pair="A cat sat", att_part="Compare", att_layer="3", att_head="1")
    sent = [node.proto.bytes for node in app.get("bidi_component") if node.proto.component_name.endswith("head_map")]
    model = load("bert-mini")
    for data, text in zip(sent, ("My dog", "A cat sat"), strict=True):
        (length,) = struct.unpack("<I", data[:4])
        weights = trace(model, text).attentions["encoder"][3, 1]
        shown = np.frombuffer(data[4 + length :], "<f2").reshape(weights.shape)
        np.testing.assert_allclose(shown, weights, atol=1e-3)
    alone = lesson(text="My dog", att_part="Compare")
    assert not alone.exception


def test_a_pattern_s_button_opens_its_head() -> None:
    known = max(attention.strongest_heads(load("gpt2-mini")), key=lambda found: -found.strength)
    app = lesson(att_family="GPT-2", att_part="Patterns")
    app.button(key=f"att_pattern_decoder_{known.pattern}").click().run()
    assert component(app, "head_grid")[0]["selected"] == [known.layer, known.head]


def test_measures_are_written_on_the_heads() -> None:
    app = lesson(att_part="Measures", att_measure="Mean distance, tokens")
    cells = component(app, "head_grid")[0]["cells"]
    found = attention.measures_of(
        load("bert-mini"), trace(load("bert-mini"), str(app.text_area(key="text").value)), "encoder"
    )
    assert found.distance is not None
    assert float(cells[1][2]["note"]) == pytest.approx(float(found.distance[1, 2]), abs=0.06)


def test_steps_lead_through_the_parts() -> None:
    app = lesson()
    seen = []
    for _step in range(5):
        app.button(key="attention-heads_step_next").click().run()
        assert not sentences(app)
        seen.append((app.session_state["att_part"], app.session_state["att_family"]))
    assert seen == [("patterns", "bert"), ("measures", "gpt2"), ("inside", "bert"), ("knock", "bert"), ("look", "t5")]


def test_what_the_browser_sends_is_checked() -> None:
    good = {"layer": 1, "head": 2, "chosen": [[0, 0]], "mode": "knock", "fingerprint": "f"}
    assert valid_pick(good, (2, 3), "knock", "f") == (Place(1, 2), frozenset({Place(0, 0)}))
    wrong_parts: tuple[dict[str, object], ...] = (
        {"fingerprint": "g"},
        {"mode": "open"},
        {"layer": 2},
        {"head": True},
        {"chosen": [[0]]},
        {"chosen": [[0, 3]]},
        {"chosen": 7},
    )
    for bad in (None, 3, {"fingerprint": "f"}, *({**good, **part} for part in wrong_parts)):
        assert valid_pick(bad, (2, 3), "knock", "f") is None
    axes = MapAxes(["a", "b"], ["c"], [4, 6], [1])
    assert valid_pair({"query": 6, "key": None}, axes) == (6, None)
    assert valid_pair({"query": None, "key": 1}, axes) == (None, 1)
    for wrong in (None, {"query": 5, "key": 1}, {"query": 4, "key": 0}, {"query": True, "key": 1}):
        assert valid_pair(wrong, axes) is None
    for place in (None, (), (1, 1, 1), (1.0, 0), (-1, 0), (0, 3)):
        assert valid_place(place, (2, 3)) is None
