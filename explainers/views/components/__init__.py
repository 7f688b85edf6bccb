"""The components of our own: rows of tokens over the typed text, and the player of a tokenizer's steps."""

from explainers.views.components.steps import step_player
from explainers.views.components.tokens import TokenChoice, TokenRow, token_rows

__all__ = ["TokenChoice", "TokenRow", "step_player", "token_rows"]
