"""What is measured, on machines of every size: never more memory or time in one call than there is."""

from __future__ import annotations

import pytest

from explainers.checkpoints.design import Design
from explainers.roofline import (
    TYPES,
    Cache,
    Limits,
    Machine,
    NumberType,
    Request,
    plan,
    this_machine,
)
from explainers.roofline.buffers import Buffers
from explainers.roofline.kernels import shapes
from explainers.roofline.machine import usable_cores
from explainers.roofline.streams import ARRAYS
from tests.roofline.machines import KB, MB, machine

SLOW: dict[NumberType, float] = {"fp32": 5e9, "bf16": 2e9, "fp64": 3e9, "int8": 4e9}
QUICK: dict[NumberType, float] = {"fp32": 5e13, "bf16": 8e14, "fp64": 5e13, "int8": 1.5e15}

BOXES = {
    "one core, little memory": (machine(), Limits(8 * MB, SLOW, 2e9)),
    "nothing told": (machine(caches=()), Limits(64 * MB, SLOW, 2e9)),
    "many cores": (
        machine(threads=96, caches=(Cache("L1", 3 * MB), Cache("L2", 96 * MB), Cache("L3", 384 * MB))),
        Limits(64 * 2**30, {name: 50 * rate for name, rate in SLOW.items()}, 2e9),
    ),
    "a GPU": (machine(device="cuda", caches=(Cache("L2", 50 * MB),)), Limits(20 * 2**30, QUICK, 1e11)),
}

# Two layers of 32,768 wide: nothing of it fits anywhere.
HUGE = Design("gpt2", 0, 2, 256, 32_768, 128, 131_072, 250_000, 4096)


@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize("request_", [Request(), Request(types=TYPES, shape=HUGE, tokens=1024, batch=8)])
def test_no_task_takes_more_than_there_is(name: str, request_: Request) -> None:
    box, limits = BOXES[name]
    tasks = plan(request_, box, limits)
    assert len({task.key for task in tasks}) == len(tasks)
    for task in tasks:
        if task.group == "bandwidth":
            assert task.working_set_bytes <= limits.bytes / 2
            continue
        smallest = task.group in ("peak", "product") and max(task.m, task.k, task.n) <= 256
        assert task.flops <= 0.2 * limits.rates[task.type] or smallest or min(task.m, task.n) == 1
        operands, result = shapes(task)
        needed = Buffers._places(operands, result, task.type)
        assert sum(needed[0]) + needed[1] <= limits.bytes or min(task.m, task.n) == 1


@pytest.mark.parametrize("name", BOXES)
def test_every_machine_gets_roofs_products_and_the_model(name: str) -> None:
    box, limits = BOXES[name]
    tasks = plan(Request(), box, limits)
    for type in ("fp32", "bf16"):
        of_type = [task for task in tasks if task.type == type]
        assert {task.group for task in of_type} >= {"peak", "product", "prefill", "decode"}
        assert {task.role for task in of_type} >= {"square", "rows", "inner", "columns", "qkv", "lm_head", "softmax"}
    assert {task.role for task in tasks if task.group == "bandwidth"} == set(ARRAYS)
    assert len(tasks) < 180


def test_the_roofs_come_first_and_small_sets_before_large_ones() -> None:
    tasks = plan(Request(), *BOXES["one core, little memory"])
    groups = [task.group for task in tasks]
    assert groups == sorted(groups, key=["bandwidth", "peak", "product", "prefill", "decode"].index) or (
        groups.index("peak") < groups.index("product") < groups.index("prefill")
    )
    sets = [task.working_set_bytes for task in tasks if task.role == "copy"]
    assert sets == sorted(sets)
    assert sets[0] < 32 * KB
    assert sets[-1] == pytest.approx(0.45 * 8 * MB, rel=1e-4)


def test_memory_is_measured_over_arrays_of_four_times_the_last_cache() -> None:
    box = machine()
    sets = [task for task in plan(Request(), box, Limits(2**30, SLOW, 2e9)) if task.role == "triad"]
    assert sets[-1].working_set_bytes == pytest.approx(3 * 4 * 4 * MB, rel=0.01)
    assert {box.level(task.working_set_bytes) for task in sets} == {"L1", "L2", "L3", "memory"}


def test_the_peak_is_looked_for_among_sizes_that_are_quick_enough() -> None:
    tasks = plan(Request(types=("fp32",), parts=("peak",)), machine(), Limits(2**30, {"fp32": 1.2e11}, 2e9))
    assert [(task.m, task.k, task.n) for task in tasks] == [(n, n, n) for n in (256, 512, 1024, 2048)]
    slow = plan(Request(types=("fp32",), parts=("peak",)), machine(), Limits(2**30, {"fp32": 1e6}, 2e9))
    assert [task.m for task in slow] == [32, 64, 128, 256]


def test_parts_and_types_that_were_not_asked_for_are_left_out() -> None:
    tasks = plan(Request(types=("bf16",), parts=("peak",)), *BOXES["one core, little memory"])
    assert {(task.group, task.type) for task in tasks} == {("peak", "bf16")}


def test_products_are_cold_and_what_stands_between_them_both() -> None:
    tasks = plan(Request(types=("fp32",)), machine(), Limits(2**30, {"fp32": 1e11}, 2e9))
    states = {(task.group, task.role): set[str]() for task in tasks}
    for task in tasks:
        states[task.group, task.role].add(task.state)
    assert states["prefill", "qkv"] == states["decode", "lm_head"] == {"cold"}
    assert states["prefill", "softmax"] == states["prefill", "gelu"] == {"cold", "warm"}
    assert states["decode", "layer_norm"] == {"warm"}


def test_int8_on_a_gpu_is_what_its_library_multiplies() -> None:
    tasks = [task for task in plan(Request(types=("int8",)), *BOXES["a GPU"]) if task.type == "int8"]
    assert tasks
    assert all(task.m > 16 and task.k % 8 == task.n % 8 == 0 and task.batch == 1 for task in tasks)


@pytest.mark.parametrize(
    ("size", "level"),
    [(KB, "L1"), (32 * KB, "L1"), (33 * KB, "L2"), (4 * MB, "L3"), (16 * MB, "L3"), (16 * MB + 1, "memory")],
)
def test_the_level_that_holds_a_set(size: int, level: str) -> None:
    assert machine().level(size) == level


def test_without_caches_all_is_memory() -> None:
    box = machine(caches=())
    assert box.level(1) == box.level(10**12) == "memory"
    assert box.cold_bytes == 128 * MB


def test_this_machine() -> None:
    box: Machine = this_machine(threads=1)
    assert (box.device, box.threads) == ("cpu", 1)
    assert 1 <= box.threads <= box.cores == usable_cores()
    assert box.processor
    assert box.memory_bytes > 2**27
    assert [cache.size_bytes for cache in box.caches] == sorted(cache.size_bytes for cache in box.caches)
    assert {"python", "torch", "numpy"} <= set(box.versions)
