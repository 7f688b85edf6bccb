"""Rows of coloured tokens over the text that was typed: the component that every lesson shows tokens with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_COLOURS
from explainers.language import _, ngettext
from explainers.views.components.assets import register
from explainers.views.components.columns import Alignment, align
from explainers.views.components.visible import hexadecimal, shape, visible_text

if TYPE_CHECKING:
    from explainers.tokenization import Kind, Token, Tokenization

_KINDS: tuple[Kind, ...] = ("special", "word start", "continuation", "byte", "sentinel", "unknown")
_DIRECTION_CODES = {"left": "L", "right": "R", "digit": "D", "none": "N"}
_SHAPE_CODES = {"text": "t", "blank": "b", "line end": "e", "code": "c"}
_JOINERS = {"bert": "##", "gpt2": " ", "t5": "▁"}

_component = register(
    "tokens",
    "elements",
    "keys",
    "painting",
    "tokens/ruler",
    "tokens/joining",
    "tokens/boxes",
    "tokens/widths",
    "tokens/wrapping",
    "tokens/directions",
    "tokens/line_models",
    "tokens/tiles",
    "tokens/line_view",
    "tokens/lines",
    "tokens/marks",
    "tokens/paths",
    "tokens/bar",
    "tokens/readout",
)


@dataclass(frozen=True)
class TokenRow:
    """One row: its label, for example "BERT · bert-mini", the family that gives its colour, and the tokens."""

    name: str
    family: Family
    tokenization: Tokenization


@dataclass(frozen=True)
class TokenChoice:
    """The token that was clicked: its row, and its index among the row's tokens."""

    row: int
    token: int


def token_rows(rows: Sequence[TokenRow], *, key: str, selected: TokenChoice | None = None) -> TokenChoice | None:
    """Draw the rows over the text they share, aligned character by character; return the token that is chosen.

    A choice made on other rows or another text is dropped, and `selected` holds until the reader chooses. Raises
    ValueError where there is no row, or where the rows are not of the same text.
    """
    data = token_data(rows)
    stored = st.session_state.get(key)
    chosen = valid_choice(stored.get("choice") if isinstance(stored, Mapping) else None, rows, data["fingerprint"])
    data["selected"] = _as_pair(chosen or _in_range(selected, rows))
    result = _component(key=key, data=data, default={"choice": None}, on_choice_change=lambda: None)
    return valid_choice(result.get("choice"), rows, data["fingerprint"]) or _in_range(selected, rows)


def valid_choice(value: object, rows: Sequence[TokenRow], fingerprint: str) -> TokenChoice | None:
    """What the browser sent, if it is a token of these very rows; None for anything else."""
    if not isinstance(value, Mapping) or value.get("fingerprint") != fingerprint:
        return None
    row, token = value.get("row"), value.get("token")
    if type(row) is not int or type(token) is not int:
        return None
    return _in_range(TokenChoice(row, token), rows)


def token_data(rows: Sequence[TokenRow]) -> dict[str, Any]:
    """What the browser needs to draw the rows, in columns of plain numbers and strings."""
    if not rows:
        raise ValueError("token_rows needs at least one row")
    texts = {(row.tokenization.text, row.tokenization.pair) for row in rows}
    if len(texts) > 1:
        raise ValueError("the rows of one picture must be tokenizations of the same text")
    alignment = align([row.tokenization for row in rows])
    return {
        "fingerprint": _fingerprint(rows),
        "columns": _column_data(alignment),
        "rows": [_row_data(index, row, alignment) for index, row in enumerate(rows)],
        "sources": _source_names(rows[0].tokenization),
        "labels": _labels(),
    }


def _in_range(choice: TokenChoice | None, rows: Sequence[TokenRow]) -> TokenChoice | None:
    if choice is None or not 0 <= choice.row < len(rows):
        return None
    return choice if 0 <= choice.token < len(rows[choice.row].tokenization.tokens) else None


def _as_pair(choice: TokenChoice | None) -> list[int] | None:
    return None if choice is None else [choice.row, choice.token]


def _fingerprint(rows: Sequence[TokenRow]) -> str:
    whole = repr([(row.name, row.tokenization.text, row.tokenization.pair, row.tokenization.ids) for row in rows])
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _column_data(alignment: Alignment) -> dict[str, Any]:
    columns = alignment.columns
    return {
        "text": [column.text for column in columns],
        "start": [column.start for column in columns],
        "end": [column.end for column in columns],
        "shape": "".join(_SHAPE_CODES[column.shape] for column in columns),
        "direction": "".join(_DIRECTION_CODES[column.direction] for column in columns),
        "breaks": "".join(map(str, alignment.breaks)),
        "paragraphs": [[part.start, part.source, int(part.right_to_left)] for part in alignment.paragraphs],
    }


