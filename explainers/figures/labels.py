"""Words in pictures that plotly must not read as markup, shares in per cent, and colours between two."""

from __future__ import annotations


def plain_label(text: str) -> str:
    """The text as plotly draws it: it would read <b> and &amp; as markup, but leaves quotes alone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def percent(share: float, digits: int = 1) -> str:
    """A share with so many decimals: "34.6 %"; nothing but none is "0 %", nothing but all "100 %", else "<0.1 %"."""
    least = 10**-digits
    if 0 < 100 * share < least:
        return f"<{least:g} %"
    if 100 - least < 100 * share < 100 and round(100 * share, digits) == 100:
        return f">{100 - least:g} %"
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    return f"{100 * share:.{digits}f} %"


def blend(colour: str, ground: str, share: float) -> str:
    """The colour that so much of `colour` on `ground` gives; all as "#RRGGBB"."""
    mixed = (
        round(share * int(colour[at : at + 2], 16) + (1 - share) * int(ground[at : at + 2], 16)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)
