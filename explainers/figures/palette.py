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
PAPER = Colour("#FFFFFF", "#11161D")  # behind a picture: the theme's own

# Numbers below and above zero, told apart by colour-blind eyes too (ColorBrewer's PuOr), and no family's colour.
BELOW = Colour("#54278F", "#B9A3F5")
ZERO = Colour("#F7F7F7", "#1C242E")
ABOVE = Colour("#E08214", "#FDB863")

# What the masked LM's corruption did to a token: masked, replaced at random, kept. No family's colours.
MASKED = Colour("#8E2F6B", "#EBA6CD")
REPLACED = Colour("#7A5F00", "#E6C84F")
KEPT = Colour("#4A5563", "#A9B4C2")

# Heads side by side, told apart and no more: each at least 3 to 1 on both papers. The first four are Okabe and Ito's.
HEADS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#A6761D"),
    *("#3E8EDE", "#AA4499", "#7F8C1F", "#7A7A7A", "#E0484F"),
)

FAMILY_LABELS: Mapping[Family, str] = MappingProxyType({"bert": "BERT", "gpt2": "GPT-2", "t5": "T5"})
