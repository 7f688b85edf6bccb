"""What one tokenizer.json says about its pieces: their kinds and bytes, and the added tokens that are matched whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import regex
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import Unigram

from explainers.checkpoints import Checkpoint
from explainers.tokenization.alignment import Aligner
from explainers.tokenization.alphabet import BYTES
from explainers.tokenization.tokens import Kind

_SENTINEL = re.compile(r"<extra_id_\d+>")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_ENDS_IN_WORD = regex.compile(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]\Z")
_STARTS_WITH_WORD = regex.compile(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]")
_BLANKS_AFTER = regex.compile(r"\p{White_Space}*")
_BLANKS_BEFORE = regex.compile(r"\p{White_Space}*\Z")


class Piece(NamedTuple):
    """A row of the vocabulary: kind is None where it depends on the place (word start or continuation)."""

    piece: str
    kind: Kind | None
    data: bytes


class Match(NamedTuple):
    """An added token found in a text, with the blanks that it takes with it."""

    start: int
    end: int
    id: int


class Matcher:
    """Finds added tokens the way the library does: leftmost first, the longest of those that begin there."""

    def __init__(self, added: dict[int, AddedToken], contents: dict[int, str]) -> None:
        """Take the tokens by id, and for each the string to look for."""
        self._added = {contents[id_]: (id_, token) for id_, token in added.items() if contents[id_]}
        longest_first = sorted(self._added, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        self._first = {content[0] for content in self._added}

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._added)

    def find(self, text: str) -> list[Match]:
        """Every match, in order, none overlapping."""
        for char in self._first:
            if char in text:
                break
        else:
            return []
        matches: list[Match] = []
        taken = 0
        for found in self._pattern.finditer(text):
            start, end = found.span()
            id_, token = self._added[found.group()]
            if token.single_word and (
                _ENDS_IN_WORD.search(text, max(start - 1, 0), start) or _STARTS_WITH_WORD.match(text, end)
            ):
                continue
            if token.lstrip and (blanks := _BLANKS_BEFORE.search(text, taken, start)):
                start = blanks.start()
            if token.rstrip and (blanks := _BLANKS_AFTER.match(text, end)):
                end = blanks.end()
            matches.append(Match(start, end, id_))
            taken = end
        return matches


class _Pieces(dict[int, Piece]):
    """Pieces by id, each made when it is first asked for."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self._reading = reading

    def __missing__(self, id_: int) -> Piece:
        piece = self[id_] = self._reading.piece(id_)
        return piece


class Reading:
    """Everything about a checkpoint's tokenizer that tokenize() needs again and again; shares, never changes it."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Read the parts of the tokenizer; the vocabulary is read piece by piece, when it is needed."""
        self.tokenizer: Tokenizer = checkpoint.tokenizer
        self.context = checkpoint.context
        self.model: Any = self.tokenizer.model
        self.pre_tokenizer = self.tokenizer.pre_tokenizer
        normalizer = self.tokenizer.normalizer
        normalize = normalizer.normalize_str if normalizer else str
        self._components = [*_components(normalizer), *_components(self.pre_tokenizer)]
        self.byte_level = any(part["type"] == "ByteLevel" for part in self._components)
        self.blank = _blank(self._components)
        self.normalize: Callable[[str], str] = normalize
        self.aligner = Aligner(normalize)
        self.pieces = _Pieces(self)
        self.lowercase = normalize("A") == "a"
        self.blanks = [blank for blank in "\t\n\r" if normalize(f"0{blank}0") == "0 0"]
        self.bert = [step["type"] for step in self._components] == ["BertNormalizer", "BertPreTokenizer"]
        self._prefix: str = getattr(self.model, "continuing_subword_prefix", None) or ""
        self._suffix: str = getattr(self.model, "end_of_word_suffix", None) or ""
        self._added: dict[int, AddedToken] = self.tokenizer.get_added_tokens_decoder()
        matched = {
            id_: token
            for id_, token in self._added.items()
            if not (token.special and self.tokenizer.encode_special_tokens)
        }
        exact = {id_: token for id_, token in matched.items() if not token.normalized}
        loose = {id_: token for id_, token in matched.items() if token.normalized}
        self.typed = Matcher(exact, {id_: token.content for id_, token in exact.items()})
        self.typed_normalized = Matcher(loose, {id_: normalize(token.content) for id_, token in loose.items()})

    @cached_property
    def unknown(self) -> int | None:
        """The id that stands for text which the vocabulary lacks, if there is one."""
        if isinstance(self.model, Unigram):
            unk_id: int | None = json.loads(self.model.__getstate__())["unk_id"]
            return unk_id
        token = getattr(self.model, "unk_token", None)
        return None if token is None else self.tokenizer.token_to_id(token)

    @cached_property
    def byte_fallback(self) -> bool:
        """Whether characters outside the vocabulary become pieces such as <0xE2>."""
        return all(self.tokenizer.token_to_id(f"<0x{byte:02X}>") is not None for byte in (0x00, 0x7F, 0xFF))

    def piece(self, id_: int) -> Piece:
        """What the vocabulary has in that row."""
        added = self._added.get(id_)
        piece = added.content if added else self.tokenizer.id_to_token(id_) or ""
        if id_ == self.unknown:
            return Piece(piece, "unknown", b"")
        if _SENTINEL.fullmatch(piece):
            return Piece(piece, "sentinel", b"")
        if added is not None:
            return Piece(piece, "special", b"") if added.special else Piece(piece, None, piece.encode())
        if self.byte_fallback and (byte := _BYTE.fullmatch(piece)):
            return Piece(piece, "byte", bytes([int(byte[1], 16)]))
        data = self.data(piece)
        return Piece(piece, None if _whole(data) else "byte", data)

    def data(self, piece: str) -> bytes:
        """The bytes that a piece of the model's own vocabulary stands for."""
        if self._prefix and len(piece) > len(self._prefix):
            piece = piece.removeprefix(self._prefix)
        return self.spelled(piece.removesuffix(self._suffix))

    def spelled(self, text: str) -> bytes:
        """The UTF-8 of what the model is given, its stand-ins for bytes and blanks put back."""
        if self.byte_level and all(char in BYTES for char in text):
            return bytes([BYTES[char] for char in text])
        return (text.replace(self.blank, " ") if self.blank else text).encode()

    def starts_word(self, piece: str) -> bool:
        """Whether the piece's own form says that a word begins with it."""
        if self._prefix:
            return not piece.startswith(self._prefix)
        return self.data(piece).startswith(b" ")


@lru_cache(maxsize=16)
def read(checkpoint: Checkpoint) -> Reading:
    """The reading of a checkpoint's tokenizer, made once."""
    return Reading(checkpoint)


def _whole(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _components(part: Any) -> Iterator[dict[str, Any]]:
    """The steps of a normalizer or pre-tokenizer, those inside sequences too."""
    if part is not None:
        yield from _flat(json.loads(part.__getstate__()))


def _flat(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    inner: Sequence[dict[str, Any]] = step.get("normalizers") or step.get("pretokenizers") or ()
    yield step
    for each in inner:
        yield from _flat(each)


def _blank(components: list[dict[str, Any]]) -> str:
    """The character that pieces have for a space ("▁"), or "" where they have none."""
    for step in components:
        if step["type"] == "Metaspace":
            return str(step["replacement"])
        if step["type"] == "Replace" and step.get("content") == "▁":
            return "▁"
    return ""
