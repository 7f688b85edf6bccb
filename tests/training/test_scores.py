"""Intervals, trigrams and windows against numbers worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from explainers.training.encoded import Encoded
from explainers.training.scores import share_interval
from explainers.training.scores.baselines import Baselines
from explainers.training.scores.gpt2 import strides
from explainers.training.scores.guesses import (
    MODEL,
    Guesses,
    bits_per_byte,
    by_one_distribution,
    by_probabilities,
    perplexity,
    top_scores,
)
from explainers.training.scores.intervals import ratio, share
from explainers.training.scores.ngrams import NGrams, after_documents, learn
from explainers.training.scores.windows import neighbours, spread, windows

A, B, C = range(3)


def text(*documents: Sequence[Sequence[int]]) -> Encoded:
    """Documents of units of ids."""
    units = [unit for document in documents for unit in document]
    ids = np.array([id_ for unit in units for id_ in unit], np.uint16)
    starts = np.cumsum([0, *map(len, units)])
    return Encoded(ids, starts, np.cumsum([0, *map(len, documents)]), len(ids))


@pytest.fixture(scope="module")
def small() -> NGrams:
    """Trigrams of the one document a b a b a c."""
    return learn([text([[A, B, A], [B, A, C]])], 3)


@pytest.mark.parametrize(
    ("hits", "samples", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (81, 263, (0.2553, 0.3662))],
)
def test_share_interval_is_wilsons(hits: int, samples: int, interval: tuple[float, float]) -> None:
    """81 of 263 is the worked example of Newcombe 1998, method 3: 0.2553 to 0.3662."""
    assert share_interval(hits, samples) == pytest.approx(interval, abs=5e-5)


def test_a_ratio_s_interval_is_linearised_over_clusters() -> None:
    """Clusters 0/2 and 4/2: ratio 1, deviations -2 and 2, variance of their sum 8 * 2 / 1, half 1.96 * 4 / 4."""
    found = ratio(np.array([0, 0, 1, 3]), np.array([1, 1, 1, 1]), np.array([7, 7, 2, 2]))
    assert found == pytest.approx((1, 1 - 1.959964, 1 + 1.959964))


def test_a_share_stays_within_0_and_1_and_one_cluster_has_no_interval() -> None:
    assert share(np.array([True, False]), np.array([0, 1])) == (0.5, 0.0, 1.0)
    value, low, high = share(np.array([True, False]), np.array([0, 0]))
    assert value == 0.5
    assert math.isnan(low)
    assert math.isnan(high)


def test_independent_trials_get_the_textbook_interval() -> None:
    hits = np.arange(400) % 4 == 0
    half = 1.959964 * math.sqrt(0.25 * 0.75 / 399)
    assert share(hits, np.arange(400)) == pytest.approx((0.25, 0.25 - half, 0.25 + half))


def test_the_discounts_are_neys(small: NGrams) -> None:
    """Trigrams, marks included: four seen once, one twice. Pairs by what stands before: three once, one twice."""
    assert small.triples.discount == pytest.approx(4 / 6)
    assert small.pairs.discount == pytest.approx(3 / 5)


def test_the_shortest_distribution_counts_contexts_not_occurrences(small: NGrams) -> None:
    """a stands after 2 of 4 kinds of pairs, b and c after 1; discount 1/2, what it gives is spread evenly."""
    assert small.shortest.tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert small.unigram.tolist() == pytest.approx([4 / 9, 3 / 9, 2 / 9])
    assert small.tokens == 6


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ((B, A), (0.4 / 3, 0.5 / 3 + 3.4 / 9, 0.5 / 3 + 1.4 / 9)),  # both b and c were seen once after b a
        ((C, A), (0.2, 1.7 / 3, 0.7 / 3)),  # never seen: what is known of a alone
        ((A, C), (0.5, 0.25, 0.25)),  # c ends the text: nothing is known
    ],
)
def test_trigrams_are_interpolated_kneser_ney(
    small: NGrams, context: tuple[int, int], expected: tuple[float, ...]
) -> None:
    """P(b | a) = (2 - 0.6) / 3 + 0.6 * 2 / 3 * 0.25; P(b | b a) = (1 - 2/3) / 2 + 2/3 * 2 / 2 * P(b | a)."""
    found = small.after(np.array([context]))
    assert found[0].tolist() == pytest.approx(expected, rel=1e-5)


def test_every_distribution_sums_to_one() -> None:
    rng = np.random.default_rng(0)
    model = learn([text([rng.integers(0, 9, 300).tolist()], [rng.integers(0, 9, 50).tolist()])], 11)
    contexts = np.stack(np.meshgrid(np.arange(13), np.arange(13)), -1).reshape(-1, 2)
    assert model.after(contexts).sum(1).tolist() == pytest.approx([1] * len(contexts), rel=1e-5)
    assert model.shortest.sum() == pytest.approx(1)
    assert model.unigram.sum() == pytest.approx(1)


def test_no_trigram_spans_two_documents() -> None:
    together, apart = learn([text([[A, B, C, A]])], 3), learn([text([[A, B]], [[C, A]])], 3)
    assert len(together.triples.keys) == 4
    assert apart.triples.keys.tolist() == sorted(
        before * 25 + last * 5 + next_ for before, last, next_ in [(3, 3, A), (3, A, B), (3, 3, C), (3, C, A)]
    )


def test_backwards_is_the_reversed_text() -> None:
    ids = np.random.default_rng(1).integers(0, 5, 80).tolist()
    backwards, reversed_ = learn([text([ids])], 5, backwards=True), learn([text([ids[::-1]])], 5)
    contexts = np.array([[1, 2], [3, 3], [0, 4]])
    assert (backwards.after(contexts) == reversed_.after(contexts)).all()


def test_both_sides_are_joined_by_bayes_rule() -> None:
    ids = np.random.default_rng(2).integers(0, 4, 200).tolist()
    both = Baselines.of("bert", [text([ids])], 4)
    assert both.backward is not None
    left, right = np.array([[0, 1]]), np.array([[2, 3]])
    product = both.forward.after(left) * both.backward.after(right) / both.backward.shortest
    assert both.distribution(left, right)[0].tolist() == pytest.approx((product / product.sum())[0].tolist(), rel=1e-5)
    nothing = np.full((1, 2), both.forward.unseen)
    assert both.distribution(left, nothing)[0].tolist() == pytest.approx(both.forward.after(left)[0].tolist(), rel=1e-5)


def test_baselines_answer_for_every_position() -> None:
    one_side = Baselines.of("gpt2", [text([[A, B, A, B, A, C]])], 3)
    assert one_side.backward is None
    found = one_side.guesses(np.array([B] * 300), np.array([[B, A]] * 300))
    assert found["trigram"].nats.tolist() == pytest.approx([-math.log(4.9 / 9)] * 300, rel=1e-5)
    assert set(found["unigram"].ranks.tolist()) == {1}


def test_ranks_count_what_is_rated_above() -> None:
    probabilities = np.array([[0.1, 0.6, 0.3], [0.4, 0.4, 0.2]], np.float32)
    found = by_probabilities(probabilities, np.array([0, 1]))
    assert found.ranks.tolist() == [2, 0]
    assert found.nats.tolist() == pytest.approx([-math.log(0.1), -math.log(0.4)], rel=1e-6)
    assert by_one_distribution(probabilities[1], np.array([0, 1, 2, 2])).ranks.tolist() == [0, 0, 2, 2]


def test_scores_say_what_the_guesses_say() -> None:
    """Two windows: ranks 0, 4 and 5, 9; 8 bits for 4 bytes in all."""
    clusters = np.array([0, 0, 1, 1])
    own = Guesses(np.array([0, 4, 5, 9]), np.array([1, 2, 3, 2]) * math.log(2))
    unigram = Guesses(np.array([9, 9, 9, 0]), np.full(4, math.log(16)))
    guesses = {MODEL: own, "unigram": unigram}
    first, five = top_scores("next", ("first", "five"), guesses, clusters)
    assert (first.key, first.value, first.baselines["unigram"].value, first.samples) == ("next_top1", 0.25, 0.25, 4)
    assert (five.key, five.value, five.share) == ("next_top5", 0.5, True)
    bits = bits_per_byte("bits", "bits", guesses, np.array([1, 1, 1, 1]), clusters)
    assert bits.value == pytest.approx(2)
    assert bits.baselines["unigram"].value == pytest.approx(4)
    assert not bits.share
    grown = perplexity("ppl", "ppl", guesses, clusters)
    assert (grown.value, grown.baselines["unigram"].value) == pytest.approx((4, 16))
    assert grown.low < 4 < grown.high


@pytest.mark.parametrize("tokens", [2, 3, 28, 29, 30, 31, 44, 58, 59, 200, 1_001])
@pytest.mark.parametrize("context", [29, 30])
def test_strides_score_every_token_once_with_half_a_window_before_it(tokens: int, context: int) -> None:
    found = list(strides(tokens, context))
    places = [place for window in found for place in range(window.first, window.end)]
    assert places == list(range(1, tokens))
    for window in found:
        assert window.end - window.start <= context + 1
        for place in range(window.first, window.end):
            assert place - window.start >= min(place, context // 2)


def test_windows_cover_each_document_in_equal_parts() -> None:
    source = text([[0] * 3, [1] * 4], [[2]], [[3] * 2, [4] * 2])
    found = list(windows([source], 4))
    assert [window.ids.tolist() for window in found] == [[0, 0, 0], [1, 1, 1, 1], [3, 3, 4, 4]]
    assert [window.cuts.tolist() for window in found] == [[], [], [2]]
    assert [window.cuts.tolist() for window in windows([source], 7)] == [[3], [2]]


def test_a_sample_is_spread_over_the_text() -> None:
    assert spread([0, 1, 2], 3) == [0, 1, 2]
    assert spread(list(range(10)), 4) == [0, 2, 5, 7]


def test_contexts_are_the_two_neighbours_the_nearer_one_second() -> None:
    left, right = neighbours(np.array([10, 11, 12, 13]), np.array([0, 2]), -1)
    assert left.tolist() == [[-1, -1], [10, 11]]
    assert right.tolist() == [[12, 11], [-1, 13]]
    assert after_documents(text([[5, 6]], [[7]]), 9).tolist() == [[9, 9], [9, 5], [9, 9]]
