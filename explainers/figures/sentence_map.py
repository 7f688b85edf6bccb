"""The sentences of a fine-tuning as points that part, to be played from before the training to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import plotly.graph_objects as go

from explainers.figures import bars
from explainers.figures.fine_tuning import SYMBOLS, label_colour, style
from explainers.figures.labels import plain_label
from explainers.figures.palette import INK, PAPER, ZERO
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_LONGEST = 70  # letters of a sentence that is pointed at
_SIZES = {"triangle-up": 16, "pentagon": 14, "cross": 14}  # of marks that look smaller than others
_SIZE = 13


class Points(NamedTuple):
    """The sentences at one look. name: of the look. places (sentences, 2); answers: the label each gets.

    own: where the reader's sentence stands, and its answer; None where there is none.
    """

    name: str
    places: Floats
    answers: Sequence[int]
    own: tuple[float, float] | None = None


def sentence_map(
    looks: Sequence[Points], labels: Sequence[str], truth: Sequence[int], texts: Sequence[str], *, dark: bool
) -> go.Figure:
    """Every test sentence as a point, its true label as colour and symbol, hollow where the answer is wrong.

    All looks in one plane, to be played; the last one is shown. The reader's sentence is a star.
    """
    has_own = looks[-1].own is not None
    figure = go.Figure(
        [
            *_map_traces(looks[-1], labels, truth, texts, dark=dark),
            *_map_legend(labels, own=has_own, dark=dark),
        ]
    )
    if len(looks) > 1:
        figure.frames = [
            go.Frame(
                name=look.name,
                data=_map_traces(look, labels, truth, texts, dark=dark),
                traces=list(range(len(labels) + 1)),  # not those of the legend
            )
            for look in looks
        ]
    xs, ys = ([float(place[axis]) for look in looks for place in look.places] for axis in (0, 1))
    own = [look.own for look in looks if look.own is not None]
    for values, axis in ((xs, 0), (ys, 1)):
        values += [place[axis] for place in own]
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(range=_room(xs), **hidden)
    figure.update_yaxes(range=_room(ys), **hidden)
    style(figure, 400, dark=dark)
    return figure.update_layout(
        legend=bars.legend(INK.on(dark=dark)),
        margin={"l": 6, "r": 6, "t": 40, "b": 6},
        **(_player([look.name for look in looks], dark=dark) if len(looks) > 1 else {}),
    )


def _map_traces(
    look: Points, labels: Sequence[str], truth: Sequence[int], texts: Sequence[str], *, dark: bool
) -> list[dict[str, Any]]:
    """A trace a label, then the reader's sentence; what is answered wrong is filled with the paper's colour."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    traces: list[dict[str, Any]] = []
    for label, name in enumerate(labels):
        mine = [row for row, true in enumerate(truth) if true == label]
        right, colour = [look.answers[row] == label for row in mine], label_colour(label, dark=dark)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": plain_label(name),
                "showlegend": False,
                "x": [float(look.places[row][0]) for row in mine],
                "y": [float(look.places[row][1]) for row in mine],
                "customdata": [f"{_shown(texts[row])}<br>→ {plain_label(labels[look.answers[row]])}" for row in mine],
                "hovertemplate": "%{customdata}<extra></extra>",
                "marker": {
                    "size": _SIZES.get(SYMBOLS[label], _SIZE),
                    "symbol": SYMBOLS[label],
                    "color": [colour if good else paper for good in right],
                    "line": {"width": 2.5, "color": [paper if good else colour for good in right]},
                },
            }
        )
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": _("your sentence"),
            "showlegend": False,
            "x": [look.own[0]] if look.own else [],
            "y": [look.own[1]] if look.own else [],
            "hovertemplate": _("your sentence") + "<extra></extra>",
            "marker": {"size": 26, "symbol": "star", "color": ink, "line": {"width": 2, "color": paper}},
        }
    )
    return traces


def _map_legend(labels: Sequence[str], *, own: bool, dark: bool) -> list[dict[str, Any]]:
    """Traces without points, for the legend: a mark there does not change with the first sentence's answer."""
    ink = INK.on(dark=dark)
    entries = [(plain_label(name), SYMBOLS[at], label_colour(at, dark=dark), _SIZE) for at, name in enumerate(labels)]
    entries += [(_("your sentence"), "star", ink, 18)] if own else []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [None],
            "y": [None],
            "marker": {"size": size, "symbol": symbol, "color": colour},
        }
        for name, symbol, colour, size in entries
    ]


def _player(names: Sequence[str], *, dark: bool) -> dict[str, Any]:
    """A button that plays the looks, and a slider to choose one."""
    ink = INK.on(dark=dark)
    move = {"frame": {"duration": 900, "redraw": False}, "transition": {"duration": 700, "easing": "cubic-in-out"}}
    jump = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 300}}
    return {
        "updatemenus": [
            {
                "type": "buttons", "direction": "left", "showactive": False, "x": 0, "xanchor": "left", "y": -0.04,
                "yanchor": "top", "pad": {"t": 12, "r": 10}, "bgcolor": ZERO.on(dark=dark),
                "font": {"size": 17, "color": ink},
                "buttons": [
                    {"label": "▶ " + _("Play"), "method": "animate", "args": [None, {**move, "fromcurrent": False}]},
                ],
            }
        ],
        "sliders": [
            {
                "active": len(names) - 1, "x": 0.14, "len": 0.84, "y": -0.02, "pad": {"t": 8},
                "currentvalue": {"prefix": "", "font": {"size": 17, "color": ink}, "xanchor": "left"},
                "font": {"size": 1, "color": "rgba(0,0,0,0)"}, "ticklen": 6, "minorticklen": 0,
                "steps": [{"label": name, "method": "animate", "args": [[name], jump]} for name in names],
            }
        ],
    }  # fmt: skip


def _room(values: Sequence[float]) -> list[float]:
    """An axis that holds these values, with a margin for the marks."""
    low, high = min(values), max(values)
    margin = 0.07 * (high - low) or 1.0
    return [low - margin, high + margin]


def _shown(text: str) -> str:
    return plain_label(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
