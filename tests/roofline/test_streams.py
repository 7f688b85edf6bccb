"""How streams lie in memory: every number of a set in a pass, no two threads on one line; and that they compute."""

from __future__ import annotations

import math

import pytest

from explainers.roofline.buffers import Buffers
from explainers.roofline.kernels import calls
from explainers.roofline.streams import ARRAYS, LINE, layout, stream

KB, MB = 2**10, 2**20


def test_a_set_of_a_near_cache_is_gone_through_many_times_in_a_call() -> None:
    found = layout("copy", 32 * KB, 2)
    # 2 arrays and 2 threads share 8,192 numbers; windows begin 7 lines of 16 numbers later at most, on each axis
    assert (found.block, found.axes, found.passes) == (2048, 3, 512)
    assert found.window == 2048 - 3 * 7 * 16 == 1712
    assert found.shape == (2, 8, 8, 8, 1712)
    assert found.strides == (2048, 16, 16, 16, 1)


def test_a_set_in_memory_is_gone_through_once() -> None:
    found = layout("triad", 96 * MB, 4)
    assert found.passes == 1
    assert found.numbers == 96 * MB // 12
    assert layout("copy", 16 * KB, 0).shape == (1, 2048)  # a GPU takes it in one piece


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
@pytest.mark.parametrize("size", [16 * KB, 48 * KB, 300_001, 4 * MB])
@pytest.mark.parametrize("role", ARRAYS)
def test_windows_stay_inside_their_block(role: str, size: int, threads: int) -> None:
    found = layout(role, size, threads)
    assert found.block % LINE == 0
    last = sum((length - 1) * stride for length, stride in zip(found.shape[1:], found.strides[1:], strict=True))
    assert last < found.block
    assert found.window > found.block / 2
    task = stream(role, size, threads)
    assert task.bytes == 4 * ARRAYS[role] * found.numbers <= task.working_set_bytes <= max(size, 64 * threads * 3)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [24 * KB, 3 * MB])
@pytest.mark.parametrize(("role", "factors"), [("copy", (1, 0)), ("scale", (3, 0)), ("add", (1, 1)), ("triad", (1, 3))])
def test_a_stream_computes_what_its_name_says(role: str, factors: tuple[int, int], size: int, threads: int) -> None:
    import torch

    task = stream(role, size, threads)
    found = layout(role, size, threads)
    buffers = Buffers("cpu", 64 * MB)
    (call,), passes = calls(task, buffers, threads, 0)
    assert passes == found.passes
    result = call()
    assert isinstance(result, torch.Tensor)
    place = math.ceil(4 * threads * found.block / 4096) * 4096 + 192
    first = buffers.operands.take(0, (threads, found.block), "fp32")
    second = buffers.operands.take(place, (threads, found.block), "fp32") if factors[1] else torch.zeros_like(first)
    written = buffers.results.take(0, (threads, found.block), "fp32")
    assert torch.allclose(written, factors[0] * first + factors[1] * second)


def test_reading_adds_every_number_of_every_pass() -> None:
    import torch

    size = 16 * KB
    found = layout("read", size, 1)
    buffers = Buffers("cpu", MB)
    (call,), _passes = calls(stream("read", size, 1), buffers, 1, 0)
    total = call()
    numbers = buffers.operands.take(0, (1, found.block), "fp32").as_strided(found.shape, found.strides)
    assert isinstance(total, torch.Tensor)
    assert float(total) == pytest.approx(float(numbers.double().sum()), rel=1e-3, abs=1.0)
