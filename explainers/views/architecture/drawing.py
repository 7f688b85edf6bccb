"""The three models to scale, and the block that was clicked: its tensors, shapes and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from explainers.architecture import ledger
from explainers.checkpoints import FAMILIES, Family
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.architecture.lesson import Shown, all_shown, family_switch
from explainers.views.architecture.words import formula_text, letters_text, part_does, part_names
from explainers.views.controls import Choice

_CHART = "arch_models"


def three_models(choice: Choice) -> None:
    """The drawing, and under it one block from close by."""
    from explainers.figures.architecture import Shape, models

    shown = all_shown(choice)
    picture = st.container()  # filled last: what is chosen below is marked in it
    family, block = _close_by(shown)
    shapes = [Shape(shown[each].name, shown[each].design, block if each == family else None) for each in FAMILIES]
    with picture:
        saving.chart(
            models(shapes, part_names(), dark=blocks.is_dark()),
            _CHART,
            partial(_csv, shown),
            alt=_alt(shown),
            name="architectures",
            on_select=_clicked,
            fit=True,
        )
        st.caption(
            _(
                "A bar is as wide as the vector inside, a layer as high as any other. Grey: the vector that runs "
                "through all layers. The height of the token embeddings and of the output layer is not to scale: they "
                "have as many rows as the vocabulary."
            )
        )


def _block(model: Shown) -> str:
    """The key of the part that is looked at: the chosen one, or the first of the model that has the most to show."""
    keys = [entry.part.key for entry in ledger(model.design).entries]
    chosen = st.session_state.get("arch_block")
    usual = "encoder_attention" if "encoder_attention" in keys else "decoder_attention"
    return chosen if chosen in keys else usual


def _close_by(shown: Mapping[Family, Shown]) -> tuple[Family, str]:
    """One block of one model: its tensors, shapes and parameters; returns which."""
    st.header(_("One block from close by"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        family = family_switch()
        model = shown[family]
        counted = ledger(model.design)
        names, keys = part_names(), [entry.part.key for entry in counted.entries]
        if st.session_state.get("arch_block") not in keys:
            st.session_state["arch_block"] = _block(model)
        chosen = st.selectbox(
            _("Block"),
            keys,
            key="arch_block",
            bind="query-params",
            persist_state="session",
            format_func=lambda key: _label(key, names),
            width=380,
        )
    entry = counted.entry(chosen if chosen in keys else keys[0])
    part = entry.part
    st.markdown(part_does(part))
    rows = [
        (tensor.name, " × ".join(f"{size:,}" for size in tensor.shape), f"{tensor.count:,}") for tensor in part.tensors
    ]
    blocks.text_table((_("tensor"), _("shape"), _("parameters")), rows, numbers=(1, 2))
    if part.role != "tied":
        said = (
            _("In {layers} layers: {formula} = **{count}** parameters, {share} of {model}.")
            if part.copies > 1
            else _("{formula} = **{count}** parameters, {share} of {model}.")
        )
        st.markdown(
            said.format(
                layers=part.copies,
                formula=blocks.plain(formula_text(part.formula)),
                count=f"{entry.count:,}",
                share=blocks.percent(entry.share),
                model=blocks.plain(model.name),
            )
        )
        st.caption(letters_text([part.formula], model.design.symbols))
    return family, part.key


def _label(key: str, names: Mapping[str, str]) -> str:
    stack = {"encoder": _("encoder"), "decoder": _("decoder")}.get(key.split("_")[0])
    return f"{names[key]} ({stack})" if stack else names[key]


def _clicked() -> None:
    """Look at the block that was clicked in the drawing."""
    points = st.session_state[_CHART].selection.points
    choose(points[0].get("customdata") if points else None)


def choose(clicked: Any) -> None:
    """Look at the block (family, key) that the browser names, if there is such a one."""
    if isinstance(clicked, dict):  # streamlit may send a list with its places as keys
        clicked = list(clicked.values())
    if not isinstance(clicked, list | tuple) or len(clicked) != 2 or clicked[0] not in FAMILIES:
        return
    if clicked[1] in part_names():
        st.session_state["arch_family"], st.session_state["arch_block"] = clicked


def _alt(shown: Mapping[Family, Shown]) -> str:
    sentences = []
    for model in shown.values():
        design = model.design
        stacks = {
            "bert": _("an encoder of {up} layers"),
            "gpt2": _("a decoder of {down} layers"),
            "t5": _("an encoder of {up} and a decoder of {down} layers"),
        }[design.family].format(up=design.layers, down=design.decoder_layers)
        sentences.append(
            _("{name}: {stacks}, {width} wide, feed-forward layers {inside} wide, {count} parameters.").format(
                name=model.name,
                stacks=stacks,
                width=f"{design.d_model:,}",
                inside=f"{design.d_ff:,}",
                count=f"{ledger(design).total:,}",
            )
        )
    return " ".join(sentences)


def _csv(shown: Mapping[Family, Shown]) -> str:
    return saving.csv_text(
        ("model", "part", "stack", "layers", "tensor", "shape", "parameters a layer"),
        (
            (model.name, part.key, part.stack, part.copies, tensor.name, "x".join(map(str, tensor.shape)), tensor.count)
            for model in shown.values()
            for part in (entry.part for entry in ledger(model.design).entries)
            for tensor in part.tensors
        ),
    )
