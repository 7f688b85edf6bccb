"""The sentences worth trying, from assets/examples.toml, with a word on why each is interesting."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from explainers.checkpoints import ASSETS
from explainers.language import _


class Example(NamedTuple):
    """One entry of the menu: a title and a reason in the reader's language, and the text (and pair) to try."""

    title: str
    text: str
    pair: str
    why: str


def examples() -> tuple[Example, ...]:
    """All examples in the order of the menu; the first is what a fresh page starts with."""
    return tuple(
        Example(_(entry["title"]), entry["text"], entry.get("pair", ""), _(entry["why"])) for entry in _entries()
    )


@lru_cache(maxsize=1)
def _entries() -> tuple[Mapping[str, str], ...]:
    with (ASSETS / "examples.toml").open("rb") as file:
        return tuple(tomllib.load(file)["example"])
