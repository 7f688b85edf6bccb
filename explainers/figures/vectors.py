"""Pictures of vectors among vectors: nearest neighbours, one token in two contexts, and the whole vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explainers.checkpoints import Family
from explainers.figures.labels import percent
from explainers.figures.palette import FAMILY_COLOURS, INK, PAPER
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.embeddings import Projection

    Floats = NDArray[np.floating[Any]]

_HEIGHT = 450
_PLOT = (560, 300)  # pixels that the points of a layer's map spread over at least, on a small projector
_MOST_LABELS = 60  # of a map; with more, names would cover one another


@dataclass(frozen=True)
class Cloud:
    """Some points of a map: their name in the legend, the rows of the map that they are, and their labels."""

    name: str
    rows: Sequence[int]
    labels: Sequence[str]


def neighbour_bars(labels: Sequence[str], cosines: Floats, average: float, family: Family, *, dark: bool) -> go.Figure:
    """One bar a neighbour, the nearest at the top, and a line where the average token of the vocabulary is."""
    ink = INK.on(dark=dark)
    figure = go.Figure(
        go.Bar(
            x=cosines,
            y=list(range(len(labels))),
            orientation="h",
            text=[f"{cosine:.2f}" for cosine in cosines],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 17, "color": ink},
            marker_color=FAMILY_COLOURS[family].on(dark=dark),
            customdata=list(labels),
            hovertemplate="%{customdata}: %{x:.4f}<extra></extra>",
        )
    )
    figure.add_vline(
        x=average,
        line={"color": ink, "width": 2, "dash": "dash"},
        annotation={
            "text": _("average token: {cosine}").format(cosine=f"{average:.2f}"),
            "font": {"size": 15, "color": ink},
            "y": 1.0,
            "yanchor": "bottom",
        },
    )
    figure.update_yaxes(
        autorange="reversed", tickvals=list(range(len(labels))), ticktext=[f"{_shown(label)}  " for label in labels]
    )
    low = min(0.0, average, *(float(cosine) for cosine in cosines)) if len(labels) else 0.0
    figure.update_xaxes(range=[low * 1.1, 1.05], title_text=_("cosine with the chosen token"))
    _style(figure, dark=dark)
    figure.update_yaxes(tickfont_size=18)
    return figure.update_layout(showlegend=False, bargap=0.25)


def layer_map(
    projection: Projection, texts: tuple[Cloud, Cloud], marked: tuple[int, int], family: Family, *, dark: bool
) -> go.Figure:
    """The tokens of two texts on one map: circles and squares, the chosen token's two places big and joined."""
    ink = INK.on(dark=dark)
    colours, symbols = (FAMILY_COLOURS[family].on(dark=dark), ink), ("circle", "square")
    points = projection.points
    figure = go.Figure()
    pair = points[list(marked)]
    figure.add_trace(
        go.Scatter(
            x=pair[:, 0],
            y=pair[:, 1],
            mode="lines",
            line={"color": ink, "width": 2, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    sides = _label_sides(points, texts, marked)
    for cloud, colour, symbol in zip(texts, colours, symbols, strict=True):
        big = [row in marked for row in cloud.rows]
        figure.add_trace(
            go.Scatter(
                x=points[list(cloud.rows), 0],
                y=points[list(cloud.rows), 1],
                mode="markers+text",
                name=_shown(cloud.name),
                text=[
                    _shown(label) if row in sides else "" for row, label in zip(cloud.rows, cloud.labels, strict=True)
                ],
                customdata=[_shown(label) for label in cloud.labels],
                textposition=[f"{sides.get(row, 'top')} center" for row in cloud.rows],
                cliponaxis=False,
                textfont={"size": [21 if chosen else 15 for chosen in big], "color": ink},
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": [20 if chosen else 9 for chosen in big],
                    "line": {"color": PAPER.on(dark=dark), "width": 1},
                },
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    _style(figure, dark=dark)
    _map_axes(figure, projection)
    return figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})


def _label_sides(points: Floats, texts: tuple[Cloud, Cloud], marked: tuple[int, int]) -> dict[int, str]:
    """The rows of a map whose names are written, each "top" or "bottom" of its point, so that no two names collide.

    The marked rows come first and always have their names, the first above and the second below, as the two may be at
    the same place; of other tokens each label is written once, and not at all where there is no room.
    """
    low, spread = points.min(axis=0), points.max(axis=0) - points.min(axis=0)
    places = (points - low) / [max(float(side), 1e-9) for side in spread] * _PLOT
    labels = {row: label for cloud in texts for row, label in zip(cloud.rows, cloud.labels, strict=True)}
    sides: dict[int, str] = {}
    boxes: list[tuple[float, float, float, float]] = []
    named: set[str] = set()
    for row in (*marked, *(row for row in labels if row not in marked)):
        if (label := labels[row]) in named and row not in marked:
            continue
        x, y = places[row].tolist()
        wanted = {marked[0]: ("top",), marked[1]: ("bottom",)}.get(row, ("top", "bottom"))
        half, height, gap = (6.5 * len(label), 27, 10) if row in marked else (4.75 * len(label), 20, 4)
        for side in wanted:
            bottom = y + gap if side == "top" else y - gap - height
            box = (x - half, bottom, x + half, bottom + height)
            if row in marked or not any(_overlap(box, other) for other in boxes):
                sides[row] = side
                boxes += [box, (x - 10, y - 10, x + 10, y + 10)] if row in marked else [box]
                named.add(label)
                break
    return sides


def _overlap(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, bottom, right, top) share any area."""
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def similarity_by_layer(
    similarity: Floats, usual: Floats, layer: int, names: tuple[str, str], family: Family, *, dark: bool
) -> go.Figure:
    """The cosine of one token's two vectors over the layers, beside that of two other tokens; the layer is marked."""
    ink = INK.on(dark=dark)
    colour = FAMILY_COLOURS[family].on(dark=dark)
    figure = go.Figure()
    lines = ((similarity, colour, "solid", 4.0), (usual, ink, "dash", 2.0))
    for (values, its_colour, dash, width), name in zip(lines, names, strict=True):
        figure.add_trace(
            go.Scatter(
                y=values,
                mode="lines+markers",
                name=_shown(name),
                line={"color": its_colour, "dash": dash, "width": width},
                marker_size=9,
                hovertemplate="%{y:.3f}",
            )
        )
    figure.add_vline(x=layer, line={"color": ink, "width": 1.5, "dash": "dot"})
    last = len(similarity) - 1
    step = -(-(last + 1) // 13)
    ticks = list(range(0, last + 1, step))
    figure.update_xaxes(
        tickvals=ticks, ticktext=[f"{tick}" if tick else _("input") for tick in ticks], title_text=_("after layer")
    )
    low = min(0.0, *(float(value) for value in (*similarity, *usual) if value == value))
    figure.update_yaxes(range=[low * 1.1, 1.05], title_text=_("cosine"))
    _style(figure, dark=dark)
    return figure.update_layout(
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "entrywidth": 1, "entrywidthmode": "fraction"},
    )


def vocabulary_map(
    projection: Projection, kinds: Sequence[Cloud], marked: Cloud, family: Family, *, dark: bool
) -> go.Figure:
    """Every token of the vocabulary as a point (WebGL), by kind, and those of the text as big, named ones."""
    ink = INK.on(dark=dark)
    colours = (FAMILY_COLOURS[family].on(dark=dark), "#8A94A3", ink)
    symbols = ("circle", "diamond", "x")
    figure = go.Figure()
    for cloud, colour, symbol in zip(kinds, colours, symbols, strict=True):
        rows = list(cloud.rows)
        figure.add_trace(
            go.Scattergl(
                x=projection.points[rows, 0].astype("float32"),
                y=projection.points[rows, 1].astype("float32"),
                mode="markers",
                name=cloud.name,
                hovertext=list(cloud.labels),
                hoverinfo="text",
                marker={"color": colour, "symbol": symbol, "size": 4, "opacity": 0.55},
            )
        )
    own = projection.points[list(marked.rows)]
    paper = PAPER.on(dark=dark)
    figure.add_trace(
        go.Scattergl(
            x=own[:, 0],
            y=own[:, 1],
            mode="markers",
            name=marked.name,
            hovertext=[_shown(label) for label in marked.labels],
            hoverinfo="text",
            marker={"color": ink, "size": 12, "line": {"color": paper, "width": 2}},
        )
    )
    _style(figure, dark=dark)
    if len(own) <= _MOST_LABELS:  # as annotations, because WebGL draws its points over any text
        for (x, y), label in zip(own.tolist(), marked.labels, strict=True):
            text = {"text": _shown(label), "font": {"size": 18, "color": ink}, "bgcolor": paper, "opacity": 0.85}
            figure.add_annotation(x=x, y=y, yshift=19, showarrow=False, borderpad=1, **text)
    _map_axes(figure, projection)
    return figure.update_layout(
        height=560,
        dragmode="zoom",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "itemsizing": "constant"},
    )


def _shown(label: str) -> str:
    """Text as plotly draws it: it would read <b> and &amp; as markup, and a label must be no blank alone."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def _map_axes(figure: go.Figure, projection: Projection) -> None:
    """Each axis with its share of the variance."""
    first, second = projection.shares
    title = _("direction {n}: {share} of the variance")
    figure.update_xaxes(title_text=title.format(n=1, share=percent(first)), zeroline=False)
    figure.update_yaxes(title_text=title.format(n=2, share=percent(second)), zeroline=False)


def _style(figure: go.Figure, *, dark: bool) -> None:
    ink = INK.on(dark=dark)
    figure.update_xaxes(tickfont={"size": 15, "color": ink}, title_font={"size": 16, "color": ink})
    figure.update_yaxes(tickfont={"size": 15, "color": ink}, title_font={"size": 16, "color": ink})
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 10, "r": 20, "t": 40, "b": 10},
        legend_font={"size": 16, "color": ink},
        hoverlabel_font_size=16,
    )
