"""A request on a machine: every task, in the order in which it is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from explainers.roofline.kernels import MOST_ROTATIONS
from explainers.roofline.machine import Machine
from explainers.roofline.requests import Request
from explainers.roofline.shapes import operations
from explainers.roofline.streams import ARRAYS, stream
from explainers.roofline.tasks import Group, Task, cut, operation
from explainers.roofline.theory import NumberType

_PEAK_SECONDS = 0.2  # that one of the largest products may take
_MODEL_SECONDS = 0.16  # that one of the model's may, before it is cut
_PRODUCT_SECONDS = 0.1  # that any other may; slow shapes take some times as long as their FLOPs let expect

_PEAK_SIZES = (256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384)
_PEAK_PARTS = (8, 4, 2, 1)  # of the largest of these that is quick enough: the best rate is not always the largest's
_SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_SIDES = (1024, 4096)  # of the long sides of other shapes, on a processor and on a GPU
_FEW_ROWS = (1, 4, 16, 64, 256)
_SHORT_INNER = (1, 8, 64)

_SMALLEST_SET = 16 * 2**10  # bytes a thread
_ROLES = ("copy", "triad", "read")

_PART = 0.45  # of the limit that one task's operands, or its results, may take: two arenas, and room between arrays
_STREAM_ARRAYS = 3  # the largest set has room for so many arrays of four times the last cache


@dataclass(frozen=True)
class Limits:
    """What a task may take: bytes for all its buffers, and time, by what first tries reached.

    rates: the FLOP/s of each type. bytes_per_second: what even slow operations reach.
    """

    bytes: int
    rates: dict[NumberType, float]
    bytes_per_second: float


def plan(request: Request, machine: Machine, limits: Limits) -> tuple[Task, ...]:
    """Every task of a sweep, the roofs first. No task's buffers take more than the limit."""
    found: list[Task] = []
    if "bandwidth" in request.parts:
        found += _streams(machine, limits.bytes)
    for type in request.types:
        if "peak" in request.parts:
            found += _peaks(type, limits)
    for type in request.types:
        if "product" in request.parts:
            found += _grid(type, machine, limits)
    for type in request.types:
        if "model" in request.parts:
            found += _model(request, type, machine, limits)
    kept = {task.key: task for task in found if machine.device != "cuda" or _runs_on_cuda(task)}
    return tuple(kept.values())


def _streams(machine: Machine, limit_bytes: int) -> Iterator[Task]:
    """Copy, triad and read over sets from half of the first cache to memory; all of STREAM's four over the largest."""
    threads = machine.threads if machine.device == "cpu" else 0
    largest = min(_STREAM_ARRAYS * machine.cold_bytes, int(_PART * limit_bytes))
    sets = {int(0.75 * cache.size_bytes) for cache in machine.caches}
    size = _SMALLEST_SET * max(1, threads) if machine.device == "cpu" else 2**20
    while size < 0.9 * largest:
        sets.add(size)
        size *= 2
    for size in sorted(size for size in sets if size < 0.9 * largest):
        yield from (stream(role, size, threads) for role in _ROLES)
    yield from (stream(role, largest, threads) for role in ARRAYS)


def _peaks(type: NumberType, limits: Limits) -> Iterator[Task]:
    """The largest square product that is quick enough, and smaller ones."""
    fitting = [n for n in _PEAK_SIZES if _quick(_square("peak", n, type), limits, _PEAK_SECONDS)]
    largest = max(fitting, default=_PEAK_SIZES[0])
    yield from (_square("peak", largest // part, type) for part in _PEAK_PARTS)


def _grid(type: NumberType, machine: Machine, limits: Limits) -> Iterator[Task]:
    """Squares from small to large, then products with few rows, a short inner side, a single column."""
    squares = [_square("product", n, type) for n in _SIZES]
    yield from (task for task in squares if _quick(task, limits, _PRODUCT_SECONDS))
    side = _SIDES[machine.device != "cpu"]
    while side > 64 and not _quick(_square("product", side, type), limits, _PRODUCT_SECONDS):
        side //= 2
    shapes = [("rows", (m, side, side, 1)) for m in _FEW_ROWS]
    shapes += [("inner", (side, k, side, 1)) for k in _SHORT_INNER]
    shapes.append(("columns", (side, side, 1, 1)))
    yield from (operation("product", role, type, sides) for role, sides in shapes if max(sides) == side)


def _model(request: Request, type: NumberType, machine: Machine, limits: Limits) -> Iterator[Task]:
    """The model's operations: products cold, as in a model larger than the cache; the others cold and warm.

    What one token needs between products is so little that it is never cold.
    """
    groups: tuple[Group, ...] = ("prefill", "decode")
    for group in groups:
        for task in operations(request.shape, request.tokens, request.batch, type, group):
            if task.type != type or (type == "int8" and task.batch > 1):
                continue  # no product of batches in int8, and nothing between products
            fitting = _fitting(task, limits)
            cold = MOST_ROTATIONS * fitting.bytes >= machine.cold_bytes and (task.is_product or group == "prefill")
            if cold:
                yield fitting
            if not (cold and task.is_product):
                yield replace(fitting, state="warm")


def _fitting(task: Task, limits: Limits) -> Task:
    """The task with its longest side halved until it is quick and small enough; its inner side stays."""
    while not _quick(task, limits, _MODEL_SECONDS):
        sides = {"batch": task.batch, "m": task.m, "n": task.n}
        longest = max(sides, key=lambda name: sides[name])
        if sides[longest] < 2:
            break
        task = cut(task, **{longest: sides[longest] // 2})
    return task


def _square(group: Group, n: int, type: NumberType) -> Task:
    return operation(group, "square", type, (n, n, n, 1))


def _quick(task: Task, limits: Limits, seconds: float) -> bool:
    """Whether one call takes at most so many seconds, and its buffers no more than their part of what there is."""
    return task.flops <= seconds * limits.rates[task.type] and task.bytes <= min(
        _PART * limits.bytes, seconds * limits.bytes_per_second
    )


def _runs_on_cuda(task: Task) -> bool:
    """cuBLAS multiplies int8 matrices of more than 16 rows whose other sides are multiples of 8."""
    return task.type != "int8" or (task.m > 16 and task.k % 8 == task.n % 8 == 0)
