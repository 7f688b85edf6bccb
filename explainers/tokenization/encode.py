"""tokenize: a text as the model gets it, every token with its place in what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tokenizers import Encoding

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.tokenization.reading import Reading, read
from explainers.tokenization.spans import Located
from explainers.tokenization.tokens import Kind, TextError, Token, Tokenization

_new_token: Callable[[tuple[object, ...]], Token] = partial(tuple.__new__, Token)


def check(text: str) -> None:
    """Raise TextError where the text holds half of a surrogate pair, which is no character and has no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextError(
            _("Character {position} is half of a surrogate pair and stands for nothing: delete it.").format(
                position=error.start + 1
            )
        ) from None


def tokenize(checkpoint: Checkpoint, text: str, pair: str | None = None) -> Tokenization:
    """The tokens of a text, or of two, as the checkpoint's own tokenizer cuts them and its model gets them.

    What the checkpoint's context cannot hold is cut off at the end, of two texts the longer one first; the result says
    how many tokens and from which character on. Raises TextError for a text that cannot be tokenized.
    """
    check(text)
    if pair is not None:
        check(pair)
    reading = read(checkpoint)
    try:
        encoding = reading.tokenizer.encode(text, pair)
    except Exception as error:  # the library raises no narrower one, for example for text without any piece
        raise TextError(
            _("The tokenizer of {name} cannot cut this text: {error}.").format(name=checkpoint.name, error=error)
        ) from error
    return _assembled(checkpoint, reading, encoding, text, pair)


def _assembled(
    checkpoint: Checkpoint, reading: Reading, encoding: Encoding, text: str, pair: str | None
) -> Tokenization:
    """The library's columns and ours side by side, as tokens; then the cut."""
    ids, sources = encoding.ids, encoding.sequence_ids
    count = len(ids)
    if not ids:
        return Tokenization(text, pair, (), ())
    pieces, known_kinds, data = zip(*map(reading.pieces.__getitem__, ids), strict=True)
    starts, ends = [0] * count, [0] * count
    kinds: list[Kind] = ["special"] * count
    word_of: list[int | None] = [None] * count
    words: list[str] = []
    gone: list[slice] = []
    cuts: list[int | None] = [None, None]
    room = _room(reading.context, sources) if count > reading.context else (count, count)
    for source, typed in enumerate((text,) if pair is None else (text, pair)):
        length = sources.count(source)
        if not length:
            continue
        low = sources.index(source)
        own = slice(low, low + length)
        located = Located(reading, encoding, own, typed, ids[own], data[own])
        starts[own], ends[own], kinds[own] = located.starts, located.ends, _kinds(known_kinds[own], located.begins)
        base = len(words)
        word_of[own] = [word if word is None else word + base for word in located.word] if base else located.word
        kept = room[source]
        if kept < length:
            gone.append(slice(low + kept, low + length))
            cuts[source] = located.starts[kept]
            del located.words[max([word for word in located.word[:kept] if word is not None], default=-1) + 1 :]
        words += located.words
    segments = encoding.type_ids if checkpoint.family == "bert" else [0] * count
    tokens = list(map(_new_token, zip(pieces, ids, starts, ends, kinds, sources, segments, word_of, data, strict=True)))
    for cut in reversed(gone):
        del tokens[cut]
    return Tokenization(text, pair, tuple(tokens), tuple(words), count - len(tokens), (cuts[0], cuts[1]))


def _kinds(known: Sequence[Kind | None], begins: Sequence[bool]) -> list[Kind]:
    """The kind that the vocabulary says, else the one that the place in the word gives."""
    return [kind or ("word start" if first else "continuation") for kind, first in zip(known, begins, strict=True)]


def _room(context: int, sources: Sequence[int | None]) -> tuple[int, int]:
    """How many tokens of the text and of the pair the model gets beside the template's: the longer is cut first."""
    first, second = sources.count(0), sources.count(1)
    total = max(context - sources.count(None), 0)
    if first + second <= total:
        return first, second
    if not second:
        return total, 0
    short = min(first, second, total // 2)
    return (total - short, short) if first > second else (short, total - short)
