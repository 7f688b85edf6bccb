"""The button that measures, how far a measurement is, and the button that stops it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from explainers import roofline
from explainers.language import _
from explainers.matmul import MODES, Count, Load, MeasureError, Mode, Network, timings
from explainers.views import blocks
from explainers.views.architecture.costs import flops_text
from explainers.views.matmul.words import mode_names

LOOK_SECONDS = 0.5
_WANTED = "mm_wanted"  # the network and load that this visitor has asked to measure
_FAILED = "mm_failed"  # what was asked for and could not be measured
_VISITOR = "mm_visitor"

Asked = tuple[Network, Load]


def control(asked: Asked, counts: Mapping[Mode, Count], done: int) -> None:
    """The button that measures, or how far the measurement is and the button that stops it."""
    if st.session_state.get(_FAILED) == asked:
        blocks.show_problem(
            _("This could not be measured. Wait until nothing else is measured, or choose a smaller model.")
        )
    wanted = st.session_state.get(_WANTED)
    if wanted is not None and wanted != asked:
        _stop(wanted)  # the reader has chosen something else meanwhile
    if wanted == asked:
        st.fragment(_look, run_every=LOOK_SECONDS)(asked, done)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            _("Measure again") if done == len(MODES) else _("Measure"),
            key="mm_measure",
            type="secondary" if done == len(MODES) else "primary",
            icon=":material/timer:",
            on_click=_measure,
            args=(asked, done),
        )
        st.markdown(
            _("Inference is {inference} FLOPs a step, training {training}.").format(
                inference=flops_text(counts["inference"].flops()), training=flops_text(counts["training"].flops())
            )
        )


def _look(asked: Asked, done: int) -> None:
    """How far it is; draws the page anew whenever one more use of the network was measured."""
    network, load = asked
    left = [mode for mode in MODES if timings().found(network, load, mode) is None]
    if not left:
        st.session_state.pop(_WANTED, None)
    if len(MODES) - len(left) != done or st.session_state.get(_WANTED) != asked:
        st.rerun()  # one is done, or it was stopped
    if not timings().running and roofline.runner().state(_VISITOR).others:
        st.progress(0.0, _("The roofline of this machine is being measured. Yours is next."))
        return
    try:
        progress = timings().ask(network, load, left[0], _visitor())
    except MeasureError:
        st.session_state[_FAILED] = st.session_state.pop(_WANTED, None)
        st.rerun()
    waits = progress.done == 0 and timings().running > 1
    said = (
        _("Another measurement is at work. Yours is next.")
        if waits
        else _("{use}: the network is built and its steps are timed").format(use=mode_names()[left[0]])
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(_("Stop"), key="mm_stop", icon=":material/stop_circle:", on_click=_stop, args=(asked,))
        st.progress((done + progress.fraction) / len(MODES), said)


def _measure(asked: Asked, done: int) -> None:
    if done == len(MODES):
        timings().forget(*asked)
    st.session_state[_WANTED] = asked
    st.session_state.pop(_FAILED, None)


def _stop(asked: Asked) -> None:
    timings().leave(*asked, _visitor())
    st.session_state.pop(_WANTED, None)


def _visitor() -> str:
    """What tells this visitor from others."""
    return str(st.session_state.setdefault(_VISITOR, uuid4().hex))
