"""What every page shares: the sentence, the second sentence, a model a family, the examples and the link to all of it.

The router draws the widgets and each page reads `current()`. The widgets' keys are the names of the URL's parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote_plus

import streamlit as st

from explainers.checkpoints import ASSETS, FAMILIES, Checkpoint, Family, catalogue, entries, load
from explainers.examples import Example, examples
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views import blocks, model_panel, model_picker

TEXT_LIMIT = 20_000
LINK_LIMIT = 30_000

_MENU = "examples_menu"
_BEFORE_EXAMPLE = "before_example"
_PICKED_EXAMPLE = "picked_example"


@dataclass(frozen=True)
class Choice:
    """What the reader has chosen: pair is None where there is no second sentence."""

    text: str
    pair: str | None
    checkpoints: Mapping[Family, Checkpoint]


def current() -> Choice:
    """The reader's choice in this run, cut to TEXT_LIMIT characters a sentence, and with known models only."""
    state = st.session_state
    checkpoints = {family: load(_known(family, state.get(family))) for family in FAMILIES}
    pair = str(state.get("pair") or "")[:TEXT_LIMIT]
    return Choice(str(state.get("text") or "")[:TEXT_LIMIT], pair or None, MappingProxyType(checkpoints))


def parameters() -> dict[str, str]:
    """The whole choice as URL parameters, so that a link means the same when a default changes later."""
    choice = current()
    models = {str(family): checkpoint.name for family, checkpoint in choice.checkpoints.items()}
    return {"text": choice.text, "pair": choice.pair or "", **models}


def draw() -> None:
    """Draw the controls in one row, and under it a sentence for everything in the URL that could not be followed."""
    model_picker.follow()
    notices = [*_unknown_models(), *_cut_texts()]
    with st.container(key="controls", horizontal=True, vertical_alignment="top", gap="small"):
        _sentences()
        _examples_menu()
        _undo_button()
        _model_pickers()
        _link_button()
    model_picker.draw()
    for notice in notices:
        blocks.show_notice(notice)


def _sentences() -> None:
    st.text_area(
        _("Sentence"),
        value=examples()[0].text,
        key="text",
        height="content",
        bind=_bind("text"),
        label_visibility="collapsed",
        placeholder=_("Type a sentence"),
    )
    st.text_area(
        _("Second sentence"),
        key="pair",
        height="content",
        bind=_bind("pair"),
        label_visibility="collapsed",
        placeholder=_("Second sentence"),
    )


def _bind(key: str) -> Literal["query-params"] | None:
    """Keep a text out of the URL once no server would take the address: a reload would then show an error page."""
    return "query-params" if len(quote_plus(st.session_state.get(key) or "")) <= LINK_LIMIT else None


def _examples_menu() -> None:
    menu = st.popover(_("Examples"), icon=":material/lightbulb:", key=_MENU, on_change="rerun")
    if not menu.open:
        return
    with menu:
        for index, example in enumerate(examples()):
            title, reason = st.columns([2, 5], vertical_alignment="center")
            title.button(
                example.title, key=f"example_{index}", on_click=_pick, args=(example,), width="stretch", wrap=True
            )
            text = blocks.plain(f"{example.text} / {example.pair}" if example.pair else example.text)
            reason.markdown(f"{text}  \n:small[:gray[{blocks.plain(example.why)}]]")


def _pick(example: Example) -> None:
    """Put the example in the boxes; what the reader had written before stays at hand for `_undo`."""
    put({"text": example.text, "pair": example.pair}, undo=True)
    st.session_state[_MENU] = False


def put(texts: Mapping[str, str], *, undo: bool) -> None:
    """Put texts (keys: text, pair) in the boxes, in a callback; with undo, what stood there before stays at hand."""
    state = st.session_state
    if undo and _written() != state.get(_PICKED_EXAMPLE):
        state[_BEFORE_EXAMPLE] = _written()
    again = undo or _written() == state.get(_PICKED_EXAMPLE)
    state.update(texts)
    if again:
        state[_PICKED_EXAMPLE] = _written()


def written_by_reader() -> tuple[str, ...]:
    """The sentences in the boxes that are neither empty nor from the examples."""
    known = {text for example in examples() for text in (example.text, example.pair)}
    return tuple(text for text in _written() if text.strip() and text not in known)


def own_is_kept() -> bool:
    """Whether other texts stand in the boxes for the reader's own, which Undo brings back."""
    return st.session_state.get(_BEFORE_EXAMPLE) is not None and _written() == st.session_state.get(_PICKED_EXAMPLE)


def _undo_button() -> None:
    if own_is_kept():
        st.button(_("Undo"), key="undo", icon=":material/undo:", on_click=_undo, help=_("Bring your own text back"))


def _undo() -> None:
    state = st.session_state
    state["text"], state["pair"] = state.pop(_BEFORE_EXAMPLE)
    del state[_PICKED_EXAMPLE]


def _written() -> tuple[str, str]:
    return st.session_state.get("text") or "", st.session_state.get("pair") or ""


def _model_pickers() -> None:
    with st.popover(_("Models"), icon=":material/tune:", key=model_picker.MENU, on_change="rerun"):
        for family in FAMILIES:
            name = st.selectbox(FAMILY_LABELS[family], _names(family), key=family, bind="query-params")
            if name and (sentence := model_panel.untrained(name)):
                st.caption(f":material/warning: {blocks.plain(sentence)}")
        model_picker.open_button()


def _names(family: Family) -> list[str]:
    return [name for name, its_family in catalogue().items() if its_family == family]


def _known(family: Family, name: object) -> str:
    """The name if the catalogue has it in this family, else the family's first: no path from a URL is ever opened."""
    names = _names(family)
    return name if isinstance(name, str) and name in names else names[0]


def _unknown_models() -> list[str]:
    """A sentence for each model that the URL asks for and the catalogue lacks; only before the widgets are drawn."""
    asked = {family: st.query_params.get(family) for family in FAMILIES}
    offered = {(entry.family, entry.name) for entry in entries()}
    return [
        (
            _("{name} is not on this computer yet, so {other} is shown. Models, More models downloads it.")
            if (family, name) in offered
            else _("There is no {family} model named {name}, so {other} is shown.")
        ).format(family=FAMILY_LABELS[family], name=name[:60], other=_known(family, None))
        for family, name in asked.items()
        if name and name not in _names(family)
    ]


def _cut_texts() -> list[str]:
    """Cut what is longer than TEXT_LIMIT before its widget is drawn, and say so for as long as it is that long."""
    cut = False
    for key in ("text", "pair"):
        text = st.session_state.get(key) or st.query_params.get(key) or ""
        if len(text) >= TEXT_LIMIT:
            cut = True
            st.session_state[key] = text[:TEXT_LIMIT]
    return [_("Only the first {limit} characters are used.").format(limit=f"{TEXT_LIMIT:,}")] if cut else []


@lru_cache(maxsize=1)
def _link_component() -> Callable[..., object]:
    folder = ASSETS / "components"
    return st.components.v2.component(
        "controls",
        css=(folder / "controls.css").read_text(encoding="utf-8"),
        js=(folder / "controls.js").read_text(encoding="utf-8"),
    )


def _link_button() -> None:
    """A button that copies the page's address with the whole choice in it, and the answering while the reader types."""
    _link_component()(
        key="link",
        data={
            "parameters": parameters(),
            "limit": LINK_LIMIT,
            "label": _("Copy link"),
            "copied": _("Copied"),
            "failed": _("Not copied"),
            "too_long": _("The text is too long for a link"),
        },
        width="content",
    )
