"""An encoder-decoder beside decoders: parameters and work at equal depth, as the T5 paper compares them."""

from __future__ import annotations

import streamlit as st

from explainers.architecture import Rival, rivals
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.architecture.costs import flops_text
from explainers.views.architecture.lesson import one_shown, slider
from explainers.views.controls import Choice


def two_stacks(choice: Choice) -> None:
    """Four ways to build a model that reads a source and writes an answer."""
    from explainers.figures.ledger import rival_bars

    shown = one_shown(choice, "t5")
    with st.container(horizontal=True, gap="large"):
        source = slider(_("Tokens of the source"), "arch_source", 1, 4096, 512)
        answer = slider(_("Tokens of the answer"), "arch_tokens", 1, 4096, 512)
    found = rivals(shown.design, source, answer)
    labels = [_label(each) for each in found]
    saving.chart(
        rival_bars(found, labels, dark=blocks.is_dark()),
        "arch_rivals",
        lambda: saving.csv_text(
            ("build", "parameters", "without the token matrix", "FLOPs"),
            ((label, each.parameters, each.body, each.flops) for label, each in zip(labels, found, strict=True)),
        ),
        alt="; ".join(
            f"{label}: {each.body:,}, {flops_text(each.flops)} FLOPs" for label, each in zip(labels, found, strict=True)
        ),
        name="two-stacks",
        fit=True,
    )
    both, _half, alone, _deep = found
    st.markdown(
        _(
            "Computation is the catch. The encoder-decoder has **{parameters} times** the parameters of the decoder of "
            "the same depth, and does **{flops} times** its work. Cross-attention adds some work; a decoder alone has "
            "more scores to compute, because to it the text is longer."
        ).format(parameters=f"{both.body_against(alone):.2f}", flops=f"{both.flops_against(alone):.2f}")
    )
    blocks.source("t5", "two_stacks")
    st.caption(
        _(
            "All have the T5's widths and its token matrix. A decoder alone reads source and answer as one text. The "
            "output layer scores the answer in all of them. Whole squares of attention scores are counted."
        )
    )


def _label(each: Rival) -> str:
    if each.layers:
        return _("encoder {up} + decoder {down}").format(up=each.layers, down=each.decoder_layers)
    return _("decoder {down}").format(down=each.decoder_layers)
