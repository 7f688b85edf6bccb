"""The guided half of a lesson: numbered steps, one open at a time, each of which sets the page's controls.

The open step stands in the address as `step`. A link to a step gets the step's settings, but for what the link says
itself: its own values win, key by key. The two sentences count as one value, and a step that needs its own sentences
sets nothing beside others. Streamlit leaves a control out of the address that stands as usual, so those that the reader
has set back after choosing the step are listed as `usual`, and the step leaves them alone.

When the reader goes to another part of the lesson by its own switch, the guide follows (`follow`), or says that no step
is about it.

A step never writes over the reader's own sentences, unless it is about the very text that it brings; then the reader's
are a click away, and the guide says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

from explainers.language import _
from explainers.views import address, controls

Part = TypeVar("Part", bound=str)

_PARAMETER = "step"
_USUAL = "usual"
_PENDING = "guide_pending"
_FOLLOWED = "guide_followed"
_LEFT = "off"
_OPEN = "guide_open"
_BROUGHT = "guide_brought"
_TEXTS = ("text", "pair")


@dataclass(frozen=True)
class Step:
    """One step: a short title, a sentence (Markdown) on what to look at, and what it sets.

    settings: session-state keys of the page's widgets (also of the shared `text` and `pair`), each with its value.
    needs_text: whether the step makes sense with its own text only. If not, its text is a suggestion, which never takes
    the place of what the reader has written.
    """

    title: str
    sentence: str
    settings: Mapping[str, object] = field(default_factory=dict)
    needs_text: bool = False


def draw(slug: str, steps: Sequence[Step]) -> int:
    """Draw the steps and return the index of the open one; call it before the widgets that the steps set are drawn.

    -1 where the reader has left the guide for a part that no step is about.
    """
    state, opened = st.session_state, f"{slug}_step"
    state.pop(_FOLLOWED, None)
    asked = _asked(len(steps))
    cold = asked is not None and opened not in state
    current = state[opened] = 0 if asked is None else asked
    state[_OPEN] = steps[current] if asked is not None and current >= 0 else None
    if cold and current >= 0:
        _fill_in(steps, current)
    with st.container(key=f"guide_{slug}", border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for index, step in enumerate(steps):
                _button(f"{index + 1}\\. {step.title}", slug, f"{index}", steps, index, chosen=index == current)
            st.space("stretch")
            _button(_("Back"), slug, "back", steps, current - 1, icon=":material/arrow_back:")
            _button(_("Next"), slug, "next", steps, current + 1, icon=":material/arrow_forward:")
        left = _("No step of the guide is about this part. Choose a step to come back.")
        st.markdown(steps[current].sentence if current >= 0 else left)
        if current >= 0 and steps[current].needs_text and controls.own_is_kept():
            st.caption(_("This step has a text of its own. **Undo**, above, brings yours back."))
    return current


def parts(names: Mapping[Part, str], key: str, steps: Sequence[Step], *others: str) -> Part:
    """The switch between the parts of a lesson, which the guide follows; returns the part that is chosen.

    names: the parts in order, with what is written on the switch. others: as in `follow`.
    """
    options = list(names)
    chosen = st.segmented_control(
        _("Part of the lesson"),
        options,
        default=options[0],
        required=True,
        key=key,
        bind="query-params",
        persist_state="session",
        format_func=names.__getitem__,
        label_visibility="collapsed",
        on_change=follow,
        args=(steps, key, *others),
    )
    _catch_up(steps, key, *others)
    return chosen or options[0]


def follow(steps: Sequence[Step], switch: str, *others: str) -> None:
    """Open the step that is about what the reader has switched to; the callback of the switches.

    switch, others: keys of the widgets that say what is shown; of several steps with this value of switch, the one
    that agrees with most of the others is opened, and of equals the one that is open. None of its settings are set.
    """
    state = st.session_state
    about = [index for index, step in enumerate(steps) if step.settings.get(switch) == state[switch]]
    current = _asked(len(steps)) or 0

    def agreement(index: int) -> tuple[int, bool]:
        return sum(steps[index].settings.get(key) == state.get(key) for key in others), index == current

    address.keep(_PARAMETER, str(max(about, key=agreement) + 1) if about else _LEFT)
    state[_FOLLOWED] = True


def _catch_up(steps: Sequence[Step], switch: str, *others: str) -> None:
    """Draw the page again where the guide does not show what the switch says.

    That is where `follow` was called in a fragment, and on a link that names a part and no step.
    """
    state = st.session_state
    if not address.read(_PARAMETER) and steps[0].settings.get(switch) != state[switch]:
        follow(steps, switch, *others)
    if state.pop(_FOLLOWED, False):
        st.rerun()


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
        args=(to, steps),
    )


def _open(to: int, steps: Sequence[Step]) -> None:
    """Go to a step: set its controls, and keep it in the address."""
    address.keep(_PARAMETER, str(to + 1))
    settings = _allowed(steps, to)
    texts = {key: str(settings[key]) for key in _TEXTS if key in settings}
    if texts:
        own = _is_own(steps)
        controls.put(texts, undo=own)
        brought = st.session_state.setdefault(_BROUGHT, set())
        brought.update(texts.values())
    for key in settings.keys() - texts.keys():
        st.session_state[key] = settings[key]


def _allowed(steps: Sequence[Step], to: int) -> Mapping[str, object]:
    """What a step sets: its texts only where it needs them, or where the reader has written nothing of their own."""
    step = steps[to]
    if step.needs_text or not _is_own(steps):
        return step.settings
    return {key: value for key, value in step.settings.items() if key not in _TEXTS}


def _is_own(steps: Sequence[Step]) -> bool:
    """Whether a sentence in the boxes is the reader's own: no example, and brought by no step."""
    known = {step.settings.get(key) for step in steps for key in _TEXTS} | st.session_state.get(_BROUGHT, set())
    return any(text not in known for text in controls.written_by_reader())


