"""One sweep at a time: run, stop and go on, how far it is, who comes first; and the parts that grow meanwhile.

What grows is drawn every second, by a fragment. The buttons are not of it: they stand in the page itself, which is
drawn again only when other buttons are offered, so that none is replaced under a press.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explainers.checkpoints.text import time_text
from explainers.language import _, ngettext
from explainers.roofline import Request, Result, RunState, runner
from explainers.views import blocks
from explainers.views.roofline.words import time_of

_Button = Literal["run", "again", "resume", "stop"]

LOOK_SECONDS = 1.0

_VISITOR = "roof_visitor"


def known_result() -> Result | None:
    """What this visitor measured, or else the last result of this machine; None where there is none."""
    return runner().state(_visitor()).result


def draw(request: Request, row: DeltaGenerator, part: Callable[[RunState], None]) -> None:
    """Draw the buttons into the row, and what was found; look again while something is measured, and only then."""
    runner().warm()
    state = runner().state(_visitor())
    with row:
        for name in _offered(state):
            _button(name, request)
    live = LOOK_SECONDS if state.active else None
    st.fragment(_watched, run_every=live)(row, part, (state.active, _offered(state)))


def linger() -> None:
    """On a part that shows no result: say how far this visitor's own sweep is, which goes on while it is asked for."""
    if not runner().state(_visitor()).working:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="roof_goes_on"):
        st.markdown(_("Your run goes on:"), width="content")
        told = st.container()
        _stop_button()
    st.fragment(_followed, run_every=LOOK_SECONDS)(told)


def _watched(row: DeltaGenerator, part: Callable[[RunState], None], drawn: tuple[bool, tuple[_Button, ...]]) -> None:
    """What changes while something is measured; drawn: whether it was, and the buttons that the page has."""
    state = runner().state(_visitor())
    if (state.active, _offered(state)) != drawn:
        st.rerun()
    with row:
        _progress(state)
    _queue(state)
    part(state)


def _followed(told: DeltaGenerator) -> None:
    state = runner().state(_visitor())
    if not state.working:
        st.rerun()
    with told:
        _progress(state)


def _visitor() -> str:
    """A name for this session: the server has one sweep for all."""
    name: str = st.session_state.setdefault(_VISITOR, uuid4().hex)
    return name


def _offered(state: RunState) -> tuple[_Button, ...]:
    """What this visitor can press now."""
    if state.working:
        return ("stop",)
    if state.phase == "stopped":
        return ("resume", "again")
    return ("run",) if state.phase in ("idle", "failed") else ("again",)


def _button(name: _Button, request: Request) -> None:
    if name == "stop":
        _stop_button()
    elif name == "resume":
        st.button(_("Go on"), key="roof_resume", icon=":material/resume:", on_click=runner().resume, args=(_visitor(),))
    else:
        st.button(
            _("Run") if name == "run" else _("Run again"),
            key="roof_run",
            type="primary",
            icon=":material/play_arrow:",
            on_click=runner().start,
            args=(_visitor(), request),
        )


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
    elif state.phase == "failed":
        blocks.show_problem(state.sentence)
    elif state.result:
        st.markdown(_of_when(state.result, own=state.phase == "done"))
    else:
        st.markdown(
            _("Takes about half a minute. Each point appears as it is measured; a second round measures it again.")
        )


def _of_when(result: Result, *, own: bool) -> str:
    """How long this visitor's own sweep took, or when another's was made; and whether it was disturbed."""
    busy = result.conditions.busy
    if own:
        told = (
            _("Measured in {time}, while **other programs were busy**: the numbers are too low.")
            if busy
            else _("Measured in {time}.")
        )
        return told.format(time=time_text(result.seconds))
    told = (
        _("Shown is the last result of this machine, of {time}: **other programs were busy** then.")
        if busy
        else _("Shown is the last result of this machine, of {time}.")
    )
    return told.format(time=time_of(result))


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
    done = _("{done} of {steps} measurements").format(done=state.done, steps=state.steps)
    if state.seconds_left is None:
        return done
    left = time_text(state.seconds_left)
    return (
        _("{done}, about {time} left") if lower else _("{done}. About {time} left.")
    ).format(done=done, time=left)  # fmt: skip
