"""The tree of a beam search: what was looked at in every round, what went on, and what won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from explainers.figures.labels import plain_label
from explainers.figures.palette import FAMILY_COLOURS, INK
from explainers.generation import BeamTree
from explainers.language import _

_ROW = 31  # pixels a leaf


class _Style(NamedTuple):
    """How one kind of node is drawn: its line, its name and its dot."""

    colour: str
    opacity: float
    width: float
    font: int
    dot: int


def beam_figure(tree: BeamTree, names: Mapping[int, str], prompt: str, *, dark: bool) -> go.Figure:
    """From left to right one round a column, from the end of the prompt on; names: of tokens, by id.

    Thick: the winner. Full: what was kept for the next round, or finished. Faint: what was dropped.
    """
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["gpt2"].on(dark=dark)
    heights, leaves = _heights(tree)
    best = set(tree.path(tree.best))
    everything = range(len(tree.nodes))
    kinds = [
        (_Style(ink, 0.5, 1, 15, 5), [at for at in everything if tree.nodes[at].fate == "dropped"]),
        (_Style(ink, 1, 2, 17, 10), [at for at in everything if at not in best and tree.nodes[at].fate != "dropped"]),
        (_Style(colour, 1, 5, 18, 14), sorted(best)),
    ]
    figure = go.Figure()
    for style, nodes in kinds:
        _edges(figure, tree, nodes, heights, style)
    for style, nodes in kinds:
        _dots(figure, tree, nodes, heights, style, names)
    figure.add_annotation(
        x=0, y=heights[-1], text=f"<b>{plain_label(prompt)}</b>", showarrow=False, xanchor="right", xshift=-6,
        font={"size": 18, "color": ink},
    )  # fmt: skip
    rounds = max(node.round for node in tree.nodes) + 1
    figure.update_xaxes(
        range=[-0.12 * rounds - 0.25, rounds + 0.12 * rounds],
        tickvals=list(range(1, rounds + 1)),
        ticktext=[_("token {n}").format(n=number) for number in range(1, rounds + 1)],
        tickfont={"size": 16, "color": ink},
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(range=[leaves - 0.4, -1.0], visible=False)
    return figure.update_layout(
        height=max(330, 60 + _ROW * leaves),
        margin={"l": 10, "r": 10, "t": 10, "b": 40},
        showlegend=False,
        hoverlabel={"font": {"size": 16}},
    )


def _edges(
    figure: go.Figure, tree: BeamTree, nodes: Sequence[int], heights: Mapping[int, float], style: _Style
) -> None:
    """From each node's parent over to the node's height, where the line has room for a name on it."""
    x: list[float | None] = []
    y: list[float | None] = []
    for at in nodes:
        node = tree.nodes[at]
        before = heights[-1 if node.parent is None else node.parent]
        x += [node.round, node.round + 0.12, node.round + 0.4, node.round + 1, None]
        y += [before, before, heights[at], heights[at], None]
    line = {"color": style.colour, "width": style.width}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, opacity=style.opacity, hoverinfo="skip")


def _dots(
    figure: go.Figure,
    tree: BeamTree,
    nodes: Sequence[int],
    heights: Mapping[int, float],
    style: _Style,
    names: Mapping[int, str],
) -> None:
    """A dot at every node, its name on the line before it, and a finished text's score behind it."""
    chosen = [tree.nodes[at] for at in nodes]
    own = [plain_label(names.get(node.id, "")) for node in chosen]
    figure.add_scatter(
        x=[node.round + 1 for node in chosen],
        y=[heights[at] for at in nodes],
        mode="markers+text",
        marker={
            "size": style.dot,
            "color": style.colour,
            "symbol": ["square" if node.fate == "finished" else "circle" for node in chosen],
        },
        text=[f"<b>{name}</b> " if style.width > 2 else f"{name} " for name in own],
        textposition="top left",
        textfont={"size": style.font, "color": style.colour},
        opacity=max(style.opacity, 0.6),
        cliponaxis=False,
        customdata=[
            [name, *(signed(number) for number in (node.log_probability, node.total, node.score))]
            for name, node in zip(own, chosen, strict=True)
        ],
        hovertemplate=_hover(),
    )
    finished = [at for at in nodes if tree.nodes[at].fate == "finished"]
    figure.add_scatter(
        x=[tree.nodes[at].round + 1 for at in finished],
        y=[heights[at] for at in finished],
        mode="text",
        text=[f"\u2002{signed(tree.nodes[at].score)}" for at in finished],
        textposition="middle right",
        textfont={"size": style.font, "color": style.colour},
        cliponaxis=False,
        hoverinfo="skip",
    )


def signed(number: float) -> str:
    """Two digits, with a true minus sign."""
    return f"{number:.2f}".replace("-", "−")


def _hover() -> str:
    said = _("{name}, in nats: log-probability {own}; sum {total}; a token {score}").format(
        name="%{customdata[0]}", own="%{customdata[1]}", total="%{customdata[2]}", score="%{customdata[3]}"
    )
    return f"{said}<extra></extra>"


def _heights(tree: BeamTree) -> tuple[dict[int, float], int]:
    """A height for every node and, as -1, for the prompt: leaves one below the other, parents amid their children."""
    children: dict[int, list[int]] = {}
    for at, node in enumerate(tree.nodes):
        children.setdefault(-1 if node.parent is None else node.parent, []).append(at)
    heights: dict[int, float] = {}
    leaves = 0

    def place(at: int) -> float:
        nonlocal leaves
        below: Sequence[int] = children.get(at, ())
        if below:
            own = [place(child) for child in below]
            heights[at] = (own[0] + own[-1]) / 2
        else:
            heights[at] = float(leaves)
            leaves += 1
        return heights[at]

    place(-1)
    return heights, leaves
