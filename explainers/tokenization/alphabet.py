"""GPT-2's printable stand-ins for bytes, so that a vocabulary of bytes can be written as text (Radford et al. 2019)."""

from __future__ import annotations


def _alphabet() -> dict[str, int]:
    """A byte that prints stands for itself, the others for the next free characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(0x100)) - set(printable))
    return {chr(byte): byte for byte in printable} | {chr(0x100 + at): byte for at, byte in enumerate(others)}


BYTES = _alphabet()
STAND_INS = {byte: char for char, byte in BYTES.items()}
