"""The pictures of fine-tuning, but for the map of the sentences: its curves, one sentence's answer, what moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.figures import bars
from explainers.figures.labels import percent, plain_label
from explainers.figures.palette import HEADS, INK, PAPER, ZERO
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.fine_tuning import Look

    Floats = NDArray[np.floating[Any]]

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "pentagon")  # of the labels, in their order
_ON_DARK = ("#56B4E9", "#F0894A", "#2FC79A", "#E3A0C8", "#D9A441", "#8DB7FF")  # the first of HEADS, lighter
_LABEL_GAP = 11.0  # per cent between the names of two lines


class Curve(NamedTuple):
    """One fine-tuning as lines: name, colour, the losses of its steps, and its looks at the test sentences."""

    name: str
    colour: str
    losses: Sequence[float]
    looks: Sequence[Look]


def label_colour(label: int, *, dark: bool) -> str:
    """The colour of a label, the same in all pictures."""
    return _ON_DARK[label] if dark else HEADS[label]


def curves(shown: Sequence[Curve], chance: float, steps: int, *, dark: bool) -> go.Figure:
    """Left the loss, right the share of the test sentences that are answered right, each over the steps.

    chance: the share of always saying the commonest label, dashed. steps: where both axes end.
    """
    titles = (_("loss, nats"), _("right answers to the test sentences"))
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.09)
    for curve in shown:
        at = [look.step for look in curve.looks]
        figure.add_scatter(
            x=list(range(1, len(curve.losses) + 1)), y=list(curve.losses), mode="lines", name=_("each batch"),
            line={"color": curve.colour, "width": 1}, opacity=0.55, showlegend=False, row=1, col=1,
            hovertemplate=_("batch of step") + " %{x}: %{y:.3f}<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=at, y=[look.loss for look in curve.looks], mode="lines+markers", name=curve.name,
            legendgroup=curve.name, showlegend=False, row=1, col=1,
            line={"color": curve.colour, "width": 3}, marker={"size": 8},
            hovertemplate=_("test sentences, step") + " %{x}: %{y:.3f}<extra></extra>",
        )  # fmt: skip
        low, high = zip(*(look.interval for look in curve.looks), strict=True)
        share = [100 * look.share for look in curve.looks]
        figure.add_scatter(
            x=at, y=share, mode="lines+markers", name=curve.name, legendgroup=curve.name, row=1, col=2,
            showlegend=len(shown) > 1, line={"color": curve.colour, "width": 3}, marker={"size": 8},
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
                "array": [100 * up - each for up, each in zip(high, share, strict=True)],
                "arrayminus": [each - 100 * down for down, each in zip(low, share, strict=True)],
            },
            hovertemplate=_("step") + " %{x}: %{y:.0f} %<extra></extra>",
        )  # fmt: skip
    ink = INK.on(dark=dark)
    figure.add_hline(
        y=100 * chance,
        line={"color": ink, "width": 2, "dash": "dash"},
        row=1,
        col=2,
        annotation={"text": _("always the same answer"), "font": {"size": 15, "color": ink}, "yanchor": "top"},
    )
    figure.update_xaxes(bars.axis(_("step"), dark=dark, range=[0, steps * 1.02]))
    figure.update_yaxes(bars.axis(dark=dark, rangemode="tozero"), row=1, col=1)
    figure.update_yaxes(bars.axis(dark=dark, range=[0, 104], ticksuffix=" %"), row=1, col=2)
    style(figure, 330 if len(shown) == 1 else 360, dark=dark)
    return figure if len(shown) == 1 else figure.update_layout(margin_t=75, legend_y=1.14)


def answer_lines(steps: Sequence[int], probabilities: Floats, labels: Sequence[str], *, dark: bool) -> go.Figure:
    """How likely each label of one sentence is after so many steps; probabilities (looks, labels)."""
    figure, end = go.Figure(), max(steps[-1], 1)
    for label, name in enumerate(labels):
        figure.add_scatter(
            x=list(steps),
            y=[100 * float(row[label]) for row in probabilities],
            mode="lines+markers",
            name=plain_label(name),
            line={"color": label_colour(label, dark=dark), "width": 3},
            marker={"symbol": SYMBOLS[label], "size": 10},
            hovertemplate=_("step") + " %{x}: %{y:.1f} %<extra></extra>",
        )
    last = [100 * float(share) for share in probabilities[-1]]
    figure.update_xaxes(
        bars.axis(
            _("step"),
            dark=dark,
            range=[-0.03 * end, 1.45 * end],
            showgrid=False,
            tickvals=list(dict.fromkeys(steps))[::2],
        )
    )
    figure.update_yaxes(bars.axis(_("probability"), dark=dark, range=[-4, 104], ticksuffix=" %"))
    style(figure, 300, dark=dark)
    for label, height in enumerate(_apart(last, _LABEL_GAP)):
        figure.add_annotation(
            x=end,
            y=height,
            text=f"{plain_label(labels[label])} {percent(last[label] / 100, 0)}",
            font={"size": 17, "color": label_colour(label, dark=dark)},
            showarrow=False,
            xanchor="left",
            xshift=12,
        )
    return figure.update_layout(showlegend=False)


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """The heights moved up as little as makes each at least so far above the next lower one."""
    found = list(heights)
    lowest = -gap
    for at in sorted(range(len(found)), key=found.__getitem__):
        found[at] = lowest = max(found[at], lowest + gap)
    return found


def moved_heat(rows: Sequence[str], columns: Sequence[str], shares: Floats, *, dark: bool) -> go.Figure:
    """How far each part of each layer moved, as a part of its size; NaN where there is no such part."""
    ink, paper = INK.on(dark=dark), ZERO.on(dark=dark)
    strong = "#8A4A10" if dark else "#F2A65E"  # the numbers on it are read in the ink of the page
    most = max((100 * share for row in shares.tolist() for share in row if share == share), default=0.0)
    figure = go.Figure(
        go.Heatmap(
            z=100 * shares,
            x=list(columns),
            y=list(rows),
            colorscale=[[0, paper], [1, strong]],
            zmin=0,
            zmax=most or 1.0,
            xgap=3,
            ygap=3,
            text=[["" if share != share else percent(share, 2) for share in row] for row in shares.tolist()],
            texttemplate="%{text}",
            textfont={"size": 18, "color": ink},
            hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
            colorbar={"ticksuffix": " %", "tickfont": {"size": 15, "color": ink}},
        )
    )
    figure.update_xaxes(bars.axis(dark=dark, side="top", showgrid=False))
    figure.update_yaxes(bars.axis(dark=dark, autorange="reversed", showgrid=False))
    return style(figure, 110 + 40 * len(rows), dark=dark)


class Share(NamedTuple):
    """So many sentences to learn from, the share of right answers after it, and its 95 % interval."""

    examples: int
    share: float
    low: float
    high: float


def example_lines(
    series: Sequence[tuple[str, str, Sequence[Share]]], chance: float, *, dark: bool
) -> go.Figure:  # fmt: skip
    """The share of right answers over the number of sentences to learn from, a line for each (name, colour, shares)."""
    figure, ink = go.Figure(), INK.on(dark=dark)
    counts = sorted({each.examples for _name, _colour, shares in series for each in shares})
    for name, colour, shares in series:
        figure.add_scatter(
            x=[each.examples for each in shares],
            y=[100 * each.share for each in shares],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 3},
            marker={"size": 10},
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.5, "width": 5,
                "array": [100 * (each.high - each.share) for each in shares],
                "arrayminus": [100 * (each.share - each.low) for each in shares],
            },
            hovertemplate="%{x}: %{y:.0f} %<extra></extra>",
        )  # fmt: skip
    figure.add_hline(y=100 * chance, line={"color": ink, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        bars.axis(
            _("sentences to learn from"), dark=dark, type="log", tickvals=counts, ticktext=[f"{n}" for n in counts]
        )
    )
    figure.update_yaxes(bars.axis(_("right answers"), dark=dark, range=[0, 104], ticksuffix=" %"))
    return style(figure, 340, dark=dark)


def style(figure: go.Figure, height: int, *, dark: bool) -> go.Figure:
    """Large letters, little around, a legend above: as all pictures of this lesson have it."""
    ink = INK.on(dark=dark)
    figure.update_annotations(font={"size": 17, "color": ink})
    return figure.update_layout(
        height=height,
        margin={"l": 10, "r": 16, "t": 40, "b": 10},
        legend={**bars.legend(ink), "y": 1.12},
        paper_bgcolor=PAPER.on(dark=dark),
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"font": {"size": 16}},
    )
