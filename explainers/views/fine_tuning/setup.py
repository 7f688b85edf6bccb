"""The controls of the fine-tuning lesson: which model learns which task, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from urllib.parse import quote_plus

import streamlit as st

from explainers import fine_tuning
from explainers.checkpoints import ASSETS, FAMILIES, Checkpoint, Family
from explainers.figures.palette import FAMILY_LABELS
from explainers.fine_tuning import Mode, Settings, Task, TaskError
from explainers.language import _
from explainers.views import address, blocks
from explainers.views.controls import LINK_LIMIT, TEXT_LIMIT, Choice

RUN = "ft_run"  # of the address: which fine-tuning was asked for

EPOCHS = 6
FEW_EPOCHS = 24  # where there are some dozens of sentences

_OWN = "own"
_RATES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 3e-3, 1e-2)
_EXAMPLE_LINES = 4  # of the example that stand in the empty box


@dataclass(frozen=True)
class Setup:
    """One fine-tuning, as the controls say it."""

    checkpoint: Checkpoint
    task: Task
    settings: Settings

    @property
    def asked(self) -> tuple[str, Task, Settings]:
        """What names it."""
        return self.checkpoint.name, self.task, self.settings

    @property
    def needs_bytes(self) -> int:
        """The memory that it takes at most."""
        return fine_tuning.training_bytes(self.checkpoint)

    @property
    def mark(self) -> str:
        """What stands for it in the address."""
        return blake2b(repr(self.asked).encode(), digest_size=4).hexdigest()

    def to(self, mode: Mode, *, examples: int | None = None, epochs: int | None = None) -> Setup:
        """The same with another mode, with the rate that is usual for it, or with fewer sentences, read more often."""
        changed = replace(
            self.settings,
            mode=mode,
            examples=examples or self.settings.examples,
            epochs=epochs or self.settings.epochs,
            rate=self.settings.rate if mode == self.settings.mode else usual_rate(self.checkpoint, mode),
        )
        return replace(self, settings=changed)


def usual_rate(checkpoint: Checkpoint, mode: Mode) -> float:
    """The rate to begin with, one of those that can be chosen."""
    wanted = fine_tuning.usual(checkpoint.family, checkpoint.sizes.parameters, mode)
    return min(_RATES, key=lambda rate: abs(rate / wanted - 1))


def mode_names() -> dict[Mode, str]:
    """What is trained, in words."""
    return {
        "all": _("all numbers"),
        "head": _("new layer only"),
        "scratch": _("from random numbers"),
    }


def setup(choice: Choice, *, with_mode: bool, task_only: bool = False) -> Setup | None:
    """Draw the controls and return what they say; None where the pasted sentences make no task, which is said.

    with_mode: whether the reader chooses what is trained. task_only: whether all that they choose is the task.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ft_row"):
        family = _family() if not task_only else "t5"  # which may be unable to write a label
        checkpoint = choice.checkpoints[family]
        name = _task_name()
        mode = _mode(checkpoint) if with_mode else "all"
        settings = _settings(checkpoint, mode) if not task_only else Settings()
    try:
        task = fine_tuning.task(name) if name != _OWN else fine_tuning.pasted(_pasted())
        fine_tuning.loads(checkpoint, task, settings)
    except TaskError as error:
        address.wait()
        st.info(blocks.plain(str(error)), icon=":material/edit:")
        return None
    return Setup(checkpoint, task, settings)


def ask(chosen: Setup, name: str = RUN) -> None:
    """Ask for this fine-tuning, now and whenever the link is opened."""
    address.keep(name, chosen.mark)


def is_asked(chosen: Setup, name: str = RUN) -> bool:
    """Whether the address asks for this fine-tuning under the name; what it says of another is taken out."""
    asked = address.read(name) == chosen.mark
    if not asked:
        address.keep(name, "")
    return asked


