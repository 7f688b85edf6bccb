"""T5's span corruption against tables written by hand."""

from collections import Counter

import numpy as np
import pytest

from explainers.spans import random_spans, span_corruption, span_counts

SENTINELS = (99, 98, 97)
END = 1


@pytest.mark.parametrize(
    ("removed", "inputs", "labels"),
    [
        ("......", [10, 11, 12, 13, 14, 15, 1], [1]),
        ("..x...", [10, 11, 99, 13, 14, 15, 1], [99, 12, 1]),
        (".xx..x", [10, 99, 13, 14, 98, 1], [99, 11, 12, 98, 15, 1]),
        ("x.x.x.", [99, 11, 98, 13, 97, 15, 1], [99, 10, 98, 12, 97, 14, 1]),
        ("xxxxxx", [99, 1], [99, 10, 11, 12, 13, 14, 15, 1]),
    ],
)
def test_spans_move_behind_their_sentinels(removed: str, inputs: list[int], labels: list[int]) -> None:
    result = span_corruption(np.arange(10, 16), np.array([mark == "x" for mark in removed]), SENTINELS, END)
    assert result.inputs.tolist() == inputs
    assert result.labels.tolist() == labels


def test_more_spans_than_sentinels_are_refused() -> None:
    with pytest.raises(ValueError, match="4 spans"):
        span_corruption(np.arange(8), np.arange(8) % 2 == 0, SENTINELS, END)


@pytest.mark.parametrize(
    ("tokens", "counts"), [(2, (1, 1)), (3, (1, 1)), (10, (2, 1)), (20, (3, 1)), (100, (15, 5)), (512, (77, 26))]
)
def test_counts_are_15_percent_in_spans_of_mean_length_3(tokens: int, counts: tuple[int, int]) -> None:
    assert span_counts(tokens) == counts


@pytest.mark.parametrize("tokens", [2, 3, 5, 17, 128, 509])
def test_random_spans_hold_their_counts_and_begin_with_a_gap(tokens: int) -> None:
    removed, spans = span_counts(tokens)
    for seed in range(20):
        mask = random_spans(tokens, np.random.default_rng(seed))
        assert mask.shape == (tokens,)
        assert mask.sum() == removed
        assert (np.diff(mask.astype(int)) == 1).sum() == spans
        assert not mask[0]
        assert mask[-1]


@pytest.mark.parametrize("tokens", [0, 1])
def test_a_text_too_short_for_a_span_stays_whole(tokens: int) -> None:
    assert not random_spans(tokens, np.random.default_rng(0)).any()


def test_every_split_is_equally_likely() -> None:
    """6 tokens at density 0.5 in 2 spans: gaps 1+2 or 2+1, spans 1+2 or 2+1, four masks in all."""
    rng = np.random.default_rng(0)
    draws = 4_000
    masks = Counter(tuple(random_spans(6, rng, 0.5, 1.5).tolist()) for _ in range(draws))
    assert len(masks) == 4
    error = np.sqrt(draws * 0.25 * 0.75)
    assert all(abs(count - draws / 4) < 4 * error for count in masks.values())
