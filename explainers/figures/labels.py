"""Words in pictures that plotly must not read as markup, and colours between two."""

from __future__ import annotations


def plain_label(text: str) -> str:
    """The text as plotly draws it: it would read <b> and &amp; as markup, but leaves quotes alone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def blend(colour: str, ground: str, share: float) -> str:
    """The colour that so much of `colour` on `ground` gives; all as "#RRGGBB"."""
    mixed = (
        round(share * int(colour[at : at + 2], 16) + (1 - share) * int(ground[at : at + 2], 16)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)