def _family() -> Family:
    return (
        st.segmented_control(
            _("Model"),
            FAMILIES,
            default="bert",
            required=True,
            key="ft_family",
            bind="query-params",
            persist_state="session",
            format_func=FAMILY_LABELS.__getitem__,
            label_visibility="collapsed",
        )
        or "bert"
    )


def _task_name() -> str:
    names = {
        "mood": _("Mood: good or bad?"),
        "topic": _("Topic: which of four?"),
        "order": _("Word order: right or wrong?"),
        _OWN: _("Your own"),
    }
    return st.selectbox(
        _("Task"),
        list(names),
        key="ft_task",
        bind="query-params",
        persist_state="session",
        format_func=names.__getitem__,
        label_visibility="collapsed",
        width=280,
    )


def _mode(checkpoint: Checkpoint) -> Mode:
    names, offered = mode_names(), fine_tuning.modes_of(checkpoint.family)
    if st.session_state.get("ft_mode", offered[0]) not in offered:
        del st.session_state["ft_mode"]
    return (
        st.segmented_control(
            _("What is trained"),
            offered,
            default=offered[0],
            required=True,
            key="ft_mode",
            bind="query-params",
            persist_state="session",
            format_func=names.__getitem__,
            label_visibility="collapsed",
        )
        or "all"
    )


def _settings(checkpoint: Checkpoint, mode: Mode) -> Settings:
    """How it is trained: in a popover, since the usual values do for most."""
    with st.popover(_("How"), icon=":material/tune:", key="ft_how"):
        examples = st.select_slider(
            _("Sentences to learn from"), (8, 16, 32, 64, 128, 256, 512), 128, key="ft_examples", bind="query-params"
        )
        epochs = st.slider(_("Epochs: how often each is read"), 1, 40, EPOCHS, key="ft_epochs", bind="query-params")
        rates = {"usual": usual_rate(checkpoint, mode), **{f"{rate:.0e}": rate for rate in _RATES}}
        chosen = st.selectbox(
            _("Learning rate, at its peak"),
            list(rates),
            key="ft_rate",
            bind="query-params",
            format_func=lambda name: _("usual for this model") if name == "usual" else name,
        )
        if chosen == "usual":
            st.caption(_("For this model and what is trained: {rate}.").format(rate=f"{rates[chosen]:g}"))
        batch = st.select_slider(_("Sentences a step"), (4, 8, 16, 32), 16, key="ft_batch", bind="query-params")
        seed = st.number_input(_("Seed"), 0, 999_999, 1, key="ft_seed", bind="query-params")
        st.caption(
            _(
                "AdamW; the rate rises over the first tenth of the steps, then falls to 0. No dropout. The published "
                "models are tuned at lower rates: they are larger."
            )
        )
    return Settings(mode, int(examples), int(epochs), rates[chosen], int(batch), int(seed))


def _pasted() -> str:
    """The reader's own lines."""
    short = len(quote_plus(st.session_state.get("ft_own") or "")) <= LINK_LIMIT // 3
    text = st.text_area(
        _("One sentence a line: its label, a comma (or a tab), and then the sentence"),
        key="ft_own",
        bind="query-params" if short else None,
        height=150,
        max_chars=TEXT_LIMIT,
        placeholder="\n".join([*_example().splitlines()[:_EXAMPLE_LINES], "…"]),
    )
    if not (text or "").strip():
        st.button(_("Take an example"), key="ft_example", icon=":material/add:", on_click=_take_example)
        raise TaskError(_("Paste some sentences with labels above: at least four for each of two labels."))
    return text or ""


def _example() -> str:
    """Questions and statements, without the marks that would give them away."""
    return (ASSETS / "labelled" / "own.txt").read_text(encoding="utf-8")


def _take_example() -> None:
    """Fill it in; with so few sentences each has to be read more often."""
    st.session_state["ft_own"] = _example()
    st.session_state["ft_epochs"] = FEW_EPOCHS
