"""The guided steps and the controls of the masks lesson, and what a click in its picture changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import streamlit as st

from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.trace import KINDS, AttentionKind
from explainers.trace.request import layers_of
from explainers.views import address
from explainers.views.components.maskgrid import MOST_FLIPPED, MaskChoice
from explainers.views.controls import Choice
from explainers.views.guide import Step

SLUG = "attention-masks"
Preset = Literal["own", "all", "causal", "prefix", "padding"]

LONG, SHORT = "The old dog ran home and slept by the fire.", "He was tired."
_FIRST = {"am_layer": 0, "am_head": 0, "am_flips": ""}

# The masks that can be put on each kind of attention, beside its own.
_OTHERS: dict[tuple[Family, AttentionKind], tuple[Preset, ...]] = {
    ("bert", "encoder"): ("causal", "prefix", "padding"),
    ("gpt2", "decoder"): ("all", "prefix", "padding"),
    ("t5", "encoder"): ("causal", "prefix", "padding"),
    ("t5", "decoder"): ("all", "prefix", "padding"),
    ("t5", "cross"): ("padding",),
}


@dataclass(frozen=True)
class Setup:
    """What the controls say; layer and head count from 0.

    hide: whether BERT's chosen token becomes [MASK]. pads_masked: whether the padding mask is on. query: None until the
    reader has chosen one.
    """

    family: Family
    kind: AttentionKind
    preset: Preset
    prefix: int
    layer: int
    head: int
    hide: bool
    pads_masked: bool
    query: int | None
    flipped: tuple[tuple[int, int], ...]


def steps() -> list[Step]:
    """The guided lesson: everybody, no look ahead, three at once, another mask, prefix, padding."""
    return [
        Step(
            _("Everybody"),
            _(
                "A **mask** says who may look at whom. BERT reads: every token looks at every token, left and "
                "right, so its mask is open everywhere. Click a row to follow one token's numbers below."
            ),
            _FIRST | {"am_family": "bert", "am_mask": "own", "text": LONG, "pair": "", "am_query": "3"},
        ),
        Step(
            _("No look ahead"),
            _(
                "GPT-2 writes: a token may look at itself and at what stands **before** it. The **causal** mask adds "
                "−∞ to the other scores, and e^−∞ is 0: they get no weight, and the rest still sums to 100 %."
            ),
            _FIRST | {"am_family": "gpt2", "am_mask": "own", "am_query": "3"},
        ),
        Step(
            _("Three at once"),
            _(
                "T5 has three. Its **encoder** looks everywhere. Its **decoder** does not look ahead. In "
                "**cross-attention** every token of the decoder looks at the whole input. Switch between them."
            ),
            _FIRST | {"am_family": "t5", "am_kind": "cross", "am_mask": "own", "am_query": "1"},
        ),
        Step(
            _("Take it away"),
            _(
                "The same GPT-2, the same scores, no mask: now every token sees the **next** one, which it should "
                "predict. Look at the loss below, and at what it does **not** mean."
            ),
            _FIRST | {"am_family": "gpt2", "am_mask": "all", "am_query": "3"},
        ),
        Step(
            _("A prefix"),
            _(
                "A mix of both, as the T5 paper draws it: the **prefix** (a question, a text to translate) is read "
                "from both sides, the rest is written without looking ahead. This GPT-2 was not trained so."
            ),
            _FIRST | {"am_family": "gpt2", "am_mask": "prefix", "am_prefix": 4, "am_query": "2"},
        ),
        Step(
            _("Padding"),
            _(
                "Texts of a batch must have one length, so the shorter one is filled up with `[PAD]`. A mask makes "
                "sure that nobody looks at these. Switch it off and see. It saves **no** work: count."
            ),
            _FIRST
            | {
                "am_family": "bert",
                "am_mask": "padding",
                "am_pads": True,
                "text": LONG,
                "pair": SHORT,
                "am_query": "2",
            },
        ),
    ]


def setup(choice: Choice) -> Setup:
    """Draw the controls in one row and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        family = cast(
            Family, _switch("am_family", _("Model"), FAMILIES, {family: FAMILY_LABELS[family] for family in FAMILIES})
        )
        checkpoint = choice.checkpoints[family]
        kind = KINDS[family][0]
        if family == "t5":
            kind = cast(AttentionKind, _switch("am_kind", _("Attention"), KINDS["t5"], _kind_names()))
        own = _("Its own: no look ahead") if kind == "decoder" else _("Its own: everybody")
        presets = ("own", *_OTHERS[family, kind])
        preset = cast(Preset, _switch("am_mask", _("Mask"), presets, {**_preset_names(), "own": own}))
        prefix = 0
        if preset == "prefix":
            prefix = int(
                st.number_input(_("Prefix, tokens"), 1, 512, 4, key="am_prefix", bind="query-params", width=150)
            )
        hide = family == "bert" and preset != "padding"
        if hide:
            hide = st.toggle(_("Hide the chosen token"), value=True, key="am_hide", bind="query-params")
        masked = True
        if preset == "padding":
            masked = st.toggle(_("Mask the pads"), value=True, key="am_pads", bind="query-params")
        layer, head = _layer_and_head(checkpoint, kind)
        flipped = _flipped() if preset != "padding" else ()
    written = _kept("am_query", lambda text: text if _is_number(text) else "")
    query = int(written) if written else None
    return Setup(family, kind, preset, prefix, layer, head, hide, masked, query, flipped)


