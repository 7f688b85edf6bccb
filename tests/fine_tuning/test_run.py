"""A fine-tuning from its first question to its last look: what it changes, what it leaves, and how often it asks."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.fine_tuning import (
    FineTuning,
    Labelled,
    Mode,
    Settings,
    StoppedError,
    Task,
    TaskError,
    before,
    fine_tune,
    loads,
    modes_of,
    training_bytes,
)
from tests.fine_tuning.samples import SHORT, TASK, Tiny, Tuner

ODD: list[tuple[Family, Settings]] = [
    ("bert", Settings("all", examples=11, epochs=2, batch=4)),  # the last batch of an epoch has 3
    ("bert", Settings("head", examples=5, epochs=1, batch=16)),  # one step
    ("gpt2", Settings("scratch", examples=200, epochs=1, batch=3)),  # more than there are
    ("t5", Settings("all", examples=7, epochs=3, batch=2)),  # more steps than looks
]


def test_the_checkpoint_is_never_changed(tiny: Tiny, family: Family) -> None:
    model: Any = tiny(family).model
    own = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for mode in modes_of(family):
        found = fine_tune(tiny(family), TASK, replace(SHORT[mode], epochs=1, rate=1.0))
        assert max(change.moved for change in found.changes) > 0
    assert tiny(family).model is model
    assert all(torch.equal(tensor, own[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(("family", "new"), [("bert", 3 * 15 + 3), ("gpt2", 3 * 21)])
def test_the_new_layer_alone_is_trained(tiny: Tiny, tuned: Tuner, family: Family, new: int) -> None:
    found = tuned(family, "head")
    own: Any = tiny(family).model
    assert found.tuned is not None
    assert (found.sizes.new, found.sizes.trained) == (new, new)
    assert found.sizes.all == new + sum(part.numel() for part in own.parameters())
    assert {change.name for change in found.changes} == {"head.weight", "head.bias"} - (
        {"head.bias"} if family == "gpt2" else set()
    )
    assert all(change.moved > 0 for change in found.changes)
    body = found.tuned.classifier.body.state_dict()
    assert all(torch.equal(tensor, body[name]) for name, tensor in own.state_dict().items())
    parts = {f"body.{name}": part.detach() for name, part in own.named_parameters()}
    assert set(found.tuned.fixed) == set(parts)
    assert all(np.array_equal(found.tuned.fixed[name], part) for name, part in parts.items())
    vectors = [look.vectors for look in found.looks]
    assert all(np.array_equal(vectors[0], each) for each in vectors)  # what answers stays; what is asked of it moves


def test_all_numbers_but_those_of_idle_heads_are_trained(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    own: Any = tiny(family).model
    new = {"bert": 48, "gpt2": 63, "t5": 0}[family]
    idle = sum(part.numel() for name, part in own.named_parameters() if name.startswith("cls."))
    for mode in ("all", "scratch"):
        found = tuned(family, mode)
        assert found.tuned is not None
        assert found.sizes.all == new + sum(part.numel() for part in own.parameters())
        assert (found.sizes.new, found.sizes.trained) == (new, found.sizes.all - idle)
        assert sum(change.numbers for change in found.changes) == found.sizes.trained
        # A key's bias adds the same to all scores of a query: its gradient is 0, but for what rounding leaves.
        assert all(change.moved > 0 for change in found.changes if not change.name.endswith("key.bias"))
        assert all(name.startswith("body.cls.") for name in found.tuned.fixed)
        assert all(not part.requires_grad for part in found.tuned.classifier.parameters())
    assert (idle > 0) == (family == "bert")


def test_gpt2s_own_output_is_idle_where_it_is_a_matrix_of_its_own(tiny: Tiny, tmp_path: Path) -> None:
    from transformers import GPT2LMHeadModel

    config: Any = tiny("gpt2").model.config
    model = GPT2LMHeadModel(type(config).from_dict({**config.to_dict(), "tie_word_embeddings": False}))
    model.save_pretrained(tmp_path)
    tiny("gpt2").tokenizer.save(str(tmp_path / "tokenizer.json"))
    found = before(Checkpoint("untied", tmp_path), TASK, SHORT["all"])
    assert found.sizes.all - found.sizes.trained == 260 * 21


def test_what_a_finished_one_says(tuned: Tuner, family: Family) -> None:
    for mode in modes_of(family):
        found, settings = tuned(family, mode), SHORT[mode]
        assert found.done
        assert (found.checkpoint, found.family) == (f"tiny-{family}", family)
        assert (found.task, found.settings) == (TASK, settings)
        assert found.examples == TASK.drawn(11, seed=2)
        assert found.test.labels == (0, 0, 1, 1, 1, 2, 2)
        assert found.losses.shape == (9,)
        assert found.losses.dtype == np.float32
        assert tuple(look.step for look in found.looks) == settings.looks(TASK) == (0, 1, 2, 3, 4, 6, 7, 8, 9)
        for look in found.looks:
            assert look.probabilities.shape == (7, 3)
            sums = look.probabilities.sum(1)
            assert sums.max() <= 1 + 1e-6
            if family != "t5":
                assert sums == pytest.approx(np.ones(7), abs=1e-6)
                chosen = look.probabilities[np.arange(7), found.test.labels].astype(np.float64)
                assert look.loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)
            assert look.hits == (look.answers == found.test.labels).sum()
            assert look.share == look.hits / 7
            assert look.interval[0] < look.share or look.hits == 0


def test_before_is_the_first_look(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    found, first = before(tiny(family), TASK, SHORT["all"]), tuned(family).looks[0]
    assert not found.done
    assert found.changes == ()
    assert found.forgetting is None
    assert len(found.losses) == 0
    assert [look.step for look in found.looks] == [0]
    assert np.array_equal(found.looks[0].probabilities, first.probabilities)
    assert found.sizes == tuned(family).sizes


@pytest.mark.parametrize(("family", "mode"), [(family, mode) for family in FAMILIES for mode in modes_of(family)])
def test_the_same_seed_gives_the_same(tiny: Tiny, tuned: Tuner, family: Family, mode: Mode) -> None:
    once, again = tuned(family, mode), fine_tune(tiny(family), TASK, SHORT[mode])
    other = fine_tune(tiny(family), TASK, replace(SHORT[mode], seed=3, epochs=1))
    assert np.array_equal(once.losses, again.losses)
    assert once.changes == again.changes
    assert once.forgetting == again.forgetting
    assert all(
        np.array_equal(one.probabilities, two.probabilities) for one, two in zip(once.looks, again.looks, strict=True)
    )
    assert once.losses[0] != other.losses[0]


@pytest.mark.parametrize(("family", "settings"), ODD)
def test_stop_is_asked_once_for_every_load(tiny: Tiny, family: Family, settings: Settings) -> None:
    expected, asked = len(loads(tiny(family), TASK, settings)), 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == at

    at = 0
    assert fine_tune(tiny(family), TASK, settings, stop).done
    assert asked == expected == settings.steps(TASK) + len(settings.looks(TASK))
    for at in (1, 2, 3, expected):
        asked = 0
        with pytest.raises(StoppedError):
            fine_tune(tiny(family), TASK, settings, stop)
        assert asked == at


@pytest.mark.parametrize(("family", "settings"), ODD)
def test_reports_grow_step_by_step(tiny: Tiny, family: Family, settings: Settings) -> None:
    reports: list[FineTuning] = []
    done = fine_tune(tiny(family), TASK, settings, report=reports.append)
    steps = settings.steps(TASK)
    assert [len(each.losses) for each in reports] == list(range(steps + 1))
    assert not any(each.done or each.changes for each in reports)
    for each in reports:
        assert np.array_equal(each.losses, done.losses[: len(each.losses)])
        assert each.looks == done.looks[: len(each.looks)]
        assert [look.step for look in each.looks] == [at for at in settings.looks(TASK) if at <= len(each.losses)]


def test_no_work_where_it_is_stopped_at_once_or_labels_are_alike(tiny: Tiny) -> None:
    reports: list[FineTuning] = []
    with pytest.raises(StoppedError):
        fine_tune(tiny("bert"), TASK, SHORT["all"], lambda: True, reports.append)
    alike = replace(TASK, labels=("dog", "ﬁ", "fi"))
    for begin in (fine_tune, before, loads):
        with pytest.raises(TaskError):
            begin(tiny("t5"), alike, SHORT["all"])
    assert reports == []


APART = tuple(
    Labelled(text.format(word), label)
    for label, word in enumerate(("dog", "cat"))
    for text in ("the {}", "{}", "{0} and {0}", "a {} ran", "the {} saw it", "it saw the {}")
)


@pytest.mark.parametrize(("family", "mode", "rate"), [
    ("bert", "all", 1e-2), ("gpt2", "all", 1e-2), ("gpt2", "head", 3e-2), ("gpt2", "scratch", 1e-2),
])  # fmt: skip
def test_what_is_easily_told_apart_is_learned(tiny: Tiny, family: Family, mode: Mode, rate: float) -> None:
    found = fine_tune(tiny(family), Task("pets", ("dog", "cat"), APART, APART), Settings(mode, 12, 12, rate, 4))
    assert found.looks[-1].loss < math.log(2) - 0.2
    assert found.looks[-1].hits >= 10
    assert found.losses[-3:].mean() < math.log(2) - 0.2


def test_t5_learns_to_write_labels(tiny: Tiny) -> None:
    found = fine_tune(tiny("t5"), Task("pets", ("dog", "cat"), APART, APART), Settings("all", 12, 12, 3e-2, 4))
    first, last = found.looks[0], found.looks[-1]
    assert last.loss < first.loss / 4
    assert last.probabilities.sum(1).mean() > 10 * first.probabilities.sum(1).mean()


def test_a_training_holds_every_number_five_times_and_what_it_keeps(tiny: Tiny) -> None:
    assert training_bytes(tiny("bert")) == 20 * tiny("bert").sizes.parameters + 400_000_000
