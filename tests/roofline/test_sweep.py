"""Small sweeps on this machine: whole, stopped and gone on with, refused. What they measure is not asserted."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from explainers.alone import FOLDER, BusyError, alone
from explainers.checkpoints import load
from explainers.checkpoints.design import of_checkpoint
from explainers.roofline import Request, Result, RooflineError, from_json, roofs, sweep, to_json
from explainers.roofline.buffers import Buffers
from explainers.roofline.timing import StoppedError
from tests.roofline.machines import MB

SMALL = Request(threads=1, types=("fp32",), parts=("bandwidth", "peak"), limit_bytes=8 * MB, scale=0.01)
QUICKEST = replace(SMALL, parts=("peak",))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))


def whole(request: Request) -> Result:
    return list(sweep(request))[-1].result


def test_a_sweep_measures_every_task_twice_and_says_how_far_it_is() -> None:
    import torch

    threads = torch.get_num_threads()
    updates = list(sweep(SMALL))
    result = updates[-1].result
    assert [update.done for update in updates] == list(range(1, len(updates) + 1))
    assert {update.steps for update in updates} == {len(updates)}
    assert updates[-1].seconds_left == pytest.approx(0.0, abs=1e-6)
    assert [update.result.complete for update in updates] == [False] * (len(updates) - 1) + [True]
    points = [update.point for update in updates if update.point]
    rounds = points[: len(points) // 2], points[len(points) // 2 :]
    assert [point.task for point in rounds[0]] == [point.task for point in rounds[1]]
    assert len({point.task.key for point in result.points}) == len(updates) / 2
    assert all(len(point.unpooled) == point.samples for point in rounds[0])
    assert result.points == tuple(rounds[1])
    for first, both in zip(*rounds, strict=True):
        assert both.unpooled == ()
        assert both.samples <= 2 * first.samples
        assert both.samples % 2 == 0
        assert both.calls == first.calls
        assert both.reached_seconds <= first.seconds
    assert torch.get_num_threads() == threads
    assert from_json(to_json(result)) == result


def test_points_are_positive_numbers_in_order() -> None:
    result = whole(SMALL)
    for point in result.points:
        assert 0 < point.low_seconds <= point.seconds <= point.high_seconds < math.inf
        assert point.samples >= 6
        assert point.calls >= 1
        assert point.uncertainty >= 0
    assert result.conditions.overhead_seconds > 0
    assert 0 <= result.conditions.other_load <= 1
    found = roofs(result.points, result.machine)
    assert found.peaks["fp32"] > 0
    assert found.levels[0].bytes_per_second > 0
    assert result.refused == ()


def test_little_memory_is_all_that_is_used() -> None:
    before = psutil.Process().memory_info().rss
    whole(replace(SMALL, parts=("bandwidth", "peak", "product")))
    assert psutil.Process().memory_info().rss - before < 100 * MB  # of which torch's own code and buffers are most


def test_both_arenas_together_keep_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Buffers] = []

    def noted(device: str, limit_bytes: int) -> Buffers:
        made.append(Buffers(device, limit_bytes))
        return made[-1]

    monkeypatch.setattr(sys.modules[sweep.__module__], "Buffers", noted)
    assert whole(replace(SMALL, parts=("bandwidth", "product", "model"), tokens=64, limit_bytes=16 * MB)).complete
    (buffers,) = made
    assert 0 < buffers.operands.size_bytes + buffers.results.size_bytes <= 16 * MB


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_the_operations_of_a_checkpoint(name: str) -> None:
    result = whole(replace(SMALL, parts=("model",), shape=of_checkpoint(load(name)), tokens=8, types=("fp32", "bf16")))
    assert result.complete
    assert result.refused == ()
    assert {point.task.type for point in result.points} == {"fp32", "bf16"}
    assert bool(result.group("decode")) == (name != "bert-mini")


def test_the_other_types_are_measured_on_request() -> None:
    result = whole(replace(QUICKEST, types=("fp64", "int8"), parts=("peak", "product", "model"), tokens=4))
    assert result.refused == ()
    assert {point.task.type for point in result.points if point.task.group == "prefill"} == {"fp64", "int8"}


@pytest.mark.parametrize("round", [1, 2])
def test_a_sweep_that_is_stopped_goes_on_where_it_was(round: int) -> None:
    for update in sweep(SMALL):
        if update.done == (round - 1) * update.steps // 2 + 4:
            break
    before = from_json(to_json(update.result))
    rest = list(sweep(SMALL, before))
    assert [each.done for each in rest] == list(range(update.done + 1, update.steps + 1))
    assert [each.point and each.point.unpooled == () for each in rest][-4:] == [True] * 4
    result = rest[-1].result
    assert result.complete
    assert len({point.task.key for point in result.points}) == len(result.points) == update.steps / 2
    if round == 2:
        assert result.points[:4] == before.points[:4]  # they had both of their visits
    for was, now in zip(before.points, result.points, strict=False):
        assert was.task == now.task
        assert now.reached_seconds <= was.reached_seconds
        assert now.unpooled == ()
    assert (result.started, result.limits) == (before.started, before.limits)
    assert result.seconds > before.seconds


def test_a_sweep_that_is_complete_has_nothing_more_to_say() -> None:
    assert list(sweep(QUICKEST, whole(QUICKEST))) == []


def test_stopping_between_calls_brings_no_half_point() -> None:
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(True)
        return len(asked) > 40

    updates = list(sweep(SMALL, stopped=stopped))
    assert len(updates) < 20
    assert all(update.point and update.point.samples >= 3 for update in updates)
    assert not any(update.result.complete for update in updates)
    assert list(sweep(SMALL, stopped=lambda: True)) == []


def test_the_lock_is_open_after_a_sweep_that_was_dropped() -> None:
    going = sweep(SMALL)
    next(going)
    with pytest.raises(BusyError, match="Another program"), alone():
        pass
    going.close()
    with alone(), pytest.raises(RooflineError, match="Another program"):
        next(sweep(SMALL))


def test_what_torch_cannot_do_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def refuses(*_args: object, **_options: object) -> None:
        raise RuntimeError("not implemented")

    monkeypatch.setattr(torch, "bmm", refuses)
    result = whole(replace(SMALL, parts=("model",), shape=of_checkpoint(load("gpt2-mini")), tokens=4))
    assert result.complete
    assert result.refused
    assert all("scores" in key or "values" in key for key in result.refused)
    again = list(sweep(result.request, replace(result, points=result.points[:-1], complete=False)))
    assert len(again) == 2  # what was refused is not tried again


def test_a_sweep_whose_last_task_cannot_be_done_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def refuses(*_args: object, **_options: object) -> None:
        raise RuntimeError("not implemented")

    monkeypatch.setattr(torch, "sum", refuses)
    updates = list(sweep(replace(SMALL, parts=("bandwidth",))))
    result = updates[-1].result
    assert result.complete
    assert result.refused
    assert all(key.startswith("bandwidth/read") for key in result.refused)
    assert len(updates) == len(result.refused) + 2 * len(result.points)
    assert updates[-1].done == updates[-1].steps == 2 * (len(result.refused) + len(result.points))
    rest = list(sweep(result.request, replace(result, refused=(), complete=False)))
    assert [update.point for update in rest] == [None] * len(result.refused)
    assert rest[-1].result.complete
    assert rest[-1].done == rest[-1].steps


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (replace(SMALL, device="abacus"), "no device named abacus"),
        (replace(SMALL, threads=10_000), "cores"),
        (replace(SMALL, tokens=1025), "1024 positions"),
        (replace(SMALL, tokens=0), "one token"),
        (replace(SMALL, types=()), "Choose a type"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(request_: Request, why: str) -> None:
    with pytest.raises(RooflineError, match=why):
        next(sweep(request_))


def test_a_stop_is_no_error_of_ours() -> None:
    assert not issubclass(StoppedError, RuntimeError | RooflineError)
