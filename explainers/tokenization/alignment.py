"""Where each character of a normalised text came from, for any normalizer of the tokenizers library.

The library's own offsets are too narrow where characters compose (e + accent), vague where runs are replaced, and
shifted where SentencePiece's normalizer removes the first character. So the normalizer is asked instead: the text is
divided where normalising the stretches one by one gives what normalising them together gives, as finely as can be, and
a character that comes out is from the stretch that it comes out of.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import NamedTuple

import regex

# Plain ASCII stretches, runs of spaces, Hangul letters that may compose, and single grapheme clusters.
_JAMO = r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\ud7b0-\ud7ff\uffa0-\uffdf"
_WORD = regex.compile(r"(?: (?!\p{M}))+|(?:[^ ]+| (?=\p{M}))+")
_BLOCK = regex.compile(
    rf"[!-~]+(?: [!-~]+)*(?=[\x00-\x7f]|\Z)| +(?=[\x00-\x7f]|\Z)|[\uac00-\ud7a3]?[{_JAMO}]+\p{{M}}*|\X"
)
_BLANKS = str.maketrans("\t\n\r", "   ")
_GUARD = "0"  # composes with nothing, and no usual normalizer changes it
_KNOWN_LENGTH = 24
_SPLITS_TRIED = 8


class Alignment(NamedTuple):
    """A normalised text and, for each of its characters, the stretch of the original that it came from.

    starts and ends never decrease. plain: character i came from character i.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    plain: bool

    def part(self, start: int, end: int) -> Alignment:
        """Characters start to end of the normalised text, with the same origins."""
        return Alignment(self.text[start:end], self.starts[start:end], self.ends[start:end], False)


class _Part(NamedTuple):
    """What `length` characters become, and for each character that comes out its stretch, counted from their first."""

    length: int
    out: str
    starts: Sequence[int]
    ends: Sequence[int]


_Align = Callable[[str, bool, bool], _Part]
_Cut = tuple[int, int, int]  # a stretch's start and end, and how many characters come out of it


class Aligner:
    """One normalizer, with the words that it met before."""

    def __init__(self, normalize: Callable[[str], str]) -> None:
        """Take the normalizer's function from text to text."""
        self._normalize = normalize
        before, found, after = self._normalize(_GUARD * 2).partition(_GUARD * 2)
        self._margins = (len(before) + 1, len(after) + 1)
        self._ends_matter = bool(found) and self._normalize(f" {_GUARD} ") != f" {_GUARD} "
        self._known_word = lru_cache(maxsize=8192)(self._word)
        self._known_part = lru_cache(maxsize=8192)(self._part)

    def align(self, text: str) -> Alignment:
        """The normalised text with the origin of its characters."""
        out = self._normalize(text)
        if _same(text, out):
            return plain(out)
        whole = _merged(self._parts(text, out))
        return Alignment(out, whole.starts, whole.ends, False)

    def _parts(self, text: str, out: str) -> list[_Part]:
        words: list[str] = _WORD.findall(text)
        ends = self._ends_matter
        parts = _each(words, self._known_word, self._word, ends, ends)
        return parts if _joined(parts) == out else list(self._apart(self._blocks(text), ends, ends, self._part))

    def _word(self, word: str, first: bool, last: bool) -> _Part:
        """A word or a run of blanks, put together from its parts."""
        return _merged(list(self._apart(self._blocks(word), first, last, self._part)))

    def _blocks(self, text: str) -> list[str]:
        """The text divided where parts of it may not depend on each other."""
        return list(chain.from_iterable(map(self._fine, _BLOCK.findall(text))))

    def _fine(self, block: str) -> Sequence[str]:
        """The block, or its characters where it is a plain stretch that does not stay as it is."""
        if len(block) < 2 or block[-1] == " " or not block.isascii() or _same(block, self._apply(block, False, False)):
            return (block,)
        return block

    def _apart(self, blocks: Sequence[str], first: bool, last: bool, together: _Align) -> Iterator[_Part]:
        """The smallest groups of blocks that normalise alone to what they become in the text, found by halving.

        together: what to do with a group that cannot be divided.
        """
        whole = self._apply("".join(blocks), first, last)
        parts = _each(blocks, self._known_part, self._part, first, last)
        if _joined(parts) == whole:
            yield from parts
            return
        count = len(blocks)
        for middle in sorted(range(1, count), key=lambda at: abs(2 * at - count))[:_SPLITS_TRIED]:
            left, right = blocks[:middle], blocks[middle:]
            if self._apply("".join(left), first, False) + self._apply("".join(right), False, last) == whole:
                yield from self._apart(left, first, False, together)
                yield from self._apart(right, False, last, together)
                return
        yield together("".join(blocks), first, last)

    def _apply(self, block: str, first: bool, last: bool) -> str:
        """What the block becomes within a text, or at its ends, where some normalizers strip or prepend."""
        if (first and last) or not self._ends_matter:
            return self._normalize(block)
        before, after = (0 if first else self._margins[0]), (0 if last else self._margins[1])
        out = self._normalize(f"{'' if first else _GUARD}{block}{'' if last else _GUARD}")
        return out[before : len(out) - after]

    def _part(self, block: str, first: bool, last: bool) -> _Part:
        """One block, divided as finely as it can be."""
        out = self._apply(block, first, last)
        if not out:
            return _Part(len(block), out, (), ())
        if _same(block, out):
            return _Part(len(block), out, range(len(block)), range(1, len(block) + 1))
        alone = [self._apply(char, first and not at, last and at == len(block) - 1) for at, char in enumerate(block)]
        if "".join(alone) == out:
            cuts = [(at, at + 1, len(char)) for at, char in enumerate(alone)]
        else:
            cuts = list(self._divided(block, out, alone, first, last))
        cuts = list(_with_marks(block, cuts))
        starts = [start for start, _, length in cuts for _ in range(length)]
        ends = [end for _, end, length in cuts for _ in range(length)]
        return _Part(len(block), out, starts, ends)

    def _divided(self, block: str, out: str, alone: list[str], first: bool, last: bool) -> Iterator[_Cut]:
        """Where composition and reordering divide the block: a guess that the normalizer confirms, and halves."""
        guess = _guessed(out, alone)
        after = list(accumulate(length for _, _, length in guess))
        for (start, end, length), at in zip(guess, after, strict=True):
            if self._apply(block[start:end], first and not start, last and end == len(block)) != out[at - length : at]:
                guess = [(0, len(block), len(out))]
                break
        for start, end, length in guess:
            if end - start == 1 or length == 1:
                yield start, end, length
                continue
            at_ends = first and not start, last and end == len(block)
            for part in self._apart(list(block[start:end]), *at_ends, self._undivided):
                yield start, start + part.length, len(part.out)
                start += part.length

    def _undivided(self, block: str, first: bool, last: bool) -> _Part:
        out = self._apply(block, first, last)
        return _Part(len(block), out, [0] * len(out), [len(block)] * len(out))


