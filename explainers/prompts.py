"""Prompts that make a task of going on with a text, from assets/prompts.toml, with a word on each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from explainers.checkpoints import ASSETS
from explainers.language import _


class Prompt(NamedTuple):
    """One prompt: a title and a reason in the reader's language, and the text that the model goes on from."""

    title: str
    text: str
    why: str


def prompts() -> tuple[Prompt, ...]:
    """All prompts in the order of the file."""
    return tuple(Prompt(_(entry["title"]), entry["text"], _(entry["why"])) for entry in _entries())


@lru_cache(maxsize=1)
def _entries() -> tuple[Mapping[str, str], ...]:
    with (ASSETS / "prompts.toml").open("rb") as file:
        return tuple(tomllib.load(file)["prompt"])
