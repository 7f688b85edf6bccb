"""The guided steps of the architecture lesson, its switches, and which models are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from explainers.architecture import Published, published
from explainers.checkpoints import FAMILIES, Family
from explainers.checkpoints.design import Design, of_checkpoint, own
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views.controls import Choice
from explainers.views.guide import Step, parts

Page = Literal["drawing", "ledger", "work", "memory", "stacks", "history"]

PAGES: tuple[Page, ...] = get_args(Page)

LOADED, OWN = "loaded", "own"
_FIRST: Mapping[Family, str] = {"bert": "bert-base", "gpt2": "gpt2", "t5": "t5-base"}


@dataclass(frozen=True)
class Shown:
    """A model that is looked at: how it is called here, its shape, and what was published of it, if anything."""

    name: str
    design: Design
    known: Published | None = None


def steps() -> tuple[Step, ...]:
    """The lesson in six steps."""
    base = {f"arch_{family}": name for family, name in _FIRST.items()}
    return (
        Step(
            _("Three shapes"),
            _(
                "BERT is an **encoder**, GPT-2 a **decoder**, T5 has both. One layer is one step up; a bar is as wide "
                "as the vector inside it. Look for the widest bars: are they the attention? Click a block."
            ),
            {"arch_part": "drawing", **base},
        ),
        Step(
            _("Parameters"),
            _(
                "Guess first: where are BERT's 110 million **parameters**? Half of them are in the feed-forward "
                "layers, and a fifth is one table: the vocabulary. All attention together has a quarter."
            ),
            {"arch_part": "ledger", "arch_family": "bert", "arch_bert": "bert-base"},
        ),
        Step(
            _("Work"),
            _(
                "Parameters are not work. To look up an embedding costs **nothing**, though the table is large. The "
                "same table as output layer costs a lot: every token is scored against all of it."
            ),
            {"arch_part": "work", "arch_family": "gpt2", "arch_gpt2": "gpt2", "arch_tokens": 1024, "arch_cache": 0},
        ),
        Step(
            _("Memory"),
            _(
                "To **use** a model you hold its weights, to **train** it four times as much and more: gradients, two "
                "numbers a parameter for Adam, and activations. Make the batch larger: what grows, and what stays?"
            ),
            {"arch_part": "memory", "arch_family": "gpt2", "arch_gpt2": "gpt2-xl", "arch_tokens": 1024},
        ),
        Step(
            _("Two stacks"),
            _(
                "An encoder-decoder has twice the layers of a decoder. Does it cost twice the work? No: its encoder "
                "sees only the source, its decoder only the answer; a decoder alone must take both through all layers."
            ),
            {"arch_part": "stacks", "arch_t5": "t5-base", "arch_tokens": 512, "arch_source": 512},
        ),
        Step(
            _("Growth"),
            _(
                "From 117 million to 11 billion in sixteen months. The upright scale is logarithmic: each line is ten "
                "times the one below."
            ),
            {"arch_part": "history"},
        ),
    )


def switches() -> Page:
    """The part of the lesson that the reader has chosen."""
    names: dict[Page, str] = {
        "drawing": _("Drawing"),
        "ledger": _("Parameters"),
        "work": _("Work"),
        "memory": _("Memory"),
        "stacks": _("Two stacks"),
        "history": _("History"),
    }
    return parts(names, "arch_part", steps())


def all_shown(choice: Choice) -> dict[Family, Shown]:
    """A model of each family, as the three pickers say."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        names = {family: _picker(family) for family in FAMILIES}
    if OWN in names.values():
        _own_sizes()
    return {family: _shown(family, name, choice) for family, name in names.items()}


def one_shown(choice: Choice, family: Family | None = None) -> Shown:
    """The one model of this family, or of the one that its switch says."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        looked_at = family or family_switch()
        name = _picker(looked_at)
    if name == OWN:
        _own_sizes()
    return _shown(looked_at, name, choice)


def family_switch() -> Family:
    """The family that is looked at closely."""
    family = st.segmented_control(
        _("Family"),
        FAMILIES,
        default=FAMILIES[0],
        required=True,
        key="arch_family",
        bind="query-params",
        persist_state="session",
        format_func=FAMILY_LABELS.__getitem__,
    )
    return family or FAMILIES[0]


def slider(label: str, key: str, low: int, high: int, start: int, step: int = 1) -> int:
    """A slider over whole numbers that stays in the address; a value of another model's is brought into its range."""
    state = st.session_state
    if key in state:
        kept = min(max(int(state[key]), low), high)
        state[key] = low + (kept - low) // step * step
    if low == high:
        return low
    return st.slider(
        label, low, high, min(start, high), step=step, key=key, bind="query-params", persist_state="session"
    )


def _picker(family: Family) -> str:
    names = [name for name, model in published().items() if model.design.family == family]
    labels = {LOADED: _("loaded model"), OWN: _("my own sizes")}
    chosen = st.selectbox(
        _("{family} model").format(family=FAMILY_LABELS[family]),
        [*names, LOADED, OWN],
        index=names.index(_FIRST[family]),
        key=f"arch_{family}",
        bind="query-params",
        persist_state="session",
        format_func=lambda name: labels.get(name, name),
        width=320,
    )
    return chosen or _FIRST[family]


def _own_sizes() -> None:
    with st.container(horizontal=True, gap="large"):
        slider(_("Layers of a stack"), "arch_layers", 1, 96, 12)
        slider(_("Width (heads are 64 wide)"), "arch_width", 64, 8192, 768, 64)
        slider(_("Vocabulary"), "arch_vocab", 1000, 256_000, 32_000, 1000)
        slider(_("Context, tokens"), "arch_context", 64, 8192, 1024, 64)


def _shown(family: Family, name: str, choice: Choice) -> Shown:
    if name == LOADED:
        checkpoint = choice.checkpoints[family]
        return Shown(checkpoint.name, of_checkpoint(checkpoint))
    if name == OWN:
        state = st.session_state
        sizes = (state.get(f"arch_{key}") for key in ("layers", "width", "vocab", "context"))
        layers, width, vocab, context = (int(size or 1) for size in sizes)
        return Shown(_("my {family}").format(family=FAMILY_LABELS[family]), own(family, layers, width, vocab, context))
    known = published()[name]
    return Shown(name, known.design, known)
