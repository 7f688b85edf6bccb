"""The picture of one next-token distribution: the likeliest tokens as bars, and all of them as a sum that grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.figures.labels import blend, percent, plain_label
from explainers.figures.palette import FAMILY_COLOURS, INK, PAPER
from explainers.generation import Cut
from explainers.language import _

HEIGHT = 470
_FONT = 16
_POINTS = 300


@dataclass(frozen=True)
class Chosen:
    """The token that was taken: its row in the Cut, its name, and the die that fell on it, if one was thrown."""

    rank: int
    label: str
    die: float | None = None


def next_token_figure(
    distribution: Cut, ranks: Sequence[int], labels: Sequence[str], chosen: Chosen | None, *, dark: bool
) -> go.Figure:
    """Bars for the rows `ranks` of the distribution, which are named by labels, and the growing sum of all rows.

    Pale: the model's own probabilities. Full: those after temperature and cuts.
    """
    ink = INK.on(dark=dark)
    figure = make_subplots(
        1,
        2,
        column_widths=[0.52, 0.48],
        horizontal_spacing=0.11,
        subplot_titles=[_("The likeliest tokens"), _("All tokens, summed from the likeliest on")],
    )
    _bars(figure, distribution, ranks, labels, chosen, dark=dark)
    _sums(figure, distribution, chosen, dark=dark)
    figure.update_xaxes(tickfont={"size": _FONT, "color": ink}, title_font={"size": _FONT, "color": ink})
    figure.update_yaxes(tickfont={"size": 17, "color": ink}, title_font={"size": _FONT, "color": ink})
    figure.update_annotations(selector={"yref": "paper"}, font={"size": 19, "color": ink})
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 20, "t": 34, "b": 84},
        barmode="overlay",
        legend={
            "orientation": "h",
            "x": 0,
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "font": {"size": _FONT, "color": ink},
        },
        hoverlabel={"font": {"size": _FONT}},
    )
    return figure


def _bars(
    figure: go.Figure, found: Cut, ranks: Sequence[int], labels: Sequence[str], chosen: Chosen | None, *, dark: bool
) -> None:
    """One row a token, and one for all the others together."""
    colour, ink = FAMILY_COLOURS["gpt2"].on(dark=dark), INK.on(dark=dark)
    own = [float(found.own[rank]) for rank in ranks]
    after = [found.share(rank) for rank in ranks]
    others = len(found.order) - len(ranks)
    names = [
        f"<b>▶ {plain_label(label)}</b>" if chosen and rank == chosen.rank else plain_label(label)
        for rank, label in zip(ranks, labels, strict=True)
    ]
    if others:
        names.append(_("{n} others").format(n=f"{others:,}"))
        own.append(max(1 - sum(own), 0.0))
        after.append(max(1 - sum(after), 0.0))
    rows = list(range(len(own)))
    styles = [
        (own, _("the model's own"), 0.8, {"color": blend(colour, PAPER.on(dark=dark), 0.3)}),
        (after, _("after temperature and cuts: what is drawn from"), 0.42, {"color": colour}),
    ]
    for values, name, width, marker in styles:
        figure.add_bar(
            x=values, y=rows, orientation="h", width=width, marker=marker, name=name, hoverinfo="skip", row=1, col=1
        )
    longest = max(*own, *after)
    figure.add_scatter(
        x=[max(pair) for pair in zip(own, after, strict=True)],
        y=rows,
        mode="text",
        text=[f"  {_change(one, other)}" for one, other in zip(own, after, strict=True)],
        textposition="middle right",
        textfont={"size": _FONT, "color": ink},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
        row=1,
        col=1,
    )
    figure.update_yaxes(
        tickvals=rows, ticktext=[f"{name}  " for name in names], range=[len(rows) - 0.45, -0.55], row=1, col=1
    )
    figure.update_xaxes(
        range=[0, longest * 1.55],
        showticklabels=False,
        showgrid=False,
        title_text=_("probability: the model's own → after temperature and cuts"),
        row=1,
        col=1,
    )


def _sums(figure: go.Figure, found: Cut, chosen: Chosen | None, *, dark: bool) -> None:
    """The growing sum over ranks, before and after the cut, with the cut and the die drawn in."""
    import numpy as np

    colour, ink = FAMILY_COLOURS["gpt2"].on(dark=dark), INK.on(dark=dark)
    vocab = len(found.order)
    shown = np.unique(np.geomspace(1, vocab, _POINTS).round().astype(int))
    shown = np.unique(np.append(shown, [min(found.kept, vocab), *([chosen.rank + 1] if chosen else [])]))
    kept = shown[shown <= found.kept]
    lines = [
        (shown, 100 * np.cumsum(found.own), _("the model's own, summed"), {"color": colour, "width": 2, "dash": "dot"}),
        (kept, 100 * np.cumsum(found.after), _("after temperature and cuts, summed"), {"color": colour, "width": 4}),
    ]
    for ranks, sums, name, line in lines:
        figure.add_scatter(
            x=[1, *ranks],
            y=[0, *sums[ranks - 1]],
            mode="lines",
            line={**line, "shape": "hv"},
            name=name,
            hovertemplate=_("the {n} likeliest have {share}").format(n="%{x:,}", share="%{y:.1f} %")
            + "<extra></extra>",
            row=1,
            col=2,
        )
    if found.kept < vocab:
        figure.add_vrect(x0=found.kept + 0.5, x1=vocab, fillcolor=ink, opacity=0.1, line_width=0, row=1, col=2)
        figure.add_vline(x=found.kept + 0.5, line={"color": ink, "width": 3}, row=1, col=2)
        _note(figure, found.kept + 0.5, 6, _("cut: {n} stay").format(n=f"{found.kept:,}"), ink, vocab, dark=dark)
    if chosen is not None and chosen.die is not None:
        figure.add_scatter(
            x=[1, chosen.rank + 1],
            y=[100 * chosen.die, 100 * chosen.die],
            mode="lines+markers",
            line={"color": ink, "width": 2},
            marker={"size": [0, 12], "color": ink},
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=2,
        )
        words = _("die {die} → “{token}”").format(die=f"{chosen.die:.2f}", token=plain_label(chosen.label))
        _note(figure, chosen.rank + 1, 100 * chosen.die, words, ink, vocab, dark=dark)
    ticks = [10**power for power in range(6) if 10**power <= vocab]
    figure.update_xaxes(
        type="log",
        range=[-0.04, float(np.log10(vocab)) + 0.02],
        tickvals=ticks,
        ticktext=[f"{tick:,}" for tick in ticks],
        title_text=_("tokens, the likeliest first"),
        row=1,
        col=2,
    )
    figure.update_yaxes(range=[0, 102], ticksuffix=" %", row=1, col=2)


def _note(figure: go.Figure, x: float, y: float, words: str, ink: str, vocab: int, *, dark: bool) -> None:
    """Words beside a point of the sums, on the side that has room."""
    import math

    right = math.log(max(x, 1)) < 0.55 * math.log(max(vocab, 2))
    figure.add_annotation(
        x=math.log10(x),
        y=y,
        text=words,
        showarrow=False,
        xanchor="left" if right else "right",
        xshift=10 if right else -10,
        yshift=12 if y < 10 else -14,
        font={"size": 17, "color": ink},
        bgcolor=PAPER.on(dark=dark),
        opacity=0.92,
        row=1,
        col=2,
    )


def _change(own: float, after: float) -> str:
    """Both probabilities, or the one that they are."""
    before, now = percent(own), percent(after)
    return before if before == now else f"{before} → {now}"
