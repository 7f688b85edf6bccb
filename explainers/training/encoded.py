"""The corpus as token ids, encoded once and kept on disk: flat uint16 arrays with the starts of units and documents
(int32 where a checkpoint's vocabulary is larger than any of ours).

A unit is a sentence for BERT, whose input is made of consecutive sentences, and for T5, which users mostly give one; it
is a whole document for GPT-2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from explainers.checkpoints import Family
from explainers.training import corpus
from explainers.training.corpus import Document
from explainers.training.vocabularies import END_OF_TEXT

_BATCH = 2_000


@dataclass(frozen=True)
class Encoded:
    """One source as ids (tokens,); units (n + 1,) and documents (m + 1,) are starts, closed by the end.

    units point into ids, documents point into units.
    """

    ids: NDArray[np.uint16]
    units: NDArray[np.int64]
    documents: NDArray[np.int64]
    bytes: int

    def save(self, path: Path) -> None:
        """Write one .npz file, whole or not at all."""
        part = path.with_suffix(".part.npz")
        np.savez(part, ids=self.ids, units=self.units, documents=self.documents, bytes=self.bytes)
        part.replace(path)

    @classmethod
    def read(cls, path: Path) -> Encoded:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(arrays["ids"], arrays["units"], arrays["documents"], int(arrays["bytes"]))


def encode(family: Family, tokenizer: Tokenizer, file: Path, *, held_out: bool | None = False) -> Encoded:
    """Encode one text file without the template's special tokens; GPT-2's documents end with <|endoftext|>.

    held_out: True for the held-out documents, False for the others, None for all.
    """
    dtype: Any = np.uint16 if tokenizer.get_vocab_size() <= 1 << 16 else np.int32
    end = [tokenizer.token_to_id(END_OF_TEXT)] if family == "gpt2" else []
    ids: list[NDArray[np.uint16]] = []
    units, documents, size = [0], [0], 0
    for texts, sizes in _batches(family, corpus.documents(file, held_out=held_out)):
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        for encoding in encodings:
            ids.append(np.array(encoding.ids + end, dtype))
            units.append(units[-1] + len(ids[-1]))
        for count in sizes:
            documents.append(documents[-1] + count)
        size += sum(len(text.encode()) for text in texts)
    flat = np.concatenate(ids) if ids else np.zeros(0, dtype)
    return Encoded(flat, np.array(units), np.array(documents), size)


def _batches(family: Family, documents: Iterator[Document]) -> Iterator[tuple[list[str], list[int]]]:
    """Texts to encode together, and how many of them each document has."""
    texts: list[str] = []
    sizes: list[int] = []
    for document in documents:
        if family != "gpt2":
            pieces = [sentence for paragraph in document for sentence in corpus.sentences(paragraph)]
        else:
            pieces = ["\n".join(document)]
        texts += pieces
        sizes.append(len(pieces))
        if len(texts) >= _BATCH:
            yield texts, sizes
            texts, sizes = [], []
    if sizes:
        yield texts, sizes
