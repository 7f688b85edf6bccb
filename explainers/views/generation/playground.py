"""The playground: the part to look at, the rule that picks the next token, the text, and the part itself."""

from __future__ import annotations

import streamlit as st

from explainers.checkpoints import Checkpoint
from explainers.generation import Prompt, Scheme, prompt_of
from explainers.language import _
from explainers.views import blocks, guide
from explainers.views.controls import Choice
from explainers.views.generation import cache, next_token, reading, tasks
from explainers.views.generation.scene import MOST_SEED, Part, Settings, room, scene
from explainers.views.generation.story import steps
from explainers.views.generation.text import text_line

_MOST_ROUNDS = 8  # of a beam search

_DRAWING = {
    "next": next_token.draw,
    "beam": next_token.draw_beams,
    "surprise": reading.draw_surprise,
    "lens": reading.draw_lens,
    "cache": cache.draw,
    "tasks": tasks.draw,
}


@st.fragment
def playground(choice: Choice) -> None:
    """Everything below the guide; only this runs again while tokens are drawn."""
    checkpoint = choice.checkpoints["gpt2"]
    head = checkpoint.heads["LM"]
    if not head.trained:
        blocks.show_problem(head.why)
        return
    part = _part_picker()
    prompt = prompt_of(checkpoint, choice.text)
    beside, middle = st.columns([2, 9], gap="medium")
    with beside, st.container(key="gen_settings"):
        settings = _settings(part, checkpoint, prompt)
    with middle:
        drawn = scene(checkpoint, prompt, settings)
        if prompt.left_out:
            _say_what_is_cut(checkpoint, prompt)
        if choice.text[-1:].isspace():
            _warn_of_blank()
        text_line(drawn)
        _DRAWING[part](drawn)
    guide.remember()


def _part_picker() -> Part:
    names: dict[Part, str] = {
        "next": _("Next token"),
        "beam": _("Beam search"),
        "surprise": _("Surprise"),
        "lens": _("Layer lens"),
        "cache": _("KV cache"),
        "tasks": _("Tasks"),
    }
    return guide.parts(names, "gen_part", steps(), "gen_how")


def _settings(part: Part, checkpoint: Checkpoint, prompt: Prompt) -> Settings:
    """The controls in one column; the address keeps them. A beam search draws nothing: its own stand over grey ones."""
    state, beam, most = st.session_state, part == "beam", room(checkpoint, prompt)
    beams, rounds = _beam_search(checkpoint, prompt) if beam else (0, 0)
    state["gen_drawn"] = min(_whole(state.get("gen_drawn", st.query_params.get("gen_drawn"))), most)
    names = {"sample": _("Sample"), "greedy": _("Greedy")}
    how = st.segmented_control(
        _("Rule"),
        ("sample", "greedy"),
        default="sample",
        required=True,
        key="gen_how",
        bind="query-params",
        format_func=names.__getitem__,
        disabled=beam,
    )
    greedy = how == "greedy"
    off = greedy or beam
    temperature = st.slider(
        _("Temperature"), 0.1, 2.0, 1.0, 0.1, key="gen_temperature", bind="query-params", disabled=off
    )
    top_k = st.slider(_("Top-k, 0 = off"), 0, 100, 0, key="gen_top_k", bind="query-params", disabled=off)
    top_p = st.slider(_("Top-p, 1 = off"), 0.05, 1.0, 1.0, 0.05, key="gen_top_p", bind="query-params", disabled=off)
    number = st.number_input(_("Seed of the dice"), 0, MOST_SEED, 1, key="gen_seed", bind="query-params", disabled=off)
    tokens = st.slider(_("Tokens drawn"), 0, most, key="gen_drawn", bind="query-params", disabled=beam)
    scheme = Scheme("greedy") if greedy else Scheme("sample", temperature, top_k, top_p)
    return Settings(part, scheme, int(number or 0), 0 if beam else tokens, beams, rounds)


def _beam_search(checkpoint: Checkpoint, prompt: Prompt) -> tuple[int, int]:
    """How many beginnings a beam search keeps, and how many tokens it writes: as many as the model has places for."""
    state, most = st.session_state, min(_MOST_ROUNDS, max(checkpoint.context - len(prompt.ids) + 1, 1))
    beams = st.slider(_("Beams"), 1, 5, 3, key="gen_beams", bind="query-params", persist_state="session")
    if isinstance(state.get("gen_rounds"), int):
        state["gen_rounds"] = min(state["gen_rounds"], most)
    if most == 1:
        return beams, most
    rounds = st.slider(
        _("Tokens"), 1, most, min(5, most), key="gen_rounds", bind="query-params", persist_state="session"
    )
    return beams, rounds


def _whole(value: object) -> int:
    """The number of tokens to draw that the address or the session has; 0 for nonsense."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _warn_of_blank() -> None:
    """A prompt that ends with a blank puts the model where it hardly ever stands in real text."""
    blocks.show_notice(
        _(
            "Your text ends with a blank. GPT-2's tokens bring the blank before a word with them, so after a blank of "
            "its own the model hardly ever saw a word begin, and guesses badly."
        )
    )
    if st.button(_("Take the blank away"), key="gen_strip", icon=":material/backspace:", on_click=_strip):
        st.rerun()


def _strip() -> None:
    st.session_state["text"] = str(st.session_state.get("text") or "").rstrip()


def _say_what_is_cut(checkpoint: Checkpoint, prompt: Prompt) -> None:
    said = _(
        "Your text has {all} tokens, and the context holds {context}. The model reads the last {kept} here, so that "
        "there is room to write on."
    )
    kept = len(prompt.ids)
    blocks.show_notice(
        said.format(all=f"{kept + prompt.left_out:,}", context=f"{checkpoint.context:,}", kept=f"{kept:,}")
    )
