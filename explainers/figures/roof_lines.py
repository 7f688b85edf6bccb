"""The roofs of a roofline: slopes that memory makes, flats that arithmetic makes, the ridges where they meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from explainers.figures.labels import plain_label
from explainers.figures.logarithmic import FONT, styled
from explainers.figures.palette import ABOVE, BELOW, INK, KEPT, MASKED, PAPER, REPLACED, Colour
from explainers.figures.quantities import amount, digits
from explainers.language import _

# One colour a number type, none of them a family's.
NUMBER_COLOURS: dict[str, Colour] = {"fp32": BELOW, "bf16": ABOVE, "fp64": REPLACED, "int8": MASKED}

_FAR_LEFT, _FAR_RIGHT = 1e-6, 1e9  # FLOPs per byte: beyond every axis
_AROUND = 120  # pixels of the height that the axis and the legend take
_DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot")
_LETTER, _LINE = 8.4, 20  # pixels: a letter's width, a line's height
_APART = 0.045  # of the picture's height, between two names of flat roofs
_DOT = 28  # pixels from the middle of a large dot that a name leaves free
_SIDE_LINE, _LEADER = 25, 34  # pixels: between two names at the side, from a roof's end to its name

# One colour a chip, in the order of the published ones: apart in hue and in lightness, none of them a family's.
CHIP_COLOURS: tuple[Colour, ...] = (
    REPLACED,
    KEPT,
    Colour("#B3264E", "#FF9DB0"),
    Colour("#006478", "#6AD3E6"),
    Colour("#7A3B12", "#DDB08A"),
    INK,
    Colour("#8A2F9B", "#E7A3EE"),
    Colour("#1B3C8C", "#8FB4FF"),
)


class Slope(NamedTuple):
    """A roof that memory makes: what it is called, and its bytes per second."""

    label: str
    bandwidth: float


class Flat(NamedTuple):
    """A roof that arithmetic makes: what it is called, its FLOPs per second, and the number type (for its colour)."""

    label: str
    peak: float
    number: str


class Dashed(NamedTuple):
    """The roof of other hardware: what it is called, bytes per second, FLOPs per second, its colour."""

    label: str
    bandwidth: float
    peak: float
    colour: Colour = KEPT


class Frame(NamedTuple):
    """What the axes must show at least, as powers of ten, and pixels: the picture's height, its plot's usual width."""

    left: float
    right: float
    bottom: float
    top: float
    height: int
    width: int = 1350

    @property
    def steepness(self) -> float:
        """Pixels up for one to the right on a slope: the scales are tied, so it holds at any width."""
        return (self.pixels_up / (self.top - self.bottom)) / (self.width / (self.right - self.left))

    @property
    def pixels_up(self) -> float:
        """The height of the plot without its axis and legend."""
        return self.height - _AROUND


def draw_solid(
    figure: go.Figure,
    slopes: Sequence[Slope],
    flats: Sequence[Flat],
    frame: Frame,
    *,
    dark: bool,
    dot: float | None = None,
) -> None:
    """The measured roofs, their names along them, and the ridges of the last slope.

    dot: the FLOPs per byte of a dot on the slope, which no name may cover.
    """
    ink = INK.on(dark=dark)
    top = max((flat.peak for flat in flats), default=0.0)
    named = _named(slopes, frame)
    for at, slope in enumerate(slopes):
        end = top / slope.bandwidth if top else _FAR_RIGHT
        figure.add_scatter(
            x=[_FAR_LEFT, end],
            y=[_FAR_LEFT * slope.bandwidth, end * slope.bandwidth],
            mode="lines",
            line={"color": ink, "width": 4 if at == len(slopes) - 1 else 2},
            hoverinfo="skip",
            showlegend=False,
        )
        if slope in named:
            _name_along(figure, slope, frame, ink, dot)
    fastest = max((slope.bandwidth for slope in slopes), default=0.0)
    least, above = _APART * (frame.top - frame.bottom), math.inf
    for flat in sorted(flats, key=lambda each: -each.peak):
        colour = NUMBER_COLOURS.get(flat.number, INK).on(dark=dark)
        figure.add_scatter(
            x=[flat.peak / fastest if fastest else _FAR_LEFT, _FAR_RIGHT],
            y=[flat.peak, flat.peak],
            mode="lines",
            line={"color": colour, "width": 4},
            hoverinfo="skip",
            showlegend=False,
        )
        height = math.log10(flat.peak)
        crowded = above - height < 1.5 * least  # then its names go below the line
        above = min(height, above - least) if crowded else height
        figure.add_annotation(
            x=1, xref="paper", y=above, text=f"<b>{plain_label(flat.label)}</b>", showarrow=False,
            xanchor="right", yanchor="top" if crowded else "bottom", font={"size": FONT, "color": colour},
        )  # fmt: skip
        if slopes:
            _draw_ridge(figure, flat, slopes[-1], colour, crowded=crowded, dark=dark)


def draw_dashed(figure: go.Figure, others: Sequence[Dashed], frame: Frame, *, dark: bool) -> None:
    """The roofs of other hardware, each in its colour and a dash of its own.

    Their names stand in a column at the right side, the highest roof's on top, each with a thread to its roof's end.
    """
    ordered = sorted(others, key=lambda each: (-each.peak, -each.bandwidth))
    per_decade = frame.pixels_up / (frame.top - frame.bottom)
    ends = [math.log10(other.peak) * per_decade for other in ordered]
    heights = spread_out(ends, _SIDE_LINE, frame.top * per_decade)
    for at, (other, end, height) in enumerate(zip(ordered, ends, heights, strict=True)):
        ridge = other.peak / other.bandwidth
        colour = other.colour.on(dark=dark)
        label = _("{name}, ridge {n}").format(name=other.label, n=digits(ridge))
        figure.add_scatter(
            x=[_FAR_LEFT, ridge, _FAR_RIGHT],
            y=[_FAR_LEFT * other.bandwidth, other.peak, other.peak],
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": _DASHES[at % len(_DASHES)]},
            marker={"size": [0, 13, 0], "symbol": "diamond", "color": colour, "opacity": 1},
            hovertext=["", plain_label(label), ""],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
        figure.add_annotation(
            x=1, xref="paper", y=math.log10(other.peak), text=plain_label(label), showarrow=True, arrowhead=0,
            arrowwidth=1.5, arrowcolor=colour, ax=_LEADER, ay=end - height, xanchor="left", yanchor="middle",
            font={"size": 16, "color": colour},
        )  # fmt: skip
    if others:
        figure.update_layout(margin_r=_LEADER + 90 + 9 * max(len(other.label) for other in others))


def spread_out(heights: Sequence[float], least: float, ceiling: float = math.inf) -> list[float]:
    """Heights that fall, moved as little as keeps each at least so far below the one before it, and the ceiling."""
    groups: list[list[float]] = []  # of each: the mean that its members would like for its first one, and how many
    for at, height in enumerate(heights):
        groups.append([height + at * least, 1])
        while len(groups) > 1 and groups[-2][0] < groups[-1][0]:
            (mean, count), (before, others) = groups.pop(), groups.pop()
            groups.append([(mean * count + before * others) / (count + others), count + others])
    firsts = [mean for mean, count in groups for _member in range(int(count))]
    return [min(first, ceiling) - at * least for at, first in enumerate(firsts)]


def log_log(figure: go.Figure, frame: Frame, *, dark: bool, tied: bool = True) -> go.Figure:
    """The axes of every roofline. tied: a slope keeps its angle at any width, for the names along it."""
    figure.update_xaxes(
        type="log",
        range=[frame.left, frame.right],
        tickvals=[10.0**power for power in range(-6, 10)],
        ticktext=[f"{10.0**power:,.{max(0, -power)}f}" for power in range(-6, 10)],
        title_text=_("intensity: FLOPs per byte"),
    )
    figure.update_yaxes(
        type="log",
        range=[frame.bottom, frame.top],
        tickvals=[10.0**power for power in range(3, 19)],
        ticktext=[amount(10.0**power) for power in range(3, 19)],
        title_text=_("speed: FLOPs per second"),
    )
    if tied:  # on a narrow screen there is more to be seen below, and nothing above
        figure.update_yaxes(scaleanchor="x", scaleratio=frame.steepness, constrain="range", constraintoward="top")
    margins = figure.layout.margin.r
    styled(figure, frame.height, dark=dark)
    return figure.update_layout(margin_r=margins) if margins else figure


def _draw_ridge(figure: go.Figure, flat: Flat, slope: Slope, colour: str, *, crowded: bool, dark: bool) -> None:
    """Where the memory's roof meets the flat one: a mark, and the intensity beside it."""
    ridge = flat.peak / slope.bandwidth
    figure.add_scatter(
        x=[ridge],
        y=[flat.peak],
        mode="markers",
        marker={"size": 15, "symbol": "diamond", "color": PAPER.on(dark=dark), "line": {"width": 3, "color": colour}},
        hovertext=[_("ridge: {n} FLOPs per byte").format(n=digits(ridge))],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
    figure.add_annotation(
        x=math.log10(ridge), y=math.log10(flat.peak), text=_("ridge {n}").format(n=digits(ridge)), showarrow=False,
        xanchor="left" if crowded else "right", yanchor="top" if crowded else "bottom",
        xshift=6 if crowded else -4, yshift=-8 if crowded else 6, font={"size": 17, "color": colour},
    )  # fmt: skip


def _named(slopes: Sequence[Slope], frame: Frame) -> list[Slope]:
    """The slopes whose names do not run into each other: the last one's, the memory's, and what is far from it."""
    apart = _LINE / math.cos(math.atan(frame.steepness)) / (frame.pixels_up / (frame.top - frame.bottom))
    kept: list[Slope] = []
    for slope in reversed(slopes):
        if all(abs(math.log10(slope.bandwidth / other.bandwidth)) >= apart for other in kept):
            kept.append(slope)
    return kept


def _name_along(figure: go.Figure, slope: Slope, frame: Frame, colour: str, dot: float | None) -> None:
    """A name along a slope and just above it, after a dot; the tied scales keep the slope at the same angle."""
    angle = math.atan(frame.steepness)
    half, above = _LETTER * len(slope.label) / 2, 14  # pixels along the slope, and away from it
    inside = frame.left + 0.02 * (frame.right - frame.left)
    decade = frame.width / (frame.right - frame.left)  # its pixels
    if dot is not None and inside - _DOT / decade < math.log10(dot) < inside + (2 * half + _DOT) / decade:
        inside = math.log10(dot) + _DOT / decade
    figure.add_annotation(
        x=inside, y=math.log10(slope.bandwidth) + inside, text=plain_label(slope.label), showarrow=False,
        textangle=-math.degrees(angle), xanchor="center", yanchor="middle",
        xshift=half * math.cos(angle) - above * math.sin(angle),
        yshift=half * math.sin(angle) + above * math.cos(angle),
        font={"size": 16, "color": colour},
    )  # fmt: skip
