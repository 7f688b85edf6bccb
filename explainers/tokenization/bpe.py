"""Byte-pair encoding as GPT-2 uses it: from single bytes, merge the pair that was learned first, again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from explainers.language import _
from explainers.tokenization.alphabet import STAND_INS
from explainers.tokenization.tokens import StepsError


@dataclass(frozen=True)
class BpeMerge:
    """One merge. at: the left symbol's index among the symbols before it; rank: when it was learned, 0 first.

    candidates: (index, rank) of every adjacent pair that could be merged before this step; symbols: those after it.
    """

    at: int
    pair: tuple[str, str]
    rank: int
    candidates: tuple[tuple[int, int], ...]
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class BpeSteps:
    """The word as bytes, the symbols it begins with (one a byte), and every merge until none is left.

    whole: the vocabulary holds the word and the tokenizer takes it as it is, without merging (ignore_merges).
    """

    word: str
    data: bytes
    symbols: tuple[str, ...]
    merges: tuple[BpeMerge, ...]
    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    whole: bool = False


class BpeRules(NamedTuple):
    """What a BPE model holds. merges: for a pair its rank and what it becomes; byte_level: symbols stand for bytes."""

    vocab: Mapping[str, int]
    merges: Mapping[tuple[str, str], tuple[int, str]]
    byte_level: bool
    unknown: str | None
    fuse_unknown: bool
    byte_fallback: bool
    prefix: str
    suffix: str
    whole_first: bool

    @classmethod
    def of(cls, model: Mapping[str, Any], byte_level: bool) -> BpeRules:
        """The rules from the "model" part of tokenizer.json."""
        prefix = model.get("continuing_subword_prefix") or ""
        pairs = [tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in model["merges"]]
        merges = {(left, right): (rank, left + right[len(prefix) :]) for rank, (left, right) in enumerate(pairs)}
        return cls(
            model["vocab"],
            merges,
            byte_level,
            model.get("unk_token"),
            bool(model.get("fuse_unk")),
            bool(model.get("byte_fallback")),
            prefix,
            model.get("end_of_word_suffix") or "",
            bool(model.get("ignore_merges")),
        )

    def steps(self, word: str) -> BpeSteps:
        """Cut one word (Sennrich, Haddow and Birch 2016, on bytes as in Radford et al. 2019)."""
        data = word.encode()
        written = "".join(STAND_INS[byte] for byte in data) if self.byte_level else word
        start = self._symbols(written)
        if self.whole_first and written in self.vocab:
            return BpeSteps(word, data, start, (), (written,), (self.vocab[written],), whole=True)
        symbols, merges = start, []
        while merge := self._next(symbols):
            merges.append(merge)
            symbols = merge.symbols
        return BpeSteps(word, data, start, tuple(merges), symbols, tuple(self.vocab[symbol] for symbol in symbols))

    def _next(self, symbols: tuple[str, ...]) -> BpeMerge | None:
        """The merge of the lowest rank, the leftmost of several; None where no pair can be merged."""
        found = [(at, self.merges[pair]) for at, pair in enumerate(pairwise(symbols)) if pair in self.merges]
        if not found:
            return None
        at, (rank, merged) = min(found, key=lambda candidate: candidate[1][0])
        candidates = tuple((index, each) for index, (each, _merged) in found)
        after = (*symbols[:at], merged, *symbols[at + 2 :])
        return BpeMerge(at, (symbols[at], symbols[at + 1]), rank, candidates, after)

    def _symbols(self, written: str) -> tuple[str, ...]:
        """The symbols that merging begins with: one a character, or what the tokenizer has for an unknown one."""
        symbols: list[str] = []
        pending: list[str] = []  # the library holds an unknown symbol back until it sees the next known one
        for at, char in enumerate(written):
            symbol = f"{self.prefix if at else ''}{char}{self.suffix if at == len(written) - 1 else ''}"
            spelled = [f"<0x{byte:02X}>" for byte in symbol.encode()]
            if symbol in self.vocab:
                symbols += [*pending, symbol]
                pending = []
            elif self.byte_fallback and all(byte in self.vocab for byte in spelled):
                symbols += spelled
            elif self.unknown is not None:
                if self.unknown not in self.vocab:
                    raise StepsError(
                        _("The vocabulary has no {piece}, so it cannot cut this word.").format(piece=self.unknown)
                    )
                symbols += [] if self.fuse_unknown else pending
                pending = [self.unknown]
        return (*symbols, *pending)
