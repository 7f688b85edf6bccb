"""Pictures of attention heads: a measure of many heads, vectors as heat, and a prediction before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explainers.checkpoints import Family
from explainers.figures.labels import blend, plain_label
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, INK, MASKED, PAPER, ZERO
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


def measure_bars(
    names: Sequence[str], values: Sequence[float], texts: Sequence[str], chosen: int, family: Family, *, dark: bool
) -> go.Figure:
    """One bar a head in the given order, the first on top; the chosen one in full colour."""
    ink, strong = INK.on(dark=dark), FAMILY_COLOURS[family].on(dark=dark)
    pale = blend(strong, PAPER.on(dark=dark), 0.5)
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=list(range(len(names))),
            orientation="h",
            text=list(texts),
            textposition="outside",
            textfont={"size": 16, "color": ink},
            cliponaxis=False,
            marker_color=[strong if at == chosen else pale for at in range(len(names))],
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(names))),
        ticktext=[f"{name}  " for name in names],
        tickfont={"size": 16, "color": ink},
    )
    figure.update_xaxes(visible=False, range=[0, 1.25 * max([*values, 1e-9])])
    return _style(figure, 60 + 27 * len(names), dark=dark)


def effect_bars(names: Sequence[str], before: Floats, after: Floats, family: Family, *, dark: bool) -> go.Figure:
    """Two bars a token, its probability in percent with all heads and without some."""
    ink = INK.on(dark=dark)
    figure = go.Figure()
    series = (
        (_("all heads"), before, FAMILY_COLOURS[family].on(dark=dark), ""),
        (_("without the knocked-out ones"), after, MASKED.on(dark=dark), "/"),
    )
    for name, shares, colour, shape in series:
        figure.add_bar(
            x=[100 * float(share) for share in shares],
            y=list(range(len(names))),
            name=name,
            orientation="h",
            text=[f"{100 * float(share):.3g} %" for share in shares],
            textposition="outside",
            textfont={"size": 16, "color": ink},
            cliponaxis=False,
            marker={"color": colour, "pattern": {"shape": shape, "size": 7}},
            hoverinfo="skip",
        )
    most = 100 * max([float(share) for row in (before, after) for share in row], default=0.0)
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(names))),
        ticktext=[f"{plain_label(name)}  " for name in names],
        tickfont={"size": 18, "color": ink},
    )
    figure.update_xaxes(visible=False, range=[0, 1.3 * max(most, 1e-9)])
    _style(figure, 90 + 52 * len(names), dark=dark)
    legend = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 16, "color": ink}}
    return figure.update_layout(barmode="group", bargap=0.25, legend=legend)


def vector_rows(names: Sequence[str], rows: Floats, *, dark: bool, each: bool = False) -> go.Figure:
    """Vectors (rows, d_head) as heat, one line each, on one scale that is the same above and below zero.

    each: every row has a scale of its own, whose end is written beside its name.
    """
    ink = INK.on(dark=dark)
    largest = abs(rows).max(axis=1, keepdims=True)
    limit = 1.0 if each else float(largest.max()) or 1.0
    ends = [f" ±{size:.2g}" if each else "" for size in largest[:, 0]]
    figure = go.Figure(
        go.Heatmap(
            z=rows / largest.clip(min=1e-30) if each else rows,
            zmin=-limit,
            zmax=limit,
            colorscale=[[0, BELOW.on(dark=dark)], [0.5, ZERO.on(dark=dark)], [1, ABOVE.on(dark=dark)]],
            ygap=5,
            colorbar={"thickness": 14, "tickfont": {"size": 15, "color": ink}, "nticks": 3},
            showscale=not each,
            customdata=[
                [[plain_label(name), number] for number in row] for name, row in zip(names, rows.tolist(), strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>"
            + _("component {n}").format(n="%{x}")
            + ": %{customdata[1]:.4f}<extra></extra>",
        )
    )
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(names))),
        ticktext=[f"{plain_label(name)}{end}  " for name, end in zip(names, ends, strict=True)],
        tickfont={"size": 16, "color": ink},
    )
    figure.update_xaxes(tickfont={"size": 15, "color": ink}, title={"text": _("component"), "font_size": 15})
    return _style(figure, 95 + 38 * len(names), dark=dark)


def _style(figure: go.Figure, height: int, *, dark: bool) -> go.Figure:
    """What all pictures here share: the theme's ink, no grid, little margin."""
    ink = INK.on(dark=dark)
    figure.update_xaxes(showgrid=False, zeroline=False, automargin=True)
    figure.update_yaxes(showgrid=False, zeroline=False, automargin=True)
    return figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 16, "color": ink},
        dragmode=False,
    )
