"""The rows of tokens that several pages draw: one a family, of the reader's text as the chosen models cut it."""

from __future__ import annotations

from explainers.figures.palette import FAMILY_LABELS
from explainers.views import cached
from explainers.views.components import TokenRow
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
