"""The masked-LM lesson as Streamlit runs it: the dice, masks by hand, good links and bad ones, what a click may do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import load
from explainers.examples import examples
from explainers.masking import Recipe, corrupt_text
from explainers.tokenization import tokenize
from explainers.views.components.masks import MaskCell, valid_click
from explainers.views.masking import _csv
from explainers.views.masking_controls import PAPER_TEXT, steps, way_of_choosing
from tests.pages import TEXTS, opened, sentences

PAGE = "masked-lm"


def said(app: AppTest) -> str:
    """All text of the page, tables among it."""
    tables = [element.proto.body for element in app.get("html")]
    return "\n".join(
        [*(element.value for kind in (app.markdown, app.caption, app.header) for element in kind), *tables]
    )


def chosen(text: str, seed: int, rate: float = 0.15) -> int:
    checkpoint = load("bert-mini")
    return int(corrupt_text(checkpoint, tokenize(checkpoint, text), Recipe(rate), seed).chosen.sum())


def test_a_plain_visit_chooses_and_predicts_in_the_first_example() -> None:
    app = opened(PAGE)
    assert chosen(examples()[0].text, 3)
    assert "Mean loss" in said(app)
    assert len(app.get("plotly_chart")) == 3


def test_every_step_of_the_guide_opens() -> None:
    app = opened(PAGE)
    for number, step in enumerate(steps()):
        app.button(key=f"{PAGE}_step_{number}").click().run()
        assert not app.exception
        assert step.sentence in said(app)
        for key, value in step.settings.items():
            assert app.session_state[key] == value


def test_the_paper_steps_show_what_they_say() -> None:
    checkpoint, fates = load("bert-mini"), []
    for step in steps()[:3]:
        text, rate, seed = (step.settings[key] for key in ("text", "mlm_rate", "mlm_seed"))
        assert isinstance(text, str)
        assert isinstance(rate, int)
        assert isinstance(seed, int)
        fates.append(set(corrupt_text(checkpoint, tokenize(checkpoint, text), Recipe(rate / 100), seed).fate.tolist()))
    assert steps()[1].settings["text"] == PAPER_TEXT
    assert fates == [{0, 1}, {0, 2}, {0, 1, 2, 3}]


def test_the_steps_by_hand_hide_the_one_whole_word_that_they_speak_of() -> None:
    checkpoint, hidden = load("bert-mini"), []
    for step in steps():
        if "mlm_hand" in step.settings:
            tokenization = tokenize(checkpoint, str(step.settings["text"]))
            token = tokenization.tokens[int(str(step.settings["mlm_hand"]))]
            hidden.append(token.piece)
            assert [other.word for other in tokenization.tokens].count(token.word) == 1
    assert hidden == ["tea", "dog", "france"]


def test_a_link_brings_seed_rate_and_shares_back() -> None:
    text = "one two three four five six seven eight"
    parameters: dict[str, Any] = {"mlm_seed": "7", "mlm_rate": "50", "mlm_shares": ["10", "20"]}
    app = opened(PAGE, text=text, **parameters)
    assert app.number_input(key="mlm_seed").value == 7
    assert app.slider(key="mlm_rate").value == 50
    assert app.slider(key="mlm_shares").value == (10, 20)
    count = chosen(text, 7, 0.5)
    assert f"{count} of 8 ordinary tokens chosen" in said(app)
    app.button(key="mlm_again").click().run()
    assert app.number_input(key="mlm_seed").value == 8


def test_a_link_brings_masks_by_hand_back() -> None:
    app = opened(PAGE, text="the dog ran home", mlm_by="I choose", mlm_hand="2,4", mlm_at="4")
    assert "over all 2 chosen tokens" in said(app)
    assert app.selectbox(key="mlm_at").value == 4
    app.button(key="mlm_clear").click().run()
    assert "Nothing to predict" in said(app)


@pytest.mark.parametrize("hand", ["0,99,-1,1e3,²,2;drop", ",,,", "9" * 4000, "<script>"])
def test_bad_masks_are_dropped(hand: str) -> None:
    app = opened(PAGE, text="the dog ran home", mlm_by="I choose", mlm_hand=hand, mlm_at=hand)
    assert "Nothing to predict" in said(app)


@pytest.mark.parametrize(
    "bad",
    [
        {"mlm_seed": "x", "mlm_rate": "900", "mlm_shares": "a", "mlm_by": "?", "mlm_draws": "7", "step": "77"},
        {"mlm_seed": "-4", "mlm_rate": "", "mlm_shares": "90,80", "mlm_rounded": "maybe", "step": "-1"},
    ],
)
def test_bad_links_fall_back(bad: dict[str, str]) -> None:
    app = opened(PAGE, **bad)
    assert not app.error
    assert app.slider(key="mlm_rate").value == 15


def test_no_token_chosen_is_said_with_its_chance() -> None:
    seed = next(seed for seed in range(100) if not chosen("the dog", seed))
    app = opened(PAGE, text="the dog", mlm_seed=str(seed))
    assert "Nothing to predict" in said(app)
    assert "happens in 72 % of all draws" in said(app)  # 0.85 squared


def test_a_typed_mask_is_predicted_without_a_loss() -> None:
    app = opened(PAGE, text="the [MASK] ran", mlm_by="I choose")
    assert "no true token is known" in said(app)
    assert "BERT read" in said(app)


def test_unknown_tokens_and_the_two_ways_of_choosing_are_said() -> None:
    app = opened(PAGE)
    assert "In this app `[UNK]` throws no die" in said(app)  # the first example ends in an emoji
    assert way_of_choosing() in said(app)
    app.toggle(key="mlm_rounded").set_value(True).run()
    assert "In every draw a rounded number is chosen" in said(app)


def test_numbers_have_one_format_and_tokens_are_quoted() -> None:
    app = opened(PAGE, text="my dog is hairy .", mlm_by="I choose", mlm_hand="2,6")
    assert "“.”, " in said(app)
    assert not re.search(r"\de-\d|>-\d|0\.0\d* %", said(app))
    assert "The biases are the head's own" in said(app)


def test_a_long_text_is_cut_and_said() -> None:
    app = opened(PAGE, text="word " * 2000, mlm_rate="40")
    assert "BERT reads the first 510 of 2,000 tokens. The rest does not fit" in sentences(app).replace("\\", "")
    assert "Mean loss" in said(app)


@pytest.mark.parametrize("text", ["[MASK]", "[CLS] [SEP]", "🤖", "a"])
def test_odd_texts_draw(text: str) -> None:
    app = opened(PAGE, text=text, mlm_by="I choose", mlm_hand="1")
    assert not app.error


def test_only_a_click_on_one_of_these_cells_counts() -> None:
    cells = [MaskCell("[CLS]", "[CLS]", True, 0), MaskCell("dog", "dog", False, 0)]
    assert valid_click({"at": 1, "fingerprint": "f"}, cells, "f") == 1
    for bad in ({"at": 0}, {"at": 2}, {"at": -1}, {"at": True}, {"at": "1"}, {"at": 1.0}, {}):
        assert valid_click({**bad, "fingerprint": "f"}, cells, "f") is None
    assert valid_click({"at": 1, "fingerprint": "g"}, cells, "f") is None
    assert valid_click("1", cells, "f") is None


def test_the_cards_are_kept_as_numbers() -> None:
    cells = [
        MaskCell("[CLS]", "[CLS]", True, 0),
        MaskCell("dog", "[MASK]", False, 1, 0.1, 0.25, "cat", "9.5 %"),
    ]
    assert _csv(cells).splitlines() == [
        "token,first die,second die,fate,BERT reads,BERT says,probability",
        "[CLS],,,untouched,[CLS],,",
        "dog,0.1,0.25,masked,[MASK],cat,9.5 %",
    ]


@pytest.mark.parametrize("page", ["masked-lm", "embeddings", "next-sentence"])
def test_a_text_without_a_known_word_is_said_to_be_one(page: str) -> None:
    app = opened(page, text=TEXTS["arabic"], pair=TEXTS["arabic"])
    assert "has no token for any word of this text" in sentences(app)
    assert not app.error
    assert "has no token for any word" not in sentences(opened(page, text="a dog ꙮ", pair="a cat"))
