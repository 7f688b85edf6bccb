"""The twelve published models: their configurations, and the figures that their papers print."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from explainers.checkpoints import ASSETS
from explainers.checkpoints.design import Design


@dataclass(frozen=True)
class Published:
    """One model: when it was published (year and month), its parameters as printed, and why a count differs."""

    name: str
    design: Design
    published: str
    printed: str
    text: str
    source: str
    link: str


@lru_cache(maxsize=1)
def published() -> Mapping[str, Published]:
    """All twelve by name, in the order of assets/architectures.toml."""
    stated = tomllib.loads((ASSETS / "architectures.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _published(name, entry) for name, entry in stated.items()})


def _published(name: str, entry: dict[str, Any]) -> Published:
    kind, layers, heads, d_model = (entry[key] for key in ("kind", "layers", "heads", "d_model"))
    design = Design(
        kind,
        layers if kind in ("bert", "t5") else 0,
        0 if kind == "bert" else layers,
        heads,
        d_model,
        entry.get("d_head", d_model // heads),
        entry["d_ff"],
        entry["vocab"],
        entry["context"],
        name=name,
    )
    return Published(name, design, *(entry[key] for key in ("published", "printed", "text", "source", "link")))
