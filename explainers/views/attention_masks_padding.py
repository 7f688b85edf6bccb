"""Padding: a batch of two texts, what its pads change with the mask and without, and what they cost, counted."""

from __future__ import annotations

import html
from dataclasses import replace

import streamlit as st

from explainers import masks_compared
from explainers.figures.palette import FAMILY_COLOURS
from explainers.language import _
from explainers.trace import AXES, Inputs, Stack
from explainers.views import blocks, passes, waiting
from explainers.views.attention_masks import Batch, Scene
from explainers.views.components.visible import visible_text

_MOST_SHOWN = 60  # tokens of a batch's row


def draw(shown: Scene, batch: Batch) -> None:
    """The batch as it is stored, what the pads change with the mask and without, and the work, counted."""
    st.header(_("The batch"), anchor=False)
    _table(shown, batch)
    if not batch.pads:
        st.markdown(_("Both texts have {n} tokens: nothing is filled up. Make one longer.").format(n=batch.lengths[0]))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _influence(shown, batch.pads)
    with right:
        _work(shown, batch)


def _table(shown: Scene, batch: Batch) -> None:
    """Both rows of the batch: the tokens, and under each its 1 or 0 in the mask."""
    length = max(batch.lengths)
    colour = FAMILY_COLOURS[shown.setup.family].on(dark=blocks.is_dark())
    pad = shown.checkpoint.tokenizer.id_to_token(masks_compared.pad_id(shown.checkpoint)) or ""
    rows = []
    for number, ids in enumerate(batch.rows, 1):
        whole = [*((shown.drawn(id_), 1) for id_ in ids), *[(pad, 0)] * (length - len(ids))][:_MOST_SHOWN]
        title = html.escape(_("Text {n}").format(n=number))
        cells = "".join(
            f'<td class="seen{seen}" dir="auto">{html.escape(visible_text(piece))}</td>' for piece, seen in whole
        )
        marks = "".join(f'<td class="seen{seen}">{seen}</td>' for _piece, seen in whole)
        mask = html.escape(_("mask"))
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr><tr><th scope="row">{mask}</th>{marks}</tr>')
    st.html(f'<div class="batch" style="--family: {colour}"><table>{"".join(rows)}</table></div>')
    said = _what_is_filled_up(shown)
    if length > _MOST_SHOWN:
        said += " " + _("The first {n} of {all} tokens.").format(n=_MOST_SHOWN, all=length)
    if said:
        st.caption(said)


def _what_is_filled_up(shown: Scene) -> str:
    """Which of T5's two texts this is."""
    if shown.setup.family != "t5":
        return ""
    if shown.setup.kind == "decoder":
        return _(
            "What the decoder gets: the words of the gaps. The `<pad>` in front is no pad: T5 begins every text so."
        )
    return _("What the encoder gets: the texts with gaps.")


def _influence(shown: Scene, pads: int) -> None:
    """What becomes of the tokens of the text when pads follow them, with the mask and without."""
    name, kind = shown.checkpoint.name, shown.setup.kind
    asked = (name, _without_pads(shown, pads), shown.inputs, kind, replace(shown.own, pads=pads), shown.own)
    st.subheader(_("The influence is gone"), anchor=False)
    if not waiting.here(passes.pad_influence, shown.needed_bytes(), *asked):
        return
    found = passes.pad_influence(*asked)
    st.markdown(
        _(
            "The largest change in any number of the text's last vectors, compared with the text alone: **{masked}** "
            "with the mask, **{unmasked}** without. (A number there is {size} in size, on average.)"
        ).format(masked=_tiny(found.masked), unmasked=_tiny(found.unmasked), size=f"{found.size:.2g}")
    )
    st.markdown(_meaning(shown))


def _meaning(shown: Scene) -> str:
    if shown.setup.family == "gpt2":
        return _(
            "Here both are rounding alone: the pads stand at the **end**, and the causal mask hides them already. "
            "GPT-2 has no pad token of its own, so the end-of-text token is taken."
        )
    if shown.setup.kind == "decoder":
        return _(
            "Here both are rounding alone: the pads stand at the **end**, and the decoder's causal mask hides them "
            "already. What it writes there is left out of the loss."
        )
    if shown.setup.kind == "cross":
        return _(
            "With the mask it is rounding alone. The decoder's vectors are compared; the same mask hides the pads from "
            "the encoder and from cross-attention."
        )
    return _("With the mask it is rounding alone: the text is read as if no pad were there.")


def _tiny(change: float) -> str:
    """A change of a number; below a hundred thousandth it is rounding."""
    return "<0.00001" if change < 1e-5 else f"{change:.2g}"


def _work(shown: Scene, batch: Batch) -> None:
    """The multiply-adds of the whole batch, with its pads and without."""
    lengths, others = batch.lengths, tuple(map(len, batch.others))
    read, written = (others, lengths) if shown.setup.kind == "decoder" and others else (lengths, others)
    work = masks_compared.batch_work(shown.checkpoint, read, written)
    st.subheader(_("The work is not"), anchor=False)
    st.markdown(
        _(
            "Multiply-adds in all layers{where}: **{padded} million** for the padded batch, mask or no mask, and "
            "**{unpadded} million** if every text had its own length: **{wasted}** of the work is for pads."
        ).format(
            where=_(" of both stacks") if shown.setup.family == "t5" else "",
            padded=f"{work.padded / 1e6:,.1f}",
            unpadded=f"{work.unpadded / 1e6:,.1f}",
            wasted=blocks.percent(work.wasted),
        )
    )
    st.caption(
        _(
            "The mask saves no computation, though it is often told so: it adds −∞ to products that were computed, "
            "and the pads go through every matrix. What saves work: texts of like length in one batch, or kernels "
            "that take texts without pads. Counted: projections, q·k, the mix of values, feed-forward; not the "
            "output head."
        )
    )


def _without_pads(shown: Scene, pads: int) -> Inputs:
    stack: Stack = AXES[shown.setup.kind][1]
    return replace(shown.inputs, **{stack: tuple(shown.inputs.ids(stack)[:-pads])})
