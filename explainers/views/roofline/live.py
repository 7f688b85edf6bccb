"""One sweep at a time: run, stop and go on, how far it is, who comes first; and the parts that grow meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explainers.checkpoints.text import time_text
from explainers.language import _, ngettext
from explainers.roofline import Request, Result, RunState, runner
from explainers.views import blocks
from explainers.views.roofline.words import time_of

LOOK_SECONDS = 1.0

_VISITOR = "roof_visitor"


def known_result() -> Result | None:
    """What this visitor measured, or else the last result of this machine; None where there is none."""
    return runner().state(_visitor()).result


def draw(request: Request, row: DeltaGenerator, part: Callable[[Result | None], None]) -> None:
    """Draw the buttons into the row, and what was found; look again while something is measured, and only then."""
    runner().warm()
    live = runner().state(_visitor()).active
    st.fragment(_watched, run_every=LOOK_SECONDS if live else None)(request, row, part, live)


def linger() -> None:
    """On a part that shows no result: say how far this visitor's own sweep is, which goes on while it is asked for."""
    live = runner().state(_visitor()).phase in ("waiting", "starting", "measuring")
    if live:
        st.fragment(_followed, run_every=LOOK_SECONDS)()


def _watched(request: Request, row: DeltaGenerator, part: Callable[[Result | None], None], live: bool) -> None:
    state = runner().state(_visitor())
    if state.active != live:
        st.rerun()
    with row:
        _buttons(request, state)
    _queue(state)
    part(state.result)


def _followed() -> None:
    state = runner().state(_visitor())
    if state.phase not in ("waiting", "starting", "measuring"):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        _progress(state)


def _visitor() -> str:
    """A name for this session: the server has one sweep for all."""
    name: str = st.session_state.setdefault(_VISITOR, uuid4().hex)
    return name


def _buttons(request: Request, state: RunState) -> None:
    """Run, or stop, or go on, and beside it how far it is."""
    working = state.phase in ("waiting", "starting", "measuring")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="roof_buttons"):
        if working:
            st.button(_("Stop"), key="roof_stop", icon=":material/stop:", on_click=runner().stop, args=(_visitor(),))
        else:
            if state.phase == "stopped":
                st.button(
                    _("Go on"),
                    key="roof_resume",
                    icon=":material/resume:",
                    on_click=runner().resume,
                    args=(_visitor(),),
                )
            st.button(
                _("Run") if state.phase in ("idle", "failed") else _("Run again"),
                key="roof_run",
                type="primary",
                icon=":material/play_arrow:",
                on_click=runner().start,
                args=(_visitor(), request),
            )
        _progress(state)


def _progress(state: RunState) -> None:
    """How far this visitor's sweep is, as a bar with words or in words alone."""
    if state.phase == "measuring" and state.steps:
        st.progress(min(1.0, state.done / state.steps), text=_how_far(state))
    elif state.phase == "starting":
        st.progress(0.0, text=_("Gets ready …"))
    elif state.phase == "waiting":
        st.progress(0.0, text=_turn(state.ahead))
    elif state.phase == "stopped":
        st.markdown(_("Stopped. What was measured so far is kept."))
    elif state.phase == "done" and state.result:
        st.markdown(_("Measured in {time}.").format(time=time_text(state.result.seconds)))
    elif state.phase == "failed":
        blocks.show_problem(state.sentence)
    elif state.result:
        st.markdown(_("Shown is the last result of this machine, of {time}.").format(time=time_of(state.result)))
    else:
        st.markdown(_("Takes about half a minute. Each point appears as it is measured."))


def _queue(state: RunState) -> None:
    """Say that somebody else's sweep is on its way, and what is shown until then."""
    if not state.others:
        return
    told = _("Another visitor's sweep is being measured: {progress}.").format(progress=_how_far(state, lower=True))
    if state.phase == "waiting":
        told += " " + _("Yours comes after it, so that neither spoils the other's numbers.")
    else:
        told += " " + _("A run of yours would come after it.")
    if state.result and not state.mine:
        told += " " + _("Until then the last result is shown.")
    st.info(blocks.plain(told), icon=":material/hourglass_top:")


def _turn(ahead: int) -> str:
    if not ahead:
        return _("Your turn is next.")
    return ngettext("{n} sweep comes before yours.", "{n} sweeps come before yours.", ahead).format(n=ahead)


def _how_far(state: RunState, *, lower: bool = False) -> str:
    done = _("{done} of {steps} points").format(done=state.done, steps=state.steps)
    if state.seconds_left is None:
        return done
    left = time_text(state.seconds_left)
    return (
        _("{done}, about {time} left") if lower else _("{done}. About {time} left.")
    ).format(done=done, time=left)  # fmt: skip
