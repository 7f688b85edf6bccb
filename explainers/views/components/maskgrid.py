"""One attention head under a mask: scores, mask and weights as matrices, and one query's row step by step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainers.checkpoints import Family
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, KEPT, ZERO
from explainers.language import _
from explainers.views.components.assets import register

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_FLIPPED = 400  # cells changed by hand; a link has to hold them
_MOST_EXACT = 128  # tokens; the scores of more travel as levels
_HIGHEST_LEVEL = 2**16 - 1

_component = register(
    "maskgrid",
    "elements",
    "keys",
    "canvas",
    "pixels",
    "mask_steps",
    "maskgrid/head",
    "maskgrid/places",
    "maskgrid/matrices",
    "maskgrid/legend",
)


@dataclass(frozen=True, eq=False)
class MaskedHead:
    """What is drawn. queries, keys: tokens as they are shown; size: d_head.

    scores (queries, keys): q·k times scale; bias: T5's, else None; weights: the model's own.
    base (queries, keys): the mask before the reader changed the cells `flipped`, True = may look.
    """

    queries: Sequence[str]
    keys: Sequence[str]
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]] | None
    weights: NDArray[np.floating[Any]]
    base: NDArray[np.bool_]
    flipped: Sequence[tuple[int, int]]
    scale: float
    size: int


@dataclass(frozen=True)
class MaskChoice:
    """What the reader chose in the picture: the query, and the cells changed by hand."""

    query: int
    flipped: tuple[tuple[int, int], ...]


def mask_grid(
    head: MaskedHead,
    *,
    key: str,
    family: Family,
    query: int,
    editable: bool,
    on_choice: Callable[[MaskChoice], None],
) -> None:
    """Draw the head; a click calls on_choice before the page runs again, unless it was made on another picture."""
    data, fingerprint = grid_data(head, family=family, query=query, editable=editable)
    shape = head.base.shape

    def chosen() -> None:
        stored = st.session_state.get(key)
        choice = valid_choice(stored.get("choice") if isinstance(stored, Mapping) else None, shape, fingerprint)
        if choice is not None:
            on_choice(choice if editable else MaskChoice(choice.query, tuple(head.flipped)))

    _component(key=key, data=data, default={"choice": None}, on_choice_change=chosen)


def valid_choice(value: object, shape: tuple[int, ...], fingerprint: str) -> MaskChoice | None:
    """What the browser sent, if it is about this very picture and within it; None for anything else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    query, flipped = value.get("query"), value.get("flipped")
    if (
        not isinstance(query, int)
        or not _within(query, shape[0])
        or not isinstance(flipped, list)
        or len(flipped) > MOST_FLIPPED
    ):
        return None
    if not all(isinstance(cell, list) and len(cell) == 2 and all(map(_within, cell, shape)) for cell in flipped):
        return None
    return MaskChoice(query, tuple(sorted({(int(row), int(column)) for row, column in flipped})))


def grid_data(head: MaskedHead, *, family: Family, query: int, editable: bool) -> tuple[bytes, str]:
    """What the browser draws, in one buffer, and the fingerprint of what its clicks are about."""
    long = max(head.base.shape) > _MOST_EXACT
    about = json.dumps([head.queries, head.keys], default=list).encode() + head.base.tobytes()
    fingerprint = hashlib.blake2b(about, digest_size=12).hexdigest()
    header = {
        "fingerprint": fingerprint,
        "queries": list(head.queries),
        "keys": None if head.keys == head.queries else list(head.keys),
        "long": long,
        "biased": head.bias is not None,
        "scale": head.scale,
        "root": head.size,
        "flipped": [list(cell) for cell in head.flipped],
        "most": MOST_FLIPPED,
        "editable": editable,
        "query": query,
        "alternative": _alternative(head),
        "colours": {
            "family": FAMILY_COLOURS[family],
            "low": BELOW,
            "zero": ZERO,
            "high": ABOVE,
            "closed": KEPT,
        },
        "labels": _labels(biased=head.bias is not None, size=head.size, scale=head.scale),
    }
    written = json.dumps(header, separators=(",", ":")).encode()
    return len(written).to_bytes(4, "little") + written + _numbers(head, long=long), fingerprint


