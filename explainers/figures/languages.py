"""The picture of what one text costs in several languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS, FAMILY_LABELS
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
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", tickfont_size=15)
    figure.update_annotations(font_size=20)
    figure.update_layout(showlegend=False, height=470, margin={"l": 10, "r": 10, "t": 45, "b": 45}, bargap=0.25)
    return figure


def _bars(family: Family, rows: Sequence[LanguageCost], *, dark: bool) -> go.Bar:
    colour = FAMILY_COLOURS[family].dark if dark else FAMILY_COLOURS[family].light
    ranked = [cost.unknowns == 0 for cost in rows]
    names = [
        f"{place}. {_(cost.language)}" if known else _(cost.language)
        for place, (cost, known) in enumerate(zip(rows, ranked, strict=True), 1)
    ]
    return go.Bar(
        x=[cost.tokens for cost in rows],
        y=names,
        orientation="h",
        text=[_label(cost) for cost in rows],
        textposition="outside",
        textfont_size=15,
        cliponaxis=False,
        customdata=[cost.text for cost in rows],
        hovertemplate="%{y}: %{x}<br>%{customdata}<extra></extra>",
        marker={
            "color": colour,
            "line": {"color": colour, "width": [0 if known else 1 for known in ranked]},
            "pattern": {"shape": ["" if known else "/" for known in ranked], "fillmode": "replace", "size": 7},
        },
    )


def _label(cost: LanguageCost) -> str:
    if not cost.unknowns:
        return f"{cost.tokens}"
    return _("{tokens} ({unknowns} unknown)").format(tokens=cost.tokens, unknowns=cost.unknowns)
