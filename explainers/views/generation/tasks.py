"""Prompts as tasks: GPT-2's point, and an honest word on what a small model can do of it."""

from __future__ import annotations

import streamlit as st

from explainers.language import _
from explainers.prompts import Prompt, prompts
from explainers.views import blocks
from explainers.views.generation.scene import Scene, look_at

_DRAWN = 12


def draw(scene: Scene) -> None:
    """The prompts, each with a button that puts it into the sentence and lets the model go on, greedily."""
    st.markdown(
        _(
            "Nobody trained GPT-2 for tasks. But a text can be written so that its continuation **is** the answer: "
            "that is **zero-shot** use. Choose a prompt; it replaces your sentence, and the model goes on, greedily."
        )
    )
    for index, prompt in enumerate(prompts()):
        button, words = st.columns([1, 4], vertical_alignment="center")
        if button.button(
            prompt.title, key=f"gen_prompt_{index}", on_click=_pick, args=(prompt,), width="stretch", wrap=True
        ):
            st.rerun()
        text = blocks.plain(prompt.text).replace("\n", "  \n")
        words.markdown(f"{text}  \n:small[:gray[{blocks.plain(prompt.why)}]]")
    st.markdown(
        _(
            "**Be honest about it.** {name} has {parameters} parameters; the smallest released GPT-2 has 124 million "
            "and read far more. The built-in model goes on with stories, and fails at nearly all else: it copies the "
            "format and misses the answer. The paper's claim is that this gets better as the model grows."
        ).format(name=blocks.plain(scene.checkpoint.name), parameters=f"{scene.checkpoint.sizes.parameters:,}")
    )
    blocks.source("gpt2", "zero_shot")


def _pick(prompt: Prompt) -> None:
    """Put the prompt into the sentence and draw its continuation."""
    look_at(None)
    st.session_state.update({"text": prompt.text, "gen_part": "next", "gen_how": "greedy", "gen_drawn": _DRAWN})
