"""Texts that are hard to draw, and what every built-in model makes of a text."""

from __future__ import annotations

from hypothesis import strategies as st

from explainers.checkpoints import FAMILIES, Family, load
from explainers.tokenization import Tokenization, tokenize
from explainers.views.components.tokens import TokenRow
from tests.strategies import texts

MODELS: dict[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}
FAMILY_EMOJI = "👨‍👩‍👧‍👦"
HOSTILE = "</script><img src=x onerror=alert(1)> {piece} \x00\x1b\u202e\ufeff &amp;"

TEXTS = texts() | st.sampled_from([HOSTILE, "x" * 200, "\r\n\x0b\u2028 \u00a0\t", "السلام \u202eab 12"])


def tokenizations(text: str, pair: str | None = None) -> list[Tokenization]:
    return [tokenize(load(MODELS[family]), text, pair) for family in FAMILIES]


def rows(text: str, pair: str | None = None) -> list[TokenRow]:
    return [
        TokenRow(f"{family} · {MODELS[family]}", family, tokenization)
        for family, tokenization in zip(FAMILIES, tokenizations(text, pair), strict=True)
    ]
