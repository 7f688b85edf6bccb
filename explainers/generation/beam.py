"""Beam search as transformers does it, with the tree of everything that it looked at.

Several beginnings are kept side by side, and each round goes on with those whose sum of log-probabilities is highest.
At the end the finished text with the highest sum a token wins (transformers' length_penalty of 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from explainers.generation.memory import KeyValueMemory, Reading
from explainers.generation.writing import end_of_text

if TYPE_CHECKING:
    from torch import Tensor

Fate = Literal["kept", "dropped", "finished"]


class Node(NamedTuple):
    """One token that was looked at. parent: index of the node before, None after the prompt; round: from 0.

    log_probability: the token's own, in nats. total: summed from the prompt on. fate: kept for the next round, dropped,
    or finished, at the end of text or at the last round.
    """

    parent: int | None
    round: int
    id: int
    log_probability: float
    total: float
    fate: Fate

    @property
    def score(self) -> float:
        """What finished texts are compared by: the total a token."""
        return self.total / (self.round + 1)


@dataclass(frozen=True)
class BeamTree:
    """All nodes in the order in which they were looked at, each round's likeliest first, and the winner's index."""

    nodes: tuple[Node, ...]
    best: int

    def path(self, node: int) -> tuple[int, ...]:
        """The nodes from the prompt to this one, as indices."""
        steps = [node]
        while (parent := self.nodes[steps[-1]].parent) is not None:
            steps.append(parent)
        return tuple(reversed(steps))

    @property
    def ids(self) -> tuple[int, ...]:
        """The tokens of the winner."""
        return tuple(self.nodes[node].id for node in self.path(self.best))


def beam_search(memory: KeyValueMemory, prompt: Sequence[int], beams: int, length: int) -> BeamTree:
    """The tree of a search with so many beams over so many rounds; the same texts as model.generate(num_beams=...)."""
    nodes: list[Node] = []
    running: list[int | None] = [None]  # the nodes that the next round goes on from
    finished: list[int] = []
    batch = _Batch(memory, memory.read(prompt))
    for number in range(length):
        rows, looked_at = _round(batch, nodes, running, beams)
        parents, running, kept_rows = running, [], []
        for rank, (row, candidate) in enumerate(zip(rows, looked_at, strict=True)):
            stops = candidate.id == end_of_text(memory.checkpoint) or number == length - 1
            fate: Fate = "dropped"
            if stops and rank < beams:
                fate = "finished"
                finished.append(len(nodes))
            elif not stops and len(running) < beams:
                fate = "kept"
                running.append(len(nodes))
                kept_rows.append(row)
            nodes.append(candidate._replace(parent=parents[row], round=number, fate=fate))
        finished = sorted(finished, key=lambda at: -nodes[at].score)[:beams]
        if number == length - 1 or not _can_improve(nodes, running, finished, beams):
            break
        batch.advance(kept_rows, [nodes[at].id for at in running if at is not None])
    return BeamTree(tuple(nodes), finished[0])


def _round(
    batch: _Batch, nodes: Sequence[Node], running: Sequence[int | None], beams: int
) -> tuple[list[int], list[Node]]:
    """The 2 x beams likeliest next texts, so that enough go on where some end: each one's row in the batch, and node.

    Where each stands in the tree and what becomes of it is filled in by the search.
    """
    import torch

    before = torch.tensor([0.0 if parent is None else nodes[parent].total for parent in running])
    own = torch.log_softmax(batch.logits(), dim=-1)
    totals, places = torch.topk((own + before[:, None]).flatten(), 2 * beams)
    rows, ids = (places // own.shape[1]).tolist(), (places % own.shape[1]).tolist()
    return rows, [
        Node(None, 0, token, float(own[row, token]), total, "dropped")
        for row, token, total in zip(rows, ids, totals.tolist(), strict=True)
    ]


def _can_improve(nodes: Sequence[Node], running: Sequence[int | None], finished: Sequence[int], beams: int) -> bool:
    """Whether the best running text could still beat the worst of a full set of finished ones."""
    if len(finished) < beams:
        return True
    best = max(nodes[at].score for at in running if at is not None)
    return best > nodes[finished[-1]].score


class _Batch:
    """The running beams as one batch: each has the prompt's keys and values, and its own for what follows."""

    def __init__(self, memory: KeyValueMemory, reading: Reading) -> None:
        from transformers.cache_utils import DynamicCache

        self._model: Any = memory.checkpoint.model
        self._cache: Any = DynamicCache()
        for layer, (keys, values) in enumerate(zip(reading.keys, reading.values, strict=True)):
            self._cache.update(keys[None], values[None], layer)
        self._hidden = reading.hidden[-1, -1:]

    def logits(self) -> Tensor:
        """Scores (beams, vocab) for what follows each beam."""
        import torch

        with torch.inference_mode():
            return self._model.lm_head(self._hidden).float()  # type: ignore[no-any-return]

    def advance(self, rows: Sequence[int], ids: Sequence[int]) -> None:
        """Go on with these rows of the batch, each by one token."""
        import torch

        with torch.inference_mode():
            self._cache.reorder_cache(torch.tensor(rows))
            output = self._model.transformer(torch.tensor(ids)[:, None], cache=self._cache, use_cache=True)
        self._hidden = output.last_hidden_state[:, -1]
