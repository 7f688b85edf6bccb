"""A plan, measured step by step, in two rounds."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from explainers.alone import BusyError, alone
from explainers.language import _
from explainers.roofline.buffers import Buffers
from explainers.roofline.conditions import Conditions, Watch
from explainers.roofline.devices import Call, clock_of
from explainers.roofline.kernels import calls
from explainers.roofline.machine import Machine, this_machine
from explainers.roofline.pace import Pace
from explainers.roofline.plan import Limits, plan
from explainers.roofline.requests import Request, RooflineError
from explainers.roofline.results import Result, roof_over
from explainers.roofline.tasks import Point, Task, operation
from explainers.roofline.theory import NumberType
from explainers.roofline.timing import StoppedError, measure, summary
from explainers.roofline.visits import VISITS, joined, one_visit, timing_of, visits_left, with_point

_PILOT_SIDES = {"cpu": 256, "cuda": 2048, "mps": 1024}
_PILOT_SECONDS = 0.02
_FEWEST_SAMPLES = 3  # of one visit
_ROOM = 0.02  # what a point may stand above its roof before both are measured again
_COLD_TIMES = 2  # what lies between two uses of a cold number: caches do not always drop the oldest first
_LEAST_BYTES = 8 * 2**20  # for buffers
_BYTES_PER_SECOND = {"cpu": 2e9, "cuda": 1e11, "mps": 1e10}  # what even slow operations reach

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Update:
    """One more measurement, and how far the sweep is: `done` of `steps` measurements, two of every point.

    result: everything so far, also of the sweep that this one goes on. point: what was measured, in the second round
    with what the first one found; None where the library could not do the task. roof: the roof over it, where that was
    measured again and was found to be higher. Both stand in the result in place of what it had of these tasks.
    """

    point: Point | None
    done: int
    steps: int
    seconds_left: float
    result: Result
    roof: Point | None = None


def sweep(
    request: Request, earlier: Result | None = None, stopped: Callable[[], bool] = lambda: False
) -> Generator[Update, None, None]:
    """Measure what is asked for, a point at a time, in this process; in `earlier` is what need not be measured again.

    A first round brings every point, measured for half of its time; a second one brings it again, of both halves.
    stopped: asked between calls, none of which takes longer than 0.25 s; once it is true nothing more comes. Raises
    RooflineError where the device or a type is not there, the text is too long for the model, or another program on
    this computer is measuring. While it runs, torch computes with as many threads in this process as the request says.
    """
    _check_request(request)
    machine = this_machine(request.device, request.threads)
    try:
        with alone(), _threads(machine.threads):
            yield from _Bench(request, machine, earlier).updates(stopped)
    except BusyError as error:
        raise RooflineError(str(error)) from error


class _Bench:
    """Everything that one sweep holds while it measures."""

    def __init__(self, request: Request, machine: Machine, earlier: Result | None) -> None:
        self._clock = clock_of(machine.device)
        self._buffers = Buffers(machine.device, earlier.limits.bytes if earlier else _limit_bytes(request, machine))
        self._machine = machine
        self._before = earlier or self._nothing(request)
        self._watch = Watch(self._call(_pilot("fp32", machine)), self._clock)
        self._tasks = plan(request, machine, self._before.limits)

    def updates(self, stopped: Callable[[], bool]) -> Iterator[Update]:
        """What `sweep` promises."""
        points, refused = self._before.points, list(self._before.refused)
        rounds = visits_left(self._tasks, points, refused)
        left, steps = [*rounds[0], *rounds[1]], VISITS * len(self._tasks)
        pace = Pace(self._tasks * VISITS, rounds, self._before.request.scale)
        while left:
            task = left.pop(0)
            first = next((point for point in points if point.task.key == task.key), None)
            point, roof = first, None
            try:
                point, roof = self._under_its_roof(task, first, points, pace, stopped)
            except StoppedError:
                return
            except (RuntimeError, TypeError) as error:  # what torch cannot do, and a GPU without room
                _log.warning("%s could not be measured: %s", task.key, error)
                if first:
                    point = replace(first, unpooled=())  # that one visit is all it gets
                else:
                    refused.append(task.key)
                    left.remove(task)
                    pace.done(task)
            pace.done(task)
            points = with_point(with_point(points, roof), point)
            result = replace(
                self._before,
                conditions=self._conditions(pace.seconds),
                points=points,
                seconds=self._before.seconds + pace.seconds,
                complete=not left,
                refused=tuple(refused),
            )
            yield Update(point, steps - len(left), steps, pace.seconds_left, result, roof)

    def _under_its_roof(
        self, task: Task, first: Point | None, points: Sequence[Point], pace: Pace, stopped: Callable[[], bool]
    ) -> tuple[Point, Point | None]:
        """The point of all visits; where it stands above its roof, that is measured again, and it, too, if still above.

        No product is quicker than the peak and no operation than its bytes: the clock has changed in between, so that
        the two can be compared only when the one is measured right after the other. A roof that is found to be higher
        keeps the samples of its own visits, and what it reached now as its best: roofs never fall, so that what was
        under one stays there. A point that must be measured again is that measurement alone: what was too quick
        for any roof that was found is not mixed into it.
        """
        visit = self._visit(task, first, pace, stopped)
        point = joined(first, visit) if first else visit
        roof = roof_over(point, points, self._machine, _ROOM)
        if roof is None or pace.behind:
            return point, None
        again = self._visit(roof.task, None, pace, stopped)
        risen = replace(roof, best_seconds=again.seconds) if again.seconds < roof.reached_seconds else None
        if risen is None or roof_over(point, with_point(points, risen), self._machine, _ROOM):
            visit = self._visit(task, first, pace, stopped)
            point = replace(visit, unpooled=()) if first else visit
        return point, risen

    def _visit(self, task: Task, first: Point | None, pace: Pace, stopped: Callable[[], bool]) -> Point:
        """The task, measured; where other programs computed meanwhile, once more if there is time.

        first: what its first visit found, where this is the second.
        """
        machine = self._machine
        made, passes = calls(task, self._buffers, _stream_threads(machine), _COLD_TIMES * machine.cold_bytes)
        measured = partial(measure, made, self._clock, fewest=_FEWEST_SAMPLES, like=timing_of(first) if first else None)
        timing = measured(pace.allowance(task), stopped)
        disturbed = self._watch.look()
        if disturbed and not pace.behind:
            timing = measured(pace.allowance(task), stopped)
            disturbed = self._watch.look()
        if first is None:
            _check(made[-1]())
        of_a_pass = summary([seconds / passes for seconds in timing.samples], timing.calls)
        return one_visit(task, of_a_pass, self._level(task, len(made)), disturbed=disturbed)

    def _level(self, task: Task, rotations: int) -> str:
        """The memory that the operands come from: of a cold task, the one that holds all its sets of buffers."""
        return self._machine.level(rotations * task.working_set_bytes)

    def _nothing(self, request: Request) -> Result:
        """A result without points: the limits of this machine, and what a call costs by itself."""
        machine, rates = self._machine, {type: self._rate(type) for type in request.types}
        limits = Limits(self._buffers.limit_bytes, rates, _BYTES_PER_SECOND[machine.device])
        overhead = Conditions(self._overhead_seconds())
        when = datetime.now(UTC).isoformat(timespec="seconds")
        return Result(request, machine, limits, overhead, (), when, 0.0, complete=False)

    def _rate(self, type: NumberType) -> float:
        """The FLOP/s of a small product, to plan by; raises RooflineError where there is none of this type."""
        task = _pilot(type, self._machine)
        try:
            return task.flops / measure([self._call(task)], self._clock, _PILOT_SECONDS).seconds
        except (RuntimeError, TypeError) as error:
            raise RooflineError(
                _("{type} cannot be computed on {device}: leave it out.").format(type=type, device=self._machine.device)
            ) from error

    def _overhead_seconds(self) -> float:
        """What a call takes that adds two numbers."""
        import torch

        one = torch.ones(1, device=self._machine.device)
        return measure([lambda: torch.add(one, one, out=one)], self._clock, _PILOT_SECONDS).seconds

    def _call(self, task: Task) -> Call:
        """The call of a small product that stays in the cache."""
        return calls(task, self._buffers, 0, 0)[0][0]

    def _conditions(self, seconds: float) -> Conditions:
        """What was noticed in this sweep and in the one that it goes on."""
        before, now = self._before.conditions, self._watch.conditions(self._before.conditions.overhead_seconds)
        total = max(1e-9, self._before.seconds + seconds)
        load = (before.other_load * self._before.seconds + now.other_load * seconds) / total
        drift = max(before.drift, now.drift, key=lambda ratio: abs(math.log(ratio)))
        return Conditions(now.overhead_seconds, load, drift)


def _check_request(request: Request) -> None:
    shape = request.shape
    if shape.family != "t5" and request.tokens > shape.context:
        raise RooflineError(
            _("{name} has {n} positions: choose at most so many tokens.").format(name=shape.name, n=shape.context)
        )
    if not request.types or request.tokens < 1 or request.batch < 1:
        raise RooflineError(_("Choose a type, one token and one text at least."))


def _stream_threads(machine: Machine) -> int:
    return machine.threads if machine.device == "cpu" else 0


def _pilot(type: NumberType, machine: Machine) -> Task:
    n = _PILOT_SIDES[machine.device]
    return operation("product", "square", type, (n, n, n, 1))


def _check(result: Any) -> None:
    """Use what was computed; raise ArithmeticError where it is no number: then something else was measured."""
    if not math.isfinite(float(result[(-1,) * result.dim()])):
        raise ArithmeticError("a result of the measurement is no number")


def _limit_bytes(request: Request, machine: Machine) -> int:
    """What all buffers may take: a quarter of the memory that is free, or what the request says."""
    if request.limit_bytes:
        return max(_LEAST_BYTES, request.limit_bytes)
    if machine.device == "cuda":
        import torch

        return max(_LEAST_BYTES, torch.cuda.mem_get_info()[0] // 4)
    from explainers.checkpoints.memory import available_bytes

    return max(_LEAST_BYTES, available_bytes() // 4)


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
