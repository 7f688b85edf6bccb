"""The steps themselves: rates by hand, and AdamW driven beside ours on transformers' own classes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from explainers.checkpoints import Family
from explainers.fine_tuning import Settings, fine_tune, run
from explainers.fine_tuning.classifier import Classifier
from explainers.fine_tuning.rows import batches, read
from tests.fine_tuning import theirs
from tests.fine_tuning.samples import TASK, Tiny

TEN = Settings(examples=10, epochs=5, batch=5, rate=2e-3, seed=6)
RATES = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]  # of the peak, in TEN's ten steps
THIRTY = [1 / 3, 2 / 3, 1.0, *(left / 28 for left in range(27, 0, -1))]


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rate of every step that is made."""
    seen: list[float] = []

    class Watched(torch.optim.AdamW):
        def step(self, closure: Any = None) -> Any:
            seen.extend(group["lr"] for group in self.param_groups)
            return super().step(closure)

    monkeypatch.setattr(torch.optim, "AdamW", Watched)
    return seen


@pytest.mark.parametrize(
    ("examples", "epochs", "expected"),
    [
        (2, 1, [1.0]),
        (2, 2, [1.0, 0.5]),
        (4, 5, RATES),
        (8, 5, [0.5, 1.0, *(left / 19 for left in range(18, 0, -1))]),
        (6, 10, THIRTY),
    ],
)
def test_the_rate_rises_over_a_tenth_and_falls(
    tiny: Tiny, rates: list[float], examples: int, epochs: int, expected: list[float]
) -> None:
    fine_tune(tiny("bert"), TASK, Settings("head", examples, epochs, rate=4e-3, batch=2))
    assert rates == pytest.approx([4e-3 * share for share in expected], rel=1e-12)


@pytest.mark.parametrize("clip", [None, 1e-3, 1e3])
@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_the_new_layer_by_hand(tiny: Tiny, family: Family, clip: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Softmax regression on the vectors, its gradients as formulas: (p - y)^T v, and AdamW in double precision."""
    if clip is not None:
        monkeypatch.setattr(run, "_CLIP", clip)
    settings = Settings("head", TEN.examples, TEN.epochs, TEN.rate, TEN.batch, TEN.seed)
    found = fine_tune(tiny(family), TASK, settings)
    begun, rows = Classifier(tiny(family), 3, "head", 6), read(tiny(family), TASK, TASK.drawn(10, 6))
    assert begun.head is not None
    parameters = [part.detach().double().clone() for part in begun.head.parameters()]
    with torch.no_grad():
        vectors = begun(rows, range(10)).vectors.double()
    truth = torch.nn.functional.one_hot(torch.tensor(rows.labels), 3).double()
    adamw, losses = theirs.AdamW(parameters, decay=0.01, clip=1.0 if clip is None else clip), []
    for batch, rate in zip(batches(10, 5, 5, 6), RATES, strict=True):
        own, right = vectors[list(batch)], truth[list(batch)]
        chances = (own @ parameters[0].T + (parameters[1] if family == "bert" else 0)).softmax(-1)
        losses.append(-float((right * chances.log()).sum(-1).mean()))
        off = (chances - right) / len(batch)
        adamw.step([off.T @ own, off.sum(0)][: len(parameters)], 2e-3 * rate)
    if clip is not None:
        assert all((norm > clip) == (clip < 1) for norm in adamw.norms)
    assert found.losses == pytest.approx(losses, rel=1e-4)
    assert found.tuned is not None
    assert found.tuned.classifier.head is not None
    for ours, expected in zip(found.tuned.classifier.head.parameters(), parameters, strict=True):
        assert ours.numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-5)


def test_clipping_makes_a_difference(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = []
    for clip in (1e-3, 1e3):
        monkeypatch.setattr(run, "_CLIP", clip)
        found = fine_tune(tiny("bert"), TASK, Settings("head", 10, 5, rate=2e-3, batch=5, seed=6))
        heads.append(found.losses)
    assert heads[0][0] == heads[1][0]
    assert heads[0][-1] != pytest.approx(heads[1][-1], rel=1e-5)


def their_tuned(tiny: Tiny, family: Family) -> dict[str, torch.Tensor]:
    """The parameters of transformers' own class after TEN, driven by AdamW as its authors write it."""
    begun, rows = Classifier(tiny(family), 3, "all", 6), read(tiny(family), TASK, TASK.drawn(10, 6))
    model = theirs.t5(begun) if family == "t5" else theirs.sequence_classifier(tiny(family), begun)
    model = copy.deepcopy(model).requires_grad_(True)
    named = dict(model.named_parameters())
    adamw = theirs.AdamW(list(named.values()), decay=0.01, clip=1.0)
    for batch, rate in zip(batches(10, 5, 5, 6), RATES, strict=True):
        labels = (
            theirs.written_labels(rows, batch)
            if family == "t5"
            else torch.tensor([rows.labels[row] for row in batch])
        )  # fmt: skip
        loss = model(**theirs.padded(rows, batch), labels=labels).loss
        gradients = torch.autograd.grad(loss, list(named.values()))
        adamw.step(gradients, 2e-3 * rate)
    return {name: part.detach() for name, part in named.items()}


def test_all_numbers_move_as_transformers_own_would(tiny: Tiny, family: Family) -> None:
    expected = their_tuned(tiny, family)
    found = fine_tune(tiny(family), TASK, TEN)
    assert found.tuned is not None
    last = found.tuned.snapshots[-1]
    heads = {"classifier.": "head.", "score.": "head."}
    for name, wanted in expected.items():
        ours = next(
            (new + name.removeprefix(old) for old, new in heads.items() if name.startswith(old)), f"body.{name}"
        )
        moved = next(change.moved for change in found.changes if change.name == ours)
        if "key.bias" in name or "c_attn.bias" in name:
            continue  # the gradient of a key's bias is 0 but for rounding, of which AdamW makes whole steps
        assert float((torch.from_numpy(last[ours]) - wanted).norm()) < 0.01 * moved
    assert len(expected) == len(last)
