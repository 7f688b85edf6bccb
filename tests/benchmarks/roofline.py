"""The roofline's roofs against torch's and numpy's large products and against STREAM in C; its pace and its stops."""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest import mock

from explainers.alone import FOLDER
from explainers.roofline import (
    Machine,
    NumberType,
    Request,
    Result,
    Runner,
    RunState,
    roofs,
    sweep,
    this_machine,
)
from explainers.roofline.buffers import Buffers
from explainers.roofline.kernels import calls
from explainers.roofline.streams import ARRAYS
from explainers.roofline.tasks import operation
from tests.benchmarks.measuring import seconds_of

SIDE = 4096
TYPES: tuple[NumberType, ...] = ("fp32", "bf16", "fp64")
ROUNDS = 5

PEAK_GOAL = 0.07
BANDWIDTH_GOAL = 0.10
ROOF_GOAL = 1.05
FIRST_POINT_GOAL = 2.0
SWEEP_GOAL = 30.0
STOP_GOAL = 0.5
AGREEMENT_GOAL = 0.10

_STREAM = Path(__file__).with_name("stream.c")
_TRIALS = 9
_STOPS = 5
_SWEEPS = 3


@dataclass(frozen=True)
class Finding:
    """One line: what was found, and whether it is what it should be."""

    name: str
    found: str
    goal: str
    met: bool | None = None

    def __str__(self) -> str:
        verdict = "" if self.met is None else f" (goal {self.goal}: {'met' if self.met else 'NOT met'})"
        return f"{self.name:<44} {self.found}{verdict}"


def measure() -> Iterator[Finding]:
    """Everything, on the processor, with all its cores; nothing of it replaces the last result that is kept."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {FOLDER: folder}):
        machine = this_machine()
        for type in TYPES:
            yield _peak(type, machine)
        yield from _bandwidth(machine, Path(folder))
        yield from _sweeps()
        yield _stops()


def _peak(type: NumberType, machine: Machine) -> Finding:
    """Our peak and torch's product of 4,096 square matrices in turn, and numpy's beside.

    A smaller product is sometimes quicker, and a roof is above it, too: so our own best size is timed plainly as well,
    and the better of both is what our peak is compared with.
    """
    request = Request(types=(type,), parts=("peak",))
    best = max(_whole(request).points, key=lambda point: point.flops_per_second).task.m
    sides = {SIDE: _square(type, SIDE, machine), best: _square(type, best, machine)}
    beside = _numpy(type, machine)
    ours: list[float] = []
    numpys: list[float] = []
    plain: dict[int, list[float]] = {side: [] for side in sides}
    for _round in range(ROUNDS):
        ours.append(roofs(_whole(request).points, machine).peaks[type])
        for side, seconds in sides.items():
            plain[side].append(2 * side**3 / seconds())
        if beside is not None:
            numpys.append(2 * SIDE**3 / beside())
    found, rates = statistics.median(ours), {side: statistics.median(each) for side, each in plain.items()}
    ratio = found / max(rates.values())
    said = ", ".join(f"{rate / 1e9:,.1f} for {side:,} square" for side, rate in rates.items())
    numpy_text = f"; numpy {statistics.median(numpys) / 1e9:,.1f}" if numpys else ""
    return Finding(
        f"peak, {type}",
        f"{ratio:5.3f} of torch's best ({found / 1e9:,.1f} GFLOP/s; plainly {said}{numpy_text})",
        f"within {PEAK_GOAL:.0%}",
        abs(ratio - 1) <= PEAK_GOAL,
    )


def _square(type: NumberType, side: int, machine: Machine) -> Callable[[], float]:
    """The seconds of torch's product of square matrices with the threads of the sweep, after one to warm up."""
    import torch

    made, _passes = calls(operation("peak", "square", type, (side, side, side, 1)), Buffers("cpu", 2**30), 1, 0)

    def seconds() -> float:
        before = torch.get_num_threads()
        torch.set_num_threads(machine.threads)
        made[0]()
        took = seconds_of(made[0])()
        torch.set_num_threads(before)
        return took

    return seconds


