"""The three architectures drawn to scale: a layer is one step up, and a bar is as wide as the vector inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explainers.architecture import Part, Role, ledger
from explainers.checkpoints import Family
from explainers.checkpoints.design import Design
from explainers.figures.palette import FAMILY_COLOURS, INK, PAPER
from explainers.figures.shades import mixed
from explainers.language import _

_HEIGHT = 560
_OPACITY: Mapping[Role, float] = {"attention": 1.0, "cross": 0.7, "feed-forward": 0.42}
_HATCHED = "cross"
_SLOTS = {"attention": 0, "cross": 1, "feed-forward": 2}  # from a layer's bottom to its top


@dataclass(frozen=True)
class Shape:
    """One model to draw: its label, and the key of the part that is marked, if any."""

    label: str
    design: Design
    marked: str | None = None


@dataclass(frozen=True)
class _Bar:
    """A bar from left to right around the middle of its stack, `height` layers high."""

    family: Family
    part: Part
    middle: float
    width: float
    bottom: float
    height: float
    layer: int


def models(shapes: Sequence[Shape], names: Mapping[str, str], *, dark: bool) -> go.Figure:
    """All models side by side. names: of the parts, by key. A bar's customdata is (family, key of its part)."""
    ink = INK.on(dark=dark)
    widest = max(_widest(shape.design) for shape in shapes)
    gap, left = 0.35 * widest, 0.0
    bars: list[list[_Bar]] = []
    spines, labels = [], []
    tallest = max(max(shape.design.layers, shape.design.decoder_layers) for shape in shapes)
    for shape in shapes:
        width, found, middles = _widest(shape.design), [], []
        for stack, layers in (("encoder", shape.design.layers), ("decoder", shape.design.decoder_layers)):
            if not layers:
                continue
            middle = left + width / 2
            middles.append((middle, layers))
            found += _stack_bars(shape.design, stack, middle, tallest)
            spines.append(_spine(middle, shape.design.d_model, layers, tallest, dark=dark))
            labels.append(_stack_label(stack, middle, layers, shape.design, tallest, ink))
            left += width + gap
        labels.append(_title(shape, sum(middle for middle, _layers in middles) / len(middles), tallest, dark=dark))
        if len(middles) == 2:
            line, arrow = _across(middles[0], middles[1], shape.design, gap, tallest, ink)
            spines.append(line)
            labels.append(arrow)
        bars.append(found)
        left += gap
    unit = tallest / 12
    return go.Figure(
        {
            "data": [
                *(_trace(found, shape, names, dark=dark) for found, shape in zip(bars, shapes, strict=True)),
                *_legend(dark=dark),
            ],
            "layout": {
                "height": _HEIGHT,
                "barmode": "overlay",
                "legend": {"orientation": "h", "y": 0, "yanchor": "top", "font": {"size": 17, "color": ink}},
                "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
                "paper_bgcolor": PAPER.on(dark=dark),
                "hoverlabel": {"font": {"size": 16}},
                "shapes": spines,
                "annotations": labels,
                "xaxis": {"visible": False, "range": [-gap, left - gap]},
                "yaxis": {
                    "range": [-3.6 * unit, tallest + 3.6 * unit],
                    "tickvals": list(range(0, tallest + 1, max(1, tallest // 4))),
                    "title": {"text": _("layers"), "font": {"size": 17, "color": ink}},
                    "tickfont": {"size": 16, "color": ink},
                    "zeroline": False,
                },
            },
        }
    )


def _widest(design: Design) -> int:
    return max(design.d_ff, design.d_inner, design.d_model)


def _stack_bars(design: Design, stack: str, middle: float, tallest: int) -> list[_Bar]:
    """The bars of one stack's layers, and of what feeds it and what it feeds."""
    found, unit = [], tallest / 12
    counted = [entry.part for entry in ledger(design).entries]
    inside = [part for part in counted if part.stack == stack and part.role in _SLOTS]
    crosses = any(part.role == "cross" for part in inside)
    height = 1 / len(inside)
    for part in inside:
        slot = _SLOTS[part.role] if crosses else _SLOTS[part.role] // 2
        width = design.d_ff if part.role == "feed-forward" else design.d_inner
        for layer in range(part.copies):
            bottom = layer + slot * height + 0.06
            found.append(_Bar(design.family, part, middle, width, bottom, height - 0.1, layer + 1))
    tokens, output = counted[0], next(part for part in counted if part.key == "output")
    found.append(_Bar(design.family, tokens, middle, design.d_model, -1.0 * unit, 0.7 * unit, 0))
    layers = design.layers if stack == "encoder" else design.decoder_layers
    if stack == "decoder" or design.kind == "bert":
        found.append(_Bar(design.family, output, middle, design.d_model, layers + 0.3 * unit, 0.7 * unit, 0))
    return found


def _trace(bars: Sequence[_Bar], shape: Shape, names: Mapping[str, str], *, dark: bool) -> dict[str, Any]:
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS[shape.design.family].on(dark=dark)
    paper = PAPER.on(dark=dark)
    marked = [bar.part.key == shape.marked for bar in bars]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [bar.width for bar in bars],
        "base": [bar.middle - bar.width / 2 for bar in bars],
        "y": [bar.bottom + bar.height / 2 for bar in bars],
        "width": [bar.height for bar in bars],
        "customdata": [[str(bar.family), bar.part.key] for bar in bars],
        "hovertext": [_hover(bar, names) for bar in bars],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "color": [mixed(colour, paper, _OPACITY.get(bar.part.role, 0.0)) for bar in bars],
            "pattern": {
                "shape": ["/" if bar.part.role == _HATCHED else "" for bar in bars],
                "size": 6,
                "fgcolor": paper,
            },
            "line": {
                "color": [ink if mark else colour for mark in marked],
                "width": [
                    3 if mark else (0.5 if bar.part.role in _SLOTS else 2)
                    for bar, mark in zip(bars, marked, strict=True)
                ],
            },
        },
        "showlegend": False,
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _legend(*, dark: bool) -> list[dict[str, Any]]:
    """What the kinds of bars are, in no family's colour."""
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    kinds: tuple[tuple[str, Role], ...] = (
        (_("self-attention"), "attention"),
        (_("cross-attention"), "cross"),
        (_("feed-forward"), "feed-forward"),
        (_("token embeddings (below), output layer (above)"), "embedding"),
    )
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": [None],
            "y": [None],
            "marker": {
                "color": mixed(ink, paper, _OPACITY.get(role, 0.0)),
                "pattern": {
                    "shape": "/" if role == _HATCHED else "",
                    "size": 6,
                    "fgcolor": paper,
                    "bgcolor": mixed(ink, paper, _OPACITY.get(role, 0.0)),
                },
                "line": {"color": ink, "width": 1.5},
            },
        }
        for name, role in kinds
    ]


