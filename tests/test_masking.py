"""BERT's corruption against dice thrown by hand, and against its expected shares."""

import numpy as np
import pytest

from explainers.masking import Fate, corrupt


class Dice:
    """Stands in for numpy's generator with throws that are known."""

    def __init__(self, *throws: list[float], drawn: list[int]) -> None:
        self._throws = [np.array(throw) for throw in throws]
        self._drawn = np.array(drawn)

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        throw = self._throws.pop(0)
        assert throw.shape == shape
        return throw

    def choice(self, replacements: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
        assert set(self._drawn) <= set(replacements)
        return self._drawn.reshape(size)


def test_each_die_decides_as_the_paper_says() -> None:
    dice = Dice(
        [0.00, 0.14, 0.149, 0.10, 0.15, 0.99],  # below 0.15 is chosen; the first is special and never is
        [0.00, 0.79, 0.85, 0.90, 0.00, 0.00],  # below 0.8 masked, below 0.9 random, else kept
        drawn=[9, 9, 9, 9, 9, 9],
    )
    result = corrupt(
        np.array([2, 11, 12, 13, 14, 15]),
        np.array([False, True, True, True, True, True]),
        dice,  # type: ignore[arg-type]
        mask_id=4,
        replacements=np.arange(5, 20),
    )
    assert result.ids.tolist() == [2, 4, 9, 13, 14, 15]
    assert result.fate.tolist() == [
        Fate.UNTOUCHED,
        Fate.MASKED,
        Fate.RANDOM,
        Fate.KEPT,
        Fate.UNTOUCHED,
        Fate.UNTOUCHED,
    ]
    assert result.chosen.tolist() == [False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("fate", "share"), [(Fate.MASKED, 0.12), (Fate.RANDOM, 0.015), (Fate.KEPT, 0.015), (Fate.UNTOUCHED, 0.85)]
)
def test_shares_of_100_000_draws_are_within_four_standard_errors(fate: Fate, share: float) -> None:
    draws = 100_000
    ids = np.full(draws, 7)
    result = corrupt(ids, ids > 0, np.random.default_rng(0), mask_id=4, replacements=np.arange(5, 300))
    error = np.sqrt(share * (1 - share) / draws)
    assert abs((result.fate == fate).mean() - share) < 4 * error


def test_special_tokens_stay_and_untouched_tokens_keep_their_id() -> None:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, 50, (7, 31))
    result = corrupt(ids, ids >= 5, rng, mask_id=4, replacements=np.arange(5, 50), rate=0.9)
    assert not result.chosen[ids < 5].any()
    same = (result.fate == Fate.UNTOUCHED) | (result.fate == Fate.KEPT)
    assert (result.ids[same] == ids[same]).all()
    assert (result.ids[result.fate == Fate.MASKED] == 4).all()
    assert (result.ids[result.fate == Fate.RANDOM] >= 5).all()
