"""Words in pictures that plotly must not read as markup, shares in per cent, and colours between two."""

from __future__ import annotations


def plain_label(text: str) -> str:
    """The text as plotly draws it: it would read <b> and &amp; as markup, but leaves quotes alone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def percent(share: float) -> str:
    """A probability with as many digits as say something: "34.6 %", "<0.1 %", and 0 for none."""
    if share == 0:
        return "0"
    return f"{100 * share:.1f} %" if share >= 0.001 else "<0.1 %"


def blend(colour: str, ground: str, share: float) -> str:
    """The colour that so much of `colour` on `ground` gives; all as "#RRGGBB"."""
    mixed = (
        round(share * int(colour[at : at + 2], 16) + (1 - share) * int(ground[at : at + 2], 16)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)
