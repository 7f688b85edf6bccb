"""Characters as they are drawn: blanks, line ends, controls, bytes; and which way a text runs."""

from __future__ import annotations

import pytest

from explainers.views.components.visible import direction, drawn_bytes, hexadecimal, shape, visible, visible_text
from tests.components.samples import FAMILY_EMOJI


@pytest.mark.parametrize(
    ("cluster", "form", "drawn"),
    [
        ("a", "text", "a"),
        (" ", "blank", "·"),
        ("\t", "blank", "→"),
        ("\u00a0", "blank", "⍽"),
        ("\u3000", "blank", "·"),
        ("\n", "line end", "↵"),
        ("\r\n", "line end", "↵"),
        ("\x00", "code", "␀"),
        ("\x7f", "code", "␡"),
        ("\u200b", "code", "U+200B"),
        ("\u202e", "code", "U+202E"),
        ("\ufe0f", "code", "U+FE0F"),
        ("\u0301", "text", "◌\u0301"),
        ("e\u0301", "text", "e\u0301"),
        (FAMILY_EMOJI, "text", FAMILY_EMOJI),
        ("<", "text", "<"),
    ],
)
def test_every_character_has_a_shape(cluster: str, form: str, drawn: str) -> None:
    assert (shape(cluster), visible(cluster)) == (form, drawn)


def test_visible_text_draws_each_cluster() -> None:
    assert visible_text(f"a b\n{FAMILY_EMOJI}") == f"a·b↵{FAMILY_EMOJI}"


@pytest.mark.parametrize(
    ("data", "drawn"), [(b" the", ("·the", False)), (b"\xed\x95", ("ED 95", True)), ("한".encode(), ("한", False))]
)
def test_bytes_are_characters_or_hexadecimal(data: bytes, drawn: tuple[str, bool]) -> None:
    assert drawn_bytes(data) == drawn
    assert bytes.fromhex(hexadecimal(data)) == data


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("abc", "left"),
        (" - אב", "right"),
        ("شيء", "right"),
        ("12", "digit"),
        ("12a", "left"),
        ("...", "none"),
        ("", "none"),
    ],
)
def test_direction_is_that_of_the_first_letter(text: str, way: str) -> None:
    assert direction(text) == way
