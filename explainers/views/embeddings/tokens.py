"""The chosen token of a text: one for all parts of the lesson, in the address as `emb_token`."""

from __future__ import annotations

from explainers.checkpoints import catalogue
from explainers.tokenization import Tokenization
from explainers.views import address
from explainers.views.cuts import Read, show_cut, show_unknown

_PARAMETER = "emb_token"


def chosen_token(tokenization: Tokenization) -> int:
    """The index of the token that the address names, else of the one that stands for the most text."""
    if (named := address.number(_PARAMETER, len(tokenization.tokens))) is not None:
        return named
    sizes = [len(token.data) for token in tokenization.tokens]
    return sizes.index(max(sizes))


def keep_token(token: int, tokenization: Tokenization) -> None:
    """Put the chosen token into the address, once it is not the one that would be chosen anyway."""
    if token != chosen_token(tokenization):
        address.keep(_PARAMETER, f"{token}")


def say_what_is_cut(tokenization: Tokenization, name: str) -> None:
    """Say how much of a long text the model reads, and where it knows no word of it; else nothing."""
    show_cut([Read(name, catalogue().get(name), tokenization)], template=True)
    show_unknown(tokenization, name)
