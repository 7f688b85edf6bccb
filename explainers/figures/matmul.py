"""Pictures of where work and time go: shares of groups of operators, seconds by phase, and what tiles save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explainers.figures.bars import axis, figure, legend
from explainers.figures.labels import percent as percent_of
from explainers.figures.labels import plain_label
from explainers.figures.palette import ABOVE, BELOW, INK, KEPT, MASKED, PAPER, REPLACED, Colour
from explainers.figures.shades import legible_on, mixed
from explainers.language import _
from explainers.matmul import GROUPS, Group, least_reads, reads

_COLOURS: Mapping[Group, tuple[Colour, str]] = {
    "products": (BELOW, ""),
    "normalization": (ABOVE, "/"),
    "element-wise": (REPLACED, ""),
    "movement": (MASKED, "x"),
    "rest": (KEPT, ""),
}
_LEAST_WRITTEN = 0.05  # a share in a bar that is long enough for its own number


@dataclass(frozen=True)
class Shares:
    """One bar: what it is of, and the part of each group in the whole; a group that is not known is not among them."""

    label: str
    parts: Mapping[Group, float]


def share_bars(rows: Sequence[Shares], names: Mapping[Group, str], title: str, *, dark: bool) -> go.Figure:
    """Bars of 100 %, one a row, in pieces of their groups; title: of the axis."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    labels = [plain_label(row.label) for row in rows]
    data = []
    for group in GROUPS:
        shares = [row.parts.get(group, 0.0) for row in rows]
        if not any(shares):
            continue
        fill, pattern = _fill(group, paper, dark=dark)
        written = [percent(share) if share >= _LEAST_WRITTEN else "" for share in shares]
        data.append(
            {
                **_piece(names[group], labels, [100 * share for share in shares], fill, pattern, ink),
                "text": written,
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": 18, "color": legible_on(fill)},
                "hovertext": [percent(share) for share in shares],
                "hovertemplate": f"%{{y}}: {names[group]} %{{hovertext}}<extra></extra>",
            }
        )
    return figure(
        data,
        dark=dark,
        height=110 + 58 * len(rows),
        barmode="stack",
        xaxis=axis(title, dark=dark, range=[0, 100], ticksuffix=" %"),
        yaxis=_names(dark=dark),
        legend=legend(ink),
    )


def other_bars(rows: Sequence[Shares], names: Mapping[Group, str], title: str, *, dark: bool) -> go.Figure:
    """What is no product, from close by: the same shares without the products, on a scale of their own."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    labels = [plain_label(row.label) for row in rows]
    others = [group for group in GROUPS if group != "products" and any(row.parts.get(group) for row in rows)]
    data = []
    for group in others:
        fill, pattern = _fill(group, paper, dark=dark)
        shares = [row.parts.get(group, 0.0) for row in rows]
        data.append(
            {
                **_piece(names[group], labels, [100 * share for share in shares], fill, pattern, ink),
                "hovertext": [percent(share) for share in shares],
                "hovertemplate": f"%{{y}}: {names[group]} %{{hovertext}}<extra></extra>",
            }
        )
    totals = [100 * sum(row.parts.get(group, 0.0) for group in others) for row in rows]
    beside = {"xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": 18, "color": ink}}
    notes = [
        {"x": total, "y": label, "text": percent(total / 100), **beside}
        for total, label in zip(totals, labels, strict=True)
    ]
    return figure(
        data,
        dark=dark,
        height=110 + 46 * len(rows),
        barmode="stack",
        annotations=notes,
        xaxis=axis(title, dark=dark, range=[0, 1.14 * max(*totals, 0.01)], ticksuffix=" %"),
        yaxis=_names(dark=dark),
        legend=legend(ink),
    )


def time_bars(
    rows: Sequence[tuple[str, Mapping[Group, float]]], names: Mapping[Group, str], *, dark: bool
) -> go.Figure:
    """Milliseconds of each phase, in pieces of their groups: (label, seconds a group)."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    labels = [plain_label(label) for label, _seconds in rows]
    data = []
    for group in GROUPS:
        times = [1e3 * seconds.get(group, 0.0) for _label, seconds in rows]
        if not any(times):
            continue
        fill, pattern = _fill(group, paper, dark=dark)
        data.append(
            {
                **_piece(names[group], labels, times, fill, pattern, ink),
                "hovertemplate": f"%{{y}}: {names[group]} %{{x:.3g}} ms<extra></extra>",
            }
        )
    totals = [1e3 * sum(seconds.values()) for _label, seconds in rows]
    beside = {"xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": 18, "color": ink}}
    notes = [
        {"x": total, "y": label, "text": f"{milliseconds(total / 1e3)}", **beside}
        for total, label in zip(totals, labels, strict=True)
    ]
    return figure(
        data,
        dark=dark,
        height=110 + 58 * len(rows),
        barmode="stack",
        annotations=notes,
        xaxis=axis(_("milliseconds"), dark=dark, range=[0, 1.16 * max(totals)]),
        yaxis=_names(dark=dark),
        legend=legend(ink),
    )


