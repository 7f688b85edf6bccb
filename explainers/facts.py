"""The published models' numbers, from assets/facts.toml, each with where it stands."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import NamedTuple

from explainers.checkpoints import ASSETS, Family


class Fact(NamedTuple):
    """One number: its value as printed, the words that go on from it, and the source that it was read in."""

    value: str
    text: str
    source: str
    link: str

    @property
    def share(self) -> float:
        """A value in per cent as a part of 1; ValueError where it is no percentage."""
        return float(self.value.removesuffix("%")) / 100


def fact(family: Family, topic: str) -> Fact:
    """The fact of that family on that topic; KeyError where assets/facts.toml has none."""
    return Fact(**_entries()[family][topic])


@lru_cache(maxsize=1)
def _entries() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((ASSETS / "facts.toml").read_text(encoding="utf-8"))
