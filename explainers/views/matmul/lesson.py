"""The guided steps of the lesson on matrix products, and its switches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import streamlit as st

from explainers.language import _
from explainers.matmul import MODES, Load, Mode, Network
from explainers.views.architecture.lesson import slider
from explainers.views.guide import Step, parts
from explainers.views.matmul.words import mode_names

Part = Literal["product", "convolution", "work", "time"]

PARTS: tuple[Part, ...] = get_args(Part)

MOST_BATCH = 64
MOST_TOKENS = 512


def steps() -> tuple[Step, ...]:
    """The lesson in six steps."""
    square = {"mm_part": "product", "mm_m": 8, "mm_k": 8, "mm_n": 8}
    bases = {"arch_bert": "bert-base", "arch_gpt2": "gpt2", "arch_t5": "t5-base"}
    measured = {"mm_part": "time", "mm_net": "bert", "arch_bert": "loaded", "mm_batch": 8, "mm_tokens": 128}
    return (
        Step(
            _("Row times column"),
            _(
                "Each number of C is a row of A times a column of B: multiply the pairs, add them up. That is a "
                "**matrix product**. Press Play and watch A and B: how often is the same number fetched from memory?"
            ),
            {**square, "mm_tile": 1},
        ),
        Step(
            _("Tiles"),
            _(
                "Now fetch a small square of A and one of B, and use every number four times before it is let go. The "
                "sums are the same, the fetching is a quarter. Such a square is a **tile**. What would larger ones do?"
            ),
            {**square, "mm_tile": 4},
        ),
        Step(
            _("Convolution"),
            _(
                "A network that looks at pictures slides a small filter over the image. Write every window as a row, "
                "and the sliding is gone: one matrix product gives all answers at once. This is called **im2col**."
            ),
            {"mm_part": "convolution", "mm_kernel": 3, "mm_stride": 1, "mm_pad": 0},
        ),
        Step(
            _("Share of the work"),
            _(
                "Guess first: how much of a network's arithmetic is matrix products? With the batch and length of this "
                "step, nearly all of it, in every row. The lower picture looks at the little that is left."
            ),
            {"mm_part": "work", "mm_mode": "inference", "mm_batch": 8, "mm_tokens": 128, **bases},
        ),
        Step(
            _("Share of the time"),
            _(
                "Nearly all work, so nearly all time? Press **Measure**. The small operations do little with each "
                "number, but every number has to come from memory and go back. They wait, and waiting takes time."
            ),
            measured,
        ),
        Step(
            _("A training step"),
            _(
                "To train, a model goes forward, then **backward** with twice the products, then an **optimizer** "
                "changes every weight. The optimizer has no product at all. Choose fewer tokens: what does it cost now?"
            ),
            {**measured, "mm_batch": 2, "mm_tokens": 64},
        ),
    )


def switches() -> Part:
    """The part of the lesson that the reader has chosen."""
    names: dict[Part, str] = {
        "product": _("One product"),
        "convolution": _("Convolution"),
        "work": _("Share of the work"),
        "time": _("Share of the time"),
    }
    return parts(names, "mm_part", steps())


def mode_switch() -> Mode:
    """Whether inference or a training step is looked at."""
    names = mode_names()
    chosen = st.segmented_control(
        _("Use of the network"),
        MODES,
        default=MODES[0],
        required=True,
        key="mm_mode",
        bind="query-params",
        persist_state="session",
        format_func=names.__getitem__,
        label_visibility="collapsed",
    )
    return chosen or MODES[0]


def load_of(networks: Sequence[Network]) -> Load:
    """How many sequences, and how long, as two sliders say; no longer than the shortest context of these networks."""
    designs = [network.design for network in networks if network.design]
    contexts = [design.context for design in designs if design.kind != "t5"]
    with st.container(horizontal=True, gap="large"):
        batch = slider(_("Sequences or pictures at once (batch)"), "mm_batch", 1, MOST_BATCH, 8)
        if not designs:
            return Load(batch, 1)
        tokens = slider(_("Tokens of a sequence"), "mm_tokens", 1, min([*contexts, MOST_TOKENS]), 128)
    return Load(batch, tokens)
