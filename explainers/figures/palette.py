"""One fixed colour a family, the same in every picture, safe for colour-blind eyes (Okabe and Ito)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from explainers.checkpoints import Family


class Colour(NamedTuple):
    """One colour as two hex strings: what to draw with on a light page, and on a dark one."""

    light: str
    dark: str

    def on(self, *, dark: bool) -> str:
        """The one to draw with on a dark page, or on a light one."""
        return self.dark if dark else self.light


FAMILY_COLOURS: Mapping[Family, Colour] = MappingProxyType(
    {
        "bert": Colour("#0072B2", "#56B4E9"),
        "gpt2": Colour("#D55E00", "#F0894A"),
        "t5": Colour("#009E73", "#2FC79A"),
    }
)

INK = Colour("#16202E", "#EDF1F6")  # text in pictures: the theme's own, and not the pale grey of charts

FAMILY_LABELS: Mapping[Family, str] = MappingProxyType({"bert": "BERT", "gpt2": "GPT-2", "t5": "T5"})
