"""Other sentences, asked of what was kept: the same answers as at the looks, and nothing changed by asking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from explainers.checkpoints import Family
from explainers.fine_tuning import Answers, FineTuning, Labelled, Look, answers, before, fine_tune, modes_of, run
from explainers.fine_tuning.rows import read
from explainers.tokenization import TextError
from tests.fine_tuning.samples import SHORT, TASK, Tiny, Tuner

TEXTS = [labelled.text for labelled in TASK.test]


def _shown(said: Answers | Look) -> Any:
    """What says best which look it is: the probabilities, and the vectors of models that are trained as a whole."""
    return np.concatenate([said.probabilities, said.vectors], -1)


def numbers(found: FineTuning) -> dict[str, torch.Tensor]:
    assert found.tuned is not None
    return {name: part.clone() for name, part in found.tuned.classifier.named_parameters()}


def test_the_test_sentences_are_answered_as_at_the_looks(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    for mode in modes_of(family):
        found = tuned(family, mode)
        said = answers(tiny(family), found, TEXTS)
        assert said.steps == tuple(look.step for look in found.looks)
        assert said.probabilities.shape == (9, 7, 3)
        assert said.vectors.shape == (9, 7, tiny(family).sizes.d_model)
        last = found.looks[-1]
        assert said.probabilities[-1] == pytest.approx(last.probabilities, abs=1e-6)
        assert said.vectors[-1] == pytest.approx(last.vectors, abs=1e-6)
        assert not np.allclose(said.probabilities[0], said.probabilities[-1], rtol=0.01)
        # At the others, as far as half precision goes: a T5 of random numbers makes much of the little that is lost.
        most = 0.1 if family == "t5" else 0.01
        for at, look in enumerate(found.looks):
            assert np.abs(said.vectors[at] - look.vectors).mean() < most * np.abs(look.vectors).mean()
            assert np.abs(said.probabilities[at] - look.probabilities).max() < most
            nearest = [np.abs(_shown(said)[at] - _shown(other)).sum() for other in found.looks]
            assert np.argmin(nearest) == at


def test_asking_changes_nothing(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    found = tuned(family)
    own = numbers(found)
    one = answers(tiny(family), found, ["the dog saw a cat", "un"])
    two = answers(tiny(family), found, ["the dog saw a cat", "un"])
    assert np.array_equal(one.probabilities, two.probabilities)
    assert np.array_equal(one.vectors, two.vectors)
    assert all(torch.equal(part, own[name]) for name, part in numbers(found).items())
    body: Any = found.tuned.classifier.body if found.tuned else None
    assert body.get_input_embeddings().weight is body.get_output_embeddings().weight


def test_one_sentence_is_answered_as_among_others(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    together = answers(tiny(family), tuned(family), TEXTS)
    alone = answers(tiny(family), tuned(family), TEXTS[:1])
    assert alone.probabilities[:, 0] == pytest.approx(together.probabilities[:, 0], abs=1e-5, rel=1e-4)
    assert alone.vectors[:, 0] == pytest.approx(together.vectors[:, 0], abs=1e-4)


def test_what_cannot_be_asked(tiny: Tiny, tuned: Tuner) -> None:
    with pytest.raises(ValueError, match="not done"):
        answers(tiny("bert"), before(tiny("bert"), TASK, SHORT["all"]), TEXTS)
    own = numbers(tuned("bert"))
    with pytest.raises(TextError):
        answers(tiny("bert"), tuned("bert"), ["\ud800"])
    assert all(torch.equal(part, own[name]) for name, part in numbers(tuned("bert")).items())
    assert answers(tiny("bert"), tuned("bert"), [""]).probabilities.shape == (9, 1, 3)
    assert answers(tiny("gpt2"), tuned("gpt2"), ["", "<script>\x00مرحبا 👍🏽" * 50]).probabilities.shape == (9, 2, 3)


def test_snapshots_are_the_trained_numbers_in_half_precision(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    found = tuned(family)
    assert found.tuned is not None
    first, last = found.tuned.snapshots[0], found.tuned.snapshots[-1]
    assert found.tuned.steps == SHORT["all"].looks(TASK)
    assert {each.dtype for each in first.values()} == {np.dtype(np.float16)}
    assert {each.dtype for each in last.values()} == {np.dtype(np.float32)}
    own = {f"body.{name}": part for name, part in tiny(family).model.named_parameters()}
    for name in set(first) & set(own):
        assert np.array_equal(first[name], own[name].detach().half().numpy())
    assert all(np.array_equal(part.numpy(), last[name]) for name, part in numbers(found).items() if name in last)
    assert set(first) == set(last) == {change.name for change in found.changes}


@pytest.mark.parametrize("spare", [0, -1])
def test_the_last_alone_is_kept_where_all_would_take_too_much(
    tiny: Tiny, tuned: Tuner, family: Family, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    whole = tuned(family)
    monkeypatch.setattr(run, "MOST_SNAPSHOT_BYTES", 9 * 2 * whole.sizes.trained + spare)
    found = fine_tune(tiny(family), TASK, SHORT["all"])
    assert found.tuned is not None
    assert found.tuned.steps == ((9,) if spare else (0, 1, 2, 3, 4, 6, 7, 8, 9))
    assert len(found.looks) == 9
    said, all_said = answers(tiny(family), found, TEXTS), answers(tiny(family), whole, TEXTS)
    assert said.steps == found.tuned.steps
    assert np.array_equal(said.probabilities[-1], all_said.probabilities[-1])
    assert np.array_equal(said.vectors, all_said.vectors[-1:] if spare else all_said.vectors)


def test_more_sentences_than_one_batch(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    """A look reads 50 at a time: the order and the loss are those of all."""
    found = tuned(family)
    assert found.tuned is not None
    many = [TASK.test[at % 7] for at in range(120)]
    look = run.look_at(found.tuned.classifier, read(tiny(family), TASK, many), 5)
    last = found.looks[-1]
    assert look.step == 5
    assert look.probabilities == pytest.approx(last.probabilities[np.arange(120) % 7], rel=1e-4, abs=1e-6)
    assert look.hits == sum(int(last.answers[at % 7] == each.label) for at, each in enumerate(many))
    alone = [run.look_at(found.tuned.classifier, read(tiny(family), TASK, [each]), 5).loss for each in TASK.test]
    assert look.loss == pytest.approx(float(np.mean([alone[at % 7] for at in range(120)])), rel=1e-4)
    one = run.look_at(found.tuned.classifier, read(tiny(family), TASK, [Labelled("un", 2)]), 0)
    assert one.probabilities.shape == (1, 3)
