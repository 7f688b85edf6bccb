"""One sweep at a time: run, stop and go on, how far it is, who comes first; and the parts that grow meanwhile."""

from __future__ import annotations

import time
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
_FLUSH_SECONDS = 0.2

_VISITOR = "roof_visitor"


def known_result() -> Result | None:
    """What this visitor measured, or else the last result of this machine; None where there is none."""
    return runner().state(_visitor()).result


def draw(request: Request, row: DeltaGenerator, part: Callable[[RunState], None]) -> None:
    """Draw the buttons into the row, and what was found; look again while something is measured, and only then."""
    runner().warm()
    live = runner().state(_visitor()).active
    st.fragment(_watched, run_every=LOOK_SECONDS if live else None)(request, row, part, live)


def linger() -> None:
    """On a part that shows no result: say how far this visitor's own sweep is, which goes on while it is asked for."""
    if runner().state(_visitor()).working:
        st.fragment(_followed, run_every=LOOK_SECONDS)()


def _watched(request: Request, row: DeltaGenerator, part: Callable[[RunState], None], live: bool) -> None:
    state = runner().state(_visitor())
    with row:
        _buttons(request, state)
    _queue(state)
    part(state)
    if state.active != live:
        time.sleep(_FLUSH_SECONDS)  # a new run drops what has not been sent: first the answer to what was pressed
        st.rerun()


def _followed() -> None:
    state = runner().state(_visitor())
    if not state.working:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="roof_goes_on"):
        st.markdown(_("Your run goes on:"), width="content")
        _progress(state)
        _stop_button()


def _visitor() -> str:
    """A name for this session: the server has one sweep for all."""
    name: str = st.session_state.setdefault(_VISITOR, uuid4().hex)
    return name


def _buttons(request: Request, state: RunState) -> None:
    """Run, or stop, or go on, and beside it how far it is."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="roof_buttons"):
        if state.working:
            _stop_button()
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


def _stop_button() -> None:
    st.button(_("Stop"), key="roof_stop", icon=":material/stop:", on_click=runner().stop, args=(_visitor(),))


def _progress(state: RunState) -> None:
    """How far this visitor's sweep is, as a bar with words or in words alone."""
    if state.phase == "measuring" and state.steps:
        st.progress(min(1.0, state.done / state.steps), text=_how_far(state))
    elif state.phase == "waiting" and state.ahead:
        st.progress(0.0, text=_turn(state.ahead))
    elif state.working:
        st.progress(0.0, text=_("Starting: torch is loading …"))
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
    return ngettext("{n} sweep comes before yours.", "{n} sweeps come before yours.", ahead).format(n=ahead)


def _how_far(state: RunState, *, lower: bool = False) -> str:
    done = _("{done} of {steps} points").format(done=state.done, steps=state.steps)
    if state.seconds_left is None:
        return done
    left = time_text(state.seconds_left)
    return (
        _("{done}, about {time} left") if lower else _("{done}. About {time} left.")
    ).format(done=done, time=left)  # fmt: skip
