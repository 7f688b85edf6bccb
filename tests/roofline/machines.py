"""Machines that are not this one, and points that nobody measured: for what is worked out from them."""

from __future__ import annotations

from explainers.roofline import Cache, Conditions, Limits, Machine, Point, Request, Result, Task
from explainers.roofline.tasks import operation

KB, MB = 2**10, 2**20


def machine(
    *, device: str = "cpu", threads: int = 1, caches: tuple[Cache, ...] | None = None, memory_bytes: int = 2**30
) -> Machine:
    """A machine of one core with three caches, or with these."""
    usual = (Cache("L1", 32 * KB), Cache("L2", 512 * KB), Cache("L3", 4 * MB))
    found = usual if caches is None else caches
    return Machine("box", device, "a processor", threads, threads, memory_bytes, found, "Linux", {"torch": "2"})


def stream(role: str, size_bytes: int, seconds: float, level: str) -> Point:
    """A stream over a working set that it goes through once."""
    task = Task("bandwidth", role, "fp32", "warm", size_bytes // 8, 1, 1, 1, 0, size_bytes, size_bytes)
    return Point(task, seconds, 0.9 * seconds, 1.2 * seconds, 9, 4, 0.01, level)


def square(n: int, seconds: float, group: str = "peak", level: str = "L1") -> Point:
    """A square product."""
    task = operation(group, "square", "fp32", (n, n, n, 1))  # type: ignore[arg-type]
    return Point(task, seconds, 0.9 * seconds, 1.2 * seconds, 9, 4, 0.01, level)


def result(*points: Point, complete: bool = True, device: str = "cpu", started: str = "2026-01-02T03:04:05") -> Result:
    """What a sweep with these points would have found."""
    limits = Limits(64 * MB, {"fp32": 1e11, "bf16": 2e11}, 2e9)
    request = Request(device=device)
    return Result(
        request, machine(device=device), limits, Conditions(1e-6, 0.02, 1.01), points, started, 12.5, complete
    )
