"""The guided half of a lesson: numbered steps, one open at a time, each of which sets the page's controls.

The open step stands in the address as `step`. A link that names a step and none of its controls gets the step's
settings; a link that has some brings back what the reader had changed after choosing the step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from explainers.language import _

_PARAMETER = "step"
_PENDING = "guide_pending"


@dataclass(frozen=True)
class Step:
    """One step: a short title, a sentence (Markdown) on what to look at, and what it sets.

    settings: session-state keys of the page's widgets (also of the shared `text` and `pair`), each with its value.
    """

    title: str
    sentence: str
    settings: Mapping[str, object] = field(default_factory=dict)


def draw(slug: str, steps: Sequence[Step]) -> int:
    """Draw the steps and return the index of the open one; call it before the widgets that the steps set are drawn."""
    state, opened = st.session_state, f"{slug}_step"
    asked = _asked(len(steps))
    cold = asked is not None and opened not in state
    current = state[opened] = 0 if asked is None else asked
    if cold:
        _fill_in(steps[current].settings)
    with st.container(key=f"guide_{slug}", border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for index, step in enumerate(steps):
                _button(f"{index + 1}\\. {step.title}", slug, f"{index}", steps, index, chosen=index == current)
            st.space("stretch")
            _button(_("Back"), slug, "back", steps, current - 1, icon=":material/arrow_back:")
            _button(_("Next"), slug, "next", steps, current + 1, icon=":material/arrow_forward:")
        st.markdown(steps[current].sentence)
    return current


def _button(
    label: str, slug: str, name: str, steps: Sequence[Step], to: int, *, chosen: bool = False, icon: str | None = None
) -> None:
    """A button that opens the step `to`, disabled where there is none."""
    there = 0 <= to < len(steps)
    st.button(
        label,
        key=f"{slug}_step_{name}",
        type="primary" if chosen else "secondary",
        icon=icon,
        disabled=not there,
        on_click=_open,
        args=(to, steps[to].settings if there else {}),
    )


def _open(to: int, settings: Mapping[str, object]) -> None:
    """Go to a step: set its controls, and keep it in the address."""
    st.query_params[_PARAMETER] = str(to + 1)
    for key, value in settings.items():
        st.session_state[key] = value


def _asked(count: int) -> int | None:
    """The step that the address names, counted from 0; None where it names none or nonsense."""
    number = st.query_params.get(_PARAMETER, "")
    return int(number) - 1 if number in {str(index + 1) for index in range(count)} else None


def apply_pending() -> None:
    """Set the shared controls that a link's step asked for; the router calls it before it draws them."""
    for key, value in st.session_state.pop(_PENDING, {}).items():
        st.session_state[key] = value


def _fill_in(settings: Mapping[str, object]) -> None:
    """Set up the step of a link that names it and nothing of what it sets; what is drawn already is set anew."""
    if any(key in st.query_params for key in settings):
        return
    drawn = {key: value for key, value in settings.items() if key in st.session_state}
    for key in settings.keys() - drawn.keys():
        st.session_state[key] = settings[key]
    if drawn:
        st.session_state[_PENDING] = drawn
        st.rerun()
