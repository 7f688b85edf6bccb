"""One sweep at a time, in a process of its own: who waits, who stops, and that nothing is left behind by any end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from explainers import language
from explainers.alone import FOLDER, alone
from explainers.roofline import Request, Result, Runner, RunState, last_result, messages, process
from tests.roofline.machines import MB, result, square
from tests.roofline.test_sweep import QUICKEST, SMALL

LONG = Request(threads=1, limit_bytes=8 * MB, scale=0.3)  # for hundreds of points
PATIENCE = 120.0  # seconds until a test gives up: the machine may be busy


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner(patience_seconds=PATIENCE)
    yield made
    made.close()
    assert_nothing_is_left(made)


def assert_nothing_is_left(runner: Runner) -> None:
    assert runner._thread is None
    assert not runner.measuring
    assert not workers()
    with alone():
        pass


def workers(of: int | None = None) -> list[psutil.Process]:
    """The processes of this test that measure and are alive."""
    found = []
    for child in psutil.Process(of).children(recursive=True):
        with suppress(psutil.Error):
            ours = child.environ().get(FOLDER) == os.environ[FOLDER]
            if ours and "explainers.roofline.worker" in child.cmdline():
                found.append(child)
    return found


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def ended(runner: Runner, visitor: str) -> RunState:
    until(lambda: not runner.state(visitor).active)
    return runner.state(visitor)


def test_a_visitor_who_asked_for_nothing_sees_nothing(runner: Runner) -> None:
    assert runner.state("a") == RunState("idle")
    runner.stop("a")
    runner.resume("a")
    assert runner.state("a").phase == "idle"


def test_a_sweep_comes_to_its_end_and_is_kept(runner: Runner) -> None:
    runner.start("a", QUICKEST)
    assert runner.state("a").phase in ("waiting", "starting", "measuring")
    found = ended(runner, "a")
    assert (found.phase, found.mine, found.sentence) == ("done", True, "")
    assert found.done == found.steps == 2 * len(found.result.points if found.result else ())
    assert found.result == last_result()
    other = runner.state("b")
    assert (other.phase, other.mine, other.result) == ("idle", False, found.result)


def test_the_last_result_is_there_after_a_start() -> None:
    runner = Runner()
    kept = result(square(100, 1e-4))
    from explainers.roofline import keep

    keep(kept)
    assert runner.state("a").result == kept
    assert not runner.state("a").mine
    runner.close()


def test_the_second_visitor_waits_and_sees_the_first_one_s_progress(runner: Runner) -> None:
    runner.start("a", LONG)
    runner.start("b", QUICKEST)
    runner.start("c", QUICKEST)
    until(lambda: runner.state("a").done >= 2)
    seen = [runner.state(visitor) for visitor in "abc"]
    assert [state.ahead for state in seen] == [0, 1, 2]
    assert [state.phase for state in seen] == ["measuring", "waiting", "waiting"]
    assert [state.others for state in seen] == [False, True, True]
    assert seen[1].done >= seen[0].done >= 2
    assert seen[1].steps == seen[0].steps
    assert len(workers()) == 1
    runner.stop("b")
    assert runner.state("b").phase == "stopped"
    assert runner.state("c").ahead == 1
    runner.stop("a")
    assert ended(runner, "c").phase == "done"
    assert ended(runner, "a").phase == "stopped"


def test_a_stopped_sweep_goes_on_where_it_was(runner: Runner) -> None:
    runner.start("a", replace(SMALL, scale=0.1))
    until(lambda: runner.state("a").done >= 3)
    runner.stop("a")
    until(lambda: not workers())
    stopped = runner.state("a")
    assert (stopped.phase, stopped.active, stopped.mine) == ("stopped", False, True)
    assert stopped.result is not None
    assert not stopped.result.complete
    runner.resume("a")
    found = ended(runner, "a").result
    assert found is not None
    assert found.complete
    for was, now in zip(stopped.result.points, found.points, strict=False):
        assert was.task == now.task
        assert now.reached_seconds <= was.seconds  # the visit from before the stop counts
        assert was.unpooled
        assert not now.unpooled
    assert len({point.task.key for point in found.points}) == len(found.points) == stopped.steps / 2


def test_starting_again_begins_anew(runner: Runner) -> None:
    runner.start("a", LONG)
    until(lambda: runner.state("a").done >= 1)
    runner.start("a", QUICKEST)
    found = ended(runner, "a")
    assert (found.phase, found.result and found.result.request) == ("done", QUICKEST)


def test_a_sweep_is_ended_when_its_visitor_has_gone() -> None:
    runner = Runner(patience_seconds=0.0)
    runner.start("gone", LONG)
    until(lambda: not workers() and runner._thread is None)
    assert runner.state("gone").phase == "stopped"
    runner.close()
    assert_nothing_is_left(runner)


def test_a_killed_process_leaves_its_points_and_no_lock(runner: Runner) -> None:
    runner.start("a", LONG)
    until(lambda: runner.state("a").done >= 2)
    workers()[0].kill()
    found = ended(runner, "a")
    assert found.phase == "failed"
    assert "has ended" in found.sentence
    assert len(found.result.points if found.result else ()) >= 2
    with alone():
        pass
    runner.resume("a")
    until(lambda: runner.state("a").done > found.done)


def test_another_program_that_measures_is_waited_for_by_the_visitor(runner: Runner) -> None:
    with alone():
        runner.start("a", QUICKEST)
        found = ended(runner, "a")
    assert found.phase == "failed"
    assert "Another program" in found.sentence
    runner.resume("a")
    assert ended(runner, "a").phase == "done"


def test_what_cannot_be_measured_is_said(runner: Runner) -> None:
    runner.start("a", replace(QUICKEST, device="abacus"))
    found = ended(runner, "a")
    assert (found.phase, found.done) == ("failed", 0)
    assert "abacus" in found.sentence


def test_the_process_answers_in_the_visitor_s_language(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[str] = []
    made = messages.order

    def order(request: Request, earlier: Result | None) -> str:
        orders.append(made(request, earlier))
        return orders[-1]

    monkeypatch.setattr(process, "order", order)
    language.use("ko")
    runner.start("a", QUICKEST)
    language.use("en")
    assert ended(runner, "a").phase == "done"
    runner.start("a", QUICKEST)
    assert ended(runner, "a").phase == "done"
    assert [messages.order_from(each)[2] for each in orders] == ["ko", "en"]


def test_a_process_that_was_made_ready_is_the_one_that_measures(runner: Runner) -> None:
    runner.warm()
    runner.warm()
    (ready,) = workers()
    runner.start("a", QUICKEST)
    until(lambda: runner.state("a").done >= 1)
    assert [worker.pid for worker in workers()] in ([ready.pid], [])
    assert ended(runner, "a").phase == "done"
    until(lambda: not workers())


def test_a_ready_process_that_died_is_replaced(runner: Runner) -> None:
    runner.warm()
    ready = runner._ready
    assert ready
    workers()[0].kill()
    until(lambda: not ready.alive)  # while it dies it has no environment any more, and is none of `workers`
    runner.start("a", QUICKEST)
    assert ended(runner, "a").phase == "done"


def test_listeners_hear_of_every_change(runner: Runner) -> None:
    versions: list[int] = []
    unsubscribe = runner.subscribe(lambda: versions.append(runner.state("b").version))
    runner.start("a", QUICKEST)
    assert ended(runner, "a").phase == "done"
    until(lambda: runner._thread is None)
    assert versions == sorted(versions)
    assert len(versions) >= runner.state("a").steps
    unsubscribe()
    before = len(versions)
    runner.start("a", QUICKEST)
    runner.stop("a")
    assert len(versions) == before


def test_closing_ends_everything_and_for_good(runner: Runner) -> None:
    runner.start("a", LONG)
    runner.start("b", LONG)
    runner.warm()
    until(lambda: runner.state("a").done >= 1)
    runner.close()
    assert_nothing_is_left(runner)
    runner.start("a", QUICKEST)
    runner.warm()
    assert not workers()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")
def test_the_process_ends_with_its_server(tmp_path: Path) -> None:
    code = (
        "import time; from explainers.roofline import Request, Runner; r = Runner()\n"
        "r.start('a', Request(threads=1, limit_bytes=2**23, scale=0.3))\n"
        "while r.state('a').done < 1: time.sleep(0.02)\n"
        "print('measures', flush=True)\n"
        "while True: time.sleep(0.1); r.state('a')\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert server.stdout is not None
    assert server.stdout.readline() == "measures\n"
    (worker,) = workers(server.pid)
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    with alone():
        pass
