"""A task -> the calls that do it, on buffers that are ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from explainers.roofline.buffers import Buffers, Shape, dtypes
from explainers.roofline.devices import Call
from explainers.roofline.streams import ARRAYS, Layout, layout
from explainers.roofline.tasks import BETWEEN, Task

if TYPE_CHECKING:
    from torch import Tensor

MOST_ROTATIONS = 4096  # sets of buffers; a task so small that these fit a cache is never cold

_FACTOR = 3.0  # of scale and triad
_EPSILON = 1e-5  # of the norms
_PAGE = 4096  # bytes


def calls(task: Task, buffers: Buffers, threads: int, cold_bytes: int) -> tuple[list[Call], int]:
    """Calls to be made in turn, each on operands of its own where the task is cold; and the passes that each makes.

    Every call returns its result. threads: 0 for a GPU. cold_bytes: what other calls touch before the operands of the
    first one come again.
    """
    if task.group == "bandwidth":
        found = layout(task.role, task.working_set_bytes, threads)
        return [_stream(task.role, found, buffers)], found.passes
    operands, result = shapes(task)
    spread, most = (cold_bytes, MOST_ROTATIONS) if task.state == "cold" else (0, 1)
    sets = buffers.rotated(operands, result, task.type, spread_bytes=spread, most=most)
    if task.role in ("layer_norm", "rms_norm"):
        return [_norm(task, taken[0]) for taken, _result in sets], 1
    operation = _between(task.role) if task.role in BETWEEN else _product(task)
    made: list[Call] = []
    for taken, out in sets:
        if task.transposed:
            taken[1] = taken[1].mT
        made.append(partial(operation, *taken, out=out))
    return made, 1


def shapes(task: Task) -> tuple[list[Shape], Shape]:
    """The shapes of the operands and of the result of a product, or of what stands between products."""
    m, k, n = task.m, task.k, task.n
    if task.role in BETWEEN:
        return [(m, n)], (m, n)
    batch = (task.batch,) if task.batch > 1 else ()
    return [(*batch, m, k), (*batch, *((n, k) if task.transposed else (k, n)))], (*batch, m, n)


def _product(task: Task) -> Callable[..., Tensor]:
    import torch

    multiply: Any = torch._int_mm if task.type == "int8" else torch.bmm if task.batch > 1 else torch.mm
    return multiply  # type: ignore[no-any-return]


def _between(role: str) -> Callable[..., Tensor]:
    import torch

    gelu: Any = torch._C._nn.gelu
    made: dict[str, Callable[..., Tensor]] = {
        "softmax": partial(torch.softmax, dim=-1),
        "gelu": partial(gelu, approximate="tanh"),
        "gelu_erf": gelu,
        "relu": partial(torch.clamp_min, min=0),
    }
    return made[role]


def _norm(task: Task, x: Tensor) -> Call:
    """A norm, which writes to memory that torch finds for it: what it wrote is kept until the call comes again.

    So the results of cold calls lie as far apart as their operands do. The first memory is made here, a number written
    to each of its pages: a norm itself, for each of hundreds of calls, takes seconds while other programs compute.
    """
    import torch

    scale = torch.ones(task.n, dtype=dtypes()[task.type], device=x.device)
    shift = torch.zeros_like(scale)
    kept = [torch.empty_like(x)]
    kept[0].view(-1)[:: _PAGE // x.itemsize] = 0
    apply: Any = (
        partial(torch.layer_norm, x, (task.n,), scale, shift, _EPSILON)
        if task.role == "layer_norm"
        else partial(torch.rms_norm, x, (task.n,), scale, _EPSILON)
    )

    def call() -> Tensor:
        kept[0] = apply()
        return kept[0]

    return call


def _stream(role: str, found: Layout, buffers: Buffers) -> Call:
    import torch

    shape = (found.threads, found.block)
    reads: Sequence[Shape] = [shape] * max(1, ARRAYS[role] - 1)
    taken, result = next(buffers.rotated(reads, (1,) if role == "read" else shape, "fp32"))
    views = [array.as_strided(found.shape, found.strides) for array in taken]
    if role == "read":
        return partial(torch.sum, views[0])
    out = result.as_strided(found.shape, found.strides)
    made: dict[str, Callable[..., Any]] = {
        "copy": out.copy_,
        "scale": partial(torch.mul, other=_FACTOR, out=out),
        "add": partial(torch.add, out=out),
        "triad": partial(torch.add, alpha=_FACTOR, out=out),
    }
    return partial(made[role], *views)
