"""What a model's input is made of, and how its vectors lie to each other: sums, positions, neighbours, projections.

Vectors are rows: (tokens, d_model), (positions, d_model), (vocab, d_model). Cosines run from -1 to 1, all else is in
the model's own units.
"""

from explainers.embeddings.contexts import Contexts, Shared, contexts
from explainers.embeddings.neighbours import Neighbours, TokenTable, neighbours, table_rows, token_table
from explainers.embeddings.parts import InputSum, input_sum, layer_norm
from explainers.embeddings.positions import (
    PositionBias,
    PositionCodes,
    learned_positions,
    position_bias,
    position_codes,
    sinusoids,
)
from explainers.embeddings.vectors import Projection, cosines, principal_components

__all__ = [
    "Contexts",
    "InputSum",
    "Neighbours",
    "PositionBias",
    "PositionCodes",
    "Projection",
    "Shared",
    "TokenTable",
    "contexts",
    "cosines",
    "input_sum",
    "layer_norm",
    "learned_positions",
    "neighbours",
    "position_bias",
    "position_codes",
    "principal_components",
    "sinusoids",
    "table_rows",
    "token_table",
]
