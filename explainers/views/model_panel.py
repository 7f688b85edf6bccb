"""The part of the models' dialog that is about one model: what it costs, how far its download is, how to use it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explainers.checkpoints import (
    CheckpointError,
    Entry,
    Family,
    catalogue,
    downloads,
    exact,
    load,
    memory,
    names,
    staging,
)
from explainers.checkpoints.downloads import Progress
from explainers.checkpoints.text import count_text, size_text, time_text
from explainers.language import _
from explainers.views import blocks

LOOK_SECONDS = 1.0
OPEN = "models_dialog"  # whether the dialog is open
WANTED = "models_wanted"  # the family and name that are to be used from the next run on

_REFUSED = "models_refused"


def draw_live(part: Callable[[str, bool], None], name: str) -> None:
    """Draw a part that looks again every second while something happens, and only then.

    A page that asks again by itself sends what its widgets held before, and would undo a choice made at that moment.
    """
    live = _is_live(name)
    st.fragment(part, run_every=LOOK_SECONDS if live else None)(name, live)


def _is_live(name: str) -> bool:
    """Whether a download is at work, or an answer of the hub is awaited."""
    entry = names.entry_of(name)
    if entry.here:
        return False
    progress = downloads.progress(entry.name)
    return bool(progress and progress.running) or not exact.exact_size(entry).answered


def detail(name: str, live: bool) -> None:
    """One model: what it is for, what it costs, and what can be done with it now."""
    if _is_live(name) != live:
        st.rerun()  # it has arrived, or stopped, or somebody else has started it
    entry = names.entry_of(name)
    st.subheader(blocks.plain(name), anchor=False)
    if entry.note:
        st.markdown(blocks.plain(_(entry.note)))
    if entry.here:
        _use_part(entry)
    else:
        _download_part(entry, downloads.progress(name))
    others = [f"{other} {100 * at.fraction:.0f} %" for other, at in downloads.running() if other != name]
    if others:
        st.caption(_("Also on its way: {names}").format(names=blocks.plain(", ".join(others))))


def other(name: str, live: bool) -> None:
    """The download of a model that the catalogue lacks; its family is known once its configuration has arrived."""
    if _is_live(name) != live:
        st.rerun()
    if name in catalogue():
        st.success(_("It is on this computer: choose it above."), icon=":material/check:")
        return
    entry = downloads.permitted(name)
    progress = downloads.progress(entry.name)
    if progress and progress.running:
        _running_part(entry, progress)
        return
    size = exact.exact_size(entry)
    if progress and progress.state == "failed":
        blocks.show_problem(progress.sentence)
    elif size.sentence:
        blocks.show_problem(size.sentence)
        return
    label = _("Download {size}").format(size=size_text(size.total_bytes)) if size.answered else _("Asking the hub")
    _action(label, "models_other_download", ":material/download:", entry.name, disabled=not size.answered)


def untrained(name: str) -> str:
    """What the reader must know of the named model before predictions are believed; "" where there is nothing."""
    if names.entry_of(name).built_in:
        return ""
    try:
        heads = load(name).heads.values()
    except CheckpointError as error:
        return str(error)
    missing = [head.name for head in heads if not head.trained]
    if not missing:
        return ""
    return _("{name} has no trained {heads} head: lessons that need it will say so.").format(
        name=name, heads=_(" and no ").join(missing)
    )


def _use_part(entry: Entry) -> None:
    family = entry.family
    if family is None:
        return
    try:
        checkpoint = load(entry.name)
        sizes = checkpoint.sizes
    except CheckpointError as error:
        blocks.show_problem(str(error))
        return
    needed = 4 * sizes.parameters
    layers = f"{sizes.layers} + {sizes.decoder_layers}" if family == "t5" else str(sizes.layers or sizes.decoder_layers)
    facts = (
        _("{layers} layers, {heads} heads, {width} wide").format(
            layers=layers, heads=sizes.heads, width=f"{sizes.d_model:,}"
        ),
        _("{count} parameters, {size} in memory").format(count=count_text(sizes.parameters), size=size_text(needed)),
        _("Licence: {licence}").format(licence=checkpoint.licence or entry.licence or _("unknown")),
    )
    st.markdown("  \n".join(map(blocks.plain, facts)))
    if warning := untrained(entry.name):
        blocks.show_notice(warning)
    if st.session_state.get(family) == entry.name:
        st.success(_("In use"), icon=":material/check:")
    elif why := "" if checkpoint.loaded else memory.refusal(entry.name, needed):
        blocks.show_problem(why)
    else:
        st.button(
            _("Use it"),
            key="models_use",
            icon=":material/check:",
            on_click=_use,
            args=(family, entry.name),
        )


def _download_part(entry: Entry, progress: Progress | None) -> None:
    if progress and progress.running:
        _running_part(entry, progress)
        return
    size = exact.exact_size(entry)
    kept = staging.kept_bytes(entry)
    total = size.total_bytes or entry.download_bytes
    text = size_text(total) if size.total_bytes else _("about {size}").format(size=size_text(total))
    facts = (
        _("{count} parameters, {size} in memory").format(
            count=count_text(entry.parameters), size=size_text(4 * entry.parameters)
        ),
        _("Download: {size}").format(size=text) + ("" if size.answered else " · " + _("asking the hub")),
        _("Licence: {licence}").format(licence=entry.licence or _("unknown")),
        entry.hub,
    )
    st.markdown("  \n".join(map(blocks.plain, facts)))
    if progress and progress.state == "failed":
        blocks.show_problem(progress.sentence)
    elif size.sentence:
        blocks.show_notice(size.sentence)
    elif why := memory.refusal(entry.name, 4 * entry.parameters):
        blocks.show_problem(why)
        return
    if kept:
        st.progress(min(1.0, kept / max(total, 1)), text=_here_of(kept, total))
    label = _("Go on") if kept else _("Download {size}").format(size=text)
    icon = ":material/resume:" if kept else ":material/download:"
    _action(label, "models_download", icon, entry.name)


def _running_part(entry: Entry, progress: Progress) -> None:
    if progress.state == "asking":
        text = _("Asking the hub")
    elif progress.state == "checking":
        text = _("Checking what has arrived")
    else:
        text = _here_of(progress.done_bytes, progress.total_bytes)
        if progress.seconds_left is not None:
            text += " · " + _("{time} left").format(time=time_text(progress.seconds_left))
    st.progress(progress.fraction, text=text)
    st.button(_("Cancel"), key="models_cancel", icon=":material/close:", on_click=_cancel, args=(entry.name,))
    st.caption(_("Read on meanwhile: the download goes on when this is closed, and everybody here shares it."))


def _action(label: str, key: str, icon: str, name: str, *, disabled: bool = False) -> None:
    st.button(label, key=key, icon=icon, on_click=_start, args=(name,), disabled=disabled)
    if refused := st.session_state.pop(_REFUSED, ""):
        blocks.show_problem(refused)


def _start(name: str) -> None:
    try:
        downloads.start(name)
    except CheckpointError as error:
        st.session_state[_REFUSED] = str(error)
    st.rerun()


def _cancel(name: str) -> None:
    downloads.cancel(name)
    st.rerun()


def _use(family: Family, name: str) -> None:
    st.session_state[WANTED] = (family, name)
    st.session_state[OPEN] = False
    st.rerun()  # the whole page, not the dialog alone


def _here_of(done: float, total: float) -> str:
    return _("{done} of {total}").format(done=size_text(done), total=size_text(total))
