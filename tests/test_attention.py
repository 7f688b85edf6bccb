"""The masks, the weights, the measures, rollout and T5's buckets, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explainers.attention import (
    attention,
    attention_weights,
    bidirectional_mask,
    causal_mask,
    distances,
    entropy_bits,
    head_average,
    head_measures,
    padding_mask,
    pair_score,
    prefix_mask,
    relative_distances,
    relative_position_buckets,
    rollout,
    share_on,
    softmax,
)

LN2 = math.log(2)


def test_the_masks_as_drawn_in_the_papers() -> None:
    assert causal_mask(3).astype(int).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert prefix_mask(4, 2).astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    assert bidirectional_mask(2, 3).tolist() == [[True] * 3] * 2
    assert bidirectional_mask(2).shape == (2, 2)
    assert padding_mask([True, True, False]).astype(int).tolist() == [[1, 1, 0]] * 3
    assert padding_mask([True, False], queries=3).tolist() == [[True, False]] * 3


@pytest.mark.parametrize("tokens", [0, 1])
def test_masks_of_next_to_nothing(tokens: int) -> None:
    for mask in (
        causal_mask(tokens),
        prefix_mask(tokens, 2),
        bidirectional_mask(tokens),
        padding_mask([True] * tokens),
    ):
        assert mask.shape == (tokens, tokens)
        assert mask.all()


def test_attention_step_by_step() -> None:
    """Scores are logarithms of small numbers, so that the weights are plain fractions."""
    q = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    k = np.array([[2 * LN2, 0, 0, 0], [0, 0, 0, 0], [4 * LN2, 2 * LN2, 0, 0]])
    v = np.array([[7.0, 0], [0, 7], [7, 7]])
    steps = attention(q, k, v)
    assert steps.products == pytest.approx(np.array([[2 * LN2, 0, 4 * LN2], [0, 0, 2 * LN2]]))
    assert steps.scores == pytest.approx(np.array([[LN2, 0, 2 * LN2], [0, 0, LN2]]))  # divided by the root of 4
    assert steps.weights == pytest.approx(np.array([[2 / 7, 1 / 7, 4 / 7], [1 / 4, 1 / 4, 2 / 4]]))
    assert steps.mix == pytest.approx(np.array([[6, 5], [7 * 3 / 4, 7 * 3 / 4]]))

    mask = np.array([[True, True, False], [False, True, True]])
    masked = attention(q, k, v, mask)
    assert np.isneginf(masked.masked[~mask]).all()
    assert masked.masked[mask] == pytest.approx(steps.scores[mask])
    assert masked.weights == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]))

    biased = attention_weights(q, k, scale=0.5, bias=np.array([[0, LN2, 0], [0, 0, -LN2]]))
    assert biased == pytest.approx(np.array([[2 / 8, 2 / 8, 4 / 8], [1 / 3, 1 / 3, 1 / 3]]))
    assert attention_weights(q, k, scale=1.0)[1] == pytest.approx(np.array([1 / 6, 1 / 6, 4 / 6]))


def test_many_heads_at_once_are_each_by_itself() -> None:
    rng = np.random.default_rng(0)
    q, k, v = (rng.normal(size=(5, tokens, 3)).astype(np.float32) for tokens in (4, 7, 7))
    bias = rng.normal(size=(5, 4, 7)).astype(np.float32)
    mask = rng.random((4, 7)) < 0.5
    mask[:, 2] = True
    together = attention(q, k, v, mask, bias=bias)
    assert together.weights.dtype == np.float32
    for head in range(5):
        alone = attention(q[head], k[head], v[head], mask, bias=bias[head])
        np.testing.assert_allclose(together.mix[head], alone.mix, atol=1e-6)
    np.testing.assert_allclose(together.weights.sum(axis=-1), 1, atol=1e-6)


def test_a_query_that_may_look_at_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of the mask is empty"):
        attention_weights(np.ones((2, 1)), np.ones((2, 1)), np.array([[True, False], [False, False]]))


def test_softmax_of_large_and_forbidden_scores() -> None:
    assert softmax(np.array([1000.0, 1000.0, -np.inf])).tolist() == [0.5, 0.5, 0]


def test_a_pair_s_score_is_the_sum_of_its_products() -> None:
    score = pair_score(np.array([1.0, 2, 0, -1]), np.array([3.0, 1, 5, 1]), bias=0.25)
    assert score.products.tolist() == [3, 2, 0, -1]
    assert (score.dot, score.scale, score.score) == (4, 0.5, 2.25)
    assert pair_score(np.array([2.0]), np.array([3.0]), scale=1).score == 6


UNIFORM = np.full((4, 4), 1 / 4)
PREVIOUS = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 0]])


def test_entropy_and_distance_by_hand() -> None:
    assert entropy_bits(UNIFORM).tolist() == [2, 2, 2, 2]
    assert entropy_bits(PREVIOUS).tolist() == [0, 0, 0]
    assert not np.signbit(entropy_bits(PREVIOUS)).any()
    assert entropy_bits(np.array([[0.5, 0.25, 0.25]])).tolist() == [1.5]
    assert distances(UNIFORM).tolist() == [1.5, 1, 1, 1.5]
    assert distances(PREVIOUS).tolist() == [0, 1, 1]


def test_shares_by_hand() -> None:
    weights = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])
    assert share_on(weights, np.array([True, False, True])) == pytest.approx([0.7, 0.4])
    assert share_on(weights, np.array([[False] * 3, [True] * 3])) == pytest.approx([0, 1])


def test_measures_of_each_head() -> None:
    diagonal = np.eye(3)
    following = np.array([[0.0, 1, 0], [0, 0, 1], [0, 0, 1]])
    measures = head_measures(np.stack([PREVIOUS, diagonal, following, np.full((3, 3), 1 / 3)]), [False, False, True])
    third = pytest.approx
    assert measures.previous is not None
    assert measures.following is not None
    assert measures.itself is not None
    assert measures.distance is not None
    assert measures.previous == third([1, 0, 0, 1 / 3])
    assert measures.following == third([0, 0, 1, 1 / 3])
    assert measures.itself == third([1 / 3, 1, 1 / 3, 1 / 3])
    assert measures.first == third([2 / 3, 1 / 3, 0, 1 / 3])
    assert measures.delimiter == third([0, 1 / 3, 2 / 3, 1 / 3])
    assert measures.entropy == third([0, 0, 0, math.log2(3)])
    assert measures.distance == third([2 / 3, 0, 2 / 3, (1 + 2 / 3 + 1) / 3])


def test_measures_keep_the_layers_and_cross_attention_has_no_neighbours() -> None:
    weights = np.random.default_rng(0).random((2, 5, 3, 4))
    measures = head_measures(weights, [True] * 4, same_text=False)
    assert measures.entropy.shape == (2, 5)
    assert (measures.previous, measures.following, measures.itself, measures.distance) == (None,) * 4
    for tokens in (0, 1):
        few = head_measures(np.ones((2, tokens, tokens)), [True] * tokens)
        assert few.previous is not None
        assert few.previous.tolist() == [0, 0]
        assert few.delimiter.tolist() == [tokens, tokens]


def test_head_average() -> None:
    weights = np.stack([PREVIOUS, np.eye(3), np.eye(3)])
    assert head_average(weights, [0, 1])[1].tolist() == [0.5, 0.5, 0]
    assert head_average(weights)[2] == pytest.approx([0, 1 / 3, 2 / 3])
    with pytest.raises(ValueError, match="no head"):
        head_average(weights, [])


def test_rollout_by_hand() -> None:
    """Two layers of a head that looks one back: half stays, half moves, in each of them."""
    attentions = np.stack([PREVIOUS, PREVIOUS])[:, None]
    first, second = rollout(attentions)
    assert first.tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]]
    assert second.tolist() == [[1, 0, 0], [0.75, 0.25, 0], [0.25, 0.5, 0.25]]
    random = np.random.default_rng(0).random((6, 3, 7, 7))
    random /= random.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(rollout(random).sum(axis=-1), 1)


def test_buckets_by_hand() -> None:
    """32 buckets, both directions: 8 near distances a side have their own; the paper's figures are 32 and 128."""
    distance = [0, -1, 1, -7, 7, -8, -11, -12, 8, 127, 128, -5000, 5000]
    expected = [0, 1, 17, 7, 23, 8, 8, 9, 24, 31, 31, 15, 31]
    assert relative_position_buckets(distance, bidirectional=True).tolist() == expected
    decoder = relative_position_buckets([3, 0, -1, -15, -16, -18, -19, -127, -128], bidirectional=False)
    assert decoder.tolist() == [0, 0, 1, 15, 16, 16, 17, 31, 31]
    assert relative_distances(2, 3).tolist() == [[0, 1, 2], [-1, 0, 1]]
    assert relative_distances(2).shape == (2, 2)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("buckets", "max_distance"), [(32, 128), (12, 20), (64, 1000), (7, 20), (32, 512)])
def test_buckets_equal_transformers(bidirectional: bool, buckets: int, max_distance: int) -> None:
    import torch
    from transformers.models.t5.modeling_t5 import T5Attention

    distance = np.arange(-3000, 3001)
    theirs = T5Attention._relative_position_bucket(  # type: ignore[no-untyped-call]
        torch.tensor(distance), bidirectional=bidirectional, num_buckets=buckets, max_distance=max_distance
    )
    ours = relative_position_buckets(distance, bidirectional=bidirectional, buckets=buckets, max_distance=max_distance)
    np.testing.assert_array_equal(ours, theirs.numpy())
