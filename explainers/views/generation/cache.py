"""The KV cache in numbers: what the next step computes, what it reuses, and what both cost."""

from __future__ import annotations

import streamlit as st

from explainers.checkpoints import Sizes
from explainers.generation import StepCost, step_costs
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.generation.scene import Scene, room_after

_AHEAD = 20  # steps in the chart at least, drawn or not: the numbers follow from sizes alone


def draw(scene: Scene) -> None:
    """The step that predicts the next token, with the cache and without, and the same over all steps."""
    from explainers.figures.generation import cost_lines

    sizes, prompt = scene.checkpoint.sizes, len(scene.continuation.prompt)
    drawn = min(len(scene.continuation.draws), scene.checkpoint.context - prompt)
    costs = step_costs(sizes, prompt, max(drawn, min(_AHEAD, room_after(scene))))
    now = costs[drawn]
    left, right = st.columns([1, 1], gap="large")
    with left:
        _table(now, sizes, new=1 if drawn else prompt)
    with right:
        saving.chart(
            cost_lines(costs, dark=blocks.is_dark()),
            "gen_cost",
            lambda: saving.csv_text(
                ("tokens", "multiply-adds with cache", "without", "bytes reused", "bytes added"),
                (
                    (each.tokens, each.with_cache.total, each.without_cache.total, each.kept, each.added)
                    for each in costs
                ),
            ),
            alt=_("Multiply-adds of each step: with the cache almost flat, without it growing with the text."),
            name="kv-cache",
            fit=True,
        )
    _say(now, drawn, scene.checkpoint.name)
    st.caption(
        _(
            "A token's keys and values depend only on itself and on the tokens before it, so they stay the same while "
            "the text grows. Queries are not kept: only the newest token asks. Counted: the matrix products, where a "
            "multiply-add is 2 FLOPs. "
            "Attention is counted over the whole square, as it is computed here. Numbers take 4 bytes (float32). This "
            "page keeps keys and values too: that is why a click is quick."
        )
    )


def _say(now: StepCost, drawn: int, name: str) -> None:
    if not drawn:
        st.markdown(
            _(
                "The first step must compute all **{n}** tokens of the text: nothing is known yet. Click *Next token*: "
                "from then on one token is computed a step."
            ).format(n=f"{now.tokens:,}")
        )
        return
    st.markdown(
        _(
            "To predict what follows {n} tokens, {name} computes **1** and reuses **{reused}**. Without the cache this "
            "step would take **{times} times** the work."
        ).format(n=f"{now.tokens:,}", name=blocks.plain(name), reused=f"{now.tokens - 1:,}", times=f"{now.saving:,.1f}")
    )


def _table(now: StepCost, sizes: Sizes, *, new: int) -> None:
    """This step's numbers; and the formula of what is kept."""
    both = (now.with_cache, now.without_cache)
    rows = [
        (_("tokens computed"), f"{new:,}", f"{now.tokens:,}"),
        (_("tokens reused"), f"{now.tokens - new:,}", "0"),
        (_("multiply-adds"), *(f"{each.total:,}" for each in both)),
        (_("of these: projections"), *(f"{each.projections:,}" for each in both)),
        (_("attention"), *(f"{each.attention:,}" for each in both)),
        (_("feed-forward"), *(f"{each.mlp:,}" for each in both)),
        (_("output matrix"), *(f"{each.output:,}" for each in both)),
        (_("FLOPs"), *(f"{each.flops:,}" for each in both)),
        (_("bytes reused"), f"{now.kept:,}", "0"),
        (_("bytes added"), f"{now.added:,}", "0"),
    ]
    blocks.text_table((_("this step"), _("with the cache"), _("without")), rows, numbers=(1, 2))
    st.caption(
        _("Kept for a token: 2 (key, value) × {layers} layers × {width} numbers × 4 bytes = {bytes} bytes.").format(
            layers=sizes.decoder_layers,
            width=f"{sizes.d_model:,}",
            bytes=f"{8 * sizes.decoder_layers * sizes.d_model:,}",
        )
    )
