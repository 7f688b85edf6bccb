"""The control that saves every picture, drawn by plotly or by us, and the numbers that it saves."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explainers.attention import Thumbnails
from explainers.checkpoints import load
from explainers.tokenization import explain, tokenize
from explainers.views import attention_masks, rows
from explainers.views.attention_heads import grid
from explainers.views.components import Cell, TokenRow
from explainers.views.components.maskgrid import MaskedHead
from explainers.views.saving import csv_text
from explainers.views.tokenization_csv import languages_csv, steps_csv
from tests.pages import component, opened


def chart() -> None:
    """A chart that can be saved."""
    import plotly.graph_objects as go

    from explainers.views import saving

    saving.chart(go.Figure(go.Bar(y=[1, 2])), "bars", lambda: "a\n1\n", alt="Two bars.", name="bars")


def picture() -> None:
    """A picture of ours that can be saved."""
    import streamlit as st

    from explainers.views import saving

    with saving.picture("dots", lambda: "a\n1\n", name="our-dots"):
        st.write("dots")


def test_a_chart_is_drawn_with_its_text_alternative_and_the_control() -> None:
    app = AppTest.from_function(chart, default_timeout=30).run()
    assert not app.exception
    assert app.get("plotly_chart")[0].proto.alt == "Two bars."
    data, _numbers = component(app, "saving")
    assert (data["picture"], data["name"], data["formats"]) == ("st-key-picture_bars", "bars", ["svg", "png"])
    assert app.get("download_button")


def test_a_picture_of_ours_has_the_same_control() -> None:
    app = AppTest.from_function(picture, default_timeout=30).run()
    assert not app.exception
    data, _numbers = component(app, "saving")
    assert (data["picture"], data["name"], data["formats"]) == ("st-key-picture_dots", "our-dots", ["png"])
    assert app.get("download_button")


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("home", {}),
        ("tokenization", {}),
        ("embeddings", {}),
        ("embeddings", {"emb_part": "Neighbours"}),
        ("masked-lm", {}),
        ("next-sentence", {"pair": "It was big."}),
        ("generation", {}),
        ("span-corruption", {}),
        ("attention-masks", {}),
        ("attention-heads", {}),
    ],
)
def test_every_picture_on_a_page_can_be_saved_with_its_numbers(page: str, parameters: dict[str, str]) -> None:
    app = opened(page, text="The old dog ran home.", **parameters)
    names = [node.proto.component_name.rpartition(".")[2] for node in app.get("bidi_component")]
    controls = names.count("saving")
    ours = [name for name in names if name not in ("saving", "controls")]
    assert ours
    assert controls == len(ours) + len(app.get("plotly_chart")) == len(app.get("download_button"))


def test_csv_quotes_and_disarms() -> None:
    text = csv_text(["token", "p"], [['a"b', 0.5], ["=1+1", 1], ["-", -2]])
    assert text == 'token,p\n"a""b",0.5\n\'=1+1,1\n\'-,-2\n'


def test_rows_of_tokens_are_a_line_a_token() -> None:
    row = TokenRow("BERT", "bert", tokenize(load("bert-mini"), "The dog", "=1"))
    ids = row.tokenization.ids
    lines = rows._csv([row]).splitlines()
    assert lines[0] == "model,place,piece,id,kind,segment,text,start,end"
    assert lines[1] == f"BERT,0,[CLS],{ids[0]},special,0,,,"
    assert lines[2] == f"BERT,1,the,{ids[1]},word start,0,1,0,3"
    assert lines[5] == f"BERT,4,'=,{ids[4]},word start,1,2,0,1"


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_steps_of_a_word_end_in_its_tokens(name: str) -> None:
    steps = explain(load(name), "unbelievably")
    table = [line.split(",") for line in steps_csv(steps).splitlines()]
    assert len({len(line) for line in table}) == 1
    tokens = [line for line in table if line[0] == "token"]
    assert [line[1] for line in tokens] == list(steps.pieces)
    assert [line[2] for line in tokens] == [str(number) for number in steps.ids]
    assert table[1][0] == "1"
    assert len(table) > len(tokens) + 1


def test_languages_are_a_line_a_family_and_language() -> None:
    from explainers.tokenization import LanguageCost

    assert languages_csv({"t5": [LanguageCost("Korean", "안녕", 3, 1)]}) == (
        "family,language,tokens,unknown tokens,text\nt5,Korean,3,1,안녕\n"
    )


def test_a_grid_of_heads_is_a_line_a_head() -> None:
    small = Thumbnails(np.array([[[[255, 0], [51, 102]]]], np.uint8), 1)
    assert small.weights.tolist() == [[[[1.0, 0.0], [0.04, 0.16]]]]
    text = grid._csv(small, [[Cell("1.5", "next token")]])
    assert text == "layer,head,number,patterns,0.0,0.1,1.0,1.1\n0,0,1.5,next token,1.0,0.0,0.04,0.16\n"


@pytest.mark.parametrize("biased", [True, False])
def test_a_masked_head_is_a_line_a_pair_under_the_mask_as_it_is_now(biased: bool) -> None:
    scores = np.array([[0.5, -1.0]])
    bias = np.array([[0.25, 2.0]]) if biased else None
    head = MaskedHead(
        queries=("a",),
        keys=("b", "c"),
        scores=scores,
        bias=bias,
        weights=np.array([[1.0, 0.0]]),
        base=np.array([[True, True]]),
        flipped=((0, 1),),
        scale=1.0,
        size=2,
    )
    lines = attention_masks._csv(head, np.array([[True, False]])).splitlines()
    extra = ("bias,", "0.25,", "2.0,") if biased else ("", "", "")
    assert lines == [
        f"row,query,column,key,score,{extra[0]}open,weight",
        f"0,a,0,b,0.5,{extra[1]}True,1.0",
        f"0,a,1,c,-1.0,{extra[2]}False,0.0",
    ]
