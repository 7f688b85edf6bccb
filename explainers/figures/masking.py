"""Pictures of the masked LM: the model's guesses, the fates of many draws, and one token's way through the head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explainers.figures import labels
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, INK, KEPT, MASKED, PAPER, REPLACED, ZERO
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.masking import FateCounts, Guess, HeadPath

_FATES = (MASKED, REPLACED, KEPT)
_SHOWN = 8  # guesses; more could not be read from the back row
_MOST_LABELLED = 7  # bars with their number above


def guess_bars(
    guesses: Sequence[Guess], truth: Guess | None, rank: int, *, percent: Callable[[float], str], dark: bool
) -> go.Figure:
    """The likeliest tokens, one bar each; the true one is hatched, and stands below with its rank if it is no such.

    percent: how the page prints a probability.
    """
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["bert"].on(dark=dark)
    rows = [(f"{place}.", guess) for place, guess in enumerate(guesses[:_SHOWN], 1)]
    if truth is not None and rank > _SHOWN:
        rows.append((f"{rank:,}.", truth))
    is_true = [truth is not None and guess.id == truth.id for _place, guess in rows]
    bars = {
        "type": "bar",
        "x": [100 * guess.probability for _place, guess in rows],
        "y": list(range(len(rows))),
        "orientation": "h",
        "text": [
            percent(guess.probability) + (f"  ← {_('true token')}" if true else "")
            for (_place, guess), true in zip(rows, is_true, strict=True)
        ],
        "textposition": "outside",
        "textfont": {"size": 18, "color": ink},
        "cliponaxis": False,
        "marker": {
            "color": colour,
            "line": {"color": colour, "width": 2},
            "pattern": {"shape": ["/" if true else "" for true in is_true], "fillmode": "replace", "size": 8},
        },
        "hoverinfo": "skip",
    }
    places = _axis(
        dark=dark,
        autorange="reversed",
        tickfont={"size": 19, "color": ink},
        tickvals=bars["y"],
        ticktext=[f"{place} {_shown(guess.piece)}  " for place, guess in rows],
    )
    shares = _axis(
        _("probability, % (all tokens of the vocabulary sum to 100)"),
        dark=dark,
        range=[0, 1.35 * max((100 * guess.probability for _place, guess in rows), default=1.0)],
    )
    return _figure([bars], dark=dark, height=70 + 38 * len(rows), xaxis=shares, yaxis=places)


def fate_bars(counts: FateCounts, names: Sequence[str], *, dark: bool) -> go.Figure:
    """Left, the share of each fate with its expected value and two standard errors; right, how many were chosen in one
    draw. names: of the three fates of a chosen token.
    """
    ink = INK.on(dark=dark)
    left = _bars(list(names), 100 * counts.shares[1:], [colour.on(dark=dark) for colour in _FATES], ink)
    errors = {"type": "data", "array": 200 * counts.standard_errors[1:], "thickness": 3, "width": 14, "color": ink}
    should = _marks(list(names), 100 * counts.expected[1:], 34, ink)
    should |= {"error_y": errors, "name": _("expected ± 2 standard errors"), "showlegend": True}
    seen = (counts.chosen_per_draw > 0) | (counts.expected_per_draw >= counts.draws / 1000)
    last = int(seen.nonzero()[0].max())
    numbers = list(range(last + 1))
    right = _bars(
        numbers, 100 * counts.chosen_per_draw[: last + 1] / counts.draws, FAMILY_COLOURS["bert"].on(dark=dark), ink
    )
    right |= {"xaxis": "x2", "yaxis": "y2"}
    due = _marks(
        numbers, 100 * counts.expected_per_draw[: last + 1] / counts.draws, max(6, min(34, 420 // (last + 1))), ink
    )
    due |= {"xaxis": "x2", "yaxis": "y2"}
    if last > _MOST_LABELLED:
        right.pop("text")
    titles = [(_("of all ordinary tokens"), 0.22), (_("how many are chosen in one draw, of all draws"), 0.78)]
    return _figure(
        [left, should, right, due],
        dark=dark,
        height=340,
        xaxis=_axis(dark=dark, domain=[0, 0.44], tickfont={"size": 18, "color": ink}),
        xaxis2=_axis(dark=dark, domain=[0.56, 1], anchor="y2", dtick=max(1, -(-last // 12))),
        yaxis=_axis(dark=dark, ticksuffix=" %", rangemode="tozero"),
        yaxis2=_axis(dark=dark, ticksuffix=" %", rangemode="tozero", anchor="x2"),
        bargap=0.35,
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "font": {"size": 17, "color": ink}},
        annotations=[
            {"text": text, "x": x, "y": 1.14, "xref": "paper", "yref": "paper", "xanchor": "center"}
            | {"showarrow": False, "font": {"size": 19, "color": ink}}
            for text, x in titles
        ],
    )


def head_strips(path: HeadPath, names: Sequence[str], *, dark: bool) -> go.Figure:
    """The vector at the four stops before the vocabulary, one strip each, one cell a number, each on its own scale."""
    stops = (path.hidden, path.dense, path.activated, path.normed)
    ranges = [
        _("{low} to {high}").format(low=f"{stop.min():.2f}", high=f"{stop.max():.2f}").replace("-", "−")
        for stop in stops
    ]
    strips = {
        "type": "heatmap",
        "z": [(stop / (float(abs(stop).max()) or 1.0)).tolist() for stop in stops],
        "customdata": [stop.tolist() for stop in stops],
        "y": list(range(len(stops))),
        "zmin": -1,
        "zmax": 1,
        "ygap": 14,
        "colorscale": [[at, colour.on(dark=dark)] for at, colour in ((0, BELOW), (0.5, ZERO), (1, ABOVE))],
        "showscale": False,
        "hovertemplate": "%{x}: %{customdata:.4f}<extra></extra>",
    }
    labels = [f"{name}  <br>{extent}  " for name, extent in zip(names, ranges, strict=True)]
    return _figure(
        [strips],
        dark=dark,
        height=330,
        xaxis={"visible": False},
        yaxis=_axis(
            dark=dark,
            autorange="reversed",
            tickvals=strips["y"],
            ticktext=labels,
            showgrid=False,
            zeroline=False,
            tickfont={"size": 17, "color": INK.on(dark=dark)},
        ),
    )


def _bars(x: Sequence[object], y: NDArray[np.float64], colour: str | list[str], ink: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": x,
        "y": y,
        "marker": {"color": colour},
        "text": [labels.percent(share / 100, 2 if share < 9.95 else 1) for share in y],
        "textposition": "outside",
        "textfont": {"size": 18, "color": ink},
        "cliponaxis": False,
        "hovertext": [labels.percent(share / 100, 3) for share in y],
        "hovertemplate": "%{x}: %{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _marks(x: Sequence[object], y: NDArray[np.float64], width: int, ink: str) -> dict[str, Any]:
    """A line across each bar, where it should end."""
    marker = {"symbol": "line-ew", "size": width, "line": {"width": 3, "color": ink}, "color": ink}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, "showlegend": False}


def _shown(piece: str) -> str:
    """Text as plotly draws it: it would read <b> and &amp; as markup."""
    return piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def _axis(title: str = "", *, dark: bool, **more: object) -> dict[str, Any]:
    ink = INK.on(dark=dark)
    named = {"title": {"text": title, "font": {"size": 16, "color": ink}}} if title else {}
    return {"tickfont": {"size": 16, "color": ink}, **named, **more}


def _figure(data: list[dict[str, Any]], *, dark: bool, **layout: object) -> go.Figure:
    """The figure made at once: plotly's updates cost more than the model does."""
    whole = {
        "margin": {"l": 10, "r": 20, "t": 45 if "annotations" in layout else 10, "b": 10},
        "hoverlabel": {"font": {"size": 16}},
        "paper_bgcolor": PAPER.on(dark=dark),
        "bargap": 0.25,
        **layout,
    }
    return go.Figure({"data": data, "layout": whole})
