"""The guided steps and the controls of the masked-LM lesson, and the tokens that the reader masked by hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explainers.language import _
from explainers.masking import Recipe
from explainers.views import address
from explainers.views.guide import Step

SLUG = "masked-lm"
HAND = "mlm_hand"
PAPER_TEXT = "my dog is hairy"
COUNTING, INSIDE = 3, 4

_DICE = {"mlm_by": "dice", "mlm_rate": 15, "mlm_shares": (80, 90), "mlm_rounded": False}
_PAPER = {"text": PAPER_TEXT, "pair": ""}
_DOOR = {"text": "He opened the door and went into the house.", "pair": ""}
_CANDLE = {"text": "It was dark, so he lit a candle.", "pair": ""}
_TEA = {"text": "She drank a cup of tea.", "pair": ""}
_BARK = {"text": "The dog barked at the cat.", "pair": ""}
_PARIS = {"text": "Paris is the capital of France.", "pair": ""}
_PAPER_STEP = partial(Step, needs_text=True)  # its dice fall as it says on the paper's sentence only
_MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Setup:
    """What the controls say. by_hand: the tokens that the reader masked, None while the dice choose."""

    recipe: Recipe
    seed: int
    by_hand: tuple[int, ...] | None


def steps() -> list[Step]:
    """The guided half: what the dice do, then what the model makes of one hidden word."""
    return [*_dice_steps(), *_hidden_word_steps()]


def _dice_steps() -> list[Step]:
    """The steps in which the dice choose. The seeds are those whose dice fall on these sentences as the steps say."""
    return [
        _PAPER_STEP(
            _("Choose"),
            _(
                "BERT learns by guessing words that were hidden from it. Every token throws a die from 0 to 1: below "
                "**0.15** it is **chosen**. Special tokens, such as `[CLS]`, throw none. Press **1. Choose** to see a "
                "draw in which the die falls on one word."
            ),
            _DICE | _DOOR | {"mlm_seed": 76},
        ),
        _PAPER_STEP(
            _("Corrupt"),
            _(
                "The paper's own example. A chosen token throws again. Below 0.80 BERT reads `[MASK]` in its place, "
                "below 0.90 a **random** token, else the token **itself**. Nobody writes `[MASK]` when BERT is used "
                "later: so it must keep an eye on every token, not on the masked ones alone."
            ),
            _DICE | _PAPER | {"mlm_seed": 1478},
        ),
        _PAPER_STEP(
            _("Predict"),
            _(
                "BERT guesses at **every** chosen token, also at one that was replaced or kept: it cannot tell which. "
                "The loss is the mean over **all** of them, not only the `[MASK]`s, though it is often told so."
            ),
            _DICE | _CANDLE | {"mlm_rate": 30, "mlm_seed": 2236},
        ),
        Step(
            _("Count"),
            _(
                "Throw the dice often enough, and the shares settle: 12 % of all tokens become `[MASK]`, 1.5 % random, "
                "1.5 % stay. In one short sentence anything can happen: in many draws **no** token is chosen at all."
            )
            + f" {way_of_choosing()}",
            _DICE | {"mlm_draws": 100_000},
        ),
    ]


def _hidden_word_steps() -> list[Step]:
    """The steps in which one whole word is hidden by hand."""
    return [
        _PAPER_STEP(
            _("Look inside"),
            _(
                "How a vector becomes a guess: it is **transformed** once, then compared with the vector of **every** "
                "token in the vocabulary. The more alike, the likelier, but for the **bias**: each token has a head "
                "start or a handicap that is the same in every text, and it can tip the scales."
            ),
            _TEA | {"mlm_by": "hand", "mlm_hand": "6"},
        ),
        _PAPER_STEP(
            _("Both sides"),
            _(
                "Before the hidden word stands only “The”. What gives it away comes **after** it: it barked, and at a "
                "cat. BERT reads both sides at once. A model that reads from left to right could not use it."
            ),
            _BARK | {"mlm_by": "hand", "mlm_hand": "2"},
        ),
        _PAPER_STEP(
            _("Your turn"),
            _(
                "Does it know the world, or only what usually stands there? Look at the guesses for the country: the "
                "**kind** of word is easier than the fact. Click any token to hide it, and click again to show it. "
                "Hide several: BERT guesses each one by itself."
            ),
            _PARIS | {"mlm_by": "hand", "mlm_hand": "6"},
        ),
    ]


def way_of_choosing() -> str:
    """The two ways to 15 %, the second from google-research/bert, create_pretraining_data.py."""
    return _(
        "The paper only says 15 % at random: on this page each token throws by itself, or, with the switch under "
        "**Dice**, a rounded number is chosen, at least one, as the released code does it."
    )


def setup() -> Setup:
    """Draw the controls in one row and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        by = st.segmented_control(
            _("Who chooses"),
            ("dice", "hand"),
            default="dice",
            required=True,
            key="mlm_by",
            bind="query-params",
            format_func={"dice": _("The dice choose"), "hand": _("I choose")}.__getitem__,
            label_visibility="collapsed",
        )
        if by != "hand":
            st.button(_("Throw again"), key="mlm_again", icon=":material/casino:", on_click=_throw_again)
        else:
            st.button(_("Show all"), key="mlm_clear", icon=":material/visibility:", on_click=mask, args=((),))
        with st.popover(_("Dice"), icon=":material/tune:", key="mlm_dice"):
            recipe, seed = _dice()
        if st.session_state.get("text") != PAPER_TEXT:
            st.button(_("The paper's example"), key="mlm_paper", icon=":material/article:", on_click=_take_paper)
    return Setup(recipe, seed, _by_hand() if by == "hand" else None)


def places_text(tokens: Collection[int]) -> str:
    """Tokens that were masked by hand as the address has them: 2,4."""
    return ",".join(map(str, sorted(tokens)))


def mask(tokens: Collection[int]) -> None:
    """Mask these tokens by hand, and no others, from the next run on."""
    st.session_state[HAND] = places_text(tokens)


def _by_hand() -> tuple[int, ...]:
    """The tokens that were masked by hand: from the session or else the address (mlm_hand=2,4)."""
    state = st.session_state
    written = str(state.setdefault(HAND, address.read(HAND)))
    parts = written.split(",")[:1024]
    tokens = tuple(sorted({int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 6}))
    mask(tokens)
    return tokens


def _dice() -> tuple[Recipe, int]:
    """The controls in the popover: the rate, the shares on the second die, the way of counting, the seed."""
    rate = st.slider(_("Chosen: first die below, %"), 0, 100, 15, key="mlm_rate", bind="query-params")
    masked, replaced = st.slider(
        _("Second die: [MASK] below the first mark, random below the second, else kept, %"),
        0,
        100,
        (80, 90),
        key="mlm_shares",
        bind="query-params",
    )
    rounded = st.toggle(
        _("Rounded count, as in the released code"),
        key="mlm_rounded",
        bind="query-params",
        help=_("15 % of all tokens, `[CLS]` and `[SEP]` counted too, rounded, and at least one."),
    )
    seed = st.number_input(_("Seed"), 0, _MOST_SEEDS - 1, 3, key="mlm_seed", bind="query-params")
    return Recipe(rate / 100, masked / 100, (replaced - masked) / 100, bool(rounded)), int(seed)


def _throw_again() -> None:
    st.session_state["mlm_seed"] = (int(st.session_state.get("mlm_seed") or 0) + 1) % _MOST_SEEDS


def _take_paper() -> None:
    st.session_state["text"], st.session_state["pair"] = PAPER_TEXT, ""
