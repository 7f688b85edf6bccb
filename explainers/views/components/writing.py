"""A text as tokens that can be chosen, and the buttons by which a model writes on: next, play, undo, clear."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import streamlit as st

from explainers.figures.palette import FAMILY_COLOURS
from explainers.language import _
from explainers.views.components.assets import register

TokenMark = Literal["prompt", "drawn", "reused", "computed"]
Do = Literal["next", "undo", "clear", "look"]

_component = register("writing", "elements", "buttons", "painting")


class WrittenToken(NamedTuple):
    """One token as it is drawn: what stands in its box, and under it.

    hexadecimal: the label is bytes. tip: what is said when it is pointed at. tint: how deep its colour is, from 0 to 1.
    """

    label: str
    hexadecimal: bool = False
    mark: TokenMark = "prompt"
    note: str = ""
    tip: str = ""
    tint: float = 0.0


@dataclass(frozen=True)
class Act:
    """What the reader did, and how many tokens were drawn when they did it; at: the token looked at, else -1.

    A look at the number after the last token is one at the place where the next will stand.
    """

    do: Do
    at: int
    drawn: int


def writing(
    tokens: Sequence[WrittenToken],
    *,
    key: str,
    source: str,
    drawn: int,
    more: bool,
    selected: int,
    slot: bool,
    said: str,
    on_act: Callable[[Act], None],
) -> None:
    """Draw the tokens and the buttons; on_act is called before the next run with what the reader did.

    source: whatever the text depends on: what was done with another source on screen is dropped. drawn: how many of
    the tokens the model wrote. more: whether it can go on. selected: the token that is looked at. slot: whether a place
    for the next token is drawn. said: a short sentence beside the buttons.
    """
    fingerprint = hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def acted() -> None:
        stored = st.session_state.get(key)
        act = valid_act(stored.get("act") if isinstance(stored, Mapping) else None, fingerprint, len(tokens))
        if act is not None:
            on_act(act)

    data: dict[str, Any] = {
        "fingerprint": fingerprint,
        "colours": list(FAMILY_COLOURS["gpt2"]),
        "tokens": {
            "label": [token.label for token in tokens],
            "hex": [int(token.hexadecimal) for token in tokens],
            "mark": [token.mark for token in tokens],
            "note": [token.note for token in tokens],
            "tip": [token.tip for token in tokens],
            "tint": [round(token.tint, 3) for token in tokens],
        },
        "drawn": drawn,
        "more": more,
        "selected": selected,
        "slot": slot,
        "said": said,
        "labels": _labels(),
    }
    _component(key=key, data=data, on_act_change=acted)


def valid_act(value: object, fingerprint: str, tokens: int) -> Act | None:
    """What the browser sent, if it was done on this very text; None for anything else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    do: Any = value.get("do")
    at, drawn = value.get("at"), value.get("drawn")
    if do not in get_args(Do) or type(at) is not int or type(drawn) is not int or not 0 <= drawn <= tokens:
        return None
    if do == "look" and not 0 <= at <= tokens:
        return None
    return Act(do, at, drawn)


def _labels() -> dict[str, str]:
    """Every word that the browser writes, in the reader's language."""
    return {
        "writing": _("The text, written on by the model"),
        "text": _("The tokens so far; choose one to see what it was chosen from"),
        "next": _("Next token"),
        "play": _("Play"),
        "pause": _("Pause"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "slot": _("The next token: not yet drawn"),
    }
