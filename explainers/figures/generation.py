"""Pictures of a text as GPT-2 reads it: its surprise, what its layers would say, and what the KV cache saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from explainers.figures.labels import blend, percent, plain_label
from explainers.figures.palette import FAMILY_COLOURS, INK, PAPER
from explainers.generation import Lens, StepCost, Surprise
from explainers.language import _

_FONT = 16
_MOST_NAMES = 45  # more names under the bars could not be read
_MOST_NUMBERS = 30  # nor more numbers side by side over them


def surprise_bars(
    found: Surprise, names: Sequence[str], guesses: Sequence[str], selected: int, *, dark: bool
) -> go.Figure:
    """One bar for every token but the first, as high as its bits; the selected one (counted in the text) stands out.

    names, guesses: of the tokens, and of what the model thought likeliest instead.
    """
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["gpt2"].on(dark=dark)
    count = len(found.bits)
    figure = go.Figure(
        go.Bar(
            x=list(range(1, count + 1)),
            y=found.bits,
            marker={
                "color": colour,
                "opacity": [1.0 if selected in (at + 1, count + 1) else 0.5 for at in range(count)],
            },
            customdata=[
                [plain_label(name), percent(2.0**-bits, 2), f"{rank:,}", plain_label(guess)]
                for name, bits, rank, guess in zip(names, found.bits, found.rank, guesses, strict=True)
            ],
            hovertemplate=(
                "<b>%{customdata[0]}</b>: %{y:.2f} "
                + _("bits")
                + "<br>%{customdata[1]}, "
                + _("rank")
                + " %{customdata[2]}<br>"
                + _("likeliest:")
                + " %{customdata[3]}<extra></extra>"
            ),
        )
    )
    if count:
        if count <= _MOST_NUMBERS:
            _numbers(figure, found, dark=dark)
        figure.add_hline(y=found.mean, line={"color": ink, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=1, xref="paper", y=found.mean, text=_("mean<br>{bits} bits").format(bits=f"{found.mean:.2f}"),
            showarrow=False, xanchor="left", xshift=6, align="left", font={"size": 17, "color": ink},
        )  # fmt: skip
    if count <= _MOST_NAMES:
        figure.update_xaxes(tickvals=list(range(1, count + 1)), ticktext=[plain_label(name) for name in names])
    else:
        figure.update_xaxes(title_text=_("token"))
    figure.update_yaxes(title_text=_("surprise, bits"), rangemode="tozero")
    return _styled(figure, 380, dark=dark).update_layout(bargap=0.2, margin_r=90)


def _numbers(figure: go.Figure, found: Surprise, *, dark: bool) -> None:
    """The bits over each bar, on paper, so that the line of the mean goes behind them."""
    for at, bits in enumerate(found.bits, start=1):
        figure.add_annotation(
            x=at, y=bits, text=f"{bits:.1f}", showarrow=False, yanchor="bottom", borderpad=4,
            font={"size": 15, "color": INK.on(dark=dark)}, bgcolor=PAPER.on(dark=dark),
        )  # fmt: skip


def lens_heatmap(
    lens: Lens, names: Mapping[int, str], tokens: Sequence[str], selected: int, *, dark: bool
) -> go.Figure:
    """A row a layer, the last at the top, and a column a position, named by the token there; the deeper, the likelier.

    In a cell stands what the layer would predict after that token; a frame: the same as the last layer's word.
    """
    ink, paper = INK.on(dark=dark), PAPER.on(dark=dark)
    layers, positions = lens.ids.shape[:2]
    best = lens.probabilities[..., 0]
    figure = go.Figure(
        go.Heatmap(
            z=100 * best,
            x=list(range(positions)),
            y=list(range(layers)),
            zmin=0,
            zmax=100,
            colorscale=[[0, paper], [1, blend(FAMILY_COLOURS["gpt2"].on(dark=dark), paper, 0.5 if dark else 0.7)]],
            colorbar={
                "title": {"text": _("probability"), "font": {"size": _FONT, "color": ink}},
                "ticksuffix": " %",
                "tickfont": {"size": _FONT, "color": ink},
                "thickness": 16,
            },
            xgap=3,
            ygap=3,
            text=[
                [_shown(names.get(int(lens.ids[layer, at, 0]), "")) for at in range(positions)]
                for layer in range(layers)
            ],
            texttemplate="%{text}",
            textfont={"size": 17, "color": ink},
            customdata=[[_top(lens, names, layer, at) for at in range(positions)] for layer in range(layers)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for layer in range(layers):
        for at in range(positions):
            if lens.ids[layer, at, 0] == lens.ids[-1, at, 0]:
                figure.add_shape(
                    type="rect", x0=at - 0.47, x1=at + 0.47, y0=layer - 0.44, y1=layer + 0.44,
                    line={"color": ink, "width": 3 if lens.positions[at] == selected else 1.5},
                )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(positions)),
        ticktext=[
            f"<b>{plain_label(token)}</b>" if lens.positions[at] == selected else plain_label(token)
            for at, token in enumerate(tokens)
        ],
        title_text=_("after this token"),
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(layers)),
        ticktext=[_layer_name(layer, layers) for layer in range(layers)],
        showgrid=False,
        zeroline=False,
    )
    return _styled(figure, max(330, 100 + 44 * layers), dark=dark)


def cost_lines(costs: Sequence[StepCost], *, dark: bool) -> go.Figure:
    """Multiply-adds of every step, with the cache and without, over the tokens that stand there at this step."""
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["gpt2"].on(dark=dark)
    tokens = [cost.tokens for cost in costs]
    figure = go.Figure()
    lines = [
        ([cost.without_cache.total for cost in costs], _("without a cache: every token again"), ink, "dash", "x"),
        ([cost.with_cache.total for cost in costs], _("with the cache: the new token only"), colour, "solid", "circle"),
    ]
    for values, name, its_colour, dash, symbol in lines:
        figure.add_scatter(
            x=tokens,
            y=values,
            mode="lines+markers",
            name=name,
            line={"color": its_colour, "width": 4, "dash": dash},
            marker={"size": 11, "symbol": symbol},
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
    figure.update_xaxes(title_text=_("tokens in the text at this step"), tickformat="d", nticks=12)
    figure.update_yaxes(title_text=_("multiply-adds"), rangemode="tozero", exponentformat="SI")
    return _styled(figure, 360, dark=dark).update_layout(
        showlegend=True, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 17}}
    )


def _styled(figure: go.Figure, height: int, *, dark: bool) -> go.Figure:
    ink = INK.on(dark=dark)
    font = {"size": _FONT, "color": ink}
    figure.update_xaxes(tickfont={"size": 17, "color": ink}, title_font=font)
    figure.update_yaxes(tickfont={"size": 17, "color": ink}, title_font=font)
    return figure.update_layout(
        height=height,
        margin={"l": 10, "r": 15, "t": 30, "b": 50},
        showlegend=False,
        font={"color": ink},
        hoverlabel={"font": {"size": _FONT}},
    )


def _layer_name(layer: int, layers: int) -> str:
    if layer == 0:
        return _("input") + "  "
    return _("layer {n}").format(n=layer) + "  "


def _shown(name: str) -> str:
    """A name that fits into a cell."""
    return plain_label(name if len(name) <= 11 else f"{name[:10]}…")


def _top(lens: Lens, names: Mapping[int, str], layer: int, at: int) -> str:
    """The likeliest tokens of one cell, one a line, and how the last layer's word stands there."""
    lines = [
        f"“{plain_label(names.get(int(id_), ''))}”  {percent(share)}"
        for id_, share in zip(lens.ids[layer, at], lens.probabilities[layer, at], strict=True)
    ]
    goal = plain_label(names.get(int(lens.ids[-1, at, 0]), ""))
    lines.append(
        _("the last layer's “{token}”: {share}, rank {rank}").format(
            token=goal, share=percent(lens.final[layer, at]), rank=f"{lens.final_rank[layer, at]:,}"
        )
    )
    return "<br>".join(lines)
