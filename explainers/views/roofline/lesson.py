"""The guided steps of the roofline lesson, its switches, and what all its parts are asked for."""

from __future__ import annotations

from typing import Literal, get_args

import streamlit as st

from explainers.figures.quantities import digits
from explainers.language import _
from explainers.roofline import TYPES, NumberType
from explainers.roofline.hardware import Hardware, published_hardware
from explainers.views.guide import Step, parts

Page = Literal["theory", "machine", "model", "hardware"]

PAGES: tuple[Page, ...] = get_args(Page)

SLUG = "roofline"


def steps() -> tuple[Step, ...]:
    """The lesson in six steps."""
    square = {"roof_part": "theory", "roof_on": "a100", "roof_type": "fp32", "roof_k": 1024, "roof_n": 1024}
    return (
        Step(
            _("Intensity"),
            _(
                "A product of matrices reads two and writes one. The more it computes for every byte that it moves, "
                "the further right it stands: that is its **intensity**. The roof is the fastest that a chip allows; "
                "its slope and its flat part meet at the **ridge**. This product, 1,024 on every side, stands right of "
                "it: **arithmetic** is the limit."
            ),
            {**square, "roof_m": 1024},
        ),
        Step(
            _("One row"),
            _(
                "Guess first: what if only **one row** is multiplied, as when a model writes one token? The same "
                "matrix is read for a thousandth of the work. The dot slides down the slope: half a FLOP per byte, and "
                "the chip waits for its **memory**. Move m until it is on the flat roof again."
            ),
            {**square, "roof_m": 1},
        ),
        Step(
            _("Short numbers"),
            _(
                "Numbers of two bytes in place of four: half the traffic, so twice the intensity, and here the flat "
                "roof is sixteen times as high. The ridge, where slope and flat meet, moves to the right: now a "
                "product needs far more intensity to keep the chip busy."
            ),
            {**square, "roof_m": 64, "roof_type": "bf16"},
        ),
        Step(
            _("This machine"),
            _(
                "Now for real. Press **Run**: the machine that serves this page measures its own roofs, then products "
                "of many sizes and shapes. Which come close to the roof? Which lie far below, and why?"
            ),
            {"roof_part": "machine"},
        ),
        Step(
            _("A model"),
            _(
                "Every product of a GPT-2 under a roof. To read a whole text is a product of matrices; to write **one "
                "token more** is a matrix times a vector. Hollow is what the roof promises, filled what was measured: "
                "press **Run**."
            ),
            {"roof_part": "model", "roof_model": "gpt2-small", "roof_length": "128", "roof_batch": 1},
        ),
        Step(
            _("Other chips"),
            _(
                "In numbers of two bytes every ridge lies above 100 FLOPs per byte: {low} on the {lowest}, {high} on "
                "the {highest}. One token of one text has about one, far down the slope. There only bandwidth counts: "
                "the H200 has the flat roof of the H100, and a steeper slope."
            ).format(**_extremes("bf16")),
            {"roof_part": "hardware", "roof_type": "bf16"},
        ),
    )


def _extremes(number: NumberType) -> dict[str, str]:
    """The lowest and the highest ridge of the published chips, with the chips' names."""
    chips = sorted((chip.ridge(number), chip.short) for chip in published_hardware().values() if chip.peak(number))
    (low, lowest), (high, highest) = chips[0], chips[-1]
    return {"low": digits(low), "lowest": lowest, "high": digits(high), "highest": highest}


def switches() -> Page:
    """The part of the lesson that the reader has chosen."""
    names: dict[Page, str] = {
        "theory": _("Theory"),
        "machine": _("This machine"),
        "model": _("A model"),
        "hardware": _("Other chips"),
    }
    return parts(names, "roof_part", steps())


def number_switch() -> NumberType:
    """The number type that is looked at."""
    number = st.segmented_control(
        _("Number type"),
        TYPES,
        default=TYPES[0],
        required=True,
        key="roof_type",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return number or TYPES[0]


def chosen_hardware(number: NumberType | None = None) -> tuple[Hardware, ...]:
    """The published chips that the reader wants to see dashed, of those with a peak in this number type."""
    every = published_hardware()
    devices = {key: device for key, device in every.items() if number is None or device.peak(number)}
    keys = st.pills(
        _("Dashed roofs of other chips"),
        list(devices),
        selection_mode="multi",
        key="roof_chips",
        bind="query-params",
        persist_state="session",
        format_func=lambda key: devices[key].short,
    )
    return tuple(devices[key] for key in devices if key in keys)
