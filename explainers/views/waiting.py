"""What a visitor sees while a long forward pass runs: its memory, the time it takes, how far it is, and a stop."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import ParamSpec, TypeVar
from uuid import uuid4

import streamlit as st

from explainers.checkpoints import CheckpointError, load, memory
from explainers.checkpoints.text import size_text, time_text
from explainers.language import _
from explainers.sharing import Progress
from explainers.trace import TraceError
from explainers.views import address, blocks
from explainers.views.passes import Pass

P = ParamSpec("P")
R = TypeVar("R")

LOOK_SECONDS = 0.75
BIG = 7 * 10**10  # FLOPs, half a second's or less where nobody else computes; what takes less is computed at once

_VISITOR = "waiting_visitor"


def needed_bytes(name: str, tokens: int, *, kept_bytes: int = 0, logit_rows: int = 0) -> int:
    """What a forward pass over so many tokens takes at most: a layer's scores thrice, the logits, and what is kept."""
    sizes = load(name).sizes
    return 4 * (3 * sizes.heads * tokens**2 + logit_rows * sizes.vocab) + kept_bytes


def here(asked: Pass[P, R], needs_bytes: int, /, *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether the result can be asked for without a long wait.

    Where it cannot, it is computed in the background, and what stands in its place on the page says how far it is; the
    page draws itself anew once it is there.
    """
    return here_meanwhile(asked, needs_bytes, lambda: None, *args, **kwargs)


def here_meanwhile(
    asked: Pass[P, R], needs_bytes: int, meanwhile: Callable[[], None], /, *args: P.args, **kwargs: P.kwargs
) -> bool:
    """The same as `here`; meanwhile: draws what is there so far, again and again, under what says how far it is."""
    if asked.holds(*args, **kwargs) or asked.flops(*args, **kwargs) < BIG:
        return True
    address.wait()
    if (free := memory.available_bytes()) < needs_bytes:
        blocks.show_problem(
            _("This takes {needed} of memory, and {free} are free: shorten the text.").format(
                needed=size_text(needs_bytes), free=size_text(free)
            )
        )
        return False
    key = f"{asked.name}_{_digest(asked.key(*args, **kwargs))}"
    stopped = f"waiting_stopped_{key}"

    def stop() -> None:
        st.session_state[stopped] = True
        asked.leave(_visitor(), *args, **kwargs)

    def look() -> None:
        if st.session_state.get(stopped) or asked.holds(*args, **kwargs):
            st.rerun()  # a click on Stop draws this fragment alone, which would ask again
        try:
            progress = asked.ask(_visitor(), *args, **kwargs)
        except (TraceError, CheckpointError) as error:
            blocks.show_problem(str(error))
            return
        st.progress(progress.fraction, _in_words(progress, needs_bytes))
        st.button(_("Stop"), key=f"waiting_stop_{key}", icon=":material/stop_circle:", on_click=stop)
        meanwhile()

    if st.session_state.get(stopped):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_("Stopped. Nothing is left behind."))
            st.button(
                _("Start again"),
                key=f"waiting_start_{key}",
                icon=":material/play_circle:",
                on_click=st.session_state.pop,
                args=(stopped, None),
            )
    else:
        st.fragment(look, run_every=LOOK_SECONDS)()
    return False


def _visitor() -> str:
    """What tells this visitor from others."""
    return str(st.session_state.setdefault(_VISITOR, uuid4().hex))


def _digest(key: tuple[object, ...]) -> str:
    """What tells one result from another in the names of widgets."""
    return blake2b(repr(key).encode(), digest_size=8).hexdigest()


def _in_words(progress: Progress, needs_bytes: int) -> str:
    """How much memory it takes, and how long: as measured on the steps that are over, or as expected before."""
    said = [_("It takes up to {memory} of memory.").format(memory=size_text(needs_bytes))] if needs_bytes else []
    if progress.queued:
        said.append(_("Another computation has to end first."))
    elif not progress.began:
        said.append(_("The model is being made ready."))
    whole, left = progress.whole_seconds, progress.seconds_left
    if whole is not None and left is not None:
        said.append(_time_in_words(progress, whole, left))
    return " ".join(said)


def _time_in_words(progress: Progress, whole: float, left: float) -> str:
    if not progress.began:
        told = _("Then about {whole}").format(whole=time_text(whole))
    else:
        told = _("About {left} left of {whole} (step {done} of {steps})").format(
            left=time_text(left),
            whole=time_text(whole),
            done=min(progress.done + 1, progress.steps),
            steps=progress.steps,
        )
    if progress.measured or progress.expected is None:
        return f"{told}."
    basis = {
        "earlier": _("judged by the last long computation"),
        "trial": _("judged by one product of matrices; measured once the first step is over"),
    }[progress.expected.basis]
    return f"{told}, {basis}."
