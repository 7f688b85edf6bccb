"""The vocabulary as a list to leaf through and search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.tokenization.reading import read
from explainers.tokenization.tokens import Kind


class Entry(NamedTuple):
    """A row of the vocabulary. text: what a reader sees of it.

    text is the piece without its family's marks ("##ing" -> "ing", "Ġthe" and "▁the" -> " the"), the bytes in
    hexadecimal where they are no whole characters ("E2 96"), or the piece itself where it stands for no text. kind: by
    the piece's form alone, since only a place in a text shows whether a piece without a blank begins a word there.
    """

    id: int
    piece: str
    text: str
    kind: Kind


def vocabulary(checkpoint: Checkpoint) -> tuple[Entry, ...]:
    """Every row of the checkpoint's vocabulary, by id."""
    reading = read(checkpoint)
    entries = []
    for id_ in sorted(set(reading.tokenizer.get_vocab(with_added_tokens=True).values())):
        piece, kind, data = reading.pieces[id_]
        form: Kind = kind or ("word start" if reading.starts_word(piece) else "continuation")
        entries.append(Entry(id_, piece, _shown(data) if data else piece, form))
    return tuple(entries)


def search(entries: Sequence[Entry], query: str) -> tuple[Entry, ...]:
    """The entries whose piece or text holds the query, capital or small, or whose id it is; all for an empty query."""
    wanted = query.casefold()
    id_ = int(query) if query.isascii() and query.isdigit() and len(query) < 10 else None
    return tuple(
        entry
        for entry in entries
        if entry.id == id_ or wanted in entry.piece.casefold() or wanted in entry.text.casefold()
    )


def _shown(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex(" ").upper()
