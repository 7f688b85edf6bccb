"""The pictures of BERT's next sentence task: the way from [CLS] to the answer, tricks, and the mini-test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.figures.labels import percent
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, INK, ZERO
from explainers.language import _
from explainers.next_sentence import Judgement, MiniTest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST_LABEL = 60
_FEW = 60  # pairs that have room for large marks


def path_strips(judgement: Judgement, *, dark: bool) -> go.Figure:
    """Three strips of numbers, left to right: [CLS], the pooled vector, and what each number adds towards IsNext."""
    rows = (
        (_("[CLS] after the last layer"), judgement.cls),
        (_("after the pooler: tanh, so between −1 and 1"), judgement.pooled),
        (_("what each number adds: above 0 speaks for IsNext"), judgement.contributions),
    )
    figure = make_subplots(len(rows), 1, subplot_titles=[title for title, _numbers in rows], vertical_spacing=0.2)
    for row, (_title, numbers) in enumerate(rows, 1):
        figure.add_trace(_strip(numbers, dark=dark, bar_at=1 - (row - 0.5) / len(rows)), row=row, col=1)
    ink = INK.on(dark=dark)
    figure.update_yaxes(visible=False)
    figure.update_xaxes(
        tickfont={"size": 15, "color": ink}, showgrid=False, zeroline=False, showticklabels=False, ticks=""
    )
    figure.update_xaxes(
        title_text=_("place in the vector"), title_font={"size": 16, "color": ink}, showticklabels=True, row=len(rows)
    )
    figure.update_annotations(font={"size": 18, "color": ink}, x=0, xanchor="left")
    figure.update_layout(height=370, margin={"l": 10, "r": 10, "t": 35, "b": 50})
    return figure


def chance_bars(names: Sequence[str], is_next: Sequence[float], texts: Sequence[str], *, dark: bool) -> go.Figure:
    """P(IsNext) of each named pair as a bar, with the line of an undecided model at one half."""
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["bert"].on(dark=dark)
    figure = go.Figure(
        go.Bar(
            x=[100 * chance for chance in is_next],
            y=list(range(len(names))),
            orientation="h",
            text=[percent(chance) for chance in is_next],
            textposition="outside",
            textfont={"size": 17, "color": ink},
            cliponaxis=False,
            customdata=[_shown(text) for text in texts],
            hovertext=[percent(chance, 2) for chance in is_next],
            hovertemplate="%{customdata}<br>IsNext: %{hovertext}<extra></extra>",
            marker={"color": colour},
        )
    )
    figure.add_vline(x=50, line={"color": ink, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        range=[0, 112],
        tickvals=[0, 25, 50, 75, 100],
        title_text=_("probability of IsNext, %"),
        tickfont={"size": 15, "color": ink},
        title_font={"size": 16, "color": ink},
    )
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(names))),
        ticktext=[f"{name}  " for name in names],
        tickfont={"size": 18, "color": ink},
    )
    figure.update_layout(
        showlegend=False, height=100 + 46 * len(names), margin={"l": 10, "r": 20, "t": 20, "b": 50}, bargap=0.3
    )
    return figure


def pair_points(test: MiniTest, *, dark: bool) -> go.Figure:
    """Every pair of the test as a point at its P(IsNext): true pairs above, false ones below; wrong answers crossed."""
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["bert"].on(dark=dark)
    figure = go.Figure()
    shown = list(zip(test.pairs, test.is_next, test.right, strict=True))
    size = 14 if len(shown) <= _FEW else 10
    for name, is_right, symbol in ((_("right"), True, "circle"), (_("wrong"), False, "x")):
        chosen = [(pair, chance, place) for place, (pair, chance, right) in enumerate(shown) if right == is_right]
        figure.add_trace(
            go.Scatter(
                x=[100 * chance for _pair, chance, _place in chosen],
                y=[pair.follows + 0.5 * (place * 0.618 % 1 - 0.5) for pair, _chance, place in chosen],
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": size, "color": colour if is_right else ink, "opacity": 0.8},
                customdata=[f"{_shown(pair.first)}<br>{_shown(pair.second)}" for pair, _chance, _place in chosen],
                hovertext=[percent(chance) for _pair, chance, _place in chosen],
                hovertemplate="%{customdata}<br>IsNext: %{hovertext}<extra></extra>",
            )
        )
    figure.add_vline(x=50, line={"color": ink, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        range=[-2, 102],
        title_text=_("probability of IsNext, %"),
        tickfont={"size": 15, "color": ink},
        title_font={"size": 16, "color": ink},
    )
    figure.update_yaxes(
        range=[-0.5, 1.5],
        tickvals=[1, 0],
        ticktext=[_("really next  "), _("from elsewhere  ")],
        tickfont={"size": 18, "color": ink},
        zeroline=False,
    )
    figure.update_layout(
        height=320,
        margin={"l": 10, "r": 20, "t": 40, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "font": {"size": 16, "color": ink}},
    )
    return figure


def _strip(numbers: NDArray[np.floating[Any]], *, dark: bool, bar_at: float) -> go.Heatmap:
    """One vector as a row of cells; the colours end at the largest size, so that 0 is always the same."""
    most = float(abs(numbers).max()) or 1.0
    return go.Heatmap(
        z=[numbers],
        zmin=-most,
        zmax=most,
        colorscale=[[0, BELOW.on(dark=dark)], [0.5, ZERO.on(dark=dark)], [1, ABOVE.on(dark=dark)]],
        colorbar={
            "len": 0.28,
            "y": bar_at,
            "thickness": 14,
            "tickvals": [-most, 0, most],
            "ticktext": [f"−{most:.2g}", "0", f"{most:.2g}"],
            "tickfont": {"size": 15, "color": INK.on(dark=dark)},
        },
        hovertemplate=_("place") + " %{x}: %{z:.4f}<extra></extra>",
    )


def _shown(text: str) -> str:
    """A sentence as a hover label shows it: cut, and with nothing that plotly would read as a tag."""
    cut = text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