def _numpy(type: NumberType, machine: Machine) -> Callable[[], float] | None:
    """The same by numpy, with as many threads; None for a type that it has not."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    kinds: dict[NumberType, Any] = {"fp32": np.float32, "fp64": np.float64}
    if type not in kinds:
        return None
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, SIDE, SIDE)).astype(kinds[type])
    out = np.empty_like(a)

    def seconds() -> float:
        with threadpool_limits(machine.threads, "blas"):
            return seconds_of(lambda: np.matmul(a, b, out=out))()

    return seconds


def _bandwidth(machine: Machine, folder: Path) -> Iterator[Finding]:
    """Our streams in memory against the same four in C, compiled here, over arrays of the same length, in turn."""
    compiler = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
    program = folder / "stream"
    command = [str(compiler), "-O3", "-fopenmp", "-o", str(program), str(_STREAM)]
    if compiler is None or subprocess.run(command, capture_output=True, check=False).returncode:
        yield Finding("bandwidth", "no C compiler with OpenMP is here to compare with", "")
        return
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    request = Request(types=("fp32",), parts=("bandwidth",))
    for _round in range(ROUNDS):
        points = [point for point in _whole(request).points if point.level == "memory"]
        for point in points[-len(ARRAYS) :]:
            ours.setdefault(point.task.role, []).append(point.bytes_per_second)
        numbers = next(point.task.m for point in reversed(points) if point.task.role == "triad")
        done = subprocess.run(
            [str(program), str(numbers), str(_TRIALS)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": str(machine.threads)},
        )
        for line in done.stdout.splitlines():
            name, rate = line.split()
            theirs.setdefault(name, []).append(float(rate))
    for name, rates in theirs.items():
        found, reference = statistics.median(ours[name]), statistics.median(rates)
        yield Finding(
            f"bandwidth of memory, {name}",
            f"{found / reference:5.3f} of STREAM's in C ({found / 1e9:,.1f} against {reference / 1e9:,.1f} GB/s)",
            f"within {BANDWIDTH_GOAL:.0%}",
            abs(found / reference - 1) <= BANDWIDTH_GOAL,
        )


def _sweeps() -> Iterator[Finding]:
    """Full sweeps, as the page runs them, with a process that was made ready when the page was opened."""
    found: list[Result] = []
    for number in range(1, _SWEEPS + 1):
        with closing(Runner()) as runner:
            runner.warm()
            time.sleep(5)  # a visitor reads what the page says first
            started = time.perf_counter()
            runner.start("bench", Request())
            _until(runner, lambda state: state.done >= 1)
            first = time.perf_counter() - started
            state = _until(runner, lambda state: not state.active)
            whole = time.perf_counter() - started
        assert state.result is not None
        found.append(state.result)
        yield _in_time(f"sweep {number}, first point", first, FIRST_POINT_GOAL)
        yield _in_time(f"sweep {number}, all {len(state.result.points)} points twice", whole, SWEEP_GOAL)
        yield from _under_the_roofs(number, state.result)
    yield _agreement(found)


def _under_the_roofs(number: int, result: Result) -> Iterator[Finding]:
    """The points above the roof of the memory that holds their working set, and what disturbed the sweep."""
    measured = roofs(result.points, result.machine)
    above = {point.task.key: share for point in result.points if (share := measured.share(point)) > ROOF_GOAL}
    highest = max(measured.share(point) for point in result.points)
    named = "".join(f"; {key} {share:.2f}" for key, share in above.items())
    yield Finding(
        f"sweep {number}, points above their roof", f"{len(above)}, highest {highest:.3f}{named}", "0", not above
    )
    conditions = result.conditions
    yield Finding(
        f"sweep {number}, conditions",
        f"other programs {conditions.other_load:.1%}, drift {conditions.drift:.3f}, "
        f"overhead {1e6 * conditions.overhead_seconds:.2f} µs, disturbed "
        f"{sum(point.disturbed for point in result.points)}, refused {len(result.refused)}",
        "",
    )


def _agreement(sweeps: Sequence[Result]) -> Finding:
    """How far apart two sweeps are, at the median of their points: of all pairs of sweeps the middle one.

    The goal is for a quiet machine; where the clock of this one changed within the sweeps, that is said.
    """
    pairs = sorted(_apart(first, second) for first, second in combinations(sweeps, 2))
    drifted = sum(result.conditions.drifted for result in sweeps)
    said = f"; the clock changed by more than a tenth within {drifted} of {len(sweeps)} sweeps" if drifted else ""
    return Finding(
        f"two of {len(sweeps)} sweeps, at the median of their points",
        f"{statistics.median(pairs):.1%} apart ({', '.join(f'{each:.1%}' for each in pairs)}){said}",
        f"{AGREEMENT_GOAL:.0%} on a quiet machine",
        statistics.median(pairs) <= AGREEMENT_GOAL,
    )


def _apart(first: Result, second: Result) -> float:
    earlier = {point.task.key: point.seconds for point in first.points}
    ratios = [point.seconds / earlier[point.task.key] for point in second.points if point.task.key in earlier]
    return math.expm1(statistics.median(abs(math.log(ratio)) for ratio in ratios))


def _stops() -> Finding:
    """The longest time until a stopped sweep has ended, over several that were stopped at places of both its rounds."""
    longest = 0.0
    with closing(Runner()) as runner:
        for stop in range(_STOPS):
            runner.start("bench", Request())
            _until(runner, lambda state, least=1 + 50 * stop: state.done >= least)  # type: ignore[misc]
            started = time.perf_counter()
            runner.stop("bench")
            _until(runner, lambda state: not state.active)
            while runner.measuring:
                time.sleep(0.005)
            longest = max(longest, time.perf_counter() - started)
    return _in_time("stop, longest of five", longest, STOP_GOAL)


def _in_time(name: str, seconds: float, goal: float) -> Finding:
    return Finding(name, f"{seconds:5.2f} s", f"{goal:g} s", seconds <= goal)


def _whole(request: Request) -> Result:
    """The result of a sweep in this process."""
    return list(sweep(request))[-1].result


def _until(runner: Runner, holds: Callable[[RunState], bool]) -> RunState:
    while True:
        state = runner.state("bench")
        if state.phase == "failed":
            raise RuntimeError(state.sentence)
        if holds(state):
            return state
        time.sleep(0.02)
