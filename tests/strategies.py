"""Texts that break tokenizers: drawn by hypothesis, and drawn from a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from hypothesis import strategies as st

# First and last character of stretches of scripts, symbols and letters that normalisation changes.
BLOCKS = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x024F),  # Latin with accents, ß, ½
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x04FF),  # Cyrillic
    (0x0590, 0x05FF),  # Hebrew
    (0x0600, 0x06FF),  # Arabic
    (0x0900, 0x097F),  # Devanagari
    (0x0E00, 0x0E7F),  # Thai
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1100, 0x11FF),  # conjoining jamo
    (0x1E00, 0x1FFF),  # Latin and Greek with several accents
    (0x2000, 0x206F),  # blanks, joiners, direction marks
    (0x2150, 0x218F),  # ⅓, Ⅳ
    (0x3040, 0x30FF),  # kana
    (0x3130, 0x318F),  # Hangul letters
    (0x3300, 0x33FF),  # ㍿, ㌔
    (0x4E00, 0x4FFF),  # Han
    (0xAC00, 0xAFFF),  # Hangul syllables
    (0xF900, 0xFAFF),  # Han for compatibility
    (0xFB00, 0xFB4F),  # ligatures
    (0xFF00, 0xFFEF),  # full and half width
    (0x1D400, 0x1D4FF),  # mathematical letters
    (0x1F300, 0x1F6FF),  # emoji
    (0xE0001, 0xE007F),  # tags
)
MARKS = "\u0300\u0301\u0308\u0316\u0323\u0327\u0344\u093c\u0f71\u0f72\u3099\u1dc0\u20dd\ufe0f"
CONTROLS = "\x00\x01\x07\t\n\r\x0b\x1b\x1f\x7f\x85\xad\u200b\u200d\u200e\u2028\ufeff\ufffd\ue000"
EMOJI = ("👨\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈", "👍🏽", "🇰🇷", "🇺🇳", "❤️\u200d🔥", "1️⃣", "🧑🏿\u200d🚀", "🍕")
LITERALS = (
    "[MASK]",
    "[UNK]",
    "</s>",
    "<pad>",
    "<extra_id_5>",
    "<extra_id_99>",
    "<0xE2>",
    "<|endoftext|>",
    "▁",
    "##ing",
    "Ġ",
)
WORDS = (
    "the",
    " unaffable",
    "Café ",
    "naïve",
    "e\u0301te\u0323\u0301",
    "ﬁt",
    "½",
    "İstanbul",
    "Straße",
    "한국어 ",
    "ㅋㅋㅋ",
    "ｶﾞｷﾞ",
    "漢字",
)


def _characters() -> st.SearchStrategy[str]:
    return st.sampled_from(BLOCKS).flatmap(lambda block: st.characters(min_codepoint=block[0], max_codepoint=block[1]))


def _parts() -> st.SearchStrategy[str]:
    """One piece of a text: a few characters of any kind, or something known to be hard."""
    return st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=8),
        st.text(_characters(), min_size=1, max_size=6),
        st.text(st.sampled_from(MARKS), min_size=1, max_size=6),
        st.text(st.sampled_from(CONTROLS), min_size=1, max_size=3),
        st.sampled_from(EMOJI + LITERALS + WORDS),
        st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=12),
        st.sampled_from((" ", "  ", "\n", "\r\n", ". ", ", ")),
    )


def texts(parts: int = 8) -> st.SearchStrategy[str]:
    """Any string without lone surrogates, leaning towards what tokenizers get wrong."""
    return st.lists(_parts(), max_size=parts).map("".join)


def seeded_texts(count: int, seed: int, longest: int = 5_000) -> Iterator[str]:
    """Strings from a seed, their lengths log-uniform from 1 to longest characters."""
    draw = random.Random(seed)
    for _ in range(count):
        length = round(math.exp(draw.uniform(0, math.log(longest))))
        text = ""
        while len(text) < length:
            text += draw.choice(_STRETCHES)(draw)
        yield text[:length]


def _in_block(draw: random.Random) -> str:
    low, high = draw.choice(BLOCKS)
    return "".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 40)))


def _mixed(draw: random.Random) -> str:
    return draw.choice(EMOJI + LITERALS + WORDS) + draw.choice(("", "", " ", "\n"))


def _marked(draw: random.Random) -> str:
    return draw.choice("aeokㅎ가") + "".join(draw.choice(MARKS) for _ in range(draw.randint(1, 60)))


def _unbroken(draw: random.Random) -> str:
    return "".join(draw.choice("etaoinshrdlu") for _ in range(draw.randint(20, 600)))


def _control(draw: random.Random) -> str:
    return "".join(draw.choice(CONTROLS) for _ in range(draw.randint(1, 10)))


def _joined(draw: random.Random) -> str:
    return "\u200d".join(draw.choice("👨👩👧👦🧑🚀🔥") for _ in range(draw.randint(1, 12)))


_STRETCHES: tuple[Callable[[random.Random], str], ...] = (_in_block, _mixed, _marked, _unbroken, _control, _joined)
