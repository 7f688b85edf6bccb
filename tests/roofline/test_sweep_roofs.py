"""Sweeps whose visits find what the test says: points that stand above their roofs, and tasks that fail once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explainers.alone import FOLDER
from explainers.roofline import Point, Task, roofs, sweep
from explainers.roofline.messages import update_from, update_line
from explainers.roofline.timing import summary
from explainers.roofline.visits import one_visit, with_point
from tests.roofline.test_sweep import SMALL

TOLD = replace(SMALL, parts=("bandwidth", "peak", "product"), scale=1.0)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))


def told_visits(monkeypatch: pytest.MonkeyPatch, rate: Callable[[Task, int], float]) -> list[str]:
    """Visits that take no time, and find this rate of a task that is visited for that time; the tasks, as they come."""
    asked: list[str] = []

    def visit(_bench: object, task: Task, *_others: object) -> Point:
        asked.append(task.key)
        seconds = task.flops / rate(task, asked.count(task.key)) + task.bytes / 1e15
        return one_visit(task, summary([seconds] * 3, 1), "memory", disturbed=False)

    monkeypatch.setattr(sys.modules[sweep.__module__]._Bench, "_visit", visit)
    return asked


def test_a_roof_that_a_point_stands_above_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose clock doubles after the peaks were measured, and is tripled while one product is."""
    tripled = "product/square/1x64x64x64/fp32/warm"

    def rate(task: Task, times: int) -> float:
        slow = task.group == "peak" and times == 1
        return 6e9 if task.key == tripled and times == 1 else 1e9 if slow else 2e9

    asked = told_visits(monkeypatch, rate)
    updates = list(sweep(TOLD))
    result = updates[-1].result
    found = roofs(result.points, result.machine)
    assert found.peaks["fp32"] == pytest.approx(2e9, rel=1e-3)
    assert max(found.share(each) for each in result.points) < 1.01
    (roof,) = [update.roof for update in updates if update.roof]
    assert roof.task.group == "peak"
    assert len({each.task.key for each in result.points}) == len(result.points)
    again = {key: asked.count(key) for key in asked if asked.count(key) > 2}
    assert again == {roof.task.key: 4, tripled: 3}  # of the second, the roof was measured in vain
    told = updates[0].result
    for update in updates[1:]:
        told = update_from(json.loads(json.dumps(update_line(update, whole=False))), told).result
    assert told == result


def test_a_roof_that_is_too_low_in_the_second_round_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock doubles after the peaks were measured for the second time: both of their own visits were slow."""
    asked = told_visits(
        monkeypatch, lambda task, times: 1e9 if times == 1 or (task.group, times) == ("peak", 2) else 2e9
    )
    result = list(sweep(TOLD))[-1].result
    found = roofs(result.points, result.machine)
    assert found.peaks["fp32"] == pytest.approx(2e9, rel=1e-3)
    assert max(found.share(each) for each in result.points) < 1.01
    assert {round(each.flops_per_second / 1e9, 2) for each in result.group("peak")} == {1.0}
    assert {round(each.flops_per_second / 1e9, 2) for each in result.group("product")} == {1.33}
    assert sorted(asked.count(point.task.key) for point in result.group("peak")) == [2, 2, 2, 3]


def test_a_point_that_was_left_above_its_roof_is_not_there_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first round there was no time to measure it again: then the first visit does not count."""
    told_visits(monkeypatch, lambda _task, _times: 1e9)
    half = next(update.result for update in sweep(TOLD) if update.done == update.steps // 2)
    quick = next(point for point in half.group("product") if point.task.m == 64)
    quick = replace(quick, seconds=quick.seconds / 3, unpooled=(quick.seconds / 3,) * 3)
    result = list(sweep(TOLD, replace(half, points=with_point(half.points, quick))))[-1].result
    found = roofs(result.points, result.machine)
    assert found.peaks["fp32"] == pytest.approx(1e9, rel=1e-3)
    assert max(found.share(each) for each in result.points) < 1.01
    assert [each.samples for each in result.group("product") if each.task == quick.task] == [3]
    assert {each.samples for each in result.points if each.task != quick.task} == {6}


def test_a_task_that_fails_the_second_time_keeps_its_first_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    def rate(task: Task, times: int) -> float:
        if (task.group, times) == ("product", 2):
            raise RuntimeError("out of memory")
        return 1e9

    told_visits(monkeypatch, rate)
    updates = list(sweep(TOLD))
    result = updates[-1].result
    assert result.complete
    assert result.refused == ()
    assert updates[-1].done == updates[-1].steps
    assert {point.samples for point in result.group("product")} == {3}
    assert {point.samples for point in result.group("peak")} == {6}
    assert list(sweep(TOLD, replace(result, complete=False))) == []
