"""Where in the typed text each token came from, checked byte by byte against what the tokens stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, compress, groupby, pairwise
from operator import ne
from typing import cast

import regex
from tokenizers import Encoding

from explainers.tokenization.alignment import Alignment, plain
from explainers.tokenization.reading import Match, Reading

# 1 for every byte that begins a character of UTF-8, 0 for those that go on with one.
_BEGINS = bytes(byte & 0xC0 != 0x80 for byte in range(0x100))
_MARK = regex.compile(r"\p{M}")
_BLACK = bytes(byte != 0x20 for byte in range(0x100))


class _DisagreementError(Exception):
    """The library cut the text in a way that its own normalizer and pre-tokenizer, asked one by one, do not explain."""


class Located:
    """The spans of one source's tokens, the words that the algorithm cut, and which token belongs to which.

    words: their texts. word: index into words, None for tokens that were typed whole. begins: whether the token is the
    first of its word, or typed whole.
    """

    def __init__(
        self, reading: Reading, encoding: Encoding, own: slice, text: str, ids: list[int], data: Sequence[bytes]
    ) -> None:
        """Find the place of every token in the encoding's slice `own`, which came from the text.

        ids: the tokens' ids. data: the bytes that each token stands for. Where the library's parts contradict each
        other, its spans stand.
        """
        self._reading = reading
        self._encoding = encoding
        self._own = own
        self._text = text
        self._data = data
        self._known_offsets: list[tuple[int, int]] | None = None
        self._ids = ids
        self._word_ids = cast("list[int]", encoding.word_ids[own])
        self._reset()
        try:
            self._all()
        except _DisagreementError:
            self._reset()
            self._believe()

    @property
    def _offsets(self) -> list[tuple[int, int]]:
        """The library's spans, read only where they are needed."""
        if self._known_offsets is None:
            self._known_offsets = self._encoding.offsets[self._own]
        return self._known_offsets

    def _reset(self) -> None:
        count = len(self._ids)
        self.starts = [0] * count
        self.ends = [0] * count
        self.word: list[int | None] = [None] * count
        self.begins = [False] * count
        self.words: list[str] = []
        self._first_word_id = 0

    def _all(self) -> None:
        """Set apart the added tokens that were typed, and place what is between them."""
        text = self._text
        low = start = 0
        for match in self._reading.typed.find(text):
            found = self._find(match, low, exact=True)
            self._section(low, found, start, text[start : match.start])
            self._single(found, match.start, match.end)
            low, start = found + 1, match.end
        self._section(low, len(self._ids), start, text[start:])

    def _section(self, low: int, high: int, base: int, text: str) -> None:
        """Tokens low to high are from this text, which stands at base; added tokens may match once it is normalised."""
        if low == high or (self._as_bert if self._reading.bert else self._verbatim)(low, high, base, text):
            return
        alignment = self._reading.aligner.align(text)
        start = 0
        for match in self._reading.typed_normalized.find(alignment.text):
            found = self._find(match, low, exact=False)
            self._stretch(low, found, base, alignment.part(start, match.start))
            self._single(found, base + alignment.starts[match.start], base + alignment.ends[match.end - 1])
            low, start = found + 1, match.end
        self._stretch(low, high, base, alignment.part(start, len(alignment.text)) if start else alignment)

    def _as_bert(self, low: int, high: int, base: int, text: str) -> bool:
        """Take the library's spans where they are exact: in BERT's normalizer only marks depend on their neighbours."""
        reading = self._reading
        if reading.typed_normalized or (not text.isascii() and _MARK.search(text)):
            return False
        offsets, data = self._offsets[low:high], self._data[low:high]
        if b"" in data:
            words = [text[start - base : end - base] for start, end in offsets]
            data = [piece or reading.normalize(word).strip().encode() for piece, word in zip(data, words, strict=True)]
        self.starts[low:high], self.ends[low:high] = map(list, zip(*offsets, strict=True))
        joined = b"".join(data)
        self._group(low, high, joined.decode(), _characters(data, joined)[0])
        return True

    def _verbatim(self, low: int, high: int, base: int, text: str) -> bool:
        """Place tokens that spell the text as it was typed, or its small letters; the normalizer need not be asked."""
        written = text.lower() if self._reading.lowercase else text
        for blank in self._reading.blanks:
            written = written.replace(blank, " ")
        if len(written) != len(text) or self._reading.typed_normalized.find(written):
            return False
        data = self._data[low:high]
        joined = b"".join(data)
        origin = None if b"" in data else _spelled(joined, plain(written), self._reading.blank)
        if origin is None:
            return False
        self._place(low, high, base, data, joined, origin)
        return True

    def _find(self, match: Match, low: int, exact: bool) -> int:
        """The token that an added token became: the next of its id, at the library's span where that can be trusted."""
        offsets = self._offsets if exact else ()
        for at in range(low, len(self._ids)):
            if self._ids[at] == match.id and (not exact or offsets[at] == (match.start, match.end)):
                return at
        raise _DisagreementError

    def _single(self, at: int, start: int, end: int) -> None:
        self.starts[at], self.ends[at], self.begins[at] = start, end, True
        self._first_word_id = self._word_ids[at] + 1

    def _stretch(self, low: int, high: int, base: int, alignment: Alignment) -> None:
        """Tokens low to high are what the algorithm made of this normalised text."""
        if low == high:
            return
        data = self._data[low:high]
        if b"" in data:
            data = self._filled(data, low, base, alignment)
        joined = b"".join(data)
        origin = None if b"" in data else _spelled(joined, alignment, self._reading.blank)
        if origin is None:
            data, origin = self._asked(low, high, alignment)
            joined = b"".join(data)
        self._place(low, high, base, data, joined, origin)

    def _place(self, low: int, high: int, base: int, data: Sequence[bytes], joined: bytes, origin: Alignment) -> None:
        """Tokens low to high cover these bytes, joined, whose characters have this origin."""
        first, after = _characters(data, joined)
        starts, ends, blank = origin.starts, origin.ends, self._reading.blank
        if origin.plain:
            self.starts[low:high] = [at + base for at in first] if base else first
            self.ends[low:high] = [at + base for at in after] if base else after
        else:
            self.starts[low:high] = [starts[at] + base for at in first]
            self.ends[low:high] = [ends[at - 1] + base for at in after]
        text = joined.decode()
        self._group(low, high, text.replace(" ", blank) if blank else text, first)

    def _group(self, low: int, high: int, text: str, first: list[int]) -> None:
        """Tokens low to high, placed before, spell this text; first: the character of it that each begins with."""
        ids = self._word_ids[low:high]
        begins = [True, *map(ne, ids[1:], ids)]
        self.begins[low:high] = begins
        self.word[low:high] = list(accumulate(begins, initial=len(self.words) - 1))[1:]
        edges = [*compress(first, begins), len(text)]
        self.words += [text[edge:following] for edge, following in pairwise(edges)]

    def _filled(self, data: Sequence[bytes], low: int, base: int, alignment: Alignment) -> list[bytes]:
        """The bytes that tokens stand for; for those that stand for none, what is at the library's span, unchecked."""
        offsets = self._offsets
        text, place = alignment.text, (int if alignment.plain else partial(bisect_left, alignment.starts))
        filled = list(data)
        for at, piece in enumerate(data):
            if not piece:
                start, end = offsets[low + at]
                filled[at] = text[place(start - base) : place(end - base)].replace(" ", "").encode()
        return filled

    def _asked(self, low: int, high: int, alignment: Alignment) -> tuple[list[bytes], Alignment]:
        """The bytes that each token covers and where their characters came from, from the pre-tokenizer's own words.

        For tokens that do not say themselves what they stand for.
        """
        text = alignment.text
        pre_tokenizer = self._reading.pre_tokenizer
        splits = pre_tokenizer.pre_tokenize_str(text) if pre_tokenizer else [(text, (0, len(text)))]
        data: list[bytes] = []
        starts: list[int] = []
        ends: list[int] = []
        for word_id, group in groupby(self._word_ids[low:high]):
            index, own = word_id - self._first_word_id, slice(low, low := low + len(list(group)))
            if not 0 <= index < len(splits):
                raise _DisagreementError
            piece, (start, end) = splits[index]
            covered = _covered(self._reading, piece, self._ids[own], self._data[own])
            data += covered
            length = len(b"".join(covered).decode())
            if length == end - start:
                starts += alignment.starts[start:end]
                ends += alignment.ends[start:end]
            elif start == end:
                raise _DisagreementError
            elif length == end - start + 1:  # a blank that the pre-tokenizer put before the word
                starts += [alignment.starts[start], *alignment.starts[start:end]]
                ends += [alignment.starts[start], *alignment.ends[start:end]]
            else:
                starts += [alignment.starts[start]] * length
                ends += [alignment.ends[end - 1]] * length
        return data, Alignment("", starts, ends, False)

    def _believe(self) -> None:
        """The library's spans, kept inside the text and in order; no words, since nobody can say what they are."""
        length = len(self._text)
        offsets = self._offsets
        self.starts = [min(start, length) for start in accumulate([start for start, _ in offsets], max)]
        self.ends = [min(end, length) for end in accumulate([end for _, end in offsets], max)]
        ids = self._word_ids
        self.begins = [True, *map(ne, ids[1:], ids)]


