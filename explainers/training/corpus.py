"""The training text: documents of paragraphs, read from `*.txt.xz` or `*.txt`, with a development set held out.

A file is one source. One paragraph a line, a blank line between documents, UTF-8.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import regex

from explainers.language import _

Document = list[str]

# The share of sampled tokens that each source is meant to get: books alone know no pizza and no internet, and the
# simple stories and the generated everyday sentences are few, so they are read more often than their size asks for. A
# source that is not named gets 0.1, before all are scaled to sum to 1.
SHARES: Mapping[str, float] = {
    "childrens_books": 0.32,
    "wikipedia_plain": 0.23,
    "wikinews": 0.09,
    "dialogues": 0.06,
    "tinystories": 0.10,
    "storybooks": 0.06,
    "everyday": 0.14,
}
MOST_READINGS = 10  # of the same text, on average; what is read more often is learned by heart

HELD_OUT_FILE = "validation"
_HELD_OUT_EVERY = 200  # one document in 200 is 0.5 %

_SENTENCE_END = regex.compile(r"""(?<=[.!?…]["'”’)\]]*)\s+(?=["'“‘(\[]*[\p{Lu}\p{N}])""")


class CorpusError(ValueError):
    """A folder that holds no text to train on."""


def sources(folder: Path) -> dict[str, Path]:
    """The text files of the folder by the name of their source; the file named validation is left out."""
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")])
    found = {file.name.split(".")[0]: file for file in files}
    found.pop(HELD_OUT_FILE, None)
    if not found:
        raise CorpusError(
            _(
                "{folder} has no .txt or .txt.xz file to train on: name a folder with text, one paragraph a line."
            ).format(folder=folder)
        )
    return found


def shares(names: Sequence[str]) -> dict[str, float]:
    """The share of sampled tokens that each source is meant to get; the shares sum to 1."""
    known = {name: SHARES.get(name, 0.1) for name in names}
    total = sum(known.values())
    return {name: share / total for name, share in known.items()}


def affordable_shares(sizes: Mapping[str, int], tokens: int) -> dict[str, float]:
    """The shares of a run that reads `tokens` in all: those of `shares`, but no source is read more than ten times.

    sizes: tokens of each source. What a small source must give up goes to the others in proportion; where all are too
    small, each is read equally often.
    """
    wanted = shares(list(sizes))
    most = {name: MOST_READINGS * size / tokens for name, size in sizes.items()}
    if sum(most.values()) <= 1:
        return {name: size / sum(sizes.values()) for name, size in sizes.items()}
    capped: dict[str, float] = {}
    while True:
        left = (1 - sum(capped.values())) / sum(share for name, share in wanted.items() if name not in capped)
        over = {name: most[name] for name in sizes if name not in capped and wanted[name] * left > most[name]}
        if not over:
            return {name: capped.get(name, wanted[name] * left) for name in sizes}
        capped |= over


def documents(file: Path, *, held_out: bool | None = False) -> Iterator[Document]:
    """The documents of one file: those to train on, the held-out 0.5 % on which choices are made, or (None) all."""
    for number, document in enumerate(_all_documents(file)):
        if held_out is None or (number % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1) == held_out:
            yield document


def sentences(paragraph: str) -> list[str]:
    """The paragraph cut after sentence-final punctuation; abbreviations before a capital letter are cut too, which
    does no harm.
    """
    return [sentence for sentence in _SENTENCE_END.split(paragraph) if sentence.strip()]


def _all_documents(file: Path) -> Iterator[Document]:
    document: Document = []
    with _open(file) as lines:
        for line in lines:
            if paragraph := line.strip():
                document.append(paragraph)
            elif document:
                yield document
                document = []
    if document:
        yield document


def _open(file: Path) -> IO[str]:
    if file.suffix == ".xz":
        return lzma.open(file, "rt", encoding="utf-8")
    return file.open(encoding="utf-8")
