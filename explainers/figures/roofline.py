"""Rooflines: speed over intensity on logarithmic axes, with the roofs and what runs under them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from explainers.figures.dot_labels import places
from explainers.figures.labels import blend, plain_label
from explainers.figures.logarithmic import spread
from explainers.figures.palette import ABOVE, BELOW, INK, KEPT, MASKED, PAPER, Colour
from explainers.figures.roof_lines import Dashed, Flat, Frame, Slope, draw_dashed, draw_solid, log_log
from explainers.language import _

_SLOPE_DECADES = 0.9
_FLAT_DECADES = 1.2  # right of the theory's ridge: room for what is written under the flat roof
_BESIDE_NAMES = 900  # pixels of it that names at its side leave
_STEP = 12.0  # pixels between the places of a roof that names keep free
_WIDTH = 1100.0  # pixels of a small screen's plot, for names beside dots


class Dot(NamedTuple):
    """Something that runs: FLOPs per byte, FLOPs per second (median and quartiles), what is said over it.

    speed is 0 where nothing was measured. predicted: FLOPs per second that the roof promises, or 0. name: what is
    written beside it, where there is room.
    """

    intensity: float
    speed: float
    low: float
    high: float
    hover: str
    predicted: float = 0.0
    name: str = ""


class Series(NamedTuple):
    """Dots that look alike: their name in the legend, colour, plotly's symbol."""

    name: str
    colour: Colour
    symbol: str
    dots: Sequence[Dot]


def roofs(
    slopes: Sequence[Slope],
    flats: Sequence[Flat],
    series: Sequence[Series],
    dashed: Sequence[Dashed],
    *,
    dark: bool,
    height: int = 500,
) -> go.Figure:
    """Measured roofs (solid), published ones (dashed), and the dots under them, each with its quartiles.

    slopes: the memory levels, the fastest first; the ridges are those of the last one, the memory itself.
    """
    figure = go.Figure()
    frame = _frame(slopes, flats, series, dashed, height)
    if dashed:  # their names take a part of the width
        frame = frame._replace(width=_BESIDE_NAMES)
    draw_dashed(figure, dashed, frame, dark=dark)
    draw_solid(figure, slopes, flats, frame, dark=dark)
    for each in series:
        _draw_promised(figure, each, dark=dark)
    if any(dot.predicted for each in series for dot in each.dots):
        _explain_hollow(figure, dark=dark)
    for each in series:
        _draw_measured(figure, each, dark=dark)
    _draw_names(figure, series, dashed, frame, dark=dark)
    return log_log(figure, frame, dark=dark, tied=bool(slopes))


