"""Medians, quartiles and how sure they are, worked by hand; and when measuring ends."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat

import pytest

from explainers.roofline.devices import Call, HostClock
from explainers.roofline.timing import StoppedError, measure, pooled, summary, uncertainty


class ToldClock:
    """Says that a call takes what the call says."""

    sample_seconds = 0.001

    def seconds(self, calls: Iterable[Call]) -> float:
        return sum(float(str(call())) for call in calls)


def test_the_median_and_the_quartiles() -> None:
    found = summary([5.0, 1.0, 2.0, 4.0, 3.0], calls=7)
    assert (found.low_seconds, found.seconds, found.high_seconds) == (2.0, 3.0, 4.0)
    assert (found.samples, found.calls) == ((5.0, 1.0, 2.0, 4.0, 3.0), 7)
    assert summary([1.0, 2.0, 3.0, 4.0], calls=1).seconds == 2.5


def test_the_confidence_interval_of_a_median() -> None:
    assert uncertainty([4.0, 1.0, 5.0, 2.0, 3.0]) == (5 - 1) / 2 / 3  # of five, it is all of them
    numbers = [float(n) for n in range(1, 26)]
    assert uncertainty(numbers) == (18 - 8) / 2 / 13  # ranks 8 and 18 of 25 (Conover, table)
    assert uncertainty([2.0] * 9) == 0.0


def test_a_steady_call_is_soon_known() -> None:
    found = measure([lambda: 0.0001], ToldClock(), 60.0)
    assert found.seconds == pytest.approx(0.0001)
    assert found.uncertainty == pytest.approx(0.0, abs=1e-9)
    assert (len(found.samples), found.calls) == (25, 10)  # as many calls as fill a sample
    assert len(measure([lambda: 0.0001], ToldClock(), 60.0, fewest=3).samples) == 15


def test_a_call_that_varies_is_measured_until_its_time_is_over() -> None:
    values = iter([*repeat(0.004, 20), *[0.004, 0.012] * 100_000])
    found = measure([lambda: next(values)], ToldClock(), 0.02)
    assert len(found.samples) >= 5
    assert found.low_seconds <= found.seconds <= found.high_seconds


def test_a_long_call_is_made_five_times_at_least() -> None:
    assert len(measure([lambda: 0.3], ToldClock(), 0.0).samples) == 5
    assert len(measure([lambda: 0.3], ToldClock(), 0.0, fewest=3).samples) == 3


def test_two_visits_are_a_median_over_both_their_moments() -> None:
    found = pooled(summary([1.0, 1.2, 1.1], calls=4), summary([2.0, 2.2, 2.1], calls=4))
    assert found.samples == (1.0, 1.2, 1.1, 2.0, 2.2, 2.1)
    assert found.seconds == pytest.approx((1.2 + 2.0) / 2)
    assert [found.low_seconds, found.high_seconds] == pytest.approx([1.125, 2.075])
    assert found.uncertainty == pytest.approx((2.2 - 1.0) / 2 / 1.6)  # of six, ranks 1 and 6
    assert found.calls == 4


def test_both_moments_count_alike_however_many_samples_they_have() -> None:
    many, few = summary([1.0, 9.0, 1.1, 9.0, 1.2, 9.0], calls=1), summary([2.0, 2.1, 2.2], calls=1)
    assert pooled(many, few).samples == (1.0, 1.1, 1.2, 2.0, 2.1, 2.2)
    assert pooled(few, many).samples == (2.0, 2.1, 2.2, 1.0, 1.1, 1.2)
    assert pooled(summary([1.0] * 50, calls=1), summary([2.0] * 3, calls=1)).seconds == 1.5


def test_a_second_visit_takes_as_many_calls_and_at_most_as_many_samples_as_the_first() -> None:
    values = iter([0.0001, 0.0003] * 100_000)
    found = measure([lambda: next(values)], ToldClock(), 60.0, like=summary([1.0] * 7, calls=6))
    assert (len(found.samples), found.calls) == (7, 6)
    assert found.seconds == pytest.approx(0.0002)


def test_a_second_visit_to_a_long_call_warms_up_with_one() -> None:
    made: list[float] = []

    def call() -> float:
        made.append(0.3)
        return made[-1]

    measure([call], ToldClock(), 0.0, fewest=3, like=summary([0.3] * 3, calls=1))
    assert len(made) == 1 + 3


def test_calls_are_made_in_turn() -> None:
    made: list[int] = []

    def call(number: int) -> float:
        made.append(number)
        return 0.002

    measure([lambda: call(0), lambda: call(1), lambda: call(2)], ToldClock(), 0.0)
    assert made[:6] == [0, 1, 2, 0, 1, 2]


def test_stopping_ends_it() -> None:
    answers = iter([False, False, *repeat(True, 1000)])
    with pytest.raises(StoppedError):
        measure([lambda: 0.1], ToldClock(), 60.0, lambda: next(answers))


def test_the_clock_of_the_processor_counts_what_calls_take() -> None:
    made: list[int] = []
    assert HostClock().seconds([lambda: made.append(1)] * 3) > 0
    assert made == [1, 1, 1]