def _each(units: Sequence[str], known: _Align, align: _Align, first: bool, last: bool) -> list[_Part]:
    """Every unit by itself, short ones from what is known; first, last: whether these units begin and end the text."""
    parts = [(known if len(unit) <= _KNOWN_LENGTH else align)(unit, False, False) for unit in units]
    if first:
        parts[0] = align(units[0], True, last and len(units) == 1)
    if last:
        parts[-1] = align(units[-1], first and len(units) == 1, True)
    return parts


def plain(text: str) -> Alignment:
    """A text that normalisation leaves as it is, character by character."""
    return Alignment(text, range(len(text)), range(1, len(text) + 1), True)


def _merged(parts: list[_Part]) -> _Part:
    """Parts that follow each other, as one."""
    if len(parts) == 1:
        return parts[0]
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for length, _, part_starts, part_ends in parts:
        after = at + length
        if isinstance(part_starts, range):
            starts += range(at, after)
            ends += range(at + 1, after + 1)
        else:
            starts += [at + start for start in part_starts]
            ends += [at + end for end in part_ends]
        at = after
    return _Part(at, _joined(parts), starts, ends)


def _joined(parts: Sequence[_Part]) -> str:
    return "".join([part.out for part in parts])


def _same(text: str, out: str) -> bool:
    """Whether out is text character by character: unchanged, in small letters, or ASCII with spaces for blanks."""
    if text == out:
        return True
    if len(text) != len(out):
        return False
    if text.lower() == out:
        return True
    if not text.isascii():
        return False
    spaced = text.translate(_BLANKS)
    return out in (spaced, spaced.lower())


def _with_marks(block: str, cuts: Sequence[_Cut]) -> Iterator[_Cut]:
    """The cuts that something comes out of, each with the combining marks directly after it that came to nothing."""
    kept: _Cut | None = None
    for start, end, length in cuts:
        if length:
            if kept:
                yield kept
            kept = (start, end, length)
        elif kept and start == kept[1] and all(unicodedata.category(char)[0] == "M" for char in block[start:end]):
            kept = (kept[0], end, kept[2])
    if kept:
        yield kept


def _guessed(out: str, alone: Sequence[str]) -> list[_Cut]:
    """(start, end, characters that come out) of stretches, if letters keep their order and the rest composed.

    alone: what each character becomes alone. What comes out unchanged is from the last character in that became it,
    since composition takes the first; anything else is from all the characters that are left over.
    """
    places: dict[str, list[int]] = {}
    for at, becomes in enumerate(alone):
        for char in becomes:
            places.setdefault(char, []).append(at)
    found = [places[char].pop() if places.get(char) else None for char in reversed(out)][::-1]
    used = set(found)
    left = [at for at, becomes in enumerate(alone) if becomes and at not in used] or [0, len(alone) - 1]
    low = [left[0] if at is None else at for at in found]
    high = [left[-1] if at is None else at for at in found]
    lowest_after = [*list(accumulate(reversed(low), min))[-2::-1], len(alone)]
    cuts: list[_Cut] = []
    start = length = highest = 0
    for top, following in zip(high, lowest_after, strict=True):
        length += 1
        highest = max(highest, top)
        if highest < following:
            cuts.append((start, following, length))
            start, length = following, 0
    return cuts
