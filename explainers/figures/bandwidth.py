"""Bandwidth over the size of what is walked through: every level of the memory shows as a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from explainers.figures.labels import plain_label
from explainers.figures.logarithmic import spread, styled, ticks
from explainers.figures.palette import INK, KEPT, Colour
from explainers.figures.quantities import amount
from explainers.language import _


class Walk(NamedTuple):
    """Bandwidth over the size of what is walked through: its name, then bytes, and bytes per second with quartiles."""

    name: str
    colour: Colour
    symbol: str
    sizes: Sequence[float]
    speeds: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def bandwidth_lines(walks: Sequence[Walk], caches: Sequence[tuple[str, float]], *, dark: bool) -> go.Figure:
    """Bytes per second over the working set; caches: upright lines with their names, at their sizes in bytes."""
    ink = INK.on(dark=dark)
    figure = go.Figure()
    for walk in walks:
        colour = walk.colour.on(dark=dark)
        figure.add_scatter(
            x=list(walk.sizes),
            y=list(walk.speeds),
            name=walk.name,
            mode="lines+markers",
            line={"color": colour, "width": 3},
            marker={"size": 12, "symbol": walk.symbol, "color": colour},
            error_y=spread(walk.speeds, walk.low, walk.high, colour),
            hovertext=[
                f"{amount(size, 'B')}: {amount(speed, 'B/s')}"
                for size, speed in zip(walk.sizes, walk.speeds, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    for name, size in caches:
        figure.add_vline(x=size, line={"color": KEPT.on(dark=dark), "width": 2, "dash": "dot"})
        figure.add_annotation(
            x=math.log10(size), y=1, yref="paper", text=plain_label(name), showarrow=False,
            xanchor="right", yanchor="top", xshift=-4, font={"size": 16, "color": ink},
        )  # fmt: skip
    sizes = [size for walk in walks for size in walk.sizes] + [size for _name, size in caches]
    speeds = [speed for walk in walks for speed in (*walk.speeds, *walk.high) if speed > 0]
    figure.update_xaxes(title_text=_("bytes that are walked through again and again"), **ticks(sizes, "B"))
    figure.update_yaxes(title_text=_("bytes per second"), **ticks(speeds, "B/s"))
    return styled(figure, 400, dark=dark)