def _spelled(joined: bytes, alignment: Alignment, blank: str) -> Alignment | None:
    """The origin of every character that the tokens spell.

    None where they do not spell the text, nor the text after a blank, nor the text without its blanks.
    """
    text = alignment.text.replace(blank, " ") if blank else alignment.text
    raw = text.encode()
    if joined == raw:
        return alignment
    starts, ends = alignment.starts, alignment.ends
    if raw and len(joined) == len(raw) + 1 and joined.endswith(raw) and joined[:1] == b" ":
        return Alignment("", [starts[0], *starts], [starts[0], *ends], False)
    if joined == raw.replace(b" ", b""):
        kept = raw.translate(_BLACK) if text.isascii() else list(map(" ".__ne__, text))
        return Alignment("", list(compress(starts, kept)), list(compress(ends, kept)), False)
    return None


def _characters(data: Sequence[bytes], joined: bytes) -> tuple[list[int], list[int]]:
    """For every token the first of the characters that it spells, or has a byte of, and the one after its last."""
    edges = [0, *accumulate(map(len, data))]
    if joined.isascii():
        return edges[:-1], edges[1:]
    begun = [*accumulate(joined.translate(_BEGINS), initial=0)]
    return [begun[edge + 1] - 1 for edge in edges[:-1]], [begun[edge] for edge in edges[1:]]


