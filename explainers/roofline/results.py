"""What a sweep found: the points and the conditions; the roofs in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explainers.roofline import theory
from explainers.roofline.conditions import Conditions
from explainers.roofline.machine import MEMORY, Machine
from explainers.roofline.plan import Limits
from explainers.roofline.requests import Request
from explainers.roofline.tasks import Point, Task
from explainers.roofline.theory import NumberType


@dataclass(frozen=True)
class Result:
    """What a sweep found. started: the time in UTC, ISO 8601. seconds: that it measured. complete: to the end.

    limits: what a task was allowed to take. refused: keys of the tasks that the library could not do.
    """

    request: Request
    machine: Machine
    limits: Limits
    conditions: Conditions
    points: tuple[Point, ...]
    started: str
    seconds: float
    complete: bool
    refused: tuple[str, ...] = ()

    def group(self, *names: str) -> tuple[Point, ...]:
        """The points of these groups, in the order in which they were measured."""
        return tuple(point for point in self.points if point.task.group in names)


@dataclass(frozen=True)
class Level:
    """One roof of bandwidth. size_bytes: what the level holds; 0 for memory, which has no end here."""

    name: str
    size_bytes: int
    bytes_per_second: float


@dataclass(frozen=True)
class Roofs:
    """The roofs that were measured: the peak of each type in FLOP/s, the bandwidth of each level from the nearest on.

    A level that no stream was measured in is left out; so is a type without a peak.
    """

    peaks: dict[NumberType, float]
    levels: tuple[Level, ...]

    def bandwidth(self, level: str) -> float:
        """The bytes/s of this level, or where it was not measured of the furthest one; 0.0 where there is none."""
        named = {each.name: each.bytes_per_second for each in self.levels}
        return named.get(level, self.levels[-1].bytes_per_second if self.levels else 0.0)

    def attainable(self, flops_per_byte: float, type: NumberType, level: str = MEMORY) -> float:
        """min(peak, intensity x bandwidth) in FLOP/s; 0.0 where the peak or the bandwidth was not measured."""
        return theory.attainable(flops_per_byte, self.peaks.get(type, 0.0), self.bandwidth(level))

    def ridge(self, type: NumberType, level: str = MEMORY) -> float:
        """FLOPs per byte from which on the peak of the type is the limit; 0.0 where one was not measured."""
        bandwidth = self.bandwidth(level)
        return theory.ridge(self.peaks.get(type, 0.0), bandwidth) if bandwidth else 0.0

    def predicted_seconds(self, task: Task, level: str) -> float:
        """The least time that the roofs allow, the longer of computing and moving; 0.0 where one was not measured."""
        peak, bandwidth = self.peaks.get(task.type, 0.0), self.bandwidth(level)
        return max(task.flops / peak, task.bytes / bandwidth) if peak and bandwidth else 0.0

    def share(self, point: Point) -> float:
        """The part of the roof over it that a point reaches: predicted over measured time; 1 is at the roof."""
        return self.predicted_seconds(point.task, point.level) / point.seconds


def roof_over(point: Point, points: Sequence[Point], machine: Machine, room: float = 0.0) -> Point | None:
    """The peak or the stream that says what this point can reach, where it reaches more than that; else None.

    None for peaks and streams, too: they make the roofs. room: how much more it may reach, as a part of the roof:
    medians of what is as quick differ a little.
    """
    found, task = roofs(points, machine), point.task
    if task.group in ("peak", "bandwidth") or found.share(point) <= 1 + room:
        return None
    by_peak = task.flops / found.peaks[task.type] >= task.bytes / found.bandwidth(point.level)
    if by_peak:
        peaks = (each for each in points if each.task.group == "peak" and each.task.type == task.type)
        return max(peaks, key=lambda each: each.task.flops / each.reached_seconds)
    streams = [each for each in points if each.task.group == "bandwidth"]
    own = [each for each in streams if each.level == point.level] or streams
    return max(own, key=lambda each: each.task.bytes / each.reached_seconds)


def roofs(points: Sequence[Point], machine: Machine) -> Roofs:
    """The roofs in the points of the groups "bandwidth" and "peak", as many as there are so far.

    A level's bandwidth is the best of its streams, a type's peak the best of its large products: medians, all of them,
    each at the best of the moments at which it was measured. So a roof never falls when it is measured a second time,
    and a point that was under it at both of its own moments is under it with the samples of both.
    """
    peaks: dict[NumberType, float] = {}
    found: dict[str, float] = {}
    for point in points:
        if point.task.group == "peak":
            peaks[point.task.type] = max(peaks.get(point.task.type, 0.0), point.task.flops / point.reached_seconds)
        if point.task.group == "bandwidth":
            found[point.level] = max(found.get(point.level, 0.0), point.task.bytes / point.reached_seconds)
    sizes = {**{cache.name: cache.size_bytes for cache in machine.caches}, MEMORY: 0}
    levels = tuple(Level(name, size, found[name]) for name, size in sizes.items() if name in found)
    return Roofs(peaks, levels)