def keep(choice: MaskChoice) -> None:
    """What was clicked in the picture, from the next run on."""
    _write("am_query", str(choice.query))
    _write("am_flips", _in_address(choice.flipped))


def _switch(key: str, label: str, options: Sequence[str], names: Mapping[Any, str]) -> str:
    """A row of options, of which the first is chosen; a choice that is not among them any more is forgotten.

    A change of any takes back the cells that were changed by hand: they belonged to another mask.
    """
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key] = options[0]
    chosen = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        bind="query-params",
        format_func=names.__getitem__,
        label_visibility="collapsed",
        on_change=_write,
        args=("am_flips", ""),
    )
    return str(chosen or options[0])


def _kind_names() -> dict[str, str]:
    return {"encoder": _("Encoder"), "decoder": _("Decoder"), "cross": _("Cross")}


def _preset_names() -> dict[str, str]:
    return {
        "all": _("Everybody"),
        "causal": _("No look ahead"),
        "prefix": _("Prefix"),
        "padding": _("Padding"),
    }


def _layer_and_head(checkpoint: Checkpoint, kind: AttentionKind) -> tuple[int, int]:
    """Both counted from 0, as on the heads page. What the model lacks becomes the first again."""
    most = {"am_layer": layers_of(checkpoint.sizes, kind), "am_head": checkpoint.sizes.heads}
    with st.popover(_("Layer and head"), icon=":material/layers:", key="am_where"):
        layer = st.number_input(_("Layer"), 0, most["am_layer"] - 1, 0, key="am_layer", bind="query-params")
        head = st.number_input(_("Head"), 0, most["am_head"] - 1, 0, key="am_head", bind="query-params")
        st.caption(
            _(
                "Both are counted from 0. In layer 0 the scores are the same under every mask. Deeper layers read what "
                "the masked layers before them gave, so there the scores change too."
            )
        )
    return int(layer), int(head)


def _flipped() -> tuple[tuple[int, int], ...]:
    """The cells that were changed by hand (am_flips=3-1.4-2)."""
    return _cells(_kept("am_flips", lambda text: _in_address(_cells(text))))


def _cells(text: str) -> tuple[tuple[int, int], ...]:
    cells = [part.split("-") for part in text.split(".")[:MOST_FLIPPED]]
    numbers = [cell for cell in cells if len(cell) == 2 and all(map(_is_number, cell))]
    return tuple(sorted({(int(query), int(key)) for query, key in numbers}))


def _in_address(cells: Iterable[tuple[int, int]]) -> str:
    return ".".join(f"{query}-{key}" for query, key in cells)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6


def _kept(key: str, reading: Callable[[str], str]) -> str:
    """A text that is no widget's: from the session or else the address, kept in both as it is read."""
    value = reading(str(st.session_state.get(key, address.read(key))))
    _write(key, value)
    address.keep(key, value)
    return value


def _write(key: str, value: str) -> None:
    st.session_state[key] = value
