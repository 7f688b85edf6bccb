"""Vectors as heat: a column a token and a row a part of its input, and one token's parts at full width."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Family
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, ZERO
from explainers.language import _, ngettext
from explainers.views.components.assets import register
from explainers.views.components.visible import visible_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_component = register("strips", "elements", "keys", "canvas", "pixels", "strips/heat", "strips/words")


@dataclass(frozen=True, eq=False)
class Strip:
    """One row: its name, a smaller detail, the sign before it ("+", "=", "→" or ""), and its vectors.

    values (tokens, d_model). notes: a word for each token, or none at all. after: whether it stands after the sum, in
    colours of its own.
    """

    name: str
    detail: str
    sign: str
    values: NDArray[np.floating[Any]]
    notes: Sequence[str] = ()
    after: bool = False


def embedding_strips(
    strips: Sequence[Strip],
    pieces: Sequence[str],
    *,
    key: str,
    family: Family,
    limits: tuple[float, float],
    selected: int = 0,
) -> int:
    """Draw the strips and return the index of the chosen token, `selected` until the reader chooses one of these.

    limits: the size that has the strongest colour, before and after the sum.
    """
    data, fingerprint = strip_data(strips, pieces, family=family, limits=limits, selected=selected)
    result = _component(key=key, data=data, default={"choice": None}, on_choice_change=lambda: None)
    chosen = valid_token(result.get("choice"), len(pieces), fingerprint)
    return selected if chosen is None else chosen


def valid_token(value: object, tokens: int, fingerprint: str) -> int | None:
    """What the browser sent, if it is a token of this very picture; None for anything else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    token = value.get("token")
    return token if type(token) is int and 0 <= token < tokens else None


def strip_data(
    strips: Sequence[Strip],
    pieces: Sequence[str],
    *,
    family: Family,
    limits: tuple[float, float],
    selected: int,
) -> tuple[bytes, str]:
    """What the browser draws, in one buffer, and the fingerprint of it: a header's length, the header, the numbers."""
    numbers = b"".join(strip.values.astype("<f4").tobytes() for strip in strips)
    header = {
        "tokens": len(pieces),
        "size": strips[0].values.shape[1],
        "rows": [
            {
                "name": strip.name,
                "detail": strip.detail,
                "sign": strip.sign,
                "notes": list(strip.notes),
                "scale": int(strip.after),
            }
            for strip in strips
        ],
        "pieces": [visible_text(piece) for piece in pieces],
        "limits": limits,
        "colours": {"family": FAMILY_COLOURS[family], "low": BELOW, "zero": ZERO, "high": ABOVE},
        "alternative": _alternative(strips, pieces),
        "labels": _labels(),
    }
    text = json.dumps(header)
    fingerprint = hashlib.blake2b(text.encode() + numbers, digest_size=12).hexdigest()
    head = json.dumps({**header, "fingerprint": fingerprint, "selected": selected}).encode()
    return len(head).to_bytes(4, "little") + head + numbers, fingerprint


def _alternative(strips: Sequence[Strip], pieces: Sequence[str]) -> str:
    """The picture as a sentence, for those who listen to it."""
    parts = " ".join(f"{strip.sign} {strip.name}".strip() for strip in strips)
    count = ngettext("{n} token", "{n} tokens", len(pieces)).format(n=len(pieces))
    return f"{count}: {', '.join(map(visible_text, pieces))}. {parts}."


def _labels() -> dict[str, str]:
    """Every word that the browser writes, in the reader's language."""
    return {
        "tokens": _("Token"),
        "components": _("Component"),
        "place": _("token {n} of {count}: all {size} components of each vector, and before them its length"),
        "component": _("component {n}"),
        "biggest": _("component {n}, its largest"),
        "parts": _("before:"),
        "after": _("after LayerNorm:"),
    }
