"""This machine, measured live: its roofs, the products of a grid of sizes and shapes, its bandwidth by level."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import streamlit as st

from explainers.figures.quantities import amount, digits
from explainers.language import _
from explainers.roofline import Point, Result, Roofs, RunState, csv_rows, roofs, to_json
from explainers.roofline.hardware import Hardware, published_hardware
from explainers.views import blocks, saving
from explainers.views.controls import Choice
from explainers.views.roofline import live, settings
from explainers.views.roofline.lesson import chosen_hardware
from explainers.views.roofline.words import (
    condition_lines,
    level_name,
    machine_line,
    shape_name,
    sizes,
    stream_name,
)

if TYPE_CHECKING:
    from explainers.figures.roof_lines import Dashed, Flat, Slope
    from explainers.figures.roofline import Series


def machine(choice: Choice) -> None:
    """The live half: run, see each point come, compare with published roofs."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="roof_row"):
        request = settings.request(choice)
        with st.popover(_("Other chips"), icon=":material/compare_arrows:", key="roof_compare"):
            chips = chosen_hardware()
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    live.draw(request, row, lambda state: _found(state, chips))


def measured_roofs(found: Roofs) -> tuple[list[Slope], list[Flat]]:
    """The measured roofs as they are drawn, with their names."""
    from explainers.figures.roof_lines import Flat, Slope

    slopes = [
        Slope(f"{level_name(level.name)}, {amount(level.bytes_per_second, 'B/s')}", level.bytes_per_second)
        for level in found.levels
    ]
    flats = [Flat(f"{number}, {amount(peak, 'FLOP/s')}", peak, number) for number, peak in found.peaks.items()]
    return slopes, flats


def dashed_roofs(chips: Sequence[Hardware], numbers: Sequence[str]) -> list[Dashed]:
    """The published roofs of these chips, a roof for each of the number types that they have."""
    from explainers.figures.roof_lines import CHIP_COLOURS, Dashed

    colours = dict(zip(published_hardware(), cycle(CHIP_COLOURS), strict=False))
    return [
        Dashed(f"{chip.short}, {chip.nearest(number)}", chip.bandwidth, chip.peak(number), colours[chip.key])
        for chip in chips
        for number in numbers
        if chip.peak(number)
    ]


