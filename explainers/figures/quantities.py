"""How quantities are written in pictures and beside them: prefixes, and three digits that matter."""

from __future__ import annotations

import math

_SPACE = "\u00a0"  # a number and its unit stay on one line
_PREFIXES = ("", "k", "M", "G", "T", "P", "E")


def amount(number: float, unit: str = "") -> str:
    """A number with its unit's prefix: 1.53 TFLOP/s, 18.2 GB/s, 60 B."""
    at = min(max(0, math.floor(math.log10(number) / 3)), len(_PREFIXES) - 1) if number > 0 else 0
    return f"{digits(number / 1000.0**at)}{_SPACE}{_PREFIXES[at]}{unit}".rstrip()


def digits(number: float) -> str:
    """Three digits that matter, and never an exponent."""
    if number >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.3g}" if number >= 1e-3 or number == 0 else f"{number:.6f}".rstrip("0")


def duration(seconds: float) -> str:
    """A short time in the unit that fits: 12.3 µs, 4.5 ms."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{digits(seconds * factor)}{_SPACE}{unit}"
    return f"{digits(seconds * 1e9)}{_SPACE}ns"
