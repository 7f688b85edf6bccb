"""Where normalised characters came from, against the definition itself, tried at every place of short strings."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from explainers.tokenization.alignment import Aligner
from tests import small_tokenizers as small

HUB = small.hub_normalizer(
    {"ﬁ": "fi", "½": "1⁄2", "e\u0301": "é", "\x01": "", "\xa0": " ", "\t": " ", "\r\n": " ", "…": "...", "Ａ": "A"}
)
# Letters that compose, reorder, expand, vanish or stay, so that short strings of them hold the hard cases.
LETTERS = (
    "abXY0 \x00\x01\t\n\r\xa0e\u0301\u0323\u0308\u0304\u0344q\u1e9b\u0307ǖñéİıſßΣς½ﬁＡ…ｶﾞカ\u3099"
    "\u1112\u1161\u11ab\u11a8가각ㅎㅏㄴㄳᅡ漢字👨👩\u200d🏽\ufe0f🇰🇷\u0f71\u0f72\u0f74ก\u0e33"
    "नि\u093c\u0929\u0958\u302e\u200b\u2028\xad\ufffd"
)
STRINGS = st.text(st.sampled_from(LETTERS), max_size=9)


def defined(normalize: Callable[[str], str], text: str) -> tuple[str, list[int], list[int]]:
    """The definition: cut where both sides, normalised apart, give the whole; stripped marks go with their letter."""
    whole = normalize(text)
    places = [at for at in range(1, len(text)) if normalize(text[:at]) + normalize(text[at:]) == whole]
    edges = [0, *places, len(text)]
    stretches = [(low, high, normalize(text[low:high])) for low, high in pairwise(edges)]
    cluster = {at: match.end() for match in regex.finditer(r"\X", text) for at in range(*match.span())}
    starts, ends = [], []
    for index, (low, high, out) in enumerate(stretches):
        end = high
        for start, after, following in stretches[index + 1 :]:
            marks = all(unicodedata.category(char).startswith("M") for char in text[start:after])
            if following or not marks or start >= cluster[high - 1]:
                break
            end = after
        starts += [low] * len(out)
        ends += [end] * len(out)
    return whole, starts, ends


@pytest.mark.parametrize(
    "normalizer",
    [
        normalizers.BertNormalizer(lowercase=True),
        normalizers.BertNormalizer(lowercase=False),
        normalizers.BertNormalizer(lowercase=True, strip_accents=False),
        normalizers.NFC(),
        normalizers.NFD(),
        normalizers.NFKC(),
        normalizers.NFKD(),
        normalizers.Nmt(),
    ],
    ids=str,
)
@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=STRINGS)
def test_origins_are_as_defined(normalizer: normalizers.Normalizer, text: str) -> None:
    found = Aligner(normalizer.normalize_str).align(text)
    assert (found.text, list(found.starts), list(found.ends)) == defined(normalizer.normalize_str, text)


@pytest.mark.parametrize(
    "normalizer",
    [
        HUB,
        normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(" ", "▁")]),
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
        normalizers.Sequence([normalizers.Replace("ab", "ba"), normalizers.Replace("YX", "Y"), normalizers.Strip()]),
    ],
    ids=["t5-small's", "t5-mini's kind", "llama's kind", "across characters"],
)
@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=STRINGS)
def test_origins_under_other_normalizers_are_in_order_and_give_the_text(
    normalizer: normalizers.Normalizer, text: str
) -> None:
    found = Aligner(normalizer.normalize_str).align(text)
    assert found.text == normalizer.normalize_str(text)
    assert list(found.starts) == sorted(found.starts)
    assert list(found.ends) == sorted(found.ends)
    assert len(found.starts) == len(found.ends) == len(found.text)
    assert all(0 <= start < end <= len(text) or not text for start, end in zip(found.starts, found.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "out", "spans"),
    [
        ("\x01\x01ab", "ab", [(2, 3), (3, 4)]),  # the library itself says 0 and 1
        ("a  \xa0 b", "a▁b", [(0, 1), (1, 5), (5, 6)]),  # the library itself says 4 to 5 for the blank
        ("a\r\nb", "a b", [(0, 1), (1, 3), (3, 4)]),
        ("½e\u0301x  ", "1⁄2éx", [(0, 1), (0, 1), (0, 1), (1, 3), (3, 4)]),
        ("…ﬁ", "...fi", [(0, 1), (0, 1), (0, 1), (1, 2), (1, 2)]),
        ("a\x01\x01", "a", [(0, 1)]),
        (" a", " a", [(0, 1), (1, 2)]),
        ("Ａ\u0301b", "Ab", [(0, 2), (2, 3)]),  # SentencePiece's rules take the accent along, as t5-small's do
    ],
)
def test_origins_under_the_normalizer_of_t5_small(text: str, out: str, spans: list[tuple[int, int]]) -> None:
    found = Aligner(HUB.normalize_str).align(text)
    assert (found.text, list(zip(found.starts, found.ends, strict=True))) == (out, spans)


def test_a_long_run_of_marks_is_divided_where_it_can_be() -> None:
    nfkc = Aligner(normalizers.NFKC().normalize_str)
    found = nfkc.align("e" + "\u0301" * 5_000)
    assert list(zip(found.starts, found.ends, strict=True))[:3] == [(0, 2), (2, 3), (3, 4)]
    swapped = nfkc.align("q" + "\u0301\u0323" * 2_500)  # all the dots below come out before all the accents
    assert set(zip(swapped.starts, swapped.ends, strict=True)) == {(0, 1), (1, 5_001)}
