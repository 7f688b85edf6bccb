"""The picture of what one text costs in several languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS, FAMILY_LABELS, INK
from explainers.language import _
from explainers.tokenization.languages import LanguageCost


def language_bars(costs: Mapping[Family, Sequence[LanguageCost]], *, dark: bool) -> go.Figure:
    """One panel a family, one bar a language, cheapest at the top; counts with unknown tokens are hatched and
    unranked.
    """
    figure = make_subplots(
        1, len(costs), subplot_titles=[FAMILY_LABELS[family] for family in costs], horizontal_spacing=0.12
    )
    longest = max(cost.tokens for rows in costs.values() for cost in rows)
    for column, (family, rows) in enumerate(costs.items(), 1):
        figure.add_trace(_bars(family, rows, dark=dark), row=1, col=column)
        figure.update_xaxes(range=[0, longest * 1.15], title_text=_("tokens"), row=1, col=column)
    ink = INK.on(dark=dark)
    figure.update_xaxes(tickfont={"size": 15, "color": ink}, title_font={"size": 16, "color": ink})
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", tickfont={"size": 17, "color": ink})
    figure.update_annotations(font={"size": 21, "color": ink})
    figure.update_layout(showlegend=False, height=520, margin={"l": 10, "r": 10, "t": 45, "b": 45}, bargap=0.25)
    return figure


def _bars(family: Family, rows: Sequence[LanguageCost], *, dark: bool) -> go.Bar:
    colour = FAMILY_COLOURS[family].on(dark=dark)
    known = [cost.tokens for cost in rows if cost.unknowns == 0]
    places = [1 + sum(tokens < cost.tokens for tokens in known) for cost in rows]
    names = [
        _(cost.language) if cost.unknowns else f"{place}. {_(cost.language)}"
        for place, cost in zip(places, rows, strict=True)
    ]
    return go.Bar(
        x=[cost.tokens for cost in rows],
        y=names,
        orientation="h",
        text=[_label(cost) for cost in rows],
        textposition="outside",
        textfont={"size": 16, "color": INK.on(dark=dark)},
        cliponaxis=False,
        customdata=[cost.text for cost in rows],
        hovertemplate="%{y}: %{x}<br>%{customdata}<extra></extra>",
        marker={
            "color": colour,
            "line": {"color": colour, "width": [1 if cost.unknowns else 0 for cost in rows]},
            "pattern": {"shape": ["/" if cost.unknowns else "" for cost in rows], "fillmode": "replace", "size": 7},
        },
    )


def _label(cost: LanguageCost) -> str:
    if not cost.unknowns:
        return f"{cost.tokens}"
    return _("{tokens} ({unknowns} unknown)").format(tokens=cost.tokens, unknowns=cost.unknowns)
