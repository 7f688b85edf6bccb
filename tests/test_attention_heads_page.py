"""The heads lesson as Streamlit runs it: every part of every kind, good links and bad, odd and long texts."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explainers import attention
from explainers.checkpoints import load
from explainers.figures.heads import vector_rows
from explainers.knockout import probabilities
from explainers.tokenization import tokenize
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


def test_only_patterns_that_the_text_has_something_for_count_as_seen() -> None:
    checkpoint = load("bert-mini")
    ran = trace(checkpoint, "the dog ran home", keep=("attentions",))  # [CLS] the dog ran home [SEP]
    weights = np.zeros((1, 2, 6, 6))
    weights[0, 0] = np.eye(6, k=1)  # every token on the next
    weights[0, 1, :, 5] = 1  # every token on [SEP]
    weights[0, 0, 2, 3], weights[0, 0, 2, 2] = 0.6, 0.4
    ran = replace(ran, attentions={"encoder": weights})
    places: tuple[tuple[attention.PatternName, int], ...] = (
        ("next token", 0),
        ("delimiter", 1),
        ("punctuation", 1),
        ("induction", 1),
    )
    heads = [attention.StrongestHead(pattern, "encoder", 0, head, 0.9, 0.1, 100) for pattern, head in places]
    seen = {found.head.pattern: found for found in attention.seen_patterns(checkpoint, ran, "encoder", heads)}
    assert seen.keys() == {"next token", "delimiter"}
    assert (seen["next token"].queries, seen["next token"].keys) == (3, 3)  # before a token of the text
    assert seen["next token"].share == pytest.approx(2.6 / 3)
    assert (seen["delimiter"].share, seen["delimiter"].keys) == (1, 1)
    assert seen["next token"].clear > seen["delimiter"].clear


def test_content_words_are_whole_known_and_long() -> None:
    checkpoint = load("bert-mini")
    for text, words in (("the dog ran home 🐶.", {"home"}), ("the dog", {"the", "dog"}), ("🐶 .", set())):
        ids = tokenize(checkpoint, text).ids
        places = attention.content_words(checkpoint, ids)
        assert {checkpoint.tokenizer.id_to_token(ids[at]) for at in places} == words


def test_the_hidden_word_at_first_is_the_one_that_bert_is_surest_of() -> None:
    text = "She opened the door and went into the room."
    app = lesson(text=text, att_part="Knock out")
    checkpoint = load("bert-mini")
    ids = tokenize(checkpoint, text).ids
    sure = {}
    for at in attention.content_words(checkpoint, ids):
        row, true_id = probabilities(checkpoint, text, None, None, at, ())
        sure[at] = row[true_id]
    assert app.selectbox(key="att_at_box").value == max(sure, key=lambda at: sure[at])


def test_many_tokens_are_better_seen_as_a_matrix() -> None:
    hint = "So many tokens"
    app = lesson(text="a bank " * 60)
    assert any(hint in caption.value for caption in app.caption)
    assert not any(hint in caption.value for caption in lesson(text="a bank").caption)


def test_rows_of_a_vector_picture_can_have_their_own_scales() -> None:
    rows = np.array([[0.5, -1.0], [0.0, 40.0], [0.0, 0.0]])
    figure = vector_rows(("q", "k", "0"), rows, dark=False, each=True)
    assert figure.data[0].z.tolist() == [[0.5, -1], [0, 1], [0, 0]]
    assert [number for _name, number in figure.data[0].customdata[1]] == [0, 40]
    assert [name.strip() for name in figure.layout.yaxis.ticktext] == ["q ±1", "k ±40", "0 ±0"]


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
