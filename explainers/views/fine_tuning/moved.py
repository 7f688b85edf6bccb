"""What the fine-tuning did to the model: how far each part of each layer moved, and what it forgot."""

from __future__ import annotations

import math

import streamlit as st

from explainers import fine_tuning
from explainers.fine_tuning import Change, FineTuning, Forgetting, Place
from explainers.language import _
from explainers.views import blocks, saving, trainings, waiting
from explainers.views.fine_tuning.learning import button
from explainers.views.fine_tuning.setup import Setup, is_asked


def moved(chosen: Setup) -> None:
    """The two pictures, once the model is trained."""
    if not is_asked(chosen):
        st.markdown(_("Nothing has moved yet: the model has to be trained first."))
        button(chosen, _("Train"))
        return
    if not waiting.here(trainings.tuned, chosen.needs_bytes, *chosen.asked):
        return
    tuning = trainings.tuned(*chosen.asked)
    _sizes(tuning)
    _heat(tuning)
    if tuning.forgetting is not None:
        _forgotten(tuning, tuning.forgetting)


def _sizes(tuning: FineTuning) -> None:
    sizes = tuning.sizes
    idle = sizes.all - sizes.trained
    note = _("The other {n} are the heads of its pre-training, which nothing is asked of here.").format(n=f"{idle:,}")
    st.markdown(
        _("**{trained}** of {all} numbers were trained, {new} of them new. Together they moved by **{share}**.").format(
            trained=f"{sizes.trained:,}",
            all=f"{sizes.all:,}",
            new=f"{sizes.new:,}",
            share=blocks.percent(fine_tuning.together([each for each in tuning.changes if not _is_new(each)])),
        )
        + (f" {note}" if idle else "")
        if sizes.trained > sizes.new
        else _("Only the **{new}** new numbers were trained; the other {others} are what they were.").format(
            new=f"{sizes.new:,}", others=f"{sizes.all - sizes.new:,}"
        )
    )


def _is_new(change: Change) -> bool:
    return change.name.startswith("head.")


def _heat(tuning: FineTuning) -> None:
    """Layers as rows, parts as columns."""
    import numpy as np

    from explainers.figures.fine_tuning import moved_heat

    places: dict[Place, str] = {
        "attention": _("attention"),
        "feed-forward": _("feed-forward"),
        "norms": _("norms"),
    }
    layers = sorted(
        {(each.stack != "encoder", each.stack, each.layer) for each in tuning.changes if each.layer is not None}
    )
    rows = [(stack, layer) for _order, stack, layer in layers]
    if not rows:
        return
    shares = np.array(
        [
            [
                fine_tuning.together(
                    [each for each in tuning.changes if (each.stack, each.layer, each.place) == (stack, layer, place)]
                )
                for place in places
            ]
            for stack, layer in rows
        ]
    )
    names = [
        (_("encoder {n}") if stack == "encoder" else _("decoder {n}")).format(n=layer)
        if tuning.family == "t5"
        else _("layer {n}").format(n=layer)
        for stack, layer in rows
    ]
    outside = _outside(tuning)
    saving.chart(
        moved_heat(names, list(places.values()), shares, dark=blocks.is_dark()),
        "ft_moved",
        lambda: saving.csv_text(
            ("tensor", "numbers", "norm_before", "moved", "share"),
            ((each.name, each.numbers, each.norm, each.moved, each.share) for each in tuning.changes),
        ),
        alt=_("The largest change is {share}.").format(share=blocks.percent(float(shares.max()))) + " " + outside,
        name="fine-tuning-moved",
    )
    st.caption(
        _(
            "The length of the change over the length before, all numbers of a part taken as one vector; layers count "
            "from 0. {outside} AdamW divides every gradient by its own usual size, so that all numbers that get one "
            "move about as far at each step. Of the embeddings only tokens that were read get one."
        ).format(outside=outside)
    )


def _outside(tuning: FineTuning) -> str:
    """The parts that are in no layer."""
    found = [each for each in tuning.changes if each.layer is None and not _is_new(each)]
    names: dict[Place, str] = {"embeddings": _("Embeddings: {share}."), "output": _("After the layers: {share}.")}
    return " ".join(
        name.format(share=blocks.percent(fine_tuning.together([each for each in found if each.place == place])))
        for place, name in names.items()
        if any(each.place == place for each in found)
    )


def _forgotten(tuning: FineTuning, lost: Forgetting) -> None:
    """The loss in the model's own pre-training task, before and after."""
    st.header(_("What it forgot"), anchor=False)
    games = {
        "bert": _("guess hidden words"),
        "gpt2": _("guess the next token"),
        "t5": _("fill gaps"),
    }
    blocks.text_table(
        (_("its old game"), _("before"), _("after")),
        [
            (_("loss, nats a token"), f"{lost.before:.2f}", f"{lost.after:.2f}"),
            (_("perplexity"), f"{math.exp(lost.before):,.1f}", f"{math.exp(lost.after):,.1f}"),
        ],
        numbers=(1, 2),
    )
    st.caption(
        _(
            "{name} had to {game} in sentences that no model was trained on ({n} tokens), before and after. Training "
            "on one task alone wears away what it does not need: **catastrophic forgetting**."
        ).format(name=blocks.plain(tuning.checkpoint), game=games[tuning.family], n=lost.tokens)
        if lost.after > lost.before
        else _("{name} had to {game} in sentences that no model was trained on ({n} tokens): nothing was lost.").format(
            name=blocks.plain(tuning.checkpoint), game=games[tuning.family], n=lost.tokens
        )
    )