def _numbers(head: MaskedHead, *, long: bool) -> bytes:
    """The arrays as the browser reads them; what it can work out from the others is not sent.

    T5's bias is one number for each distance of key and query. Of a long text the weights are left to the browser, and
    each score, bias included, is sent as one of the 65,536 levels between its row's lowest and highest.
    """
    import numpy as np

    bias = b"" if head.bias is None else np.concatenate([head.bias[::-1, 0], head.bias[0, 1:]]).astype("<f4").tobytes()
    if long:
        totals = head.scores if head.bias is None else head.scores + head.bias
        low, high = totals.min(axis=1, keepdims=True), totals.max(axis=1, keepdims=True)
        levels = np.rint((totals - low) / np.maximum(high - low, np.finfo(np.float32).tiny) * _HIGHEST_LEVEL)
        numbers = [low.astype("<f4"), high.astype("<f4"), levels.astype("<u2")]
    else:
        numbers = [head.scores.astype("<f4"), head.weights.astype("<f4")]
    return bias + b"".join(array.tobytes() for array in numbers) + np.packbits(head.base).tobytes()


def _within(value: object, count: int) -> bool:
    return type(value) is int and 0 <= value < count


def _alternative(head: MaskedHead) -> str:
    """The picture as a sentence, for those who listen to it."""
    closed = int(head.base.size - head.base.sum())
    return _(
        "Three matrices of {queries} queries and {keys} keys: the scores, the mask, which closes {closed} of {all} "
        "cells, and the weights."
    ).format(queries=len(head.queries), keys=len(head.keys), closed=closed, all=head.base.size)


def _labels(*, biased: bool, size: int, scale: float) -> dict[str, str]:
    """Every word that the browser writes, in the reader's language."""
    scaled = abs(scale * size**0.5 - 1) < 1e-6
    return {
        "scores": _("Scores: q·k + bias")
        if biased
        else _("Scores: q·k/√{n}").format(n=size)
        if scaled
        else _("Scores: q·k"),
        "scores_note": _("row: who looks, column: at whom"),
        "mask": _("Mask: 0 or −∞"),
        "mask_note": _("0: open, −∞: closed"),
        "weights": _("Softmax: the weights"),
        "weights_note": _("each row sums to 100 %"),
        "above": _("Score above its row's mean"),
        "below": _("below it"),
        "only_differences": _("Softmax sees only the differences within a row."),
        "is_open": _("Mask open: may look"),
        "is_closed": _("closed: may not"),
        "key": _("key"),
        "times": _("÷ √{root}") if scaled else "" if scale == 1 else _("× scale"),
        "plus_bias": _("+ bias of the distance"),
        "plus_mask": _("+ mask"),
        "raised": _("e^(score − highest)"),
        "sum": _("sum {sum}"),
        "share": _("÷ sum = weight"),
        "row": _("What “{query}” looks at, step by step."),
        "sorted": _("All {all} keys, the largest weights first; closed ones last."),
        "unsorted": _("All {all} keys in the order of the text."),
        "by_text": _("Order of the text"),
        "by_weight": _("Largest first"),
        "steps": _("The steps of the chosen query"),
        "how": _("Click a cell of the mask to open or close it. Click another matrix to choose a query."),
        "how_fixed": _("Click a row to choose a query."),
        "open": _("“{query}” looks at “{key}”: score {score}, mask 0, weight {weight}"),
        "closed": _("“{query}” may not look at “{key}”: score {score}, mask −∞, weight 0 %"),
        "last": _("A row must keep one open cell: no softmax can be taken over nothing."),
        "most": _("{most} cells can be changed by hand, no more."),
        "keyboard": _("The mask. Arrow keys move, Space opens or closes a cell, Enter chooses the query."),
        "undo": _("Undo my cells"),
    }