def ending(result: Result) -> None:
    """Under every live picture: what was noticed, where it was measured, and everything to keep."""
    st.markdown("\n".join(f"- {line}" for line in condition_lines(result)))
    st.caption(blocks.plain(machine_line(result)))
    kept = (
        ("CSV", lambda: saving.csv_text(*csv_rows(result)), "text/csv", _("All points")),
        ("JSON", lambda: to_json(result), "application/json", _("All points, the roofs, the machine, the conditions")),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saving_roof_all"):
        st.caption(_("Save all points:"), width="content")
        for label, text, kind, told in kept:
            st.download_button(
                label,
                text,
                f"roofline.{label.lower()}",
                kind,
                key=f"roof_all_{label.lower()}",
                type="tertiary",
                on_click="ignore",
                help=told,
            )


def _found(state: RunState, chips: Sequence[Hardware]) -> None:
    result = state.result
    if result is None or not result.points:
        st.markdown(
            _("The roofs come first, then products of many sizes: every point appears here as it is measured.")
            if state.working
            else _("Nothing has been measured on this machine yet: press **Run**.")
        )
        return
    found = roofs(result.points, result.machine)
    if not found.peaks:  # what grows stands on top
        _bandwidth(result)
    _products(result, found, chips)
    if found.peaks:
        _bandwidth(result)
    ending(result)


def _products(result: Result, found: Roofs, chips: Sequence[Hardware]) -> None:
    """The roofs, and the products of the grid under them."""
    from explainers.figures import roofline

    slopes, flats = measured_roofs(found)
    points = result.group("peak", "product")
    series = _series(points)
    saving.chart(
        roofline.roofs(slopes, flats, series, dashed_roofs(chips, result.request.types), dark=blocks.is_dark()),
        "roof_products",
        lambda: saving.csv_text(
            ("shape", "type", "m", "k", "n", "FLOPs per byte", "FLOP/s", "first quartile", "third quartile", "level"),
            (
                (
                    *(point.task.role, point.task.type, point.task.m, point.task.k, point.task.n, point.intensity),
                    *(point.flops_per_second, *quartiles(point), point.level),
                )
                for point in points
            ),
        ),
        alt=roofs_alt(found) + " " + _fastest(points),
        name="roofline",
    )
    st.caption(
        _(
            "Each mark is the median of many calls, made at two times some seconds apart; the thin line on it goes "
            "from the first quartile to the third. Slopes: the fastest stream of each level of the memory. A product "
            "that fits into a cache stands under that cache's slope, not under the memory's. Flat roofs: the fastest "
            "large product of each number type. A roof is what was reached at the better of the two times."
        )
    )


def _series(points: Sequence[Point]) -> list[Series]:
    """The points by number type and shape."""
    from explainers.figures.palette import INK
    from explainers.figures.roof_lines import NUMBER_COLOURS
    from explainers.figures.roofline import Dot, Series

    symbols = {"square": "square", "rows": "triangle-up", "columns": "triangle-down", "inner": "diamond"}
    kinds = list(dict.fromkeys((point.task.type, point.task.role) for point in points))
    return [
        Series(
            f"{number}, {shape_name(role)}",
            NUMBER_COLOURS.get(number, INK),
            symbols.get(role, "circle"),
            [
                Dot(point.intensity, point.flops_per_second, *quartiles(point), _said(point))
                for point in points
                if (point.task.type, point.task.role) == (number, role)
            ],
        )
        for number, role in kinds
    ]


def quartiles(point: Point) -> tuple[float, float]:
    """The FLOPs per second at the slower and the faster quartile."""
    return point.task.flops / point.high_seconds, point.task.flops / point.low_seconds


def _said(point: Point) -> str:
    said = f"{sizes(point.task)}, {point.task.type}: {amount(point.flops_per_second, 'FLOP/s')}"
    return said + (" " + _("(disturbed)") if point.disturbed else "")


def roofs_alt(found: Roofs) -> str:
    """The measured roofs in words."""
    slopes = ", ".join(f"{level_name(each.name)} {amount(each.bytes_per_second, 'B/s')}" for each in found.levels)
    flats = ", ".join(
        _("{type} {peak}, ridge at {ridge} FLOPs per byte").format(
            type=number,
            peak=amount(peak, "FLOP/s"),
            ridge=digits(found.ridge(number)) if found.bandwidth("memory") else "?",
        )
        for number, peak in found.peaks.items()
    )
    return _("Speed over intensity, both logarithmic. Slopes: {slopes}. Flat roofs: {flats}.").format(
        slopes=slopes or _("none yet"), flats=flats or _("none yet")
    )


def _fastest(points: Sequence[Point]) -> str:
    if not points:
        return _("No product was measured yet.")
    best = max(points, key=lambda point: point.flops_per_second)
    worst = min(points, key=lambda point: point.flops_per_second)
    return _("{n} products, from {slow} at {low} FLOPs per byte to {fast} at {high}.").format(
        n=len(points),
        slow=amount(worst.flops_per_second, "FLOP/s"),
        low=digits(worst.intensity),
        fast=amount(best.flops_per_second, "FLOP/s"),
        high=digits(best.intensity),
    )


def _bandwidth(result: Result) -> None:
    """Bytes per second over the working set, a line for each of the streams."""
    from explainers.figures.bandwidth import Walk, bandwidth_lines
    from explainers.figures.palette import ABOVE, BELOW, KEPT, MASKED, REPLACED

    points = result.group("bandwidth")
    if not points:
        return
    st.header(_("Each level of the memory"), anchor=False)
    roles = list(dict.fromkeys(point.task.role for point in points))
    looks = zip((BELOW, ABOVE, REPLACED, MASKED, KEPT), ("circle", "square", "diamond", "x", "cross"), strict=True)
    walks = []
    for role, (colour, symbol) in zip(roles, looks, strict=False):
        own = sorted((p for p in points if p.task.role == role), key=lambda p: p.task.working_set_bytes)
        walks.append(
            Walk(
                stream_name(role),
                colour,
                symbol,
                [point.task.working_set_bytes for point in own],
                [point.bytes_per_second for point in own],
                [point.task.bytes / point.high_seconds for point in own],
                [point.task.bytes / point.low_seconds for point in own],
            )
        )
    caches = [(level_name(cache.name), float(cache.size_bytes)) for cache in result.machine.caches]
    saving.chart(
        bandwidth_lines(walks, caches, dark=blocks.is_dark()),
        "roof_bandwidth",
        lambda: saving.csv_text(
            ("stream", "bytes walked through", "B/s", "first quartile", "third quartile", "level"),
            (
                (*(walk.name, size, speed, low, high),)
                for walk in walks
                for size, speed, low, high in zip(walk.sizes, walk.speeds, walk.low, walk.high, strict=True)
            ),
        ),
        alt="; ".join(
            f"{walk.name}: "
            + ", ".join(f"{amount(s, 'B')} {amount(v, 'B/s')}" for s, v in zip(walk.sizes, walk.speeds, strict=True))
            for walk in walks
        ),
        name="bandwidth",
    )
    st.caption(
        _(
            "The same arrays are walked through again and again. As long as they fit into a cache they come from "
            "there; when they no longer fit, from the next level, which is slower. Each level has a roof of its own."
        )
    )
