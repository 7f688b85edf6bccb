"""Two rounds over the tasks: their order, where they go on, and one point of two visits, with numbers set by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from explainers.roofline import Point, from_json, roofs, to_json
from explainers.roofline.export import csv_rows
from explainers.roofline.results import roof_over
from explainers.roofline.timing import summary
from explainers.roofline.visits import joined, one_visit, visits_left, with_point
from tests.roofline.machines import machine, result, square, stream

A, B, C = (square(n, 1.0) for n in (8, 16, 32))
TASKS = (A.task, B.task, C.task)


def visited(point: Point, *samples: float, disturbed: bool = False) -> Point:
    """The point with the samples of one visit."""
    return one_visit(point.task, summary(samples, calls=4), "L1", disturbed=disturbed)


FIRST_A, FIRST_B, FIRST_C = (visited(point, 1.0, 1.2, 1.1) for point in (A, B, C))


def test_a_second_round_in_the_same_order_follows_the_first() -> None:
    assert visits_left(TASKS, (), ()) == ([*TASKS], [*TASKS])


def test_a_sweep_goes_on_in_the_middle_of_either_round() -> None:
    a, b, c = TASKS
    assert visits_left(TASKS, (FIRST_A,), ()) == ([b, c], [a, b, c])
    assert visits_left(TASKS, (FIRST_A, FIRST_B, FIRST_C), ()) == ([], [a, b, c])
    assert visits_left(TASKS, (joined(FIRST_A, FIRST_A), FIRST_B, FIRST_C), ()) == ([], [b, c])
    assert visits_left(TASKS, (A, B, C), ()) == ([], [])
    assert visits_left(TASKS, (FIRST_A,), (b.key,)) == ([c], [a, c])


def test_a_point_of_one_visit_keeps_its_samples() -> None:
    assert [FIRST_A.low_seconds, FIRST_A.seconds, FIRST_A.high_seconds] == pytest.approx([1.05, 1.1, 1.15])
    assert (FIRST_A.samples, FIRST_A.calls, FIRST_A.unpooled) == (3, 4, (1.0, 1.2, 1.1))
    assert FIRST_A.reached_seconds == 1.1


def test_a_point_of_two_visits_is_the_median_of_both() -> None:
    found = joined(FIRST_A, visited(A, 2.0, 2.2, 2.1))
    assert found.seconds == pytest.approx(1.6)
    assert [found.low_seconds, found.high_seconds] == pytest.approx([1.125, 2.075])
    assert found.uncertainty == pytest.approx(1.2 / 2 / 1.6)
    assert (found.samples, found.calls, found.level, found.unpooled) == (6, 4, "L1", ())
    assert found.reached_seconds == 1.1
    assert joined(visited(A, 2.0, 2.2, 2.1), FIRST_A).reached_seconds == 1.1


def test_what_disturbs_one_visit_disturbs_the_point() -> None:
    other = visited(A, 1.0, 1.0, 1.0, disturbed=True)
    assert joined(FIRST_A, other).disturbed
    assert joined(other, FIRST_A).disturbed
    assert not joined(FIRST_A, FIRST_A).disturbed


def test_a_point_takes_the_place_of_the_one_of_its_task() -> None:
    slower = replace(B, seconds=7.0)
    assert with_point((A, B, C), slower) == (A, slower, C)
    assert with_point((A,), B) == (A, B)
    assert with_point((A, B), None) == (A, B)


def test_a_roof_is_the_better_of_its_two_moments_and_never_falls() -> None:
    """2e6 FLOPs in 1 ms at first and in 2 ms later: 2 GFLOP/s, although both together are 1.3."""
    peak = square(100, 1.0)
    first = visited(peak, 0.001, 0.001, 0.001)
    both = joined(first, visited(peak, 0.002, 0.002, 0.002))
    memory = stream("copy", 1000, 1e-12, "L1")
    assert both.flops_per_second == pytest.approx(2e6 / 0.0015)
    for point in (first, both):
        assert roofs((memory, point), machine()).peaks["fp32"] == pytest.approx(2e9)
    product = square(10, 2000 / 1.9e9, group="product")
    assert roof_over(product, (memory, both), machine()) is None
    assert roof_over(replace(product, seconds=2000 / 2.1e9), (memory, both), machine()) == both
    assert roof_over(square(200, 1e-9), (memory, both), machine()) is None  # it makes a roof itself


def test_the_bandwidth_of_a_level_is_that_of_its_better_moment() -> None:
    copy = replace(stream("copy", 1000, 4e-6, "L1"), best_seconds=2e-6)
    assert roofs((copy,), machine()).bandwidth("L1") == pytest.approx(500e6)
    header, (row,) = csv_rows(result(copy))
    assert row[header.index("best_visit_seconds")] == 2e-6
    assert row[header.index("seconds")] == 4e-6


def test_samples_that_wait_for_a_second_visit_are_kept_in_json() -> None:
    half = result(FIRST_A, joined(FIRST_B, FIRST_B), complete=False)
    assert from_json(to_json(half)) == half
    assert visits_left(TASKS, from_json(to_json(half)).points, ()) == ([C.task], [A.task, C.task])


def test_points_of_one_visit_as_they_were_kept_before_are_ready() -> None:
    told = json.loads(to_json(result(A, B, C)))
    for point in told["points"]:
        del point["unpooled"], point["best_seconds"]
    old = from_json(json.dumps(told))
    assert old == result(A, B, C)
    assert visits_left(TASKS, old.points, ()) == ([], [])
