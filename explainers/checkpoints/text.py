"""Sizes and times as people read them."""

from __future__ import annotations

from explainers.language import _, ngettext


def size_text(size_bytes: float) -> str:
    """A number of bytes in decimal units, with at most three digits that matter: 440 MB, 1.52 GB."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= 0.9995 * factor:
            value = size_bytes / factor
            digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
            return f"{value:.{digits}f}".rstrip("0").rstrip(".") + f" {unit}" if digits else f"{value:.0f} {unit}"
    return _("{n} bytes").format(n=int(size_bytes))


def count_text(count: int) -> str:
    """A number of parameters in millions: 110 million."""
    value = count / 10**6
    return _("{n} million").format(n=f"{value:.0f}" if value >= 9.95 else f"{value:.1f}")


def time_text(seconds: float) -> str:
    """A time to wait, in the unit that fits: 40 seconds, 3 minutes."""
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("{n} second", "{n} seconds", n).format(n=n)
    if seconds < 90 * 60:
        n = round(seconds / 60)
        return ngettext("{n} minute", "{n} minutes", n).format(n=n)
    n = round(seconds / 3600)
    return ngettext("{n} hour", "{n} hours", n).format(n=n)
