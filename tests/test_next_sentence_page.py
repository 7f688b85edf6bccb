"""The next sentence page as Streamlit runs it: a plain visit, good and bad links, pasted texts, every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explainers import next_sentence
from explainers.checkpoints import load
from explainers.next_sentence import judging
from explainers.tokenization import tokenize
from explainers.views import blocks
from explainers.views import next_sentence_trial as trial
from tests.pages import TEXTS, html, opened, said, sentences

PAGE = "next-sentence"
STORE, MILK = "The man went to the store.", "He bought a gallon of milk."


def lesson(**parameters: object) -> AppTest:
    return opened(PAGE, **parameters)


@pytest.mark.parametrize("pair", ["", " \n", "\u200b"])
def test_while_the_second_text_is_empty_nothing_is_judged(pair: str) -> None:
    app = lesson(pair=pair)
    assert "one of them is empty" in said(app)
    assert "IsNext" not in html(app)
    assert "of 100 right" in said(app)
    app.button(key="next_ours").click().run()
    assert (app.text_area(key="text").value, app.text_area(key="pair").value) == (STORE, MILK)
    assert "one of them is empty" not in said(app)
    assert "IsNext" in html(app)
    assert not sentences(app)


@pytest.mark.parametrize(("low", "one_sided"), [(0.8, True), (0.1, False)])
def test_a_model_with_one_answer_to_everything_is_said_to_have_it(
    monkeypatch: pytest.MonkeyPatch, low: float, one_sided: bool
) -> None:
    def chances(_checkpoint: object, pairs: Sequence[object]) -> tuple[float, ...]:
        return tuple((0.9, low)[place % 2] for place in range(len(pairs)))

    monkeypatch.setattr(next_sentence, "chances", chances)
    monkeypatch.setattr(judging, "chances", chances)
    st.cache_resource.clear()
    text = said(lesson(text=STORE, pair=MILK))
    st.cache_resource.clear()
    assert ("to 100 of 100 pairs" in text) == one_sided
    assert ("to 6 of these 6" in text) == one_sided


def test_the_way_to_the_answer_shows_the_model_s_own_numbers() -> None:
    import torch

    checkpoint = load("bert-mini")
    tokens = tokenize(checkpoint, STORE, MILK).tokens
    model: Any = checkpoint.model
    with torch.inference_mode():
        output = model(
            torch.tensor([[token.id for token in tokens]]),
            token_type_ids=torch.tensor([[token.segment for token in tokens]]),
            output_hidden_states=True,
        )
    first, second = (f"{number:.2f}".replace("-", "−") for number in output.seq_relationship_logits[0].tolist())
    chance = blocks.percent(float(output.seq_relationship_logits.double().softmax(-1)[0, 0]))
    page = html(lesson(text=STORE, pair=MILK))
    assert f"IsNext {first}, NotNext {second}" in page
    assert f"e<sup>{first}</sup> / (e<sup>{first}</sup> + e<sup>{second}</sup>) = {chance} for IsNext" in page
    assert f'aria-label="IsNext {chance},' in page
    cls = ", ".join(f"{number:.2f}".replace("-", "−") for number in output.hidden_states[-1][0, 0, :6].tolist())
    assert f"256 numbers: {cls}, …" in page


def test_a_pair_is_judged_and_a_single_text_is_cut() -> None:
    assert "second box is empty" not in said(lesson(text=STORE, pair=MILK))
    assert "cut after its first sentence" in said(lesson(text=f"{STORE} {MILK}"))


@pytest.mark.parametrize(
    "parameters",
    [
        {"pairs_seed": "-1", "trick_new": "x" * 5_000},
        {"pairs_seed": "abc", "trick_old": "(?:[", "trick_new": "\\1"},
        {"step": "77"},
        {"pairs_text": "too short"},
        {"pairs_from": "<b>", "pairs_length": "9", "pairs_count": "21"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = lesson(text=STORE, pair=MILK, **parameters)
    assert not app.error
    assert "Easily fooled" in "\n".join(header.value for header in app.header)


def test_a_pasted_text_is_tested_and_a_short_one_refused() -> None:
    app = lesson(text=STORE, pair=MILK, pairs_length=1)
    app.text_area(key="pairs_text").set_value("One came. Two went. Three saw! Four? Five ate. Six slept.").run()
    assert "of 10 right" in said(app)
    assert "it is one passage" in said(app)
    assert "no more than 10 pairs" in said(app)
    app.text_area(key="pairs_text").set_value("Just one <b>sentence</b>.").run()
    assert "at least 4" in sentences(app)
    app.text_area(key="pairs_text").set_value("One came. Two went.\n\nThree saw! Four?").run()
    assert "of 4 right" in said(app)
    app.segmented_control(key="pairs_length").set_value(2).run()
    assert "fewer sentences" in sentences(app)
    assert not app.exception


def test_the_reader_chooses_how_many_pairs_and_of_which_kind() -> None:
    app = lesson(text=STORE, pair=MILK, pairs_count=50)
    assert "of 50 right" in said(app)
    few = said(app)
    app.segmented_control(key="pairs_from").set_value("same").run()
    assert "of 50 right" in said(app)
    assert said(app) != few
    table = html(app).rpartition('<table class="texts">')[2]
    assert [name for name in ("really next", "from another passage", "from the same passage") if name in table] == [
        "really next",
        "from another passage",
        "from the same passage",
    ]
    assert table.count(" / 25<") == 3


@pytest.mark.parametrize(
    ("hits", "said_of_chance"),
    [(17, "is below it"), (14, "is inside it: this test cannot tell"), (3, "is above it")],
)
def test_the_interval_is_read_against_chance(monkeypatch: pytest.MonkeyPatch, hits: int, said_of_chance: str) -> None:
    """14 of 20 is 70 %, and still no proof: the interval begins at 48 %."""

    def chances(_checkpoint: object, pairs: Sequence[tuple[str, str]]) -> tuple[float, ...]:
        return tuple(0.9 if (first, second) in right else 0.1 for first, second in pairs)

    pairs = next_sentence.sample(trial.own_text(), 1, 20, origin="elsewhere", length=2)
    true, false = ([pair for pair in pairs if pair.follows == follows] for follows in (True, False))
    of_true = (hits + 1) // 2
    right = {pair[:2] for pair in true[:of_true]} | {pair[:2] for pair in false[: 10 - (hits - of_true)]}
    monkeypatch.setattr(judging, "chances", chances)
    st.cache_resource.clear()
    text = said(lesson(text=STORE, pair=MILK, pairs_count=20))
    st.cache_resource.clear()
    assert f"{hits} of 20 right" in text
    assert said_of_chance in text


def test_a_link_brings_the_seed_back() -> None:
    assert lesson(pairs_seed="12").number_input(key="pairs_seed").value == 12


def test_every_step_opens() -> None:
    app = lesson()
    for step in range(5):
        app.button(key=f"{PAGE}_step_{step}").click().run()
        assert "one of them is empty" not in said(app)
        assert not app.exception
        assert not app.error
    assert app.text_area(key="pair").value == MILK


@pytest.mark.parametrize("text", [TEXTS["script tag"], TEXTS["control characters"], TEXTS["arabic"]])
def test_hostile_text_is_escaped(text: str) -> None:
    app = lesson(text=text, pair=text, pairs_text=f"{text}. One. Two. Three. Four. {text}.")
    assert not app.error
    assert "<script" not in html(app)


def test_long_texts_are_cut_and_it_is_said() -> None:
    app = lesson(text="the old dog ran home. " * 150, pair="he slept by the fire. " * 150)
    assert "reads the first 512 of" in sentences(app)
