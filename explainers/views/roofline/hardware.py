"""Published hardware under one roof picture: what vendors print, each number with its source."""

from __future__ import annotations

import html

import streamlit as st

from explainers.figures.quantities import amount, digits
from explainers.language import _
from explainers.roofline import NumberType, roofs
from explainers.roofline.hardware import Hardware, published_hardware
from explainers.views import blocks, saving
from explainers.views.roofline.lesson import chosen_hardware, number_switch
from explainers.views.roofline.live import known_result
from explainers.views.roofline.machine import dashed_roofs, measured_roofs

_LEAST_HEIGHT = 420  # pixels of a picture that fills the screen: the names keep their distance on the smallest one


def hardware() -> None:
    """The dashed roofs of chips, beside this machine's own where it was measured."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        number = number_switch()
        every = tuple(published_hardware().values())
        chips = [chip for chip in chosen_hardware(number) or every if chip.peak(number)]
    _picture(chips, number)
    missing = [chip.name for chip in every if not chip.peak(number)]
    if missing:
        st.caption(
            _("No peak for {type} is printed for {names}.").format(type=number, names=blocks.plain(", ".join(missing)))
        )
    _table(every)


def _picture(chips: list[Hardware], number: NumberType) -> None:
    from explainers.figures import roofline

    result = known_result()
    found = roofs(result.points, result.machine) if result else None
    slopes, flats = measured_roofs(found) if found and number in found.peaks else ([], [])
    saving.chart(
        roofline.roofs(
            slopes[-1:],
            [flat for flat in flats if flat.number == number],
            [],
            dashed_roofs(chips, (number,)),
            dark=blocks.is_dark(),
            height=_LEAST_HEIGHT,
        ),
        "roof_hardware",
        lambda: saving.csv_text(
            ("chip", "year", "type", "peak, FLOP/s", "bandwidth, B/s", "ridge, FLOPs per byte", "source", "link"),
            (
                (
                    *(chip.name, chip.year, number, chip.peak(number), chip.bandwidth, chip.ridge(number)),
                    *(chip.source, chip.link),
                )
                for chip in chips
            ),
        ),
        alt="; ".join(
            _("{name}: {peak}, {bandwidth}, ridge at {ridge} FLOPs per byte").format(
                name=chip.name,
                peak=amount(chip.peak(number), "FLOP/s"),
                bandwidth=amount(chip.bandwidth, "B/s"),
                ridge=digits(chip.ridge(number)),
            )
            for chip in chips
        ),
        name="roofline-chips",
        fit=True,
    )
    if not flats:
        st.caption(_("This machine's own roof appears here once it was measured (This machine)."))


def _table(chips: tuple[Hardware, ...]) -> None:
    """Every number with its source."""
    numbers = ("fp64", "fp32", "tf32", "bf16", "fp16", "int8")
    heads = (_("chip"), _("year"), _("memory, GB/s"), *numbers, _("source"))
    head = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(chip.name)}</th><td class="number">{chip.year}</td>'
        f'<td class="number">{_printed(chip.bandwidth, 1e9)}</td>'
        + "".join(f'<td class="number">{_printed(chip.peaks.get(number, 0.0), 1e12)}</td>' for number in numbers)
        + f'<td><a href="{html.escape(chip.link, quote=True)}" target="_blank" rel="noopener">'
        f"{html.escape(_(chip.source))}</a>{'' if chip.read else ' *'}</td></tr>"
        for chip in chips
    )
    st.header(_("Each number and where it is printed, in TFLOP/s"), anchor=False)
    st.html(f'<table class="texts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
    st.caption(
        _(
            "Peaks of dense products: where a vendor counts matrices that are half zeros, half of the printed number. "
            "fp32 is of the ordinary units, the other types are of the matrix units where there are some; tf32 takes "
            "fp32 numbers and multiplies their first bits only. \\* Not every number of this row was checked in the "
            "vendor's own text, which the link names: it is as others cite it."
        )
    )


def _printed(number: float, unit: float) -> str:
    return f"{number / unit:,.5g}" if number else "–"
