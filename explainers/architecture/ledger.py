"""The parameter ledger: every part with its formula, its number and its share of the whole."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.architecture.parts import Part, parts
from explainers.checkpoints.design import Design


@dataclass(frozen=True)
class Entry:
    """One line: a part, its parameters (0 where a tied matrix was counted before), and their share of the total."""

    part: Part
    count: int
    share: float


@dataclass(frozen=True)
class Ledger:
    """All lines from the input to the output; the counts add up to total."""

    design: Design
    entries: tuple[Entry, ...]
    total: int

    @property
    def encoder(self) -> int:
        """BERT's encoder with embeddings and pooler and without pre-training heads: the library's BertModel."""
        return sum(entry.count for entry in self.entries if entry.part.stack in ("input", "encoder"))

    def entry(self, key: str) -> Entry:
        """The line of that key; KeyError where the model has no such part."""
        return {entry.part.key: entry for entry in self.entries}[key]


def ledger(design: Design) -> Ledger:
    """Count every parameter of the model with its heads, a tied matrix once."""
    found = parts(design)
    total = sum(part.count for part in found)
    return Ledger(design, tuple(Entry(part, part.count, part.count / total) for part in found), total)
