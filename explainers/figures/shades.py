"""Shades of one colour, and the ink that can be read on them."""

from __future__ import annotations

from explainers.figures.palette import INK


def mixed(colour: str, paper: str, share: float) -> str:
    """The colour laid over the paper with this share, opaque: what lies below must not shine through."""
    pairs = [(int(colour[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * over + (1 - share) * under):02x}" for over, under in pairs)


def legible_on(fill: str) -> str:
    """Dark or white, whichever reads better on the fill (relative luminance, WCAG 2)."""
    red, green, blue = (
        level / 12.92 if level <= 0.03928 else ((level + 0.055) / 1.055) ** 2.4
        for level in (int(fill[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    return INK.light if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 else "#FFFFFF"