def _covered(reading: Reading, piece: str, ids: list[int], data: Sequence[bytes]) -> Sequence[bytes]:
    """The bytes of one pre-tokenized unit that each of its tokens covers; together they are the unit."""
    raw = reading.spelled(piece)
    joined = b"".join(data)
    if b"" not in data and (joined == raw or (joined == raw[1:] and raw[:1] == b" ")):
        return data
    if len(ids) == 1:
        return [raw]
    if b"" not in data and reading.byte_level:
        return _with_lost(raw, data)
    tokens = reading.model.tokenize(piece)
    if [token.id for token in tokens] != ids:
        raise _DisagreementError
    covered: list[bytes] = []
    written = piece.encode()
    for (start, end), run in groupby(range(len(ids)), key=lambda at: tokens[at].offsets):
        own = reading.spelled(written[start:end].decode())
        spelled = [data[at] for at in run]
        if len(spelled) == 1:
            covered.append(own)
        elif b"".join(spelled) == own and b"" not in spelled:
            covered += spelled
        else:
            raise _DisagreementError
    if b"".join(covered) != raw:
        raise _DisagreementError
    return covered


def _with_lost(raw: bytes, data: Sequence[bytes]) -> list[bytes]:
    """The tokens' bytes, each with those before it that the vocabulary lacks and the library drops."""
    covered: list[bytes] = []
    at = 0
    for piece in data:
        end = at
        for byte in piece:
            end = raw.find(byte, end) + 1
            if not end:
                raise _DisagreementError
        covered.append(raw[at:end])
        at = end
    covered[-1] += raw[at:]
    return covered