def theory(slope: Slope, flat: Flat, dot: Dot, *, dark: bool) -> go.Figure:
    """One roof with its two halves tinted, and one product on it."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    ridge = flat.peak / slope.bandwidth
    frame = _frame([slope], [flat], [Series("", INK, "circle", [dot])], [], 380)
    frame = frame._replace(width=850, right=max(frame.right, math.log10(ridge) + _FLAT_DECADES))
    left, right, floor = 1e-6, 1e9, slope.bandwidth * 1e-7
    figure = go.Figure()
    halves = (
        ([left, ridge, ridge, left], [slope.bandwidth * left, flat.peak, floor, floor], ABOVE),
        ([ridge, right, right, ridge], [flat.peak, flat.peak, floor, floor], BELOW),
    )
    for x, y, colour in halves:
        fill = blend(colour.on(dark=dark), paper, 0.18)
        figure.add_scatter(x=x, y=y, fill="toself", fillcolor=fill, line_width=0, mode="lines", hoverinfo="skip")
    draw_solid(figure, [slope], [flat], frame, dark=dark, dot=dot.intensity)
    figure.add_scatter(
        x=[dot.intensity, dot.intensity],
        y=[floor, dot.speed],
        mode="lines",
        line={"color": ink, "width": 3, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[dot.intensity],
        y=[dot.speed],
        mode="markers",
        marker={"size": 24, "color": MASKED.on(dark=dark), "line": {"width": 3, "color": paper}},
        hovertext=[plain_label(dot.hover)],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )
    on_the_left = 2 * math.log10(dot.intensity) < frame.left + frame.right
    figure.add_annotation(
        x=math.log10(dot.intensity), y=0, yref="paper", text=f"<b>{plain_label(dot.name)}</b>", showarrow=False,
        xanchor="left" if on_the_left else "right", yanchor="bottom",
        xshift=8 if on_the_left else -8, yshift=38, font={"size": 19, "color": ink},
    )  # fmt: skip
    meeting = math.log10(ridge)
    for edges, text in (
        ((frame.left, meeting), _("memory is the limit")),
        ((meeting, frame.right), _("arithmetic is the limit")),
    ):
        figure.add_annotation(
            x=_roomiest(*edges, math.log10(dot.intensity)), y=0, yref="paper", yanchor="bottom", yshift=4, text=text,
            showarrow=False, font={"size": 20, "color": ink},
        )  # fmt: skip
    return log_log(figure, frame, dark=dark).update_layout(showlegend=False)


def _roomiest(left: float, right: float, line: float) -> float:
    """The middle of an area, or of its larger part where a line divides it."""
    if not left < line < right:
        return (left + right) / 2
    return (left + line) / 2 if line - left > right - line else (line + right) / 2


def _draw_promised(figure: go.Figure, series: Series, *, dark: bool) -> None:
    """What the roof promises, hollow, and a thread from there to what was measured."""
    promised = [dot for dot in series.dots if dot.predicted]
    colour = series.colour.on(dark=dark)
    found = [dot for dot in promised if dot.speed]
    figure.add_scatter(
        x=[x for dot in found for x in (dot.intensity, dot.intensity, None)],
        y=[y for dot in found for y in (dot.predicted, dot.speed, None)],
        mode="lines",
        line={"color": colour, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=[dot.intensity for dot in promised],
        y=[dot.predicted for dot in promised],
        mode="markers",
        marker={"size": 13, "symbol": f"{series.symbol}-open", "color": colour, "line": {"width": 2}},
        hovertext=[plain_label(dot.hover) for dot in promised],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _explain_hollow(figure: go.Figure, *, dark: bool) -> None:
    figure.add_scatter(
        x=[None],
        y=[None],
        mode="markers",
        name=_("hollow: promised by the roofs"),
        marker={"size": 13, "symbol": "circle-open", "color": KEPT.on(dark=dark), "line": {"width": 2}},
    )


def _draw_measured(figure: go.Figure, series: Series, *, dark: bool) -> None:
    colour = series.colour.on(dark=dark)
    dots = [dot for dot in series.dots if dot.speed]
    middle, low, high = [dot.speed for dot in dots], [dot.low for dot in dots], [dot.high for dot in dots]
    figure.add_scatter(
        x=[dot.intensity for dot in dots],
        y=middle,
        mode="markers",
        name=series.name,
        marker={
            "size": 13,
            "symbol": series.symbol,
            "color": colour,
            "line": {"width": 1.5, "color": PAPER.on(dark=dark)},
        },
        error_y=spread(middle, low, high, colour),
        hovertext=[plain_label(dot.hover) for dot in dots],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _draw_names(
    figure: go.Figure, series: Sequence[Series], dashed: Sequence[Dashed], frame: Frame, *, dark: bool
) -> None:
    """The names of the dots, in their colours, as far as there is room beside the other dots and the dashed roofs."""
    across, up = _WIDTH / (frame.right - frame.left), frame.pixels_up / (frame.top - frame.bottom)

    def pixels(intensity: float, speed: float) -> tuple[float, float]:
        return across * (math.log10(intensity) - frame.left), up * (math.log10(speed) - frame.bottom)

    named = [(each, dot) for each in series for dot in each.dots if dot.name and (dot.speed or dot.predicted)]
    spots = [pixels(dot.intensity, dot.speed or dot.predicted) for _each, dot in named]
    others = [pixels(dot.intensity, dot.predicted) for _each, dot in named if dot.speed and dot.predicted]
    steps = [10 ** (frame.left + _STEP * at / across) for at in range(int(_WIDTH / _STEP) + 1)]
    others += [pixels(x, min(roof.peak, x * roof.bandwidth)) for roof in dashed for x in steps]
    for (each, dot), place in zip(
        named, places(spots, [dot.name for _each, dot in named], others, _WIDTH), strict=True
    ):
        if place:
            figure.add_annotation(
                x=math.log10(dot.intensity), y=math.log10(dot.speed or dot.predicted), text=plain_label(dot.name),
                showarrow=False, font={"size": 15, "color": each.colour.on(dark=dark)}, **place._asdict(),
            )  # fmt: skip


def _frame(
    slopes: Sequence[Slope], flats: Sequence[Flat], series: Sequence[Series], dashed: Sequence[Dashed], height: int
) -> Frame:
    """Axes that hold every dot, the ridges, and a part of the slopes."""
    dots = [dot for each in series for dot in each.dots]
    ridges = [flat.peak / slopes[-1].bandwidth for flat in flats] if slopes else []
    ridges += [other.peak / other.bandwidth for other in dashed]
    x = [*(dot.intensity for dot in dots if dot.intensity > 0), *ridges] or [10.0]
    tops = [flat.peak for flat in flats] + [other.peak for other in dashed]
    speeds = [speed for dot in dots for speed in (dot.low, dot.speed, dot.predicted) if speed > 0]
    left, right = math.log10(min(*x, 0.3)) - 0.15, math.log10(max(*x, 30.0)) + 0.7
    if slopes and flats:  # room for the names along the fastest level's slope
        left = min(left, math.log10(max(flat.peak for flat in flats) / slopes[0].bandwidth) - _SLOPE_DECADES)
    rates = [slope.bandwidth for slope in slopes] + [other.bandwidth for other in dashed]
    starts = [math.log10(rate) + left for rate in rates]
    heights = [math.log10(speed) for speed in (*speeds, *tops)] or [2 + start for start in starts] or [9.0]
    return Frame(left, right, min([*heights, *starts]) - 0.25, max(heights) + 0.35, height)
