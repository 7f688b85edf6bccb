"""The player of a tokenizer's steps for one word: WordPiece's tries, BPE's merges, Unigram's lattice."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS
from explainers.language import _
from explainers.views.components.assets import register
from explainers.views.components.player import player_labels
from explainers.views.components.visible import clusters, direction, drawn_bytes, visible, visible_text

if TYPE_CHECKING:
    from explainers.tokenization import BpeSteps, Path, UnigramSteps, WordPieceSteps

_component = register(
    "steps",
    "elements",
    "keys",
    "buttons",
    "player",
    "painting",
    "steps/stage",
    "steps/wordpiece",
    "steps/bpe",
    "steps/lattice",
    "steps/unigram",
)


def step_player(steps: WordPieceSteps | BpeSteps | UnigramSteps, *, key: str, step: int = 0) -> None:
    """Draw the steps with buttons, a slider and arrow keys; all stepping happens in the browser, from `step` on."""
    data = step_data(steps)
    fingerprint = hashlib.blake2b(json.dumps(data).encode(), digest_size=12).hexdigest()
    _component(key=key, data={**data, "labels": _labels(), "step": step, "fingerprint": fingerprint})


def step_data(steps: WordPieceSteps | BpeSteps | UnigramSteps) -> dict[str, Any]:
    """The steps as plain numbers and strings that can be drawn."""
    from explainers.tokenization import BpeSteps, WordPieceSteps

    if isinstance(steps, WordPieceSteps):
        return _wordpiece_data(steps)
    return _bpe_data(steps) if isinstance(steps, BpeSteps) else _unigram_data(steps)


def _wordpiece_data(steps: WordPieceSteps) -> dict[str, Any]:
    """Every try as a stretch of the word's characters; a try away from the word's start stands for a ## piece."""
    return {
        "view": "wordpiece",
        **_look("bert", steps.word),
        "units": [visible(character) for character in steps.word],
        "tries": [[each.start, each.end, int(each.found)] for each in steps.tries],
        "joiner": "##",
        "pieces": [[visible_text(piece), 0] for piece in steps.pieces],
        "ids": steps.ids,
    }


def _bpe_data(steps: BpeSteps) -> dict[str, Any]:
    """The bytes, and for every merge its place, its rank, all pairs that had a merge, and what it made."""
    size = _symbol_size(steps)
    lengths = [size(symbol) for symbol in steps.symbols]
    merges = []
    for merge in steps.merges:
        lengths[merge.at : merge.at + 2] = [sum(lengths[merge.at : merge.at + 2])]
        start = sum(lengths[: merge.at])
        merges.append(
            {
                "at": merge.at,
                "rank": merge.rank,
                "candidates": merge.candidates,
                "made": _drawn(steps.data[start : start + lengths[merge.at]]),
            }
        )
    text = steps.data.decode("utf-8", "replace")
    return {
        "view": "bpe",
        **_look("gpt2", text),
        "units": [_drawn(part) for part in _parts(steps.data, [size(symbol) for symbol in steps.symbols])],
        "characters": [[visible(cluster), len(cluster.encode())] for _at, cluster in clusters(text)],
        "merges": merges,
        "whole": int(steps.whole),
        "pieces": [_drawn(part) for part in _parts(steps.data, [size(piece) for piece in steps.pieces])],
        "ids": steps.ids,
    }


def _unigram_data(steps: UnigramSteps) -> dict[str, Any]:
    """The lattice's edges, the best score up to every position, and the two best paths as edge numbers."""
    number = {(edge.start, edge.end, edge.piece): index for index, edge in enumerate(steps.edges)}

    def path_data(path: Path) -> dict[str, Any]:
        return {"edges": [number[edge.start, edge.end, edge.piece] for edge in path.edges], "score": path.score}

    return {
        "view": "unigram",
        **_look("t5", steps.word),
        "units": [visible(character) for character in steps.word],
        "edges": {
            "start": [edge.start for edge in steps.edges],
            "end": [edge.end for edge in steps.edges],
            "label": [visible_text(edge.piece) for edge in steps.edges],
            "score": [edge.score for edge in steps.edges],
            "known": [int(edge.known) for edge in steps.edges],
        },
        "scores": [score if math.isfinite(score) else None for score in steps.best_scores],
        "best": path_data(steps.best),
        "second": path_data(steps.runner_up) if steps.runner_up else None,
        "pieces": [[visible_text(piece), 0] for piece in steps.pieces],
        "ids": steps.ids,
    }


def _look(family: Family, word: str) -> dict[str, Any]:
    return {"colours": list(FAMILY_COLOURS[family]), "rightToLeft": int(direction(word) == "right")}


def _drawn(data: bytes) -> list[Any]:
    text, is_hexadecimal = drawn_bytes(data)
    return [text, int(is_hexadecimal)]


def _symbol_size(steps: BpeSteps) -> Callable[[str], int]:
    """How many bytes a symbol stands for: one a character in a byte-level vocabulary, else its UTF-8."""
    byte_level = sum(map(len, steps.symbols)) == len(steps.data)
    return len if byte_level else lambda symbol: len(symbol.encode())


def _parts(data: bytes, lengths: Sequence[int]) -> list[bytes]:
    ends = list(accumulate(lengths))
    return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _labels() -> dict[str, Any]:
    """Every word and sentence of the player, in the reader's language; names in braces are filled in by the browser."""
    return player_labels() | {
        "player": _("The steps of the algorithm"),
        "stage": _("The picture of this step; move with the arrow keys"),
        "first": _("First"),
        "last": _("Last"),
        "count": _("Step {n} of {count}"),
        "rank": _("rank {rank}"),
        "wordpiece": {
            "start": _("Find the longest piece of the vocabulary that the word begins with. Try all of {word} first."),
            "missing": _("{piece} is not in the vocabulary. Drop its last character."),
            "found": _("{piece} is in the vocabulary: keep it, and go on with {rest}."),
            "done": _("{piece} is in the vocabulary, and the word is used up."),
            "stuck": _("{piece} is not in the vocabulary, and nothing shorter is left to try."),
            "unknown": _("No piece fits, so the whole word becomes {piece}."),
            "long": _("The word is too long for this tokenizer, so it becomes {piece} untried."),
            "result": _("The word is cut into its pieces, and the model gets their ids."),
        },
        "bpe": {
            "start": _(
                "The word starts as bytes. Of all neighbours, {left} and {right} have the lowest rank: merge them."
            ),
            "merged": _("{made} is one symbol now. The lowest rank is next: {left} and {right}."),
            "end": _("{made} is one symbol now, and no two neighbours have a merge: done."),
            "whole": _("The whole word is in the vocabulary: nothing is merged."),
            "alone": _("No two neighbours have a merge: the bytes stay as they are."),
            "result": _("The symbols are the tokens, and the model gets their ids."),
        },
        "unigram": {
            "start": _("Every bar is a piece of the vocabulary that fits here. A score nearer to 0 is likelier."),
            "startUnknown": _(
                "Every bar is a piece that fits here. Hatched: not in the vocabulary, at a fixed low score."
            ),
            "position": _("The best way up to here ends with {piece}: {before} + {score} = {sum}."),
            "best": _("Back from the end along the best pieces: this path has the highest sum, {sum}."),
            "second": _("The runner-up sums to {sum}: {gap} less."),
            "only": _("There is no other path through the word."),
            "result": _("The best path is the word's tokens, and the model gets their ids."),
            "bytes": _("What is not in the vocabulary becomes its bytes, and the model gets the ids."),
            "unknown": _("not in the vocabulary"),
        },
    }
