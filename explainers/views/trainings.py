"""What the fine-tuning lesson computes behind the page: shared as the passes are, in a queue of its own."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from explainers import architecture, fine_tuning
from explainers.checkpoints import load
from explainers.checkpoints.design import of_checkpoint
from explainers.fine_tuning import Answers, FineTuning, Look, Settings, Task
from explainers.sharing import SharedResults, Stop
from explainers.views.passes import Pass, room_for_results


@st.cache_resource(show_spinner=False)
def _results() -> SharedResults:
    return room_for_results()


@st.cache_resource(show_spinner=False)
def _on_the_way() -> dict[tuple[str, Task, Settings], FineTuning]:
    return {}


@st.cache_resource(max_entries=64, show_spinner=False)
def _steps(name: str, task: Task, settings: Settings) -> tuple[int, ...]:
    """The FLOPs of every step and look."""
    checkpoint = load(name)
    design = of_checkpoint(checkpoint)

    @lru_cache
    def row(tokens: int, targets: int) -> int:
        return sum(architecture.layer_flops(design, targets or tokens, source=tokens))

    return tuple(
        each.passes * each.rows * row(each.tokens, each.targets)
        for each in fine_tuning.loads(checkpoint, task, settings)
    )


def _tune(stop: Stop, name: str, task: Task, settings: Settings) -> FineTuning:
    """The named checkpoint, fine-tuned; what is there so far is shown meanwhile."""
    key = (name, task, settings)

    def report(so_far: FineTuning) -> None:
        _on_the_way()[key] = so_far

    try:
        return fine_tuning.fine_tune(load(name), task, settings, stop, report)
    finally:
        _on_the_way().pop(key, None)


def _score(stop: Stop, name: str, task: Task, settings: Settings) -> Look:
    """The last look of such a fine-tuning; the model is not kept."""
    return fine_tuning.fine_tune(load(name), task, settings, stop).looks[-1]


def _begin(stop: Stop, name: str, task: Task, settings: Settings) -> FineTuning:
    """What the named checkpoint says before it is tuned."""
    if stop():
        raise fine_tuning.StoppedError
    return fine_tuning.before(load(name), task, settings)


tuned = Pass(_tune, _steps, _results)
scored = Pass(_score, _steps, _results)
untuned = Pass(_begin, lambda name, task, settings: _steps(name, task, settings)[:1], _results)


def on_the_way(name: str, task: Task, settings: Settings) -> FineTuning | None:
    """What is there of a fine-tuning that goes on now."""
    return _on_the_way().get((name, task, settings))


@st.cache_resource(max_entries=64, show_spinner=False)
def answered(name: str, task: Task, settings: Settings, text: str) -> Answers:
    """What the tuned model says to a text, at every look that was kept."""
    return fine_tuning.answers(load(name), tuned(name, task, settings), [text])
