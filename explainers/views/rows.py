"""The rows of tokens that several pages draw, and keep: one a family, of the reader's text as a model cuts it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from explainers.figures.palette import FAMILY_LABELS
from explainers.tokenization import Token
from explainers.views import cached, saving
from explainers.views.components import TokenChoice, TokenRow, token_rows
from explainers.views.controls import Choice


def rows_of(choice: Choice) -> list[TokenRow]:
    """One row a family, labelled with the family and the model's name."""
    return [
        TokenRow(
            f"{FAMILY_LABELS[family]} · {checkpoint.name}",
            family,
            cached.tokenized(checkpoint.name, choice.text, choice.pair),
        )
        for family, checkpoint in choice.checkpoints.items()
    ]


def draw_rows(
    rows: Sequence[TokenRow], *, key: str, name: str, selected: TokenChoice | None = None
) -> TokenChoice | None:
    """The rows with the control that saves them (name: of the files); returns the token that the reader chose."""
    with saving.picture(f"{key}_rows", partial(_csv, rows), name=name):
        return token_rows(rows, key=key, selected=selected)


def _csv(rows: Sequence[TokenRow]) -> str:
    """A line a token. text 1 or 2: the box it was typed in; start, end: its characters there."""
    header = ("model", "place", "piece", "id", "kind", "segment", "text", "start", "end")
    return saving.csv_text(
        header,
        (
            (row.name, place, each.piece, each.id, each.kind, each.segment, *_typed(each))
            for row in rows
            for place, each in enumerate(row.tokenization.tokens)
        ),
    )


def _typed(token: Token) -> tuple[object, object, object]:
    return ("", "", "") if token.source is None else (token.source + 1, token.start, token.end)
