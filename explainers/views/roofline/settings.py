"""What a sweep is asked to measure: number types, threads, device, and the model with its length and batch."""

from __future__ import annotations

import streamlit as st

from explainers.checkpoints import FAMILIES, Family
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.roofline import GPT2_SMALL, TYPES, NumberType, Request, this_machine
from explainers.roofline.requests import DEFAULT_TYPES
from explainers.views import cached
from explainers.views.controls import Choice

SENTENCE = "sentence"
_SMALL = "gpt2-small"
_LENGTHS = (SENTENCE, "16", "128", "512", "1024")
_BATCHES = (1, 2, 4, 8, 16, 32)


def request(choice: Choice, model: tuple[Design, int, int] | None = None) -> Request:
    """Everything that a sweep is asked for; model: its settings (see `model_settings`) where they stand elsewhere."""
    with st.popover(_("What is measured"), icon=":material/tune:", key="roof_settings"):
        types = _types()
        device = _device()
        threads = _threads() if device == "cpu" else 0
        shape, tokens, batch = model or model_settings(choice)
    return Request(types, threads, device, shape, tokens, batch)


def model_settings(choice: Choice) -> tuple[Design, int, int]:
    """The model, its tokens and the texts in a batch."""
    family, shape = _model(choice)
    tokens = _tokens(choice, family, shape)
    batch = st.select_slider(
        _("Texts"), _BATCHES, 1, key="roof_batch", bind="query-params", persist_state="session", width=225
    )
    return shape, tokens, int(batch)


def _types() -> tuple[NumberType, ...]:
    chosen = st.pills(
        _("Number types"),
        TYPES,
        selection_mode="multi",
        default=list(DEFAULT_TYPES),
        key="roof_types",
        bind="query-params",
        persist_state="session",
    )
    return tuple(number for number in TYPES if number in chosen) or DEFAULT_TYPES


def _device() -> str:
    """The processor, or a GPU where there is one."""
    names = {"cpu": _("processor"), "cuda": "GPU (CUDA)", "mps": "GPU (Apple)"}
    found = cached.measurable_devices()
    if len(found) == 1:
        return found[0]
    chosen = st.segmented_control(
        _("Measured on"),
        found,
        default=found[0],
        required=True,
        key="roof_device",
        bind="query-params",
        persist_state="session",
        format_func=lambda name: names.get(name, name),
    )
    return chosen or found[0]


def _threads() -> int:
    """Threads of the processor; all of them where the reader says nothing."""
    cores = this_machine().cores
    if cores == 1:
        return 1
    chosen = st.select_slider(
        _("Threads"),
        list(range(1, cores + 1)),
        cores,
        key="roof_threads",
        bind="query-params",
        persist_state="session",
    )
    return int(chosen)


def _model(choice: Choice) -> tuple[Family, Design]:
    """The family whose tokenizer counts, and the sizes of the model."""
    chosen = st.selectbox(
        _("Model"),
        [_SMALL, *FAMILIES],
        key="roof_model",
        bind="query-params",
        persist_state="session",
        format_func=lambda name: _("GPT-2 small, random") if name == _SMALL else _loaded(name),
        label_visibility="collapsed",
        width=240,
    )
    for family in FAMILIES:
        if chosen == family:
            return family, of_checkpoint(choice.checkpoints[family])
    return "gpt2", GPT2_SMALL


def _loaded(family: Family) -> str:
    return _("the loaded {family}").format(family=FAMILY_LABELS[family])


def _tokens(choice: Choice, family: Family, shape: Design) -> int:
    """The length in tokens: of the reader's own sentence, or round."""
    chosen = st.segmented_control(
        _("Tokens"),
        _LENGTHS,
        default=SENTENCE,
        required=True,
        key="roof_length",
        bind="query-params",
        persist_state="session",
        format_func=lambda length: _("my sentence") if length == SENTENCE else length,
    )
    if chosen in (None, SENTENCE):
        text, pair = choice.text.strip() and choice.text, choice.pair
        tokens = len(cached.tokenized(choice.checkpoints[family].name, text, pair).tokens) if text else 1
    else:
        tokens = int(chosen)
    return min(max(tokens, 1), shape.context or tokens)