def read_bars(m: int, k: int, n: int, tile: int, most: int, *, dark: bool) -> go.Figure:
    """Numbers fetched with tiles of each side from 1 to most; the chosen one stands out, a line is the least."""
    ink, paper, colour = INK.on(dark=dark), PAPER.on(dark=dark), BELOW.on(dark=dark)
    sides = list(range(1, most + 1))
    numbers = [reads(m, k, n, side) for side in sides]
    least = least_reads(m, k, n)
    bars = {
        "type": "bar",
        "x": sides,
        "y": numbers,
        "text": [f"{number:,}" for number in numbers],
        "textposition": "outside",
        "textfont": {"size": 17, "color": ink},
        "cliponaxis": False,
        "marker": {"color": [colour if side == tile else mixed(colour, paper, 0.4) for side in sides]},
        "hovertemplate": "%{x} × %{x}: %{y:,}<extra></extra>",
    }
    line = {
        "type": "line",
        "x0": 0,
        "x1": 1,
        "xref": "paper",
        "y0": least,
        "y1": least,
        "line": {"color": ink, "width": 2, "dash": "dash"},
    }
    note = {
        "x": most + 0.55,
        "xanchor": "left",
        "y": least,
        "yanchor": "bottom",
        "showarrow": False,
        "text": _("each number once: {least}").format(least=f"{least:,}"),
        "font": {"size": 16, "color": ink},
    }
    return figure(
        [bars],
        dark=dark,
        height=300,
        showlegend=False,
        shapes=[line],
        annotations=[note],
        xaxis=axis(_("side of a tile"), dark=dark, tickvals=sides, range=[0.4, most + 2]),
        yaxis=axis(_("numbers fetched"), dark=dark, range=[0, 1.15 * max(numbers)]),
    )


def percent(share: float) -> str:
    """A share with as many digits as say something, also close to all: "99.74 %", "61 %", "0.26 %"."""
    return percent_of(share, 2 if share < 0.01 or share > 0.99 else 1 if share < 0.1 or share > 0.9 else 0)


def milliseconds(seconds: float) -> str:
    """A time in milliseconds with three digits that matter."""
    number = 1e3 * seconds
    return f"{number:,.0f} ms" if number >= 99.5 else f"{number:.3g} ms"


def _fill(group: Group, paper: str, *, dark: bool) -> tuple[str, str]:
    colour, pattern = _COLOURS[group]
    return mixed(colour.on(dark=dark), paper, 1.0 if group == "products" else 0.75), pattern


def _piece(
    name: str, labels: Sequence[str], numbers: Sequence[float], fill: str, pattern: str, ink: str
) -> dict[str, Any]:
    marks = {"shape": pattern, "size": 7, "bgcolor": fill, "fgcolor": ink, "fgopacity": 0.3}
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(labels),
        "x": list(numbers),
        "marker": {"color": fill, "pattern": marks},
    }


def _names(*, dark: bool) -> dict[str, Any]:
    return axis(dark=dark, autorange="reversed", ticksuffix="  ", tickfont={"size": 18, "color": INK.on(dark=dark)})
