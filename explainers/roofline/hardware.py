"""What vendors publish of their hardware (assets/hardware.toml): the peaks and the bandwidth of dashed roofs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from explainers.checkpoints import ASSETS

_AS_WIDE = {"bf16": "fp16"}


@dataclass(frozen=True)
class Hardware:
    """One device as its vendor prints it.

    short: its name where there is little room. bandwidth: of its own memory, bytes per second. peaks: by number type,
    FLOPs per second of dense products, without sparsity. read: whether the vendor's own text was read for this file, or
    is only known by others who cite it.
    """

    key: str
    short: str
    name: str
    year: int
    bandwidth: float
    peaks: Mapping[str, float]
    source: str
    link: str
    read: bool

    def nearest(self, number: str) -> str:
        """This number type, or one that is as wide (fp16 for bf16); "" where the vendor prints neither."""
        return next((each for each in (number, _AS_WIDE.get(number, "")) if each in self.peaks), "")

    def peak(self, number: str) -> float:
        """FLOPs per second in this number type or the nearest to it; 0.0 where there is none."""
        return self.peaks.get(self.nearest(number), 0.0)

    def ridge(self, number: str) -> float:
        """The intensity from which on the memory no longer holds the arithmetic back, in FLOPs per byte."""
        return self.peak(number) / self.bandwidth


@lru_cache(maxsize=1)
def published_hardware() -> Mapping[str, Hardware]:
    """Every device by its key, in the order of assets/hardware.toml."""
    stated = tomllib.loads((ASSETS / "hardware.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: _device(key, entry) for key, entry in stated.items()})


def _device(key: str, entry: Mapping[str, Any]) -> Hardware:
    peaks = MappingProxyType({number: float(peak) for number, peak in entry["peaks"].items()})
    return Hardware(
        key,
        entry["short"],
        entry["name"],
        entry["year"],
        float(entry["bandwidth"]),
        peaks,
        entry["source"],
        entry["link"],
        entry["read"],
    )
