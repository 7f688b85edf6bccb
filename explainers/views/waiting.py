"""What a visitor sees while a long forward pass runs: its memory, the time it takes, how far it is, and a stop."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

import streamlit as st

from explainers.checkpoints import CheckpointError, load, memory
from explainers.checkpoints.text import size_text, time_text
from explainers.language import _
from explainers.sharing import Progress
from explainers.trace import TraceError
from explainers.views import blocks
from explainers.views.passes import Pass

P = ParamSpec("P")
R = TypeVar("R")

LOOK_SECONDS = 0.75
BIG = 5 * 10**10  # multiply-adds, about a second's; what takes less is computed at once

_VISITOR = "waiting_visitor"


class Cost(NamedTuple):
    """What a result takes: about so many multiply-adds, and so many bytes."""

    multiply_adds: float
    bytes: int

    def times(self, factor: float) -> Cost:
        """The same for so many times the work, in the same memory."""
        return Cost(factor * self.multiply_adds, self.bytes)


def cost(name: str, tokens: int, *, kept_bytes: int = 0, logit_rows: int = 0) -> Cost:
    """What a forward pass over so many tokens takes at most: a layer's scores thrice, the logits, and what is kept."""
    sizes = load(name).sizes
    passing = 4 * (3 * sizes.heads * tokens**2 + logit_rows * sizes.vocab)
    return Cost(sizes.parameters * tokens, passing + kept_bytes)


def here(asked: Pass[P, R], takes: Cost, /, *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether the result can be asked for without a long wait.

    Where it cannot, it is computed in the background, and what stands in its place on the page says how far it is; the
    page draws itself anew once it is there.
    """
    if asked.holds(*args, **kwargs) or takes.multiply_adds < BIG:
        return True
    if (free := memory.available_bytes()) < takes.bytes:
        blocks.show_problem(
            _("This takes {needed} of memory, and {free} are free: shorten the text.").format(
                needed=size_text(takes.bytes), free=size_text(free)
            )
        )
        return False
    key = f"{asked.name}_{_digest(asked.key(*args, **kwargs))}"
    stopped = f"waiting_stopped_{key}"

    def stop() -> None:
        st.session_state[stopped] = True
        asked.leave(_visitor(), *args, **kwargs)

    def look() -> None:
        if asked.holds(*args, **kwargs):
            st.rerun()
        try:
            progress = asked.ask(_visitor(), *args, **kwargs)
        except (TraceError, CheckpointError) as error:
            blocks.show_problem(str(error))
            return
        st.progress(progress.fraction, _in_words(progress, takes.bytes))
        st.button(_("Stop"), key=f"waiting_stop_{key}", icon=":material/stop_circle:", on_click=stop)

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


def _in_words(progress: Progress, needed_bytes: int) -> str:
    """How long it takes, as measured on the steps that are over, and how much memory."""
    takes = _("It takes up to {memory} of memory.").format(memory=size_text(needed_bytes)) if needed_bytes else ""
    if not progress.began:
        return f"{takes} " + _("The model is being made ready.")
    whole, left = progress.whole_seconds, progress.seconds_left
    if whole is None or left is None:
        return f"{takes} " + _("How long it takes is measured on its first step.")
    return f"{takes} " + _("About {left} left of {whole} (step {done} of {steps}).").format(
        left=time_text(left), whole=time_text(whole), done=min(progress.done + 1, progress.steps), steps=progress.steps
    )
