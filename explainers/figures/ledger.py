"""Pictures of what a model costs: its parameters as a map, parameters beside work, bytes, and rival builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explainers.architecture import Balance, Ledger, Memory, Published, Rival, Role, ledger
from explainers.checkpoints import FAMILIES, Family
from explainers.figures.bars import axis, figure, legend
from explainers.figures.labels import percent
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, INK, KEPT, PAPER
from explainers.figures.shades import legible_on, mixed
from explainers.language import _

_STRENGTH: Mapping[Role, float] = {
    "embedding": 0.25,
    "position": 0.15,
    "attention": 0.9,
    "cross": 0.7,
    "feed-forward": 0.45,
    "norm": 0.1,
    "head": 0.2,
}


def treemap(counted: Ledger, names: Mapping[str, str], stacks: Mapping[str, str], *, dark: bool) -> go.Figure:
    """Every part as an area, inside its stack; a tied matrix has none of its own. names, stacks: by key."""
    colour, paper, ink = FAMILY_COLOURS[counted.design.family].on(dark=dark), PAPER.on(dark=dark), INK.on(dark=dark)
    entries = [entry for entry in counted.entries if entry.count]
    used = list(dict.fromkeys(entry.part.stack for entry in entries))
    sums = [sum(entry.count for entry in entries if entry.part.stack == stack) for stack in used]
    fills = [mixed(colour, paper, _STRENGTH[entry.part.role]) for entry in entries]
    data = {
        "type": "treemap",
        "ids": [*used, *(entry.part.key for entry in entries)],
        "labels": [*(stacks[stack] for stack in used), *(names[entry.part.key] for entry in entries)],
        "parents": [*("" for _stack in used), *(entry.part.stack for entry in entries)],
        "values": [*sums, *(entry.count for entry in entries)],
        "branchvalues": "total",
        "text": [f"{count:,}" for count in (*sums, *(entry.count for entry in entries))],
        "texttemplate": "%{label}<br>%{text}<br>%{customdata}",
        "hovertemplate": "%{label}: %{text}, %{customdata}<extra></extra>",
        "customdata": [percent(count / counted.total) for count in (*sums, *(entry.count for entry in entries))],
        "textfont": {"size": 20, "color": [*(ink for _stack in used), *(legible_on(fill) for fill in fills)]},
        "marker": {
            "colors": [*(mixed(ink, paper, 0.1) for _stack in used), *fills],
            "line": {"width": 2, "color": paper},
        },
        "tiling": {"pad": 3},
        "pathbar": {"visible": False},
    }
    return figure([data], dark=dark, height=460)


def balance_bars(rows: Sequence[Balance], names: Mapping[str, str], family: Family, *, dark: bool) -> go.Figure:
    """The share of every group in the parameters (pale) and in the work of a forward pass (strong)."""
    colour, ink, paper = FAMILY_COLOURS[family].on(dark=dark), INK.on(dark=dark), PAPER.on(dark=dark)
    labels = [names[row.group] for row in rows]
    uncounted = _("not counted")
    pairs = (
        (
            _("of the work (FLOPs)"),
            [row.flop_share for row in rows],
            colour,
            [f"{row.flops:,} FLOPs" if row.counted else uncounted for row in rows],
            [percent(row.flop_share) if row.counted else uncounted for row in rows],
        ),
        (
            _("of the parameters"),
            [row.parameter_share for row in rows],
            mixed(colour, paper, 0.35),
            [f"{row.parameters:,}" for row in rows],
            [percent(row.parameter_share) for row in rows],
        ),
    )
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": labels,
            "x": [100 * share for share in shares],
            "text": texts,
            "textposition": "outside",
            "textfont": {"size": 17, "color": ink},
            "cliponaxis": False,
            "marker": {"color": fill, "line": {"color": colour, "width": 1.5}},
            "hovertext": numbers,
            "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
        }
        for name, shares, fill, numbers, texts in pairs
    ]
    most = max(max(row.flop_share, row.parameter_share) for row in rows)
    return figure(
        data,
        dark=dark,
        height=90 + 66 * len(rows),
        xaxis=axis(_("share of the whole model, %"), dark=dark, range=[0, 112 * most]),
        yaxis=axis(dark=dark, autorange="reversed", ticksuffix="  ", tickfont={"size": 18, "color": ink}),
        legend=legend(ink, "reversed"),
    )


def memory_bars(rows: Sequence[tuple[str, Memory, bool]], family: Family, *, dark: bool) -> go.Figure:
    """Bytes, one bar a way of using the model: (label, its memory, whether it trains)."""
    ink = INK.on(dark=dark)
    pieces = (
        (_("weights"), FAMILY_COLOURS[family].on(dark=dark), "", [each.weights for _label, each, _train in rows]),
        (_("keys and values"), ABOVE.on(dark=dark), "x", [0 if train else each.cache for _label, each, train in rows]),
        (
            *(_("activations"), BELOW.on(dark=dark), ""),
            [each.activations if train else 0 for _label, each, train in rows],
        ),
        (_("gradients"), BELOW.on(dark=dark), "/", [each.gradients if train else 0 for _label, each, train in rows]),
        (_("Adam"), KEPT.on(dark=dark), "", [each.adam if train else 0 for _label, each, train in rows]),
    )
    totals = [each.in_training if train else each.in_use for _label, each, train in rows]
    units = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1.0, _("bytes")))
    unit, name = next(each for each in units if max(totals) >= each[0])
    labels = [label for label, _memory, _train in rows]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": title,
            "y": labels,
            "x": [size / unit for size in sizes],
            "marker": {"color": colour, "pattern": {"shape": pattern, "size": 7}},
            "hovertemplate": f"%{{y}}, {title}: %{{x:.4g}} {name}<extra></extra>",
        }
        for title, colour, pattern, sizes in pieces
    ]
    beside = {"xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": 18, "color": ink}}
    notes = [
        {"x": total / unit, "y": label, "text": f"{_digits(total / unit)} {name}", **beside}
        for total, label in zip(totals, labels, strict=True)
    ]
    return figure(
        data,
        dark=dark,
        height=420,
        barmode="stack",
        annotations=notes,
        xaxis=axis(name, dark=dark, range=[0, 1.16 * max(totals) / unit]),
        yaxis=axis(dark=dark, autorange="reversed", ticksuffix="  ", tickfont={"size": 18, "color": ink}),
        legend=legend(ink),
    )


def rival_bars(rows: Sequence[Rival], labels: Sequence[str], *, dark: bool) -> go.Figure:
    """Left, the parameters of each build without the token matrix; right, the FLOPs of one pass over both texts."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    both, alone = FAMILY_COLOURS["t5"].on(dark=dark), FAMILY_COLOURS["gpt2"].on(dark=dark)
    colours = [both if row.layers else alone for row in rows]
    sides = (
        ("x", "y", [row.body for row in rows], _("million parameters, without the token matrix"), 1e6, paper),
        ("x2", "y2", [row.flops for row in rows], _("billion FLOPs of one pass over source and answer"), 1e9, ""),
    )
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "xaxis": x,
            "yaxis": y,
            "y": list(labels),
            "x": [number / unit for number in numbers],
            "text": [f"{number / unit:,.0f}" if number >= 10 * unit else f"{number / unit:.2g}" for number in numbers],
            "textposition": "outside",
            "textfont": {"size": 19, "color": ink},
            "cliponaxis": False,
            "marker": {
                "color": [mixed(colour, paper, 0.4) if under else colour for colour in colours],
                "line": {"color": colours, "width": 2},
            },
            "hovertemplate": "%{y}: %{x:,.4g}<extra></extra>",
        }
        for x, y, numbers, _title, unit, under in sides
    ]
    most = [1.2 * max(numbers) / unit for _x, _y, numbers, _title, unit, _under in sides]
    names: dict[str, Any] = {"autorange": "reversed", "ticksuffix": "  ", "tickfont": {"size": 17, "color": ink}}
    return figure(
        data,
        dark=dark,
        height=330,
        showlegend=False,
        xaxis=axis(sides[0][3], dark=dark, domain=[0, 0.46], range=[0, most[0]]),
        xaxis2=axis(sides[1][3], dark=dark, domain=[0.54, 1], anchor="y2", range=[0, most[1]]),
        yaxis=axis(dark=dark, **names),
        yaxis2=axis(dark=dark, anchor="x2", autorange="reversed", showticklabels=False),
    )


