"""A result as JSON, and back; and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from explainers.checkpoints.design import Design
from explainers.roofline.conditions import Conditions
from explainers.roofline.machine import Cache, Machine
from explainers.roofline.plan import Limits
from explainers.roofline.requests import Request
from explainers.roofline.results import Result, roofs
from explainers.roofline.tasks import Point, Task

FORMAT = 2  # goes up whenever what is written can no longer be read


def to_json(result: Result, indent: int | None = None) -> str:
    """Everything as JSON, with the roofs worked out."""
    return json.dumps(
        {"format": FORMAT, **asdict(result), "roofs": asdict(roofs(result.points, result.machine))}, indent=indent
    )


def from_json(text: str) -> Result:
    """What `to_json` wrote; raises ValueError where it did not write that."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise ValueError("another version wrote it")
        del told["roofs"]  # in the points
        return _result(told)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no result: {error}") from error


def request_from(told: Mapping[str, Any]) -> Request:
    """A request from what `asdict` made of it."""
    request = {
        **told,
        "shape": Design(**told["shape"]),
        "types": tuple(told["types"]),
        "parts": tuple(told["parts"]),
    }
    return Request(**request)


def point_from(told: Mapping[str, Any]) -> Point:
    """A point from what `asdict` made of it."""
    return Point(**{**told, "task": Task(**told["task"]), "unpooled": tuple(told.get("unpooled", ()))})


def _result(told: Mapping[str, Any]) -> Result:
    machine = {**told["machine"], "caches": tuple(Cache(**cache) for cache in told["machine"]["caches"])}
    parts = {
        "request": request_from(told["request"]),
        "machine": Machine(**machine),
        "limits": Limits(**told["limits"]),
        "conditions": Conditions(**told["conditions"]),
        "points": tuple(map(point_from, told["points"])),
        "refused": tuple(told["refused"]),
    }
    return Result(**{**told, **parts})


def csv_rows(result: Result) -> tuple[tuple[str, ...], list[tuple[str | int | float, ...]]]:
    """The points as a table: a header of short names with units, and a row for each."""
    found = roofs(result.points, result.machine)
    header = (
        *("group", "stack", "operation", "type", "state", "batch", "m", "k", "n", "count", "cut", "flops", "bytes"),
        *("flops_per_byte", "working_set_bytes", "level", "seconds", "low_quartile_seconds", "high_quartile_seconds"),
        *("samples", "calls_in_sample", "uncertainty", "disturbed", "flops_per_second", "bytes_per_second"),
        *("best_visit_seconds", "predicted_seconds", "share_of_roof"),
    )
    rows: list[tuple[str | int | float, ...]] = []
    for point in result.points:
        task = point.task
        rows.append(
            (
                *(task.group, task.stack, task.role, task.type, task.state, task.batch, task.m, task.k, task.n),
                *(task.count, int(task.cut), task.flops, task.bytes, task.intensity, task.working_set_bytes),
                *(point.level, point.seconds, point.low_seconds, point.high_seconds, point.samples, point.calls),
                *(point.uncertainty, int(point.disturbed), point.flops_per_second, point.bytes_per_second),
                *(point.reached_seconds, found.predicted_seconds(task, point.level), found.share(point)),
            )
        )
    return header, rows
