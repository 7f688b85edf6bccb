"""A model's operations under the measured roofs: what the roofs promise of each, beside what it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from explainers.roofline.hardware import Hardware
from explainers.roofline.machine import MEMORY
from explainers.roofline.plan import plan
from explainers.roofline.requests import Request
from explainers.roofline.results import Level, Result, Roofs, roofs
from explainers.roofline.shapes import operations
from explainers.roofline.tasks import Point, Task
from explainers.roofline.theory import NumberType

ModelGroup = Literal["prefill", "decode"]


@dataclass(frozen=True)
class Operation:
    """One operation of a model: what the roofs allow, and what was measured of it.

    task: as it is measured. whole: as the model has it, where that is too large to be measured. level: the part of the
    memory whose roof is over it. predicted_seconds: of one call of the task; 0.0 where the roof was not measured.
    point: None where the task was not measured.
    """

    task: Task
    whole: Task
    level: str
    predicted_seconds: float
    point: Point | None

    @property
    def predicted_flops_per_second(self) -> float:
        """The rate that the roofs allow; 0.0 where they were not measured."""
        return self.task.flops / self.predicted_seconds if self.predicted_seconds else 0.0

    @property
    def share(self) -> float:
        """The part of the roof that was reached; 0.0 where it was not measured."""
        return self.predicted_seconds / self.point.seconds if self.point else 0.0

    @property
    def calls(self) -> float:
        """How many of the task's calls the model makes in one forward pass; more than its count where it was cut."""
        return self.whole.count * self.whole.flops / self.task.flops


def compared(request: Request, number: NumberType, group: ModelGroup, result: Result) -> tuple[Operation, ...]:
    """Every operation that the request asks for in this number type, in the states in which it would be measured.

    The roofs are those of the result, and so are the times where it is of the same model, length and batch.
    """
    if number not in result.limits.rates:
        return ()
    found = roofs(result.points, result.machine)
    measured = {point.task.key: point for point in result.points} if same_model(request, result) else {}
    whole = {
        (task.stack, task.role): task
        for task in operations(request.shape, request.tokens, request.batch, number, group)
    }
    asked = replace(request, types=(number,), parts=("model",))
    return tuple(
        _operation(task, whole[task.stack, task.role], measured.get(task.key), found, result)
        for task in plan(asked, result.machine, result.limits)
        if task.group == group
    )


def promised(request: Request, number: NumberType, group: ModelGroup, chip: Hardware) -> tuple[Operation, ...]:
    """The same operations under the published roof of a chip: whole, from its memory, and nothing of them measured.

    Empty where the vendor prints no peak for this type or one as wide; int8 has no products of batches.
    """
    if not chip.peak(number):
        return ()
    found = Roofs({number: chip.peak(number)}, (Level(MEMORY, 0, chip.bandwidth),))
    return tuple(
        Operation(task, task, MEMORY, found.predicted_seconds(task, MEMORY), None)
        for task in operations(request.shape, request.tokens, request.batch, number, group)
        if task.type == number and not (number == "int8" and task.batch > 1)
    )


def same_model(request: Request, result: Result) -> bool:
    """Whether the result's operations are those of the request's model, length and batch."""
    asked = (request.shape, request.tokens, request.batch)
    return asked == (result.request.shape, result.request.tokens, result.request.batch)


def pass_seconds(parts: Sequence[Operation]) -> tuple[float, float]:
    """The time of one forward pass, each operation as often as it occurs: as the roofs allow, and as measured.

    Of an operation that was measured warm and cold the warm one counts: its input was written just before. Either is
    0.0 where it is not known of every operation.
    """
    chosen = {(part.task.stack, part.task.role): part for part in sorted(parts, key=_warm_last)}.values()
    promised = [part.calls * part.predicted_seconds for part in chosen]
    measured = [part.calls * part.point.seconds if part.point else 0.0 for part in chosen]
    return sum(promised) if all(promised) else 0.0, sum(measured) if all(measured) else 0.0


def _warm_last(part: Operation) -> bool:
    return part.task.state == "warm"


def _operation(task: Task, whole: Task, point: Point | None, found: Roofs, result: Result) -> Operation:
    cold = MEMORY if task.state == "cold" else result.machine.level(task.working_set_bytes)
    level = point.level if point else cold
    return Operation(task, whole, level, found.predicted_seconds(task, level), point)