def _hover(bar: _Bar, names: Mapping[str, str]) -> str:
    name, count = names[bar.part.key], sum(tensor.count for tensor in bar.part.tensors)
    if bar.layer:
        return _("{name}, layer {layer}: {width} wide, {count} parameters").format(
            name=name, layer=bar.layer, width=f"{bar.width:,.0f}", count=f"{count:,}"
        )
    return _("{name}: {count} parameters").format(name=name, count=f"{count:,}")


def _spine(middle: float, width: int, layers: int, tallest: int, *, dark: bool) -> dict[str, Any]:
    """The vector that runs through all layers, as wide as the model."""
    return {
        "type": "rect",
        "layer": "below",
        "x0": middle - width / 2,
        "x1": middle + width / 2,
        "y0": -0.3 * tallest / 12,
        "y1": layers + 0.3 * tallest / 12,
        "fillcolor": INK.on(dark=dark),
        "opacity": 0.22,
        "line": {"width": 0},
    }


def _stack_label(stack: str, middle: float, layers: int, design: Design, tallest: int, ink: str) -> dict[str, Any]:
    looks = _("encoder, looks both ways") if stack == "encoder" else _("decoder, looks back")
    sizes = _("{layers} layers, {width} wide").format(layers=layers, width=f"{design.d_model:,}")
    return _annotation(f"{sizes}<br>{looks}", middle, -1.05 * tallest / 12, "top", 16, ink)


def _title(shape: Shape, middle: float, tallest: int, *, dark: bool) -> dict[str, Any]:
    colour = FAMILY_COLOURS[shape.design.family].on(dark=dark)
    total = ledger(shape.design).total
    said = _("{n} million").format(n=f"{total / 10**6:,.1f}" if total < 10**9 else f"{total / 10**6:,.0f}")
    return _annotation(f"<b>{shape.label}</b><br>{said}", middle, tallest * (1 + 1.05 / 12), "bottom", 19, colour)


def _across(
    encoder: tuple[float, int], decoder: tuple[float, int], design: Design, gap: float, tallest: int, ink: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A line from the top of the encoder to the gap before the decoder, and an arrow from there into its layers."""
    (from_x, from_y), (to_x, to_y) = encoder, decoder
    unit = tallest / 12
    edge, bottom, top, height = to_x - _widest(design) / 2, from_y + 0.3 * unit, from_y + 0.8 * unit, 0.5 * to_y
    bend = edge - gap / 2
    line = {
        "type": "path",
        "path": f"M {from_x},{bottom} L {from_x},{top} L {bend},{top} L {bend},{height}",
        "line": {"color": ink, "width": 2.5},
    }
    axes = dict.fromkeys(("xref", "axref"), "x") | dict.fromkeys(("yref", "ayref"), "y")
    look = {"text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1.2, "arrowwidth": 2.5, "arrowcolor": ink}
    return line, {"x": edge, "y": height, "ax": bend, "ay": height, **axes, **look}


def _annotation(text: str, x: float, y: float, anchor: str, size: int, colour: str) -> dict[str, Any]:
    font = {"size": size, "color": colour}
    return {"text": text, "x": x, "y": y, "yanchor": anchor, "showarrow": False, "font": font}
