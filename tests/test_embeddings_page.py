"""The embeddings lesson as Streamlit runs it: every part in every family, good links and bad, odd and long texts."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explainers import embeddings
from explainers.checkpoints import FAMILIES, load
from explainers.embeddings import input_sum, position_codes
from explainers.facts import fact
from explainers.figures.vectors import Cloud, _label_sides
from explainers.views.components import Strip
from explainers.views.components.strips import strip_data, valid_token
from explainers.views.embeddings import contexts
from explainers.views.embeddings.inputs import _strips
from tests.pages import charts, opened, said, sentences

KEYS = ("sum", "position", "neighbours", "contexts", "map")
ODD = (
    "a",
    "[CLS] [SEP]",
    "👨‍👩‍👧‍👦 🏳️‍🌈",
    "안녕하세요",
    "اللغة العربية",
    "<script>alert('x')</script> <b>",
    "bank \t bank\n",
)


def lesson(**parameters: str) -> AppTest:
    return opened("embeddings", **parameters)


def test_every_part_is_drawn_in_every_family_and_invites_to_write_where_there_is_no_text() -> None:
    app = lesson()
    for part in KEYS:
        for family in FAMILIES:
            app.session_state["emb_part"], app.session_state["emb_family"] = part, family
            app.run()
            assert not app.exception
            assert not sentences(app)
            assert bool(charts(app)) == (part != "sum")
        app.text_area(key="text").set_value(" ").run()
        assert "Type a sentence" in sentences(app)
        app.text_area(key="text").set_value("My dog").run()


def test_odd_texts_are_drawn() -> None:
    app = lesson()
    for number, text in enumerate(ODD):
        app.session_state["emb_family"] = FAMILIES[number % 3]
        for part in ("sum", "neighbours", "contexts", "map"):
            app.session_state["emb_part"] = part
            app.text_area(key="text").set_value(text)
            app.text_area(key="pair").set_value("" if part == "map" else text).run()
            assert not app.exception
            assert not app.error


def test_what_a_model_does_not_read_is_said() -> None:
    app = lesson(text="a bank " * 400, pair="the bank")
    for part in ("sum", "neighbours", "contexts", "map"):
        app.session_state["emb_part"] = part
        app.run()
        assert "reads the first" in sentences(app)
        assert not app.error
    app.session_state["emb_family"] = "t5"
    app.run()
    assert "T5 was trained on 512 tokens at a time" in sentences(app)
    assert "does not fit" not in sentences(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"emb_family": "no family", "emb_part": "<b>", "emb_token": "-1", "step": "x"},
        {"emb_token": "9" * 400, "step": "7"},
        {"emb_part": "Neighbours", "emb_token": "²"},
        {"emb_part": "Position", "emb_view": "Two components", "emb_component": "100000"},
        {"emb_part": "Position", "emb_family": "T5", "emb_head": "77"},
        {"emb_part": "Two contexts", "emb_layer": "-3", "emb_shared": "nothing"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    assert not sentences(lesson(**parameters))


def test_the_sum_is_checked_on_the_page() -> None:
    text = "My dog is hairy"
    words = said(lesson(emb_family="BERT", text=text))
    found = input_sum(load("bert-mini"), text)
    assert 0 < found.difference < 1e-5
    assert re.search(rf"differ by \*\*\d\.\d × 10⁻[⁶⁷⁸]\*\* at most in {found.output.size:,} numbers", words)
    assert "are **equal** in all" in said(lesson(emb_family="T5", text=text))


def test_where_the_learned_positions_come_from_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = position_codes(load("gpt2-mini"))
    assert codes is not None
    for likeness, told in ((0.93, True), (0.04, False)):
        monkeypatch.setattr(embeddings, "position_codes", lambda _checkpoint, at=likeness: replace(codes, likeness=at))
        st.cache_resource.clear()
        words = said(lesson(emb_family="GPT-2", emb_part="Position"))
        assert (f"a mean cosine of **{likeness}**" in words) == told
        assert ("**started** from sinusoids" in words) == told


def test_a_band_of_near_positions_is_told_where_the_matrix_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = position_codes(load("bert-mini"))
    assert codes is not None
    apart = np.abs(np.subtract.outer(np.arange(len(codes.learned)), np.arange(len(codes.learned))))
    for width, told in ((20.0, "the **band**"), (0.1, "There is no band"), (None, "band")):
        square = codes.learned_cosines if width is None else np.exp(-apart / width)
        monkeypatch.setattr(
            embeddings, "position_codes", lambda _checkpoint, its=square: replace(codes, learned_cosines=its)
        )
        st.cache_resource.clear()
        words = said(lesson(emb_part="Position"))
        assert told in words
        near = ", ".join(f"**{round(float(square.diagonal(each).mean()), 2) + 0.0:.2f}**" for each in (1, 10, 100))
        assert f"1, 10, 100 apart: {near} in the learned rows" in words


def test_the_narrow_cone_is_told_where_any_two_tokens_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for layer in range(load("bert-mini").sizes.layers + 1):
        words = said(lesson(emb_part="Two contexts", emb_layer=f"{layer}"))
        usual = re.search(r"\*\*([^*]*)\*\* for two different tokens on average", words)
        assert usual is not None
        assert ("narrow cone" in words) == (float(usual[1]) >= 0.5)
        assert "**Centred**" in words
    monkeypatch.setattr(contexts, "_NARROW", -1.0)
    monkeypatch.setattr(contexts, "_NO_MORE", 2.0)
    words = said(lesson(emb_part="Two contexts"))
    assert "narrow cone" in words
    assert "are hardly more alike" in words


def test_bert_adds_a_segment_to_one_sentence_too() -> None:
    found = input_sum(load("bert-mini"), "My dog")
    names = [strip.name for strip in _strips(found, "bert", paired=False)]
    assert names[:3] == ["Token", "Segment", "Position"]
    assert _strips(found, "bert", paired=False)[1].detail == "A everywhere"


def test_names_on_a_map_do_not_collide() -> None:
    points = np.array([[0.0, 0], [0, 0], [0, 0.001], [0, 0.002], [9, 9], [5, 0]])
    clouds = (Cloud("a", range(3), ["bank", "the", "river"]), Cloud("b", range(3, 6), ["bank", "the", "money"]))
    sides = _label_sides(points, clouds, (0, 3))
    assert (sides[0], sides[3]) == ("top", "bottom")
    assert set(sides) == {0, 3, 4, 5}  # no room for "the" and "river" at the marked token; "the" is named farther off


def test_published_numbers_have_their_sources() -> None:
    for family in FAMILIES:
        assert fact(family, "embeddings").link.startswith("https://")
    assert (fact("bert", "lengths").value, fact("t5", "buckets").value) == ("90 %", "32")


def test_the_neighbours_are_those_of_the_token_in_the_link() -> None:
    first, second = (
        charts(lesson(emb_part="Neighbours", text="dog cat", emb_token=token))[0]["data"][0]["customdata"]
        for token in ("1", "2")
    )
    assert first != second


def test_two_sentences_of_the_reader_replace_the_example() -> None:
    example = lesson(emb_part="Two contexts")
    assert "an example" in said(example)
    own = lesson(emb_part="Two contexts", text="the dog barked", pair="a dog slept")
    assert "an example" not in said(own)
    assert [trace["name"] for trace in charts(own)[0]["data"][1:]] == ["the dog barked", "a dog slept"]
    assert "share no token" in said(lesson(emb_part="Two contexts", text="dog", pair="cat"))


def test_every_layer_can_be_seen_and_a_layer_too_deep_is_the_last() -> None:
    app = lesson(emb_part="Two contexts")
    for layer in range(int(app.slider(key="emb_layer").max) + 1):
        app.slider(key="emb_layer").set_value(layer).run()
        assert re.search(r"hold >?[\d.]+ % of their variance", said(app))
    app.session_state["emb_layer"] = 99
    app.run()
    assert not app.exception


def test_the_map_has_a_point_for_every_token() -> None:
    (map_,) = charts(lesson(emb_family="T5", emb_part="The whole map", text="a dog"))
    points = [trace for trace in map_["data"] if trace["type"] == "scattergl"]
    assert sum(len(trace["hovertext"]) for trace in points[:-1]) == load("t5-mini").tokenizer.get_vocab_size()
    assert len(points[-1]["hovertext"]) == len(map_["layout"]["annotations"])


def test_steps_lead_through_the_parts() -> None:
    app = lesson()
    seen = []
    for _step in range(5):
        app.button(key="embeddings_step_next").click().run()
        assert not sentences(app)
        seen.append((app.session_state["emb_part"], app.session_state["emb_family"]))
    assert seen == [
        ("position", "bert"),
        ("position", "t5"),
        ("neighbours", "gpt2"),
        ("contexts", "bert"),
        ("map", "gpt2"),
    ]
    assert app.text_area(key="pair").value == "He took the money to the bank."


def test_the_strips_travel_as_they_are() -> None:
    values = np.arange(6, dtype=np.float64).reshape(2, 3)
    strips = [Strip("Token", "", "", values, ["7", "8"]), Strip("Norm", "", "→", -values, after=True)]
    data, fingerprint = strip_data(strips, ["<b>", "b c"], family="bert", limits=(1.0, 2.0), selected=1)
    (length,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + length])
    assert (header["tokens"], header["size"], header["selected"]) == (2, 3, 1)
    assert [row["scale"] for row in header["rows"]] == [0, 1]
    assert header["pieces"] == ["<b>", "b·c"]
    assert np.frombuffer(data[4 + length :], "<f4").tolist() == [*range(6), *(-number for number in range(6))]
    assert valid_token({"token": 1, "fingerprint": fingerprint}, 2, fingerprint) == 1
    for stale in (
        None,
        3,
        {"token": 1},
        {"token": 2, "fingerprint": fingerprint},
        {"token": True, "fingerprint": fingerprint},
    ):
        assert valid_token(stale, 2, fingerprint) is None
