"""The calls of a task: their FLOPs as torch counts them, their results as torch has them, where their numbers lie."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from explainers.roofline import GPT2_SMALL, NumberType, Task, operations
from explainers.roofline.buffers import Arena, Buffers, dtypes
from explainers.roofline.kernels import MOST_ROTATIONS, calls
from explainers.roofline.tasks import BETWEEN, cut, operation

MB = 2**20

SMALL = [
    operation("product", "square", "fp32", (5, 7, 9, 1)),
    operation("prefill", "ffn_in", "bf16", (5, 7, 9, 1), transposed=True),
    operation("prefill", "scores", "fp64", (5, 7, 9, 4), transposed=True),
    operation("prefill", "values", "fp32", (5, 7, 9, 4)),
    operation("product", "columns", "fp32", (5, 7, 1, 1)),
    operation("product", "inner", "fp32", (5, 1, 9, 1)),
]


def result_of(task: Task) -> tuple[Any, Buffers]:
    buffers = Buffers("cpu", 16 * MB)
    made, passes = calls(task, buffers, 1, 0)
    assert (len(made), passes) == (1, 1)
    return made[0](), buffers


@pytest.mark.parametrize("task", SMALL, ids=lambda task: task.key)
def test_torch_counts_the_same_flops(task: Task) -> None:
    made, _passes = calls(task, Buffers("cpu", 16 * MB), 1, 0)
    with FlopCounterMode(display=False) as counter:
        made[0]()
    assert counter.get_total_flops() == task.flops


@pytest.mark.parametrize("task", SMALL, ids=lambda task: task.key)
def test_a_product_is_that_of_its_operands(task: Task) -> None:
    found, buffers = result_of(task)
    batch = (task.batch,) if task.batch > 1 else ()
    a = buffers.operands.take(0, (*batch, task.m, task.k), task.type).double()
    b = buffers.operands.take(4096 + 192, (*batch, task.k, task.n), task.type).double()
    if task.transposed:
        b = buffers.operands.take(4096 + 192, (*batch, task.n, task.k), task.type).double().mT
    assert found.shape == (*batch, task.m, task.n)
    assert torch.allclose(found.double(), a @ b, rtol=2e-2 if task.type == "bf16" else 1e-5, atol=1e-2)


def test_int8_is_summed_in_wide_integers() -> None:
    found, buffers = result_of(operation("product", "square", "int8", (16, 300, 8, 1)))
    a, b = buffers.operands.take(0, (16, 300), "int8"), buffers.operands.take(8192 + 192, (300, 8), "int8")
    assert found.dtype == torch.int32
    assert torch.equal(found.long(), a.long() @ b.long())


@pytest.mark.parametrize("type", ["fp32", "bf16", "fp64"])
@pytest.mark.parametrize("role", BETWEEN)
def test_what_stands_between_products(role: str, type: NumberType) -> None:
    found, buffers = result_of(operation("prefill", role, type, (6, 1, 33, 1)))
    x = buffers.operands.take(0, (6, 33), type)
    functions: Any = torch.nn.functional
    expected = {
        "layer_norm": lambda: functions.layer_norm(x, (33,)),
        "rms_norm": lambda: functions.rms_norm(x, (33,), eps=1e-5),
        "softmax": lambda: functions.softmax(x, -1),
        "gelu": lambda: functions.gelu(x, approximate="tanh"),
        "gelu_erf": lambda: functions.gelu(x),
        "relu": lambda: functions.relu(x),
    }
    assert torch.allclose(found, expected[role](), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("role", ["ffn_in", "gelu", "scores"])
def test_cold_calls_touch_other_numbers_each(role: str) -> None:
    task = next(task for task in operations(GPT2_SMALL, 16, 1, "fp32", "prefill") if task.role == role)
    buffers = Buffers("cpu", 64 * MB)
    made, _passes = calls(task, buffers, 1, 24 * MB)
    assert len(made) * task.working_set_bytes > 24 * MB
    results = [call() for call in made[:50]]
    assert all(isinstance(each, torch.Tensor) for each in results)
    places = [(each.data_ptr(), each.data_ptr() + each.nbytes) for each in results if isinstance(each, torch.Tensor)]
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert buffers.operands.size_bytes + buffers.results.size_bytes <= 64 * MB


def test_cold_norms_keep_what_they_wrote() -> None:
    task = operation("prefill", "layer_norm", "fp32", (64, 1, 768, 1), state="cold")
    made, _passes = calls(task, Buffers("cpu", 64 * MB), 1, 8 * MB)
    results = [call() for call in made]
    assert len({each.data_ptr() for each in results if isinstance(each, torch.Tensor)}) == len(made) > 10


def test_there_are_never_too_many_sets_of_buffers() -> None:
    task = operation("decode", "output", "fp32", (1, 8, 8, 1), state="cold")
    assert len(calls(task, Buffers("cpu", 256 * MB), 1, 16 * MB)[0]) <= MOST_ROTATIONS
    large = cut(operation("decode", "lm_head", "fp32", (1, 768, 5000, 1), state="cold"), n=4000)
    assert len(calls(large, Buffers("cpu", 13 * MB), 1, 64 * MB)[0]) == 1  # room for one alone


@pytest.mark.parametrize("type", ["fp32", "bf16", "fp64", "int8"])
def test_random_bits_are_ordinary_numbers_in_every_type(type: NumberType) -> None:
    arena = Arena("cpu")
    arena.grow(MB)
    numbers = arena.take(0, (MB // dtypes()[type].itemsize,), type).double()
    assert bool(torch.isfinite(numbers).all())
    if type != "int8":
        assert 1e-6 < float(numbers.abs().min()) <= float(numbers.abs().max()) < 2
        assert 0.4 < float((numbers > 0).double().mean()) < 0.6
    assert len(set(numbers.tolist())) > 100
