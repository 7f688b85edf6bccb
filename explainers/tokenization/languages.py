"""What the same text costs in different languages: tokens needed, and which of them stand for nothing the model
knows.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import NamedTuple

from explainers.checkpoints import ASSETS, Checkpoint
from explainers.tokenization.encode import tokenize


class LanguageCost(NamedTuple):
    """One text in one language: its tokens (the template's not counted) and how many of them are unknown."""

    language: str
    text: str
    tokens: int
    unknowns: int


def language_costs(checkpoint: Checkpoint) -> tuple[LanguageCost, ...]:
    """The cost of the sample text in every language, cheapest first; languages with unknown tokens stand last.

    An unknown token hides any amount of text behind one id, so its count says nothing and is not ranked.
    """
    costs = []
    for language, text in _samples().items():
        counts = tokenize(checkpoint, text).counts
        costs.append(LanguageCost(language, text, counts.tokens, counts.unknowns))
    return tuple(sorted(costs, key=lambda cost: (cost.unknowns > 0, cost.tokens, cost.language)))


@lru_cache(maxsize=1)
def _samples() -> dict[str, str]:
    entries = tomllib.loads((ASSETS / "languages.toml").read_text(encoding="utf-8"))
    return {language: entry["text"] for language, entry in entries.items()}
