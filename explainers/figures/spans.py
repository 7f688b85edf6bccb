"""The picture of what T5 could have written at one step."""

from __future__ import annotations

import plotly.graph_objects as go

from explainers.figures.labels import percent
from explainers.figures.palette import FAMILY_COLOURS, INK
from explainers.language import _
from explainers.spans import Step


def next_token_bars(step: Step, *, dark: bool) -> go.Figure:
    """The likeliest tokens of one step as bars, in percent of the whole vocabulary; the written one is solid."""
    ink, colour = INK.on(dark=dark), FAMILY_COLOURS["t5"].on(dark=dark)
    best = [*step.best]
    shares = [100 * guess.probability for guess in best]
    written = [guess.id == step.id for guess in best]
    bars = go.Bar(
        x=shares,
        y=list(range(len(best))),
        orientation="h",
        text=[percent(guess.probability) for guess in best],
        textposition="outside",
        textfont={"size": 16, "color": ink},
        cliponaxis=False,
        customdata=[[guess.piece, guess.id, percent(guess.probability, 3)] for guess in best],
        hovertemplate="%{customdata[0]} (%{customdata[1]}): %{customdata[2]}<extra></extra>",
        marker={
            "color": colour,
            "line": {"color": colour, "width": 2},
            "pattern": {"shape": ["" if own else "/" for own in written], "fillmode": "replace", "size": 7},
        },
    )
    figure = go.Figure(bars)
    figure.update_xaxes(
        title_text=_("probability over the whole vocabulary, %"),
        range=[0, max(shares, default=1) * 1.15],
        tickfont={"size": 15, "color": ink},
        title_font={"size": 16, "color": ink},
    )
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(best))),
        ticktext=[_tick(guess.piece, own=own) for guess, own in zip(best, written, strict=True)],
        ticksuffix="  ",
        tickfont={"size": 18, "color": ink},
    )
    title = _("Step: {piece}, place {rank} of the vocabulary").format(piece=_escaped(step.piece), rank=f"{step.rank:,}")
    figure.update_layout(
        showlegend=False,
        height=90 + 34 * len(best),
        margin={"l": 10, "r": 40, "t": 50, "b": 50},
        bargap=0.25,
        title={"text": title, "font": {"size": 18, "color": ink}},
    )
    return figure


def _tick(piece: str, *, own: bool) -> str:
    return f"<b>{_escaped(piece)}</b>" if own else _escaped(piece)


def _escaped(piece: str) -> str:
    """A piece that plotly shows as it is: it reads a few HTML tags in its labels."""
    return piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or "·"
