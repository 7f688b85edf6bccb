"""The loss of every asked token under two masks, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import plotly.graph_objects as go

from explainers.checkpoints import Family
from explainers.figures.labels import plain_label
from explainers.figures.palette import FAMILY_COLOURS, INK
from explainers.language import _

_MOST_BARS = 40  # places whose token can be read; more are put together
_SIZE = 17


def paired_losses(
    pieces: Sequence[str], own: Sequence[float], other: Sequence[float] | None, family: Family, *, dark: bool
) -> go.Figure:
    """Two bars a token: hollow under the model's own mask, full under the other, which is None where it is the same.

    Of a long text, two bars for each run of so many tokens, with the mean of their losses.
    """
    run = -(-len(pieces) // _MOST_BARS) or 1
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS[family].on(dark=dark)
    starts = range(0, len(pieces), run)
    places = list(range(len(starts)))
    hollow = {"color": "rgba(0,0,0,0)", "line": {"color": ink, "width": 2}}
    full = {"color": colour, "line": {"color": colour, "width": 2}}
    figure = go.Figure()
    for values, name, marker in ((own, _("its own mask"), hollow), (other, _("this mask"), full)):
        if values is not None:
            means = [fmean(values[start : start + run]) for start in starts]
            figure.add_bar(x=places, y=means, name=name, marker=marker, hovertemplate="%{y:.2f}<extra></extra>")
    font = {"size": _SIZE, "color": ink}
    figure.update_layout(
        height=330,
        margin={"l": 60, "r": 10, "t": 40, "b": 10},
        plot_bgcolor="rgba(0,0,0,0)",
        font=font,
        bargap=0.25,
        showlegend=other is not None,
        legend={"orientation": "h", "y": 1.18, "font": font},
    )
    if run == 1:
        figure.update_xaxes(
            tickvals=places, ticktext=[plain_label(piece) for piece in pieces], tickangle=-60, tickfont=font
        )
    else:
        title = _("means of {run} tokens each, from the first to the last").format(run=run)
        figure.update_xaxes(title={"text": title, "font": font}, showticklabels=False)
    figure.update_yaxes(title={"text": _("loss, nats"), "font": font}, tickfont=font, rangemode="tozero", nticks=5)
    return figure
