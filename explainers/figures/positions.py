"""Pictures of how models know where a token stands: learned rows, sinusoids, and T5's bias for each distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.checkpoints import Family
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, INK, ZERO
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.embeddings import PositionBias

    Floats = NDArray[np.floating[Any]]

_HEIGHT = 470
_MOST_ROWS = 512  # of a heat map: more than a screen has lines for
_MOST_COMPONENTS = 256
_DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)  # marked on the axis of distances, on both sides


def codes(learned: Floats, sinusoid: Floats, titles: Sequence[str], limit: float, *, dark: bool) -> go.Figure:
    """The two codes (positions, d_model) side by side, a line a position, each in colours of its own size.

    limit: the size of a learned component that has the strongest colour; a sinusoid's is 1.
    """
    figure = make_subplots(1, 2, subplot_titles=list(titles), horizontal_spacing=0.16)
    for column, (rows, size) in enumerate(((learned, limit), (sinusoid, 1.0)), 1):
        step = -(-len(rows) // _MOST_ROWS)
        heat = _heat(rows[::step, :_MOST_COMPONENTS], size, dark=dark, step=step)
        heat.colorbar.x = 0.425 if column == 1 else 1.005
        heat.hovertemplate = _("position %{y}, component %{x}: %{z:.3f}") + "<extra></extra>"
        figure.add_trace(heat, row=1, col=column)
    figure.update_xaxes(title_text=_("component"))
    figure.update_yaxes(autorange="reversed")
    figure.update_yaxes(title_text=_("position"), row=1, col=1)
    return _styled(figure, dark=dark)


def similarities(learned: Floats, sinusoid: Floats, titles: Sequence[str], *, dark: bool) -> go.Figure:
    """The cosine of every two positions (positions, positions), for the learned rows and for the sinusoids."""
    figure = make_subplots(1, 2, subplot_titles=list(titles), horizontal_spacing=0.12)
    for column, rows in enumerate((learned, sinusoid), 1):
        step = -(-len(rows) // _MOST_ROWS)
        heat = _heat(rows[::step, ::step], 1.0, dark=dark, step=step, step_across=step)
        heat.showscale = column == 2
        heat.hovertemplate = _("positions %{y} and %{x}: cosine %{z:.2f}") + "<extra></extra>"
        figure.add_trace(heat, row=1, col=column)
    figure.update_xaxes(title_text=_("position"), constrain="domain")
    figure.update_yaxes(title_text=_("position"), autorange="reversed", constrain="domain")
    figure.update_yaxes(scaleanchor="x", row=1, col=1)
    figure.update_yaxes(scaleanchor="x2", row=1, col=2)
    return _styled(figure, dark=dark)


def components(
    learned: Floats, sinusoid: Floats, first: int, titles: Sequence[str], family: Family, *, dark: bool
) -> go.Figure:
    """Two neighbouring components, first and first + 1, over all positions: learned above, sinusoid below."""
    figure = make_subplots(2, 1, subplot_titles=list(titles), shared_xaxes=True, vertical_spacing=0.14)
    colours = (FAMILY_COLOURS[family].on(dark=dark), INK.on(dark=dark))
    for row, rows in enumerate((learned, sinusoid), 1):
        for at, (colour, dash) in enumerate(zip(colours, ("solid", "dot"), strict=True)):
            if first + at >= rows.shape[1]:
                continue
            figure.add_trace(
                go.Scatter(
                    y=rows[:, first + at],
                    mode="lines",
                    line={"color": colour, "dash": dash, "width": 2.5},
                    name=_("component {n}").format(n=first + at),
                    showlegend=row == 1,
                    hovertemplate="%{y:.3f}",
                ),
                row=row,
                col=1,
            )
    figure.update_xaxes(title_text=_("position"), row=2, col=1)
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.14})
    return _styled(figure, dark=dark)


def bias_curves(biases: Sequence[PositionBias], head: int, titles: Sequence[str], *, dark: bool) -> go.Figure:
    """T5's bias over distance, one panel a stack: every head a pale line, the chosen head a strong one."""
    spans = [_place(bias.distances[-1]) - _place(bias.distances[0]) for bias in biases]
    figure = make_subplots(
        1,
        len(biases),
        subplot_titles=list(titles),
        horizontal_spacing=0.08,
        column_widths=[span / sum(spans) for span in spans],
    )
    for column, bias in enumerate(biases, 1):
        order = [*(other for other in range(len(bias.bias)) if other != head), head]
        for each in order:
            figure.add_trace(_bias_line(bias, each, chosen=each == head, dark=dark), row=1, col=column)
        low, high = int(bias.distances[0]), int(bias.distances[-1])
        marks = [mark for size in _DISTANCES for mark in {-size, size} if low <= mark <= high]
        labels = [f"{mark}".replace("-", "−") for mark in marks]
        figure.update_xaxes(tickvals=[_place(mark) for mark in marks], ticktext=labels, row=1, col=column)
    ink = INK.on(dark=dark)
    figure.add_vline(x=0, line={"color": ink, "width": 1, "dash": "dot"})
    figure.add_hline(y=0, line={"color": ink, "width": 1})
    figure.update_xaxes(title_text=_("tokens back (−) or ahead (+)"), showgrid=False, zeroline=False, tickangle=0)
    figure.update_yaxes(title_text=_("added to the score"), row=1, col=1)
    figure.update_layout(showlegend=False)
    return _styled(figure, dark=dark)


def _place(distance: float) -> float:
    """Where a distance stands on the axis: the logarithm on both sides, as T5's buckets widen."""
    return math.copysign(math.log2(1 + abs(distance)), distance)


def _bias_line(bias: PositionBias, head: int, *, chosen: bool, dark: bool) -> go.Scatter:
    colour = FAMILY_COLOURS["t5"].on(dark=dark) if chosen else INK.on(dark=dark)
    return go.Scatter(
        x=[_place(distance) for distance in bias.distances.tolist()],
        y=bias.bias[head],
        customdata=list(zip(bias.distances.tolist(), bias.buckets.tolist(), strict=True)),
        mode="lines",
        line={"color": colour, "width": 4 if chosen else 1.5, "shape": "hvh"},
        opacity=1 if chosen else 0.3,
        name=_("head {n}").format(n=head),
        hovertemplate=_("distance %{customdata[0]}, bucket %{customdata[1]}: %{y:.2f}")
        + "<extra>"
        + _("head {n}").format(n=head)
        + "</extra>",
    )


def _heat(values: Floats, limit: float, *, dark: bool, step: int = 1, step_across: int = 1) -> go.Heatmap:
    scale = [[at, colour.on(dark=dark)] for at, colour in ((0, BELOW), (0.5, ZERO), (1, ABOVE))]
    ink = INK.on(dark=dark)
    return go.Heatmap(
        z=values,
        dx=step_across,
        dy=step,
        zmin=-limit,
        zmax=limit,
        colorscale=scale,
        colorbar={"thickness": 14, "tickfont": {"size": 15, "color": ink}, "nticks": 5, "len": 0.9},
    )


def _styled(figure: go.Figure, *, dark: bool) -> go.Figure:
    ink = INK.on(dark=dark)
    font = {"size": 15, "color": ink}
    figure.update_xaxes(tickfont=font, title_font={"size": 16, "color": ink})
    figure.update_yaxes(tickfont=font, title_font={"size": 16, "color": ink})
    figure.update_annotations(font={"size": 18, "color": ink})
    figure.update_layout(
        height=_HEIGHT, margin={"l": 10, "r": 10, "t": 45, "b": 10}, legend_font=font, hoverlabel_font_size=16
    )
    return figure
