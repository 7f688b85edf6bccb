"""Shared results: bounded in bytes, computed once, and given up between two steps once nobody asks any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from explainers.pace import Expectation, Pace
from explainers.sharing import Make, Progress, SharedResults, Stop

WAIT_SECONDS = 20.0
EQUAL = (1.0,) * 12  # the work of steps


def results(most_bytes: int = 10, patience_seconds: float = WAIT_SECONDS, pace: Pace | None = None) -> SharedResults:
    """Results that are strings, of one byte a letter."""
    return SharedResults(most_bytes, lambda value: len(str(value)), patience_seconds=patience_seconds, pace=pace)


def says(value: str) -> Make:
    return lambda _stop: value


def never(_stop: Stop) -> object:
    raise AssertionError("it is there already")


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Steps:
    """A computation of many steps, each of which is let go by the test."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.begun = 0
        self.go = threading.Semaphore(0)
        self.stopped = False

    def __call__(self, stop: Stop) -> object:
        for _step in range(self.steps):
            self._ask(stop)
            self.begun += 1
            assert self.go.acquire(timeout=WAIT_SECONDS)
        self._ask(stop)
        return "done"

    def _ask(self, stop: Stop) -> None:
        if stop():
            self.stopped = True
            raise InterruptedError


def test_the_least_recently_used_results_make_room() -> None:
    shared = results(most_bytes=10)
    for key in "abc":
        shared.value(key, says(key * 4))
        shared.value("a", says("aaaa"))
    assert [key for key in "abc" if shared.holds(key)] == ["a", "c"]
    assert shared.bytes == 8
    assert shared.value("a", never) == "aaaa"


def test_a_result_that_is_larger_than_all_room_is_kept_alone() -> None:
    shared = results(most_bytes=3)
    shared.value("small", says("12"))
    shared.value("large", says("12345"))
    assert shared.holds("large")
    assert not shared.holds("small")


def test_two_who_want_the_same_get_it_from_one_computation() -> None:
    shared, entered, go, made = results(), threading.Event(), threading.Event(), []

    def make(_stop: Stop) -> object:
        made.append(1)
        entered.set()
        assert go.wait(WAIT_SECONDS)
        return "value"

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(shared.value("key", make))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert entered.wait(WAIT_SECONDS)
    go.set()
    for thread in threads:
        thread.join()
    assert (found, len(made)) == (["value"] * 3, 1)


def test_a_computation_that_fails_is_not_kept_and_leaves_the_way_free() -> None:
    shared = results()

    def fail(_stop: Stop) -> object:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shared.value("key", fail)
    assert shared.value("key", says("yes")) == "yes"


def test_progress_in_the_background() -> None:
    shared, steps = results(), Steps(4)
    assert not shared.ask("key", steps, EQUAL[:4], "me").done
    wait_until(lambda: steps.begun == 1)
    assert shared.ask("key", steps, EQUAL[:4], "me").began
    steps.go.release()
    wait_until(lambda: steps.begun == 2)
    assert shared.ask("key", steps, EQUAL[:4], "me").done == 1
    steps.go.release(3)
    wait_until(lambda: shared.holds("key"))
    wait_until(lambda: not shared.running)
    assert shared.value("key", never) == "done"


def test_time_is_told_from_the_steps_that_are_over() -> None:
    assert Progress(EQUAL[:12], began=True).seconds_left is None
    third = Progress(EQUAL[:12], 4, 2.0, began=True)
    assert third.fraction == pytest.approx(1 / 3)
    assert (third.whole_seconds, third.seconds_left) == pytest.approx((6.0, 4.0))


def test_steps_of_much_work_take_longer() -> None:
    """Two layers of 3 and an output layer of 4: after the first layer's 3 seconds, 7 are left."""
    first = Progress((3, 3, 4), 1, 3.0, began=True)
    assert (first.whole_seconds, first.seconds_left) == pytest.approx((10.0, 7.0))
    assert Progress((3, 3, 4), 1, 3.0, 2.0, began=True).seconds_left == pytest.approx(5.0)
    late = Progress((3, 3, 4), 1, 3.0, 99.0, began=True)  # the second step takes longer than the first
    assert (late.seconds_left, late.fraction) == pytest.approx((4.0, 0.6))
    assert Progress((3, 3, 4), 3, 10.0, 1.0, began=True).seconds_left == 0


