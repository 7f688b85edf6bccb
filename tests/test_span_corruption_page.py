"""The span corruption page as Streamlit runs it: good and bad links, odd texts, its buttons and steps."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explainers import spans
from explainers.checkpoints import load
from explainers.views.components.lanes import valid_pick
from explainers.views.span_filling import _filling_text
from explainers.views.span_lanes import Columns
from tests.pages import TEXTS, html, opened, said, sentences

PAGE = "span-corruption"
PARTY = "Thank you for inviting me to your party last week."


def lesson(**parameters: str) -> AppTest:
    return opened(PAGE, **parameters)


def test_a_link_brings_the_gaps_back() -> None:
    app = lesson(text=PARTY, gaps="9-22.39-44")
    assert "in **2 gaps**" in said(app)
    assert app.query_params["gaps"] in ("9-22.39-44", ["9-22.39-44"])
    assert "for inviting" in html(app)
    assert not sentences(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"gaps": "<script>"},
        {"gaps": "none"},
        {"gaps": "4000-5000"},
        {"gaps": "0-9999"},
        {"gaps": "9" * 3_000},
        {"span_seed": "-4", "span_share": "900", "span_length": "x"},
        {"fill_drawn": "nonsense", "fill_heat": "-1", "fill_seed": "1e9"},
        {"step": "99"},
        {"step": "-1", "task_prefix": "rm -rf"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = lesson(text=PARTY, **parameters)
    assert not app.error
    assert "The model fills the gaps" in "\n".join(header.value for header in app.header)


def test_draw_again_takes_other_tokens_and_put_all_back_takes_none() -> None:
    app = lesson(text=" ".join([PARTY] * 5), gaps="draw")
    before = html(app)
    app.button(key="span_draw").click().run()
    assert app.number_input(key="span_seed").value == 2
    assert html(app) != before
    app.button(key="span_clear").click().run()
    assert "No token is taken out" in said(app)
    assert "no gap to fill" in said(app)
    assert "<mark>" not in html(app)
    assert "Token by token" not in said(app)
    assert app.query_params["gaps"] in ("none", ["none"])
    app.button(key="span_draw").click().run()
    assert app.query_params["gaps"] in ("draw", ["draw"])


def test_drawn_fillings_have_a_seed_and_a_temperature() -> None:
    app = lesson(text=PARTY, fill_drawn="true", fill_seed="7", fill_heat="1.5")
    assert app.number_input(key="fill_seed").value == 7
    assert app.slider(key="fill_heat").value == 1.5
    app.button(key="fill_again").click().run()
    assert app.number_input(key="fill_seed").value == 8
    assert not app.exception


def test_a_plain_visit_takes_two_words_out_of_any_text() -> None:
    app = lesson()
    assert "in **2 gaps**" in said(app)
    assert "unbelievably" in html(app)
    assert "gaps" not in app.query_params


def test_every_step_opens() -> None:
    app = lesson()
    for step, gaps in enumerate((2, 2, 2, 2, 2, 1)):
        app.button(key=f"{PAGE}_step_{step}").click().run()
        assert not app.exception
        assert not app.error
        assert f"in **{gaps} gap" in said(app)


def test_a_gap_that_is_filled_with_a_blank_alone_is_not_said_to_be_empty() -> None:
    blank, written = spans.Step(3, "▁", 1.0, 1, ()), (spans.Filling(9, 0, 0), spans.Filling(8, 0, 1))
    writing = spans.Writing((blank,), finished=True, fillings=written, texts=("", ""))
    assert [_filling_text(writing, sentinel) for sentinel in (9, 8, 7)] == ["(nothing)", "▁", "(nothing)"]


def test_typed_sentinels_are_filled() -> None:
    app = lesson(text="I had <extra_id_0> for breakfast and <extra_id_1> for lunch.")
    assert "No token is taken out" in said(app)
    assert html(app).count("<mark>") == 2
    assert "no gap to fill" not in said(app)


def test_the_loss_on_the_page_is_the_library_s_own() -> None:
    import torch

    checkpoint = load("t5-mini")
    example = spans.example(checkpoint, PARTY, [2, 3, 8])
    model: Any = checkpoint.model
    with torch.inference_mode():
        output = model(
            torch.tensor(example.encoder)[None],
            decoder_input_ids=torch.tensor(example.decoder)[None],
            labels=torch.tensor(example.labels)[None],
        )
    own = example.tokenization.tokens
    gaps = f"{own[2].start}-{own[3].end}.{own[8].start}-{own[8].end}"
    words = said(lesson(text=PARTY, gaps=gaps))
    assert f"**3 of {len(own) - 1}** tokens are out" in words
    assert f"over all {len(example.labels)} labels" in words
    assert f"is **{float(output.loss):.2f}** nats" in words


def test_a_text_of_512_tokens_works_and_what_is_cut_is_said() -> None:
    app = lesson(text="the old dog ran home and slept by the fire. " * 60, gaps="draw")
    assert "reads the first" in sentences(app)
    assert "26 gaps" in said(app)


def test_the_model_says_that_it_knows_no_tasks() -> None:
    assert "nothing else" in said(lesson(text=PARTY))


def test_a_second_sentence_is_said_to_play_no_part() -> None:
    assert "second sentence" in said(lesson(text=PARTY, pair="And mine.")).lower()


@pytest.mark.parametrize("text", [TEXTS["script tag"], TEXTS["control characters"], TEXTS["emoji"]])
def test_hostile_text_is_escaped(text: str) -> None:
    app = lesson(text=text, gaps="0-7")
    assert "<script" not in html(app)
    assert "<img" not in html(app)


def test_the_table_holds_every_cell_and_each_label_its_probability() -> None:
    checkpoint = load("t5-mini")
    example = spans.example(checkpoint, PARTY, [2, 3, 8])
    taught = spans.taught(checkpoint, example)
    rows = Columns(example).table(taught)
    by_lane = [[row for row in rows if row[0] == name] for name in dict.fromkeys(row[0] for row in rows)]
    text, encoder, decoder, labels = by_lane
    assert [int(row[3]) for row in encoder] == example.encoder.tolist()
    assert [int(row[3]) for row in decoder] == example.decoder.tolist()
    assert [int(row[3]) for row in labels] == example.labels.tolist()
    assert [row[1] for row in decoder] == [row[1] for row in labels]
    assert [row[4] for row in labels] == [step.probability for step in taught]
    assert len(text) == len(example.removed)


@pytest.mark.parametrize(
    "value",
    [None, 3, {}, {"fingerprint": "f"}, {"fingerprint": "x", "picked": [0]}, {"fingerprint": "f", "picked": [9]},
     {"fingerprint": "f", "picked": ["0"]}, {"fingerprint": "f", "picked": [True]}],
)  # fmt: skip
def test_picks_of_another_picture_are_dropped(value: object) -> None:
    assert valid_pick(value, "f", 5) is None


def test_picks_are_places_in_order() -> None:
    assert valid_pick({"fingerprint": "f", "picked": [4, 0, 4]}, "f", 5) == [0, 4]
