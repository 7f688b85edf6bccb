"""The text as a line of tokens that the model writes on: what stands under each depends on the part of the lesson."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explainers.generation import Draw
from explainers.language import _, ngettext
from explainers.views import blocks, cached, saving
from explainers.views.components.writing import Act, TokenMark, WrittenToken, writing
from explainers.views.generation.scene import Scene, look_at

_DEEPEST_BITS = 10.0  # a token that is more surprising than this is not drawn in a deeper colour


def text_line(scene: Scene) -> None:
    """Draw the text with its buttons; a press or a click changes the address, and with it the next run."""
    with saving.picture("gen_line", partial(_csv, scene), name="generation"):
        writing(
            [_token(scene, at) for at in range(len(scene.ids))],
            key="gen_text",
            source=repr((scene.checkpoint.name, scene.continuation.prompt, scene.settings.scheme, scene.settings.seed)),
            drawn=len(scene.continuation.draws),
            more=not scene.continuation.ended and not scene.continuation.full and scene.settings.part != "beam",
            selected=scene.at,
            slot=not scene.continuation.ended and not scene.continuation.full,
            said=_said(scene),
            on_act=_act,
        )


def _csv(scene: Scene) -> str:
    """A line a token; how it was drawn is empty for a token of the reader's."""
    header = ("place", "id", "token", "probability", "after temperature and cuts", "rank", "kept", "die")
    draws = [scene.draw_at(at) for at in range(len(scene.ids))]
    return saving.csv_text(
        header,
        (
            (at, id_, scene.name(at), *((draw.own, draw.after, draw.rank, draw.kept, draw.die) if draw else [""] * 5))
            for at, (id_, draw) in enumerate(zip(scene.ids, draws, strict=True))
        ),
    )


def _act(act: Act) -> None:
    """What a press or click means for the controls."""
    if act.do == "look":
        look_at(act.at)
        return
    look_at(None)
    st.session_state["gen_drawn"] = {"next": act.drawn + 1, "undo": max(act.drawn - 1, 0), "clear": 0}[act.do]


def _said(scene: Scene) -> str:
    if scene.settings.part == "beam":
        return _("Beam search goes on from here.")
    count = len(scene.continuation.draws)
    if scene.continuation.ended:
        return _("The model ended the text here.")
    if scene.continuation.full:
        return _("The context of {n} tokens is full.").format(n=f"{scene.checkpoint.context:,}")
    return ngettext("{n} token drawn", "{n} tokens drawn", count).format(n=count) if count else ""


def _token(scene: Scene, at: int) -> WrittenToken:
    """One token of the line, with what the part says of it."""
    label, draw = scene.name(at), scene.draw_at(at)
    hexadecimal = cached.vocabulary_kinds(scene.checkpoint.name).get(scene.ids[at]) == "byte"
    mark: TokenMark = "drawn" if draw else "prompt"
    note, tint, tip = "", 0.0, _told(draw) if draw else ""
    if scene.settings.part == "surprise" and not draw:
        bits = cached.surprise(scene.checkpoint.name, scene.continuation.prompt).bits
        note = _("{n} bits").format(n=f"{bits[at - 1]:.1f}") if at else "·"
        tip = "" if at else _("Nothing stands before the first token: it is left out.")
        tint = min(float(bits[at - 1]) / _DEEPEST_BITS, 1.0) if at else 0.0
    elif scene.settings.part == "cache":
        fresh = not scene.continuation.draws or at == len(scene.ids) - 1
        mark = "computed" if fresh else "reused"
    elif draw:
        own, after = blocks.percent(draw.own), blocks.percent(draw.after)
        note = own if draw.die is None or own == after else f"{own} → {after}"
    return WrittenToken(label, hexadecimal, mark, note, tip, tint)


def _told(draw: Draw) -> str:
    """A drawn token in one sentence."""
    return _("The model gave it {own} (rank {rank}); after temperature and cuts it had {after}.").format(
        own=blocks.percent(draw.own), rank=f"{draw.rank:,}", after=blocks.percent(draw.after)
    )
