"""The dialog in which a reader gets more models: what there is, how large it is, and how far a download has come."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from explainers.checkpoints import (
    FAMILIES,
    CheckpointError,
    Entry,
    Family,
    downloads,
    entries,
    load,
    memory,
    settings,
)
from explainers.checkpoints.text import count_text, size_text
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views import blocks, model_panel

MENU = "models_menu"  # the key of the popover that the button stands in

_LIST_PIXELS = 430


def follow() -> None:
    """Choose the model that was wanted in the dialog; call it before the pickers are drawn.

    Their popover opens, and must: the browser takes up the new value of a picker only where it shows it.
    """
    if wanted := st.session_state.pop(model_panel.WANTED, None):
        family, name = wanted
        st.session_state[family] = name
        st.session_state[MENU] = True


def open_button() -> None:
    """The button that opens the dialog, and the dialog where it is open."""
    st.button(_("More models"), key="more_models", icon=":material/add:", on_click=_open, width="stretch")
    st.caption(_in_memory())


def draw() -> None:
    """Draw the dialog if it is open; it stays so through whole reruns, until the reader closes it."""
    if st.session_state.get(model_panel.OPEN):
        st.dialog(_("Models"), width="large", on_dismiss=_close)(_content)()


def _content() -> None:
    family: Family = (
        st.segmented_control(
            _("Family"),
            FAMILIES,
            default=FAMILIES[0],
            required=True,
            key="models_family",
            format_func=FAMILY_LABELS.__getitem__,
            label_visibility="collapsed",
        )
        or FAMILIES[0]
    )
    offered = {entry.name: entry for entry in entries() if entry.family == family}
    left, right = st.columns([4, 5], gap="large")
    with left:
        with st.container(height=_LIST_PIXELS, border=False):
            chosen = st.radio(
                _("Model"),
                list(offered),
                key=f"models_{family}",
                format_func=blocks.plain,
                captions=[_caption(entry) for entry in offered.values()],
                label_visibility="collapsed",
            )
        if settings.any_model():
            _other()
    with right:
        if chosen:
            model_panel.draw_live(model_panel.detail, chosen)


def _caption(entry: Entry) -> str:
    """The size first: that is what decides on a slow network."""
    count = entry.parameters
    if entry.here:
        with suppress(CheckpointError):
            count = load(entry.name).sizes.parameters
    parameters = _("{count} parameters").format(count=count_text(count)) if count else ""
    if entry.here:
        where = _("built in") if entry.built_in else _("on this computer")
        return " · ".join(filter(None, (where, parameters)))
    size = _("about {size}").format(size=size_text(entry.download_bytes))
    return " · ".join(filter(None, (size, parameters)))


def _other() -> None:
    """Another model of the hub, where the person who runs the server allows it."""
    name = st.text_input(
        _("Another model of the hub"), key="models_other", placeholder="owner/name", max_chars=200
    ).strip()
    if not name:
        return
    try:
        entry = downloads.permitted(name)
    except CheckpointError as error:
        blocks.show_problem(str(error))
        return
    model_panel.draw_live(model_panel.other, entry.name)


def _open() -> None:
    st.session_state[model_panel.OPEN] = True
    st.session_state[MENU] = False


def _close() -> None:
    st.session_state[model_panel.OPEN] = False


def _in_memory() -> str:
    held = [f"{blocks.plain(model.name)} {size_text(model.resident_bytes)}" for model in memory.residents()]
    return _("In memory: {models}. At most {n}; the one that was used longest ago is released first.").format(
        models=", ".join(held) or _("none yet"), n=settings.most_models()
    )