def _row_data(index: int, row: TokenRow, alignment: Alignment) -> dict[str, Any]:
    title, _separator, subtitle = row.name.partition(" · ")
    tokens = row.tokenization.tokens
    types = list(dict.fromkeys((token.id, token.piece, token.kind, token.data) for token in tokens))
    number = {kind: position for position, kind in enumerate(types)}
    boxes = alignment.boxes[index]
    colour = FAMILY_COLOURS[row.family]
    segmented = row.family == "bert" and row.tokenization.pair is not None
    return {
        "title": title,
        "subtitle": subtitle,
        "colours": [colour.light, colour.dark],
        "types": _type_data(types, row.family),
        "type": [number[token.id, token.piece, token.kind, token.data] for token in tokens],
        "start": [token.start for token in tokens],
        "end": [token.end for token in tokens],
        "source": "".join("-" if token.source is None else str(token.source) for token in tokens),
        "segment": "".join("AB"[token.segment % 2] for token in tokens) if segmented else "",
        "shade": "".join(str((token.word or 0) % 2) for token in tokens),
        "boxes": {
            "start": [box.start for box in boxes],
            "end": [box.end for box in boxes],
            "first": [box.first for box in boxes],
            "count": [box.size for box in boxes],
        },
        "cuts": alignment.cuts[index],
        "cutLabel": _cut_label(row.tokenization.dropped),
        "count": _count(tokens),
        "alternative": _alternative(row),
    }


def _count(tokens: Sequence[Token]) -> str:
    """How many tokens the text has, and how many the model puts around it; short, for a narrow column."""
    added = sum(token.source is None for token in tokens)
    own = len(tokens) - added
    if added:
        return _("{n} + {added} special").format(n=own, added=added)
    return ngettext("{n} token", "{n} tokens", own).format(n=own)


def _type_data(types: Sequence[tuple[int, str, Kind, bytes]], family: Family) -> dict[str, Any]:
    """The distinct tokens: how each is drawn, and what the read-out says of it."""
    drawn = [_drawn(piece, kind, data, family) for _id, piece, kind, data in types]
    return {
        "prefix": [prefix for prefix, _label, _style in drawn],
        "label": [label for _prefix, label, _style in drawn],
        "style": "".join(style for _prefix, _label, style in drawn),
        "id": [identity for identity, _piece, _kind, _data in types],
        "piece": [piece for _id, piece, _kind, _data in types],
        "hex": [hexadecimal(data) for _id, _piece, _kind, data in types],
        "kind": [_KINDS.index(kind) for _id, _piece, kind, _data in types],
    }


def _drawn(piece: str, kind: Kind, data: bytes, family: Family) -> tuple[str, str, str]:
    """What stands in a token's box: the sign that joins it to its word, its text, and a style.

    The style is "t" for text, "b" for blanks alone, "h" for bytes that are no whole character, in hexadecimal.
    """
    if kind in ("special", "sentinel", "unknown"):
        return "", visible_text(piece), "t"
    try:
        text = data.decode("utf-8") if family == "gpt2" else piece
    except UnicodeDecodeError:
        return "", hexadecimal(data), "h"
    if kind == "byte":
        return "", hexadecimal(data), "h"
    joiner = _JOINERS[family]
    prefix = joiner if text.startswith(joiner) and len(text) > len(joiner) else ""
    rest = text.removeprefix(prefix)
    if rest == joiner or all(shape(character) in ("blank", "line end") for character in rest):
        return "", visible_text(text), "b"
    return visible_text(prefix), visible_text(rest), "t"


def _source_names(tokenization: Tokenization) -> list[str]:
    return [_("Text")] if tokenization.pair is None else [_("First text"), _("Second text")]


def _cut_label(dropped: int) -> str:
    if not dropped:
        return ""
    return ngettext("cut off here: {n} token is not read", "cut off here: {n} tokens are not read", dropped).format(
        n=dropped
    )


def _alternative(row: TokenRow) -> str:
    """The row as a sentence, for those who listen to it."""
    pieces = [token.piece for token in row.tokenization.tokens]
    drawn = {piece: visible_text(piece) for piece in set(pieces)}
    heading = ngettext("{name}: {n} token", "{name}: {n} tokens", len(pieces)).format(name=row.name, n=len(pieces))
    return f"{heading}: {', '.join(drawn[piece] for piece in pieces)}"


def _labels() -> dict[str, Any]:
    """Every word that the browser writes, in the reader's language."""
    return {
        "picture": _("The text and its tokens"),
        "readout": _("The token in detail"),
        "hint": _("Point at a token, or move with the arrow keys, to see what it is."),
        "id": _("id"),
        "entry": _("vocabulary entry"),
        "bytes": _("bytes"),
        "segment": _("segment"),
        "none": _("no token"),
        "more": _("{n} more"),
        "tokens": _("{n} tokens"),
        "inserted": _("put there by the model's format, not typed"),
        "show": _("Show"),
        "pieces": _("Pieces"),
        "ids": _("Ids"),
        "token": _("{row}, token {n} of {count}: {piece}, id {id}, {kind}, bytes {bytes}, {span}"),
        "spans": [_("text[{start}:{end}]"), _("pair[{start}:{end}]")],
        "kinds": [
            _("special token"),
            _("start of a word"),
            _("continues a word"),
            _("bytes of a character"),
            _("sentinel"),
            _("unknown"),
        ],
        "blank": _("blank"),
        "tab": _("tab"),
        "lineEnd": _("end of a line"),
    }
