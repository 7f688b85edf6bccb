"""Every task is measured twice, some ten seconds apart: in which order, and what the two visits say together.

The clock of a machine drifts, by more than a tenth within a sweep. A median over two moments depends less on the one
at which its task happened to have its turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from explainers.roofline.tasks import Point, Task
from explainers.roofline.timing import Timing, pooled, summary

VISITS = 2  # to each task


def visits_left(
    tasks: Sequence[Task], points: Sequence[Point], refused: Collection[str]
) -> tuple[list[Task], list[Task]]:
    """What is still to be measured, in order, in a first round over all tasks and in a second one.

    points: so far; those with no samples that wait for a second visit are ready. refused: keys of tasks that cannot be
    done.
    """
    ready = {*refused, *(point.task.key for point in points if not point.unpooled)}
    visited = {point.task.key for point in points}
    second = [task for task in tasks if task.key not in ready]
    return [task for task in second if task.key not in visited], second


def timing_of(point: Point) -> Timing:
    """The timing of a point's one visit."""
    return summary(point.unpooled, point.calls)


def one_visit(task: Task, timing: Timing, level: str, *, disturbed: bool) -> Point:
    """The point of a single visit; its samples are kept for the second one."""
    return Point(
        task,
        seconds=timing.seconds,
        low_seconds=timing.low_seconds,
        high_seconds=timing.high_seconds,
        samples=len(timing.samples),
        calls=timing.calls,
        uncertainty=timing.uncertainty,
        level=level,
        disturbed=disturbed,
        unpooled=timing.samples,
    )


def joined(first: Point, second: Point) -> Point:
    """One point of two visits, whose samples count together; disturbed where one of them was."""
    timing = pooled(timing_of(first), timing_of(second))
    return replace(
        one_visit(second.task, timing, second.level, disturbed=first.disturbed or second.disturbed),
        best_seconds=min(first.reached_seconds, second.reached_seconds),
        unpooled=(),
    )


def with_point(points: Sequence[Point], point: Point | None) -> tuple[Point, ...]:
    """The points, with this one in place of the one of the same task, or behind all others."""
    if point is None:
        return tuple(points)
    if any(each.task.key == point.task.key for each in points):
        return tuple(point if each.task.key == point.task.key else each for each in points)
    return (*points, point)
