"""The process that measures: what goes in and out of it, how it is stopped, and that nothing is left of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from explainers.alone import alone
from explainers.checkpoints.design import own
from explainers.matmul import Load, MeasureError, Measurer, Network, Stopped, Timed, Timing, Timings
from explainers.matmul.messages import order_from, order_line, timing_from, timing_line
from explainers.matmul.networks import build, inputs

SMALL = (Network("mlp"), Load(1, 1))
LONG = (Network("transformer", own("bert", 12, 256, 1000, 64)), Load(4, 64))


@pytest.fixture(scope="module")
def measurer() -> Iterator[Measurer]:
    one = Measurer()
    yield one
    one.end()


def process_of(measurer: Measurer) -> psutil.Process:
    measurer.warm()
    assert measurer._process is not None
    return psutil.Process(measurer._process.pid)


def test_orders_and_results_are_the_same_on_the_other_side() -> None:
    network = Network("transformer", own("t5", 2, 64, 100, 32))
    got, load, mode = order_from(order_line(network, Load(2, 5), "training"))
    assert (load, mode, got.kind, got.blocks) == (Load(2, 5), "training", "transformer", network.blocks)
    assert [tuple(each.shape) for each in build(got, "meta").parameters()] == [
        tuple(each.shape) for each in build(network, "meta").parameters()
    ]
    assert inputs(got, load, "meta").keys() == inputs(network, load, "meta").keys()
    assert order_from(order_line(*SMALL, "inference")) == (*SMALL, "inference")
    timed = Timing((Timed("forward", "mm", "products", 3, 0.25),), (0.5, 0.75), 2, "2.13")
    assert timing_from(timing_line(timed)) == timed


def test_one_process_measures_one_thing_after_the_other(measurer: Measurer) -> None:
    pid = process_of(measurer).pid
    steps: list[bool] = []
    first = measurer.measure(*SMALL, "inference", lambda: bool(steps.append(True)))  # type: ignore[func-returns-value]
    assert first.of("products") > 0
    assert steps
    assert {each.phase for each in measurer.measure(*SMALL, "training", lambda: False).operators} == {
        "forward", "backward", "optimizer"
    }  # fmt: skip
    assert process_of(measurer).pid == pid


def test_what_cannot_be_measured_is_said_and_the_process_goes_on(measurer: Measurer) -> None:
    with pytest.raises(MeasureError):
        measurer.measure(Network("mlp"), Load(10**13, 1), "inference", lambda: False)
    assert measurer.measure(*SMALL, "inference", lambda: False).seconds > 0


def test_to_stop_ends_the_process_and_the_next_order_gets_another(measurer: Measurer) -> None:
    first = process_of(measurer)
    with pytest.raises(Stopped):
        measurer.measure(*LONG, "training", lambda: True)
    assert not first.is_running()
    assert process_of(measurer).pid != first.pid


def test_a_process_that_was_killed_is_said_and_replaced(measurer: Measurer) -> None:
    def kill() -> bool:
        process_of(measurer).kill()
        return False

    with pytest.raises(MeasureError):
        measurer.measure(*LONG, "training", kill)
    assert measurer.measure(*SMALL, "inference", lambda: False).seconds > 0


def test_it_ends_with_its_server_and_when_it_is_asked_for_nothing() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "explainers.matmul.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    code = "import sys, explainers.matmul.worker as w; w.main(sys.stdin, sys.stdout, idle_seconds=0.1)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.wait(timeout=120) == 0


def test_visitors_share_a_measurement_have_it_made_again_and_leave() -> None:
    timings = Timings()
    assert timings.found(*SMALL, "inference") is None
    for visitor in ("one", "two"):
        timings.ask(*SMALL, "inference", visitor)
    assert timings.running == 1
    found = None
    for _look in range(1200):
        if (found := timings.found(*SMALL, "inference")) is not None:
            break
        time.sleep(0.05)
        timings.ask(*SMALL, "inference", "one")
    assert isinstance(found, Timing)
    timings.forget(*SMALL)
    assert timings.found(*SMALL, "inference") is None
    timings.ask(*LONG, "training", "one")
    timings.leave(*LONG, "one")  # and nobody else wants it
    for _look in range(1200):
        if not timings.running:
            break
        time.sleep(0.05)
    assert timings.running == 0
    assert timings.found(*LONG, "training") is None
    timings.close()


def test_networks_are_counted_while_other_threads_load_models() -> None:
    """transformers replaces its own module while it is imported: a second thread would find no class in it."""
    code = """
import threading
from explainers.checkpoints import load
from explainers.checkpoints.design import of_checkpoint
from explainers.matmul import Load, Network, count
loading = threading.Thread(target=lambda: load("bert-mini").model)
loading.start()
count(Network("transformer", of_checkpoint(load("gpt2-mini"))), Load(1, 4), "inference")
loading.join()
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


def test_nothing_is_measured_beside_a_roofline() -> None:
    shared = Timings()
    with alone():
        shared.ask(*SMALL, "inference", "me")
        while shared.running:
            time.sleep(0.01)
        with pytest.raises(MeasureError):
            shared.ask(*SMALL, "inference", "me")
    assert shared._measurer._process is None
