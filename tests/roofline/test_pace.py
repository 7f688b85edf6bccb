"""How time is divided, by a clock that the test turns; and what spoils a measurement, on one that the test makes."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import psutil
import pytest

from explainers.roofline import conditions, pace
from explainers.roofline.conditions import Watch
from explainers.roofline.devices import Call
from explainers.roofline.pace import Pace
from explainers.roofline.tasks import operation
from tests.roofline.machines import square, stream

STREAM, PEAK = stream("copy", 1000, 1.0, "L1").task, square(8, 1.0).task
PRODUCT = operation("product", "square", "fp32", (8, 8, 8, 1))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; the test changes it."""
    time = [100.0]
    clock = SimpleNamespace(perf_counter=lambda: time[0], process_time=lambda: 0.0)
    monkeypatch.setattr(pace, "time", clock)
    monkeypatch.setattr(conditions, "time", clock)
    return time


def test_a_task_gets_its_share_of_what_is_left(now: list[float]) -> None:
    tasks = [PRODUCT] * 600  # 24 seconds for all of them
    going = Pace(tasks, [tasks], 1.0)
    assert going.allowance(PRODUCT) == pytest.approx(0.04 - 0.012)  # beside what it takes to warm up
    now[0] += 12.0
    assert going.seconds == 12.0
    for _task in range(500):
        going.done(PRODUCT)
    assert going.allowance(PRODUCT) == pytest.approx(0.12 - 0.012)  # the others were quick: 12 seconds for 100
    assert going.seconds_left == pytest.approx(1 / 6 * (24 / 6) + 5 / 6 * (12 / 5))  # as planned, and as it went
    assert not going.behind


def test_who_is_late_gives_the_least(now: list[float]) -> None:
    tasks = [PRODUCT] * 10
    going = Pace(tasks, [tasks], 1.0)
    assert going.seconds_left == pytest.approx(1.0)
    now[0] += 50.0
    going.done(PRODUCT)
    assert going.behind
    assert going.allowance(PRODUCT) == 0.015
    assert going.seconds_left == pytest.approx(0.9 * 0.9 + 0.1 * 450.0)


def test_a_sweep_is_behind_when_it_is_late_by_more_than_a_part_of_the_whole(now: list[float]) -> None:
    going = Pace([PRODUCT] * 480, [[PRODUCT] * 480], 1.0)  # 24 seconds
    for _task in range(100):
        going.done(PRODUCT)  # 5 seconds' worth
    now[0] += 8.5
    assert not going.behind
    now[0] += 0.2
    assert going.behind


@pytest.mark.usefixtures("now")
def test_peaks_get_more_and_streams_less() -> None:
    tasks = [PRODUCT, PRODUCT, PEAK, STREAM, STREAM]
    going = Pace(tasks, [tasks], 1.0)
    assert [going.allowance(task) for task in (STREAM, PRODUCT, PEAK)] == [
        pytest.approx(0.05 - 0.012),
        pytest.approx(0.1 - 0.012),
        pytest.approx(0.25),  # at most
    ]
    assert Pace(tasks, [tasks], 0.01).allowance(PRODUCT) == pytest.approx(0.00015)


def test_two_visits_to_each_task_take_no_longer_than_a_sweep_may(now: list[float]) -> None:
    tasks = [PRODUCT] * 200
    going = Pace(tasks * 2, [tasks, tasks], 1.0)
    assert going.seconds_left == pytest.approx(24.0)
    assert going.allowance(PRODUCT) == pytest.approx(0.06 - 0.012)
    assert Pace(tasks * 2, [[], tasks], 1.0).seconds_left == pytest.approx(12.0)  # the second round alone
    now[0] += 9.0
    for _task in range(100):
        going.done(PRODUCT)
    assert going.allowance(PRODUCT) == pytest.approx(0.03 - 0.012)  # late by 3 seconds, in the first round
    now[0] += 3.0
    for _task in range(100):
        going.done(PRODUCT)
    assert going.allowance(PRODUCT) == pytest.approx(0.06 - 0.012)  # and in the second one no more


class Told:
    """A clock that says that every call takes so long."""

    sample_seconds = 0.001

    def __init__(self, now: list[float]) -> None:
        self.now, self.call_seconds = now, 0.002

    def seconds(self, calls: Iterable[Call]) -> float:
        spent = self.call_seconds * sum(1 for _call in calls)
        self.now[0] += spent
        return spent


def test_other_programs_and_a_slower_clock_are_noticed(now: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    spent = [0.0]
    monkeypatch.setattr(psutil, "cpu_times", lambda: SimpleNamespace(_asdict=lambda: {"user": spent[0], "idle": 9.0}))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    clock = Told(now)
    watch = Watch(lambda: None, clock)
    began = now[0]
    assert not watch.look()
    now[0], spent[0] = began + 2.0, 1.0  # a second of 4 x 2
    clock.call_seconds = 0.003
    assert not watch.look()
    found = watch.conditions(1e-6)
    assert found.other_load == pytest.approx(1.0 / (4 * (now[0] - began)))
    assert found.drift == pytest.approx(1.5)
    assert found.drifted
    before = now[0]
    now[0], spent[0] = before + 1.0, 4.0  # three seconds of 4 x 1
    assert watch.look()
    assert watch.conditions(1e-6).busy
    assert watch.conditions(1e-6).overhead_seconds == 1e-6