def test_before_the_first_step_is_over_the_time_is_what_is_expected() -> None:
    expected = Progress((3, 3, 4), 0, 0.0, 2.0, began=True, expected=Expectation(20.0, "trial"))
    assert not expected.measured
    assert (expected.whole_seconds, expected.seconds_left, expected.fraction) == pytest.approx((20.0, 18.0, 0.1))
    assert Progress((3, 3, 4), 1, 3.0, began=True, expected=Expectation(20.0, "trial")).whole_seconds == 10


def test_a_pace_is_learned_from_a_trial_and_then_from_what_is_over() -> None:
    trials: list[float] = []

    def trial() -> float:
        trials.append(2.0)
        return 2.0

    pace = Pace(trial)
    assert pace.expect(10) is None
    pace.try_out()
    pace.try_out()
    assert pace.expect(10) == (20.0, "trial")
    pace.note(4, 2.0)
    assert pace.expect(10) == (5.0, "earlier")
    for nothing in ((0, 1.0), (1, 0.0)):
        pace.note(*nothing)
    pace.try_out()
    assert (pace.expect(10), len(trials)) == ((5.0, "earlier"), 1)


def test_a_computation_that_waits_knows_how_long_it_will_take() -> None:
    shared, first, second = results(pace=Pace(lambda: 3.0)), Steps(2), Steps(1)
    shared.ask("first", first, EQUAL[:2], "me")
    wait_until(lambda: first.begun == 1)
    waiting = shared.ask("second", second, EQUAL[:1], "me")
    assert (waiting.queued, waiting.began, waiting.expected) == (True, False, (3.0, "trial"))
    first.go.release(2)
    wait_until(lambda: second.begun == 1)
    begun = shared.ask("second", second, EQUAL[:1], "me")
    assert not begun.queued
    assert begun.expected is not None
    assert begun.expected.basis == "earlier"
    second.go.release()
    wait_until(lambda: not shared.running)


def test_a_visitor_stops_it_between_two_steps_unless_another_waits() -> None:
    shared, steps = results(), Steps(9)
    for who in ("one", "two"):
        shared.ask("key", steps, EQUAL[:9], who)
    wait_until(lambda: steps.begun == 1)
    shared.leave("key", "one")
    steps.go.release()
    wait_until(lambda: steps.begun == 2)
    shared.leave("key", "two")
    steps.go.release()
    wait_until(lambda: not shared.running)
    assert steps.stopped
    assert steps.begun == 2
    assert not shared.holds("key")
    assert shared.value("key", says("anew")) == "anew"


def test_a_visitor_who_does_not_ask_any_more_is_gone() -> None:
    shared, steps = results(patience_seconds=0.5), Steps(9)
    wait_until(lambda: shared.ask("key", steps, EQUAL[:9], "me").began)
    time.sleep(0.6)
    steps.go.release()
    wait_until(lambda: not shared.running)
    assert steps.stopped


def test_who_asks_again_after_a_stop_gets_a_new_computation() -> None:
    shared, old, new = results(), Steps(9), Steps(1)
    shared.ask("key", old, EQUAL[:9], "me")
    wait_until(lambda: old.begun == 1)
    shared.leave("key", "me")
    old.go.release()
    wait_until(lambda: old.stopped)
    shared.ask("key", new, EQUAL[:1], "me")
    new.go.release()
    wait_until(lambda: shared.holds("key"))


def test_what_goes_wrong_is_told_to_the_next_who_asks() -> None:
    shared = results()

    def fail(_stop: Stop) -> object:
        raise ValueError("shorten the text")

    shared.ask("key", fail, EQUAL[:1], "me")
    wait_until(lambda: not shared.running)
    with pytest.raises(ValueError, match="shorten the text"):
        shared.ask("key", fail, EQUAL[:1], "me")
    shared.ask("key", says("now"), EQUAL[:1], "me")
    wait_until(lambda: shared.holds("key"))


def test_computations_wait_for_each_other_and_leave_the_queue_when_nobody_asks() -> None:
    shared, first, second = results(), Steps(1), Steps(1)
    shared.ask("first", first, EQUAL[:1], "me")
    wait_until(lambda: first.begun == 1)
    shared.ask("second", second, EQUAL[:1], "me")
    shared.leave("second", "me")
    wait_until(lambda: shared.running == 1)
    assert second.begun == 0
    first.go.release()
    wait_until(lambda: shared.holds("first"))
