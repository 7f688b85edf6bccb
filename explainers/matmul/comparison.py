"""What was counted beside what was measured: work, bytes and time of each group and of each operator."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.matmul.costs import GROUPS, Group
from explainers.matmul.measuring import Timing
from explainers.matmul.tally import Count


@dataclass(frozen=True)
class GroupCompared:
    """One group's part of all FLOPs, bytes and seconds, and what it gets done.

    flops_per_byte: how much is done with each byte that is read or written; flops_per_second: how fast. 0 where nothing
    is computed.
    """

    group: Group
    flop_share: float
    byte_share: float
    time_share: float
    flops_per_byte: float
    flops_per_second: float


@dataclass(frozen=True)
class OperatorCompared:
    """One operator in all phases: its calls while it was timed, its FLOPs and its seconds."""

    name: str
    group: Group
    calls: int
    flops: int
    seconds: float

    @property
    def flops_per_second(self) -> float:
        """How fast it computes; 0 where it computes nothing."""
        return self.flops / self.seconds if self.seconds else 0.0


def groups_compared(counted: Count, timed: Timing) -> tuple[GroupCompared, ...]:
    """Every group that takes work or time, in the order of GROUPS."""
    rows = []
    for group in GROUPS:
        flops, moved, seconds = counted.flops(group), counted.bytes(group), timed.of(group)
        if flops or moved or seconds:
            rows.append(
                GroupCompared(
                    group,
                    counted.flop_share(group),
                    counted.byte_share(group),
                    timed.share(group),
                    flops / moved if moved else 0.0,
                    flops / seconds if seconds else 0.0,
                )
            )
    return tuple(rows)


def operators_compared(counted: Count, timed: Timing) -> tuple[OperatorCompared, ...]:
    """Every operator that was timed, the slowest first. A bias that is added along belongs to its product."""
    flops: dict[str, int] = {}
    for counted_one in counted.operators:
        name = counted_one.name.split(",")[0]
        flops[name] = flops.get(name, 0) + counted_one.flops
    rows = []
    for name in dict.fromkeys(each.name for each in timed.operators):
        own = [each for each in timed.operators if each.name == name]
        calls, seconds = sum(each.calls for each in own), sum(each.seconds for each in own)
        rows.append(OperatorCompared(name, own[0].group, calls, flops.get(name, 0), seconds))
    return tuple(sorted(rows, key=lambda row: -row.seconds))
