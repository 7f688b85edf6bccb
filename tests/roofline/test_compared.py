"""A model's operations under roofs that were set by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explainers.roofline import GPT2_SMALL, Point, Request, Result, operations, plan
from explainers.roofline.compared import Operation, compared, pass_seconds, same_model
from tests.roofline.machines import MB, result, square, stream

# Memory brings 20 GB/s, the largest product reaches 100 GFLOP/s.
ROOFS = (stream("triad", 64 * MB, 64 * MB / 20e9, "memory"), square(1000, 2 * 1000**3 / 100e9))
REQUEST = Request(tokens=8, batch=2)


def measured(request: Request = REQUEST, slowness: float = 2.0) -> Result:
    """A result in which every operation takes so many times what the roofs allow."""
    bare = replace(result(*ROOFS), request=request)
    points = []
    for task in plan(replace(request, types=("fp32",), parts=("model",)), bare.machine, bare.limits):
        level = "memory" if task.state == "cold" else bare.machine.level(task.working_set_bytes)
        seconds = slowness * max(task.flops / 100e9, task.bytes / 20e9)
        points.append(Point(task, seconds, seconds, seconds, 9, 1, 0.01, level))
    return replace(bare, points=(*ROOFS, *points))


def test_a_measured_operation_reaches_its_share_of_the_roof() -> None:
    found = compared(REQUEST, "fp32", "decode", measured())
    assert {each.task.role for each in found} == {each.role for each in operations(GPT2_SMALL, 8, 2, "fp32", "decode")}
    for each in found:
        assert each.share == pytest.approx(0.5)
        assert each.point is not None
        assert each.predicted_flops_per_second == pytest.approx(2 * each.point.flops_per_second)


def test_one_row_is_held_back_by_memory() -> None:
    head = next(each for each in compared(REQUEST, "fp32", "decode", measured()) if each.task.role == "lm_head")
    assert head.task.state == "cold"
    assert head.predicted_seconds == pytest.approx(head.task.bytes / 20e9)


def test_another_model_s_times_are_not_shown_as_this_one_s() -> None:
    other = replace(REQUEST, tokens=9)
    assert not same_model(other, measured())
    found = compared(other, "fp32", "prefill", measured())
    assert found
    assert all(each.point is None and each.share == 0 and each.predicted_seconds > 0 for each in found)
    assert pass_seconds(found)[0] > 0
    assert pass_seconds(found)[1] == 0


def test_a_type_without_a_roof_promises_nothing() -> None:
    assert compared(REQUEST, "int8", "prefill", measured()) == ()
    found = compared(REQUEST, "bf16", "prefill", measured())
    assert all(each.predicted_seconds == each.predicted_flops_per_second == 0 for each in found)
    assert pass_seconds(found) == (0.0, 0.0)


def test_what_was_cut_counts_as_often_as_the_whole_needs() -> None:
    (whole,) = (task for task in operations(GPT2_SMALL, 8, 1, "fp32", "prefill") if task.role == "lm_head")
    half = replace(whole, n=25_000, flops=2 * 8 * 768 * 25_000, cut=True)
    part = Operation(half, whole, "memory", 0.01, Point(half, 0.02, 0.02, 0.02, 9, 1, 0.01, "memory"))
    assert part.calls == pytest.approx(50_257 / 25_000)
    assert pass_seconds([part]) == pytest.approx((0.01 * 50_257 / 25_000, 0.02 * 50_257 / 25_000))


def test_a_pass_takes_each_operation_as_often_as_it_occurs_and_once() -> None:
    """Twelve layers of 0.1 s, and one softmax measured cold (9 s) and warm (0.2 s): 1.2 + 12 x 0.2."""
    tasks = {task.role: task for task in operations(GPT2_SMALL, 8, 1, "fp32", "prefill")}
    parts = []
    for task, seconds in (
        (tasks["qkv"], 0.1),
        (replace(tasks["softmax"], state="warm"), 0.2),
        (tasks["softmax"], 9.0),
    ):
        point = Point(task, seconds, seconds, seconds, 9, 1, 0.01, "memory")
        parts.append(Operation(task, task, "memory", seconds / 2, point))
    assert pass_seconds(parts) == pytest.approx((1.8, 3.6))
