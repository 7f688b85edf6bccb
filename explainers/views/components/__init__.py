"""The components of our own: rows of tokens over the typed text, the player of a tokenizer's steps, vectors as heat."""

from explainers.views.components.heads import Cell, MapAxes, head_grid, head_map
from explainers.views.components.masks import MaskCell, mask_cells
from explainers.views.components.steps import step_player
from explainers.views.components.strips import Strip, embedding_strips
from explainers.views.components.tokens import TokenChoice, TokenRow, token_rows

__all__ = [
    "Cell",
    "MapAxes",
    "MaskCell",
    "Strip",
    "TokenChoice",
    "TokenRow",
    "embedding_strips",
    "head_grid",
    "head_map",
    "mask_cells",
    "step_player",
    "token_rows",
]
