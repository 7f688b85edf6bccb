"""BERT's corruption against dice thrown by hand and expected shares; its predictions against transformers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.checkpoints import load
from explainers.masking import (
    Fate,
    FateCounts,
    Recipe,
    chosen_count,
    corrupt,
    corrupt_text,
    count_fates,
    expected_shares,
    head_path,
    masked_by_hand,
    ordinary_tokens,
    predict,
    typed_masks,
)
from explainers.tokenization import tokenize
from tests.strategies import texts

TEXT = "The old man walked slowly down the road because his dog was tired."
RECIPES = {
    "paper": Recipe(),
    "rounded": Recipe(rounded=True),
    "other shares": Recipe(0.3, 0.5, 0.2),
    "other shares, rounded": Recipe(0.3, 0.5, 0.2, rounded=True),
}


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


def test_shares_and_rate_can_be_changed() -> None:
    dice = Dice([0.1, 0.5, 0.6, 0.9], [0.0, 0.49, 0.5, 0.7], drawn=[9, 9, 9, 9])
    result = corrupt(
        np.arange(10, 14),
        np.full(4, True),
        dice,  # type: ignore[arg-type]
        mask_id=4,
        replacements=np.arange(9, 20),
        rate=0.8,
        masked_share=0.2,
        random_share=0.3,
    )
    assert result.fate.tolist() == [Fate.MASKED, Fate.RANDOM, Fate.KEPT, Fate.UNTOUCHED]
    assert result.ids.tolist() == [4, 9, 12, 13]


def test_the_rounded_count_takes_the_lowest_dice_of_ordinary_tokens() -> None:
    dice = Dice([0.00, 0.90, 0.50, 0.70, 0.60, 0.95, 0.01], [0.0] * 7, drawn=[9] * 7)
    ordinary = np.array([False, True, True, True, True, True, False])
    result = corrupt(
        np.full(7, 9),
        ordinary,
        dice,  # type: ignore[arg-type]
        mask_id=4,
        replacements=np.arange(9, 10),
        rate=0.3,
        rounded=True,
    )
    assert result.chosen.tolist() == [False, False, True, False, True, False, False]  # round(0.3 x 7) = 2


@pytest.mark.parametrize(
    ("tokens", "ordinary", "rate", "count"),
    [(7, 5, 0.15, 1), (3, 1, 0.15, 1), (2, 0, 0.15, 0), (128, 125, 0.15, 19), (10, 8, 1.0, 8), (30, 28, 0.15, 4)],
)
def test_the_released_count_is_rounded_and_at_least_one(tokens: int, ordinary: int, rate: float, count: int) -> None:
    assert chosen_count(tokens, np.array(ordinary), rate) == count  # 0.15 x 30 is 4.5: Python rounds it to 4


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
@pytest.mark.parametrize("words", [1, 12])
def test_shares_of_100_000_draws_of_each_scheme_are_within_four_standard_errors(recipe: Recipe, words: int) -> None:
    ordinary = [False, *[True] * words, False]
    counts = count_fates(ordinary, recipe, 100_000, seed=1)
    assert counts.token_draws >= 100_000
    assert counts.counts.sum() == counts.token_draws
    assert counts.expected.sum() == pytest.approx(1)
    assert (abs(counts.shares - counts.expected) <= 4 * counts.standard_errors + 1e-12).all()
    assert [line.counted for line in counts.lines] == [counts.counts[1:].sum(), *counts.counts[1:]]
    assert all(abs(line.off) <= 4 for line in counts.lines)
    check_draws(counts)


def check_draws(counts: FateCounts) -> None:
    """Chosen tokens a draw: they add up, and each number comes as often as it should, within four standard errors."""
    chosen = counts.counts[1:].sum()
    assert (np.arange(len(counts.chosen_per_draw)) * counts.chosen_per_draw).sum() == chosen
    share = counts.expected_per_draw / counts.draws
    assert share.sum() == pytest.approx(1)
    error = np.sqrt(share * (1 - share) * counts.draws)
    assert (abs(counts.chosen_per_draw - counts.expected_per_draw) <= 4 * error + 1).all()


def test_expected_shares_are_the_papers() -> None:
    assert expected_shares(100, 98, Recipe()) == pytest.approx([0.85, 0.12, 0.015, 0.015])
    assert expected_shares(7, 5, Recipe(rounded=True)) == pytest.approx([0.8, 0.16, 0.02, 0.02])


def test_standard_errors_are_those_of_a_share() -> None:
    counts = count_fates([True] * 10, Recipe(), 10_000, seed=0)
    assert counts.standard_errors[Fate.MASKED] == pytest.approx(math.sqrt(0.12 * 0.88 / 10_000))
    fixed = count_fates([True] * 10, Recipe(rounded=True), 10_000, seed=0)
    assert fixed.standard_errors[Fate.UNTOUCHED] == 0
    assert fixed.standard_errors[Fate.MASKED] == pytest.approx(0.2 * math.sqrt(0.8 * 0.2 / 2_000))


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_ends_of_the_rate(rate: float) -> None:
    counts = count_fates([False, True, True], Recipe(rate), 100, seed=0)
    assert counts.expected_per_draw.tolist() == ([50, 0, 0] if rate == 0 else [0, 0, 50])
    assert counts.chosen_per_draw.tolist() == counts.expected_per_draw.tolist()


def test_a_seed_decides_everything() -> None:
    checkpoint, tokenization = load("bert-mini"), tokenize(load("bert-mini"), TEXT)
    first, again, other = (corrupt_text(checkpoint, tokenization, Recipe(0.5), seed) for seed in (5, 5, 6))
    assert first.ids.tolist() == again.ids.tolist()
    assert first.fate.tolist() != other.fate.tolist()


@given(text=texts(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=50)
def test_special_and_unknown_tokens_are_never_chosen(text: str, seed: int) -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, text + " [MASK]", "pair")
    draw = corrupt_text(checkpoint, tokenization, Recipe(1.0, 0.3, 0.4), seed)
    plain = np.array([token.kind not in ("special", "unknown") for token in tokenization.tokens])
    assert (draw.chosen == plain).all()
    special = {number for number, token in checkpoint.tokenizer.get_added_tokens_decoder().items() if token.special}
    assert not special & set(draw.ids[draw.fate == Fate.RANDOM].tolist())


def test_tokens_masked_by_hand() -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, "the dog [MASK] home")
    mask = checkpoint.tokenizer.token_to_id("[MASK]")
    draw = masked_by_hand(checkpoint, tokenization, [0, 1, 3, 99])
    assert typed_masks(checkpoint, tokenization) == (3,)
    assert draw.fate.tolist() == [0, 1, 0, 0, 0, 0]
    assert draw.ids.tolist() == [*tokenization.ids[:1], mask, *tokenization.ids[2:]]
    assert ordinary_tokens(tokenization).tolist() == [False, True, True, False, True, False]


@pytest.mark.parametrize("pair", [None, "It was late."])
def test_probabilities_ranks_and_losses_are_those_of_the_models_softmax(pair: str | None) -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, TEXT, pair)
    draw = corrupt_text(checkpoint, tokenization, Recipe(0.6, 0.4, 0.3), seed=2)
    at = draw.chosen.nonzero()[0].tolist()
    found = predict(checkpoint, tokenization, draw.ids.tolist(), at)
    segments = [token.segment for token in tokenization.tokens]
    with torch.inference_mode():
        output = checkpoint.model(input_ids=torch.tensor(draw.ids[None]), token_type_ids=torch.tensor([segments]))
    theirs = output.prediction_logits[0, at].double().softmax(-1).numpy()
    truth = np.array(tokenization.ids)[at]
    np.testing.assert_allclose(found.probabilities, theirs[np.arange(len(at)), truth], rtol=1e-4)
    for row, probabilities in enumerate(theirs):
        guesses = found.guesses(row)
        assert [guess.probability for guess in guesses] == pytest.approx(
            np.sort(probabilities)[::-1][: len(guesses)].tolist(), rel=1e-4
        )
        assert [checkpoint.tokenizer.id_to_token(guess.id) for guess in guesses] == [guess.piece for guess in guesses]
        assert found.ranks[row] == 1 + (probabilities > probabilities[truth[row]]).sum()
    labels = torch.full((1, len(draw.ids)), -100)
    labels[0, at] = torch.tensor(truth)
    expected = torch.nn.functional.cross_entropy(output.prediction_logits.flatten(0, 1), labels.flatten())
    assert found.mean_loss == pytest.approx(float(expected), rel=1e-5)


def test_a_typed_mask_is_predicted_but_has_no_truth_and_no_loss() -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, "the [MASK] barked")
    found = predict(checkpoint, tokenization, tokenization.ids, [2])
    assert found.true_ids.tolist() == [-1]
    assert np.isnan(found.losses).all()
    assert found.mean_loss is None
    assert found.guesses(0)[0].probability > 0


def test_nothing_to_predict_is_no_error() -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, "the dog")
    found = predict(checkpoint, tokenization, tokenization.ids, [])
    assert found.mean_loss is None
    assert found.hidden.shape == (0, checkpoint.sizes.d_model)


def test_the_way_through_the_head_ends_at_the_models_logits() -> None:
    checkpoint = load("bert-mini")
    tokenization = tokenize(checkpoint, TEXT)
    found = predict(checkpoint, tokenization, tokenization.ids, [3])
    path = head_path(checkpoint, found.hidden[0])
    with torch.inference_mode():
        logits = checkpoint.model(input_ids=torch.tensor([tokenization.ids])).prediction_logits[0, 3].numpy()
    np.testing.assert_allclose(path.logits, logits, atol=1e-4)
    vector = path.dense.astype(np.float64)
    gelu = vector * 0.5 * (1 + np.array([math.erf(value / math.sqrt(2)) for value in vector]))
    np.testing.assert_allclose(path.activated, gelu, atol=1e-5)
    width, vocab = checkpoint.sizes.d_model, checkpoint.sizes.vocab
    assert path.transform_parameters == width * width + 3 * width
    assert (path.output_parameters, path.bias_parameters) == (vocab * width, vocab)
    assert path.tied