def _asked(count: int) -> int | None:
    """The step that the address names, counted from 0, -1 for no step; None where it says nothing or nonsense."""
    if address.read(_PARAMETER) == _LEFT:
        return -1
    number = address.number(_PARAMETER, count + 1, first=1)
    return None if number is None else number - 1


def _left_open(settings: Mapping[str, object], *, needs_text: bool) -> Mapping[str, object]:
    """Of what a step sets that of which the link says nothing; nothing where the step needs texts and it has others."""
    said = {*st.query_params, *address.read(_USUAL).split(".")}
    texts = [key for key in _TEXTS if key in said]
    if needs_text and any(st.query_params.get(key) != settings.get(key, "") for key in texts):
        return {}
    return {key: value for key, value in settings.items() if key not in said and not (texts and key in _TEXTS)}


def apply_pending() -> None:
    """Set the shared controls that a link's step asked for; the router calls it before it draws them.

    From here on no step is open, until a page draws its own.
    """
    st.session_state.pop(_OPEN, None)
    for key, value in st.session_state.pop(_PENDING, {}).items():
        st.session_state[key] = value


def remember() -> None:
    """Note in the address which controls of the open step stand as usual again.

    The router calls it after the page; so does a fragment that has such controls, because it runs without the router.
    """
    state = st.session_state
    step: Step | None = state.get(_OPEN)
    settings = step.settings if step else {}
    address.keep(
        _USUAL,
        ".".join(
            key
            for key, value in settings.items()
            if key in state and state[key] != value and key not in st.query_params
        ),
    )


def _fill_in(steps: Sequence[Step], to: int) -> None:
    """Set up the step of a link, but for what the link itself says; what is drawn already is set anew."""
    settings = _left_open(_allowed(steps, to), needs_text=steps[to].needs_text)
    drawn = {key: value for key, value in settings.items() if key in st.session_state}
    for key in settings.keys() - drawn.keys():
        st.session_state[key] = settings[key]
    if drawn:
        st.session_state[_PENDING] = drawn
        st.rerun()
