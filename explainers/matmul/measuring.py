"""Where the time of a pass goes: the same operators that are counted, timed by torch's profiler on this machine.

Each step is run twice, once plain and once watched, because to watch takes time too. The plain steps say how long a
step takes; the watched one in the middle says which operator took how much of it. What no operator accounts for is
the rest: Python, and torch finding out what to run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.matmul.costs import PRODUCTS, Group, group_of, plain_name, timed_name
from explainers.matmul.networks import Load, Network, build, inputs, labels, loss, optimizer, outputs
from explainers.matmul.tally import Count, Mode, Phase

if TYPE_CHECKING:
    from torch import nn

Stop = Callable[[], bool]
Times = Mapping[tuple[Phase, str], tuple[int, float]]

MOST_FLOPS = 4 * 10**11  # of one step: seconds on a laptop
REPEATS = 5
ENOUGH_SECONDS = 4.0  # of a mode; what takes longer is measured once
_MARK = "explainers:"
_FLOAT_BYTES = 4


class Stopped(Exception):  # noqa: N818 - no error: the reader wanted it
    """The measurement was given up between two layers."""


@dataclass(frozen=True)
class Timed:
    """One operator in one phase: its calls, and the seconds in itself (not in operators that it calls)."""

    phase: Phase
    name: str
    group: Group
    calls: int
    seconds: float


@dataclass(frozen=True)
class Timing:
    """One mode of one network, measured.

    operators: of one watched step; their seconds add up to watched_seconds. plain_seconds: of each step that nobody
    watched. threads: that torch computes with. version: of torch. others: the part of all processors that other
    programs used meanwhile.
    """

    operators: tuple[Timed, ...]
    plain_seconds: tuple[float, ...]
    threads: int
    version: str
    others: float = 0.0

    @property
    def watched_seconds(self) -> float:
        """The step that the operators are of."""
        return sum(each.seconds for each in self.operators)

    @property
    def seconds(self) -> float:
        """How long a step takes when nobody watches, at the median."""
        return statistics.median(self.plain_seconds)

    def of(self, group: Group | None = None, phase: Phase | None = None) -> float:
        """The seconds of a group, of a phase, of both, or of all, in the watched step."""
        return sum(
            each.seconds for each in self.operators if group in (None, each.group) and phase in (None, each.phase)
        )

    def share(self, group: Group) -> float:
        """The group's part of the watched step."""
        return self.of(group) / self.watched_seconds


def stop_asked(network: Network, mode: Mode) -> int:
    """How often `measure` asks whether to stop, if it does every repetition."""
    in_step = 1 + network.blocks * (1 if mode == "inference" else 2)
    return 2 + (1 + 2 * REPEATS) * in_step


def needed_bytes(network: Network, counted: Count, mode: Mode) -> int:
    """About what a pass takes: weights, and in training gradients, AdamW's numbers, and all that is kept on the way."""
    weights = _FLOAT_BYTES * counted.parameters
    if mode == "training":
        return 4 * weights + counted.made_bytes
    return weights + 2 * counted.made_bytes // max(1, network.blocks)


