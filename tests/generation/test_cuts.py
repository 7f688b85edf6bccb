"""Cuts and dice: worked by hand, and against transformers' logits processors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.generation import KeyValueMemory, Scheme, cut, dice, pick
from tests.generation.theirs import cut_by_transformers, prompt_ids

DRAWS = 100_000
# Written down by hand: the logarithms of 0.4, 0.3, 0.2 and 0.1, out of order.
SHARES = np.array([0.2, 0.4, 0.1, 0.3])


@pytest.mark.parametrize(
    ("scheme", "after"),
    [
        (Scheme(), [0.4, 0.3, 0.2, 0.1]),
        (Scheme("greedy", temperature=3.0, top_k=4), [1.0]),
        (Scheme(top_k=2), [4 / 7, 3 / 7]),
        (Scheme(top_k=9), [0.4, 0.3, 0.2, 0.1]),
        (Scheme(top_p=0.7), [4 / 7, 3 / 7]),
        (Scheme(top_p=0.71), [4 / 9, 3 / 9, 2 / 9]),
        (Scheme(top_p=0.0), [1.0]),
        (Scheme(top_k=3, top_p=0.5), [4 / 7, 3 / 7]),  # of what top-k left, the first has 4/9: too little
        (Scheme(temperature=0.5), [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
        (Scheme(temperature=0.5, top_k=2), [16 / 25, 9 / 25]),
    ],
)
def test_cuts_by_hand(scheme: Scheme, after: list[float]) -> None:
    found = cut(np.log(SHARES), scheme)
    assert found.order.tolist() == [1, 3, 0, 2]
    assert found.own == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert found.after == pytest.approx(after)
    assert found.kept == len(after)
    assert found.rank(0) == 2
    assert found.share(3) == pytest.approx(after[3] if len(after) > 3 else 0.0)


def test_a_temperature_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        cut(np.log(SHARES), Scheme(temperature=0.0))


SCHEMES = st.builds(
    Scheme, st.just("sample"), st.floats(0.1, 2.0), st.sampled_from([0, 1, 2, 5, 50, 10_000]), st.floats(0.01, 1.0)
)


@settings(max_examples=60, deadline=None)
@given(scheme=SCHEMES, seed=st.integers(0, 10_000), vocab=st.integers(1, 300), spread=st.floats(0.1, 8.0))
def test_cuts_are_those_of_the_logits_processors(scheme: Scheme, seed: int, vocab: int, spread: float) -> None:
    # In double precision on both sides: a token exactly on the border of top-p is decided by rounding.
    logits = torch.randn(vocab, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * spread
    expected = cut_by_transformers(logits, scheme)
    found = cut(logits.numpy(), scheme)
    ours = np.zeros(vocab)
    ours[found.order[: found.kept]] = found.after
    assert ours == pytest.approx(expected.numpy(), abs=1e-9)


@pytest.mark.parametrize(
    "scheme",
    [Scheme(temperature=0.7), Scheme(top_k=40), Scheme(top_p=0.9), Scheme(temperature=1.4, top_k=50, top_p=0.8)],
)
def test_cuts_of_a_model_s_own_logits(mini: KeyValueMemory, scheme: Scheme) -> None:
    logits = mini.logits(mini.read(prompt_ids(mini)))
    found = cut(logits, scheme)
    expected = cut_by_transformers(torch.from_numpy(logits), scheme).numpy()
    kept = set(found.order[: found.kept].tolist())
    assert kept == set(np.flatnonzero(expected).tolist())
    assert found.after == pytest.approx(expected[found.order[: found.kept]], abs=1e-6)
    assert found.own.sum() == pytest.approx(1)
    assert found.own == pytest.approx(torch.from_numpy(logits).softmax(-1).numpy()[found.order], abs=1e-6)


@pytest.mark.parametrize(
    "scheme",
    [
        Scheme("greedy"),
        Scheme(),
        Scheme(temperature=0.5),
        Scheme(top_k=3),
        Scheme(top_p=0.75),
        Scheme(top_k=3, top_p=0.6),
    ],
)
def test_many_draws_have_the_expected_shares(scheme: Scheme) -> None:
    found = cut(np.log(SHARES), scheme)
    counts = np.bincount([pick(found, die) for die in dice(11, DRAWS)], minlength=len(SHARES))
    for rank, count in enumerate(counts):
        share = found.share(rank)
        assert abs(count / DRAWS - share) <= 4 * math.sqrt(share * (1 - share) / DRAWS)


def test_a_die_falls_on_the_row_whose_stretch_it_is_in() -> None:
    found = cut(np.log(SHARES), Scheme())
    assert [pick(found, die) for die in (0.0, 0.39, 0.41, 0.69, 0.71, 0.95, 1.0)] == [0, 0, 1, 1, 2, 3, 3]


def test_more_dice_begin_with_the_same_ones() -> None:
    assert dice(5, 9)[:4].tolist() == dice(5, 4).tolist()
    assert dice(5, 4).tolist() != dice(6, 4).tolist()
