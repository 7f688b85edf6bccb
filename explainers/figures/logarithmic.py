"""Logarithmic axes: ticks that are read out (10 G, 1 T), spreads as error bars, one look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from explainers.figures.labels import blend
from explainers.figures.palette import INK, PAPER
from explainers.figures.quantities import amount

FONT = 17


def ticks(numbers: Sequence[float], unit: str) -> dict[str, Any]:
    """A logarithmic axis around these numbers, with a tick at each 1, 2 and 5 where there is room for them."""
    low, high = (math.log10(edge(numbers)) if numbers else at for edge, at in ((min, 3.0), (max, 9.0)))
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    values = [step * 10.0**power for power in range(math.floor(low) - 1, math.ceil(high) + 1) for step in steps]
    texts = [amount(value, unit) for value in values]
    return {"type": "log", "range": [low - 0.15, high + 0.15], "tickvals": values, "ticktext": texts}


def spread(middle: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str) -> dict[str, Any]:
    """The quartiles around the medians, as plotly's error bars."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [up - at for at, up in zip(middle, high, strict=True)],
        "arrayminus": [at - down for at, down in zip(middle, low, strict=True)],
        "color": colour,
        "thickness": 2,
        "width": 6,
    }


def styled(figure: go.Figure, height: int, *, dark: bool) -> go.Figure:
    """The look that all of them share."""
    ink = INK.on(dark=dark)
    font = {"size": FONT, "color": ink}
    grid = blend(ink, PAPER.on(dark=dark), 0.14)
    figure.update_xaxes(tickfont=font, title_font=font, gridcolor=grid, zeroline=False)
    figure.update_yaxes(tickfont=font, title_font=font, gridcolor=grid, zeroline=False)
    return figure.update_layout(
        height=height,
        margin={"l": 10, "r": 15, "t": 10, "b": 10},
        legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 16, "color": ink}},
        showlegend=True,
        font={"color": ink},
        hoverlabel={"font": {"size": FONT}},
        uirevision="roofline",  # a refresh keeps what the reader has zoomed into
    )
