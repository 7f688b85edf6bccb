"""The numbers of the tokenization lesson's pictures as CSV: the steps of a word, and what a text costs by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explainers.checkpoints import Family
from explainers.tokenization import BpeSteps, LanguageCost, UnigramSteps, WordPieceSteps
from explainers.views.saving import csv_text


def steps_csv(steps: WordPieceSteps | BpeSteps | UnigramSteps) -> str:
    """A line a try of WordPiece, a merge of BPE, or a piece that Unigram weighs; then the tokens, with their ids."""
    header: tuple[str, ...]
    rows: list[tuple[object, ...]]
    if isinstance(steps, WordPieceSteps):
        header = ("step", "piece", "id", "start", "end", "in the vocabulary")
        tries = enumerate(steps.tries, 1)
        rows = [(number, each.piece, "", each.start, each.end, each.found) for number, each in tries]
    elif isinstance(steps, BpeSteps):
        header = ("step", "piece", "id", "left", "right", "rank", "place")
        merges = enumerate(steps.merges, 1)
        rows = [(number, each.symbols[each.at], "", *each.pair, each.rank, each.at) for number, each in merges]
    else:
        header = ("step", "piece", "id", "start", "end", "log-probability", "on the best way")
        best = set(steps.best.edges)
        edges = enumerate(steps.edges, 1)
        rows = [(number, each.piece, "", each.start, each.end, each.score, int(each in best)) for number, each in edges]
    blank = [""] * (len(header) - 3)
    tokens = [("token", piece, id_, *blank) for piece, id_ in zip(steps.pieces, steps.ids, strict=True)]
    return csv_text(header, [*rows, *tokens])


def languages_csv(costs: Mapping[Family, Sequence[LanguageCost]]) -> str:
    """A line a family and language."""
    header = ("family", "language", "tokens", "unknown tokens", "text")
    return csv_text(
        header,
        (
            (family, cost.language, cost.tokens, cost.unknowns, cost.text)
            for family, rows in costs.items()
            for cost in rows
        ),
    )