def measure(network: Network, load: Load, mode: Mode, stop: Stop) -> Timing:
    """Time one mode; raises Stopped soon after stop says so, which is asked before each layer and each step."""
    import torch

    _go_on(stop)
    model = build(network)
    watch_layers(model, stop)
    runs = Steps(network, model, load, mode)
    _go_on(stop)
    runs.run()
    _go_on(stop)
    plain: list[float] = []
    watched: list[Times] = []
    began, busy = time.perf_counter(), _Busy()
    while len(plain) < REPEATS and (not plain or time.perf_counter() - began < ENOUGH_SECONDS):
        plain.append(runs.run())
        _go_on(stop)
        watched.append(runs.run_watched())
        _go_on(stop)
    middle = sorted(watched, key=lambda times: sum(seconds for _calls, seconds in times.values()))[len(watched) // 2]
    operators = tuple(
        Timed(phase, name, group_of(name), calls, seconds) for (phase, name), (calls, seconds) in middle.items()
    )
    return Timing(operators, tuple(plain), torch.get_num_threads(), str(torch.__version__), busy.others())


class _Busy:
    """How much of the machine other programs use, from now on."""

    def __init__(self) -> None:
        self._start = self._now()

    def others(self) -> float:
        """The part of all processors' time, 0 to 1."""
        whole, busy, own = (now - before for now, before in zip(self._now(), self._start, strict=True))
        return min(1.0, max(0.0, (busy - own) / whole)) if whole > 0 else 0.0

    def _now(self) -> tuple[float, float, float]:
        """Seconds of all processors since the machine was started, those that were used, and those used by us."""
        import psutil

        times = psutil.cpu_times()._asdict()
        known = {name: seconds for name, seconds in times.items() if not name.startswith("guest")}  # part of "user"
        whole = sum(known.values())
        own = psutil.Process().cpu_times()
        return whole, whole - known["idle"] - known.get("iowait", 0.0), own.user + own.system


def _go_on(stop: Stop) -> None:
    if stop():
        raise Stopped


def watch_layers(model: nn.Module, stop: Stop) -> None:
    """Ask before each layer of a stack on the way forward, and on the way back behind each."""
    from torch import nn

    def on_the_way_back(gradient: object) -> None:
        _go_on(stop)

    def forward(_module: nn.Module, _args: Any, result: Any) -> None:
        _go_on(stop)
        hidden = result[0] if isinstance(result, tuple) else result
        if hidden.requires_grad:
            hidden.register_hook(on_the_way_back)

    stacks = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    inner = {id(module) for stack in stacks for layer in stack for module in layer.modules()}
    for stack in stacks:
        if id(stack) not in inner:  # T5's layers are lists themselves
            for layer in stack:
                layer.register_forward_hook(forward)


class Steps:
    """Passes of one network, all with the same batch."""

    def __init__(self, network: Network, model: nn.Module, load: Load, mode: Mode) -> None:
        self._network, self._model, self._training = network, model, mode == "training"
        self._given = inputs(network, load)
        model.train(self._training)
        if self._training:
            self._labels, self._optimizer = labels(network, load), optimizer(model)

    def run(self) -> float:
        """One pass; its seconds."""
        began = time.perf_counter()
        self._pass()
        return time.perf_counter() - began

    def run_watched(self) -> Times:
        """One pass under the profiler: calls and seconds of every operator by phase, and "rest"."""
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CPU], acc_events=True) as watching:
            self._pass()
        return operator_times(watching.events())

    def _pass(self) -> None:
        import torch
        from torch.profiler import record_function

        if not self._training:
            with torch.inference_mode(), record_function(f"{_MARK}forward"):
                outputs(self._network, self._model, self._given)
            return
        with record_function(f"{_MARK}forward"):
            wrong = loss(outputs(self._network, self._model, self._given), self._labels)
        with record_function(f"{_MARK}backward"):
            wrong.backward()  # type: ignore[no-untyped-call]
        with record_function(f"{_MARK}optimizer"):
            self._optimizer.step()
        self._optimizer.zero_grad()


def operator_times(events: Sequence[Any]) -> Times:
    """Calls and seconds of each operator in each phase, from torch's events (microseconds).

    What no operator of a group took of a phase is under the name "rest", so that a phase adds up to its length.
    """
    marks = [event for event in events if event.name.startswith(_MARK)]
    found: dict[tuple[Phase, str], tuple[int, float]] = {}
    for mark in marks:
        phase: Phase = mark.name.removeprefix(_MARK)
        start, end = mark.time_range.start, mark.time_range.end
        left = (end - start) / 1e6
        for event in events:
            name = timed_name(event.name)
            if not start <= event.time_range.start < end or group_of(name) == "rest":
                continue
            calls, seconds = found.get((phase, name), (0, 0.0))
            own = event.self_cpu_time_total / 1e6
            is_part = name in PRODUCTS and plain_name(event.name) != name  # a kernel under the call that counts
            found[phase, name] = (calls + (0 if is_part else 1), seconds + own)
            left -= own
        found[phase, "rest"] = (0, max(0.0, left))
    return found
