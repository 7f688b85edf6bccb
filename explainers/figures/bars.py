"""What the charts of bars share: large axes, a legend above, and little around them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from explainers.figures.palette import INK, PAPER


def legend(ink: str, order: str = "normal") -> dict[str, Any]:
    """A legend in one line above the bars."""
    place = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return {**place, "traceorder": order, "font": {"size": 17, "color": ink}}


def axis(title: str = "", *, dark: bool, **more: object) -> dict[str, Any]:
    """An axis with ticks and a title that can be read from the last row."""
    ink = INK.on(dark=dark)
    named = {"title": {"text": title, "font": {"size": 16, "color": ink}}} if title else {}
    return {"tickfont": {"size": 16, "color": ink}, **named, **more}


def figure(data: list[dict[str, Any]], *, dark: bool, **layout: object) -> go.Figure:
    """The bars on the page's paper."""
    whole = {
        "margin": {"l": 10, "r": 24, "t": 10, "b": 10},
        "hoverlabel": {"font": {"size": 16}},
        "paper_bgcolor": PAPER.on(dark=dark),
        "bargap": 0.28,
        **layout,
    }
    return go.Figure({"data": data, "layout": whole})