def timeline(models: Sequence[Published], *, dark: bool) -> go.Figure:
    """The published models by month and parameters, counted, on a logarithmic axis."""
    ink = INK.on(dark=dark)
    data = []
    for family, symbol in zip(FAMILIES, ("circle", "square", "diamond"), strict=True):
        own = [model for model in models if model.design.family == family]
        totals = [ledger(model.design).total for model in own]
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [f"{model.published}-15" for model in own],
                "y": totals,
                "text": [f"  {model.name}" for model in own],
                "textposition": "middle right",
                "textfont": {"size": 16, "color": ink},
                "cliponaxis": False,
                "marker": {"size": 15, "symbol": symbol, "color": FAMILY_COLOURS[family].on(dark=dark)},
                "hovertext": [f"{total:,}" for total in totals],
                "hovertemplate": "%{text}: %{hovertext}<extra></extra>",
            }
        )
    return figure(
        data,
        dark=dark,
        height=460,
        showlegend=False,
        xaxis=axis(dark=dark, range=["2018-05-01", "2020-02-15"], dtick="M3", tickformat="%b %Y"),
        yaxis=axis(
            _("parameters, counted"),
            dark=dark,
            type="log",
            tickvals=[10**7, 10**8, 10**9, 10**10],
            ticktext=[_("10 million"), _("100 million"), _("1 billion"), _("10 billion")],
            range=[7.5, 10.3],
        ),
    )


def _digits(number: float) -> str:
    """Three digits that matter, and never an exponent."""
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.3g}"
