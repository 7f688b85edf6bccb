"""Where a model's parameters are, and where its work is: they are not in the same places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from explainers.architecture.flops import Work
from explainers.architecture.ledger import ledger
from explainers.checkpoints.design import Design

Group = Literal["embeddings", "attention", "scores", "feed-forward", "norms", "output"]

_OF_PARTS: dict[str, Group] = {
    "embedding": "embeddings",
    "position": "embeddings",
    "attention": "attention",
    "cross": "attention",
    "feed-forward": "feed-forward",
    "norm": "norms",
    "head": "output",
    "tied": "output",
}
_OF_WORK: dict[str, Group] = _OF_PARTS | {"scores": "scores", "cross scores": "scores"}


@dataclass(frozen=True)
class Balance:
    """One group: its parameters and its FLOPs in a forward pass, and the share of each in the whole.

    Tied parameters stand with the embeddings, their product with the output. counted: whether the group's work is
    counted at all; that of the norms is not, because they are no products.
    """

    group: Group
    parameters: int
    flops: int
    parameter_share: float
    flop_share: float

    @property
    def counted(self) -> bool:
        """False where flops is 0 because the work was left out, and not because there is none."""
        return self.group != "norms"


def balance(design: Design, products: Sequence[Work]) -> tuple[Balance, ...]:
    """The groups from the input to the output, each once, also those without parameters or work."""
    parameters, flops = dict.fromkeys(get_args(Group), 0), dict.fromkeys(get_args(Group), 0)
    counted = ledger(design)
    for entry in counted.entries:
        parameters[_OF_PARTS[entry.part.role]] += entry.count
    for each in products:
        flops[_OF_WORK[each.role]] += each.flops
    work_total = sum(flops.values())
    return tuple(
        Balance(group, count, flops[group], count / counted.total, flops[group] / work_total)
        for group, count in parameters.items()
    )
