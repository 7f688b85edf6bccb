"""Unigram as T5 uses it: of all ways through the word, the one whose pieces' log-probabilities have the largest sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from explainers.language import _
from explainers.tokenization.tokens import StepsError

_PENALTY = 10.0  # an unknown character scores this much less than the worst piece (SentencePiece's constant)


@dataclass(frozen=True)
class Edge:
    """A piece that fits at characters start to end. score: its log-probability; known: if the vocabulary has it."""

    start: int
    end: int
    piece: str
    score: float
    known: bool


@dataclass(frozen=True)
class Path:
    """A way through the word, and the sum of its scores."""

    edges: tuple[Edge, ...]
    score: float


@dataclass(frozen=True)
class UnigramSteps:
    """The whole lattice, the best sum up to every position (the forward pass), and the two best ways through.

    edges: by start, the shorter first. pieces, ids: the best way, its unknown characters as the tokenizer gives them to
    the model: in bytes (<0xE2>), or neighbours together as one unknown token.
    """

    word: str
    edges: tuple[Edge, ...]
    best_scores: tuple[float, ...]
    best: Path
    runner_up: Path | None
    pieces: tuple[str, ...]
    ids: tuple[int, ...]


class _Arrival(NamedTuple):
    """A way to reach a position: its sum, its last edge, and which of the ways to that edge's start it continues."""

    score: float
    edge: Edge | None
    way: int


class UnigramRules(NamedTuple):
    """What a Unigram model holds; pieces: by id; longest: characters of the longest piece."""

    pieces: Sequence[str]
    ids: Mapping[str, int]
    scores: Sequence[float]
    unknown: int | None
    byte_fallback: bool
    longest: int

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> UnigramRules:
        """The rules from the "model" part of tokenizer.json."""
        pieces = [piece for piece, _score in model["vocab"]]
        scores = [score for _piece, score in model["vocab"]]
        ids = {piece: id_ for id_, piece in enumerate(pieces)}
        return cls(
            pieces, ids, scores, model["unk_id"], bool(model.get("byte_fallback")), max(map(len, pieces), default=0)
        )

    def steps(self, word: str) -> UnigramSteps:
        """Cut one word (Kudo 2018)."""
        edges = tuple(self._edges(word))
        ways = _two_best(edges, len(word))
        best = _path(ways, len(word), 0)
        runner_up = _path(ways, len(word), 1) if len(ways[-1]) > 1 else None
        ids = [id_ for piece in self._fused(best) for id_ in self._ids(piece)]
        scores = tuple(arrivals[0].score for arrivals in ways)
        return UnigramSteps(word, edges, scores, best, runner_up, tuple(self.pieces[id_] for id_ in ids), tuple(ids))

    def _edges(self, word: str) -> list[Edge]:
        edges: list[Edge] = []
        unknown_score = min(self.scores, default=0.0) - _PENALTY
        for start in range(len(word)):
            single = False
            for end in range(start + 1, min(start + self.longest, len(word)) + 1):
                id_ = self.ids.get(word[start:end])
                if id_ is not None:
                    edges.append(Edge(start, end, word[start:end], self.scores[id_], id_ != self.unknown))
                    single = single or end == start + 1
            if not single:
                edges.append(Edge(start, start + 1, word[start], unknown_score, False))
        return edges

    def _fused(self, path: Path) -> list[str]:
        """The pieces of the path, unknown neighbours joined."""
        joined: list[str] = []
        for known, run in groupby(path.edges, key=lambda edge: edge.known):
            pieces = [edge.piece for edge in run]
            joined += pieces if known or self.unknown is None else ["".join(pieces)]
        return joined

    def _ids(self, piece: str) -> list[int]:
        if piece in self.ids:
            return [self.ids[piece]]
        spelled = [self.ids.get(f"<0x{byte:02X}>") for byte in piece.encode()]
        if self.byte_fallback and None not in spelled:
            return [id_ for id_ in spelled if id_ is not None]
        if self.unknown is None:
            raise StepsError(_("The vocabulary has no piece for {text}, and none for unknown text.").format(text=piece))
        return [self.unknown]


def _two_best(edges: Sequence[Edge], length: int) -> list[list[_Arrival]]:
    """For every position the best way to reach it and the second best; of equal ways the one that was found first."""
    ways: list[list[_Arrival]] = [[] for _position in range(length + 1)]
    ways[0] = [_Arrival(0.0, None, 0)]
    for edge in edges:
        here = ways[edge.end]
        for way, before in enumerate(ways[edge.start]):
            arrival = _Arrival(before.score + edge.score, edge, way)
            place = next((at for at, other in enumerate(here) if arrival.score > other.score), len(here))
            here.insert(place, arrival)
            del here[2:]
    return ways


def _path(ways: Sequence[Sequence[_Arrival]], position: int, way: int) -> Path:
    edges: list[Edge] = []
    score = ways[position][way].score
    while (arrival := ways[position][way]).edge is not None:
        edges.append(arrival.edge)
        position, way = arrival.edge.start, arrival.way
    return Path(tuple(reversed(edges)), score)
