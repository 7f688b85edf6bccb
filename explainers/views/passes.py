"""What costs a forward pass or more: shared by all visitors, bounded in bytes, and computed behind the page where long.

Every function can be called as it is. Where that would keep a visitor waiting, `views.waiting` has it computed in the
background first, which shows how far it is and ends when nobody waits any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

import streamlit as st

from explainers import attention, knockout, masks_compared
from explainers.attention import ChosenMask
from explainers.checkpoints import load, memory
from explainers.knockout import HeadPlace
from explainers.sharing import Progress, SharedResults, Stop
from explainers.trace import AXES, AttentionKind, HeadParts, Inputs, Trace, trace
from explainers.trace.results import arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

MOST_BYTES = 10**9  # of all results together; less on a small machine
_SMALL = 1_000  # bytes that anything takes besides its arrays


class Pass(Generic[P, R]):
    """A function of strings and numbers whose results are shared; its own first argument says when to stop."""

    def __init__(self, function: Callable[Concatenate[Stop, P], R], steps: Callable[P, int]) -> None:
        """steps: how many steps the function takes for these arguments, as `stop` counts them."""
        self._function = function
        self._steps = steps
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, computed here and now where it is not there."""
        return cast(
            "R", _results().value(self.key(*args, **kwargs), lambda stop: self._function(stop, *args, **kwargs))
        )

    def key(self, *args: P.args, **kwargs: P.kwargs) -> tuple[object, ...]:
        """What names the result."""
        return (self.name, *args, *kwargs.items())

    def holds(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether the result is there."""
        return _results().holds(self.key(*args, **kwargs))

    def ask(self, who: str, *args: P.args, **kwargs: P.kwargs) -> Progress:
        """Have it computed in the background, and say how far it is; raises what went wrong there."""
        return _results().ask(
            self.key(*args, **kwargs),
            lambda stop: self._function(stop, *args, **kwargs),
            self._steps(*args, **kwargs),
            who,
        )

    def leave(self, who: str, *args: P.args, **kwargs: P.kwargs) -> None:
        """Say that this visitor does not wait for it any more."""
        _results().leave(self.key(*args, **kwargs), who)


@st.cache_resource(show_spinner=False)
def _results() -> SharedResults:
    return SharedResults(min(MOST_BYTES, memory.available_bytes() // 4), _bytes_of)


def _bytes_of(value: object) -> int:
    parts: Iterable[object] = value if isinstance(value, tuple) else (value,)
    return _SMALL + sum(array.nbytes for part in parts for array in arrays(part))


def _passes(count: int) -> Callable[[Callable[Concatenate[Stop, P], R]], Pass[P, R]]:
    """A function of so many whole forward passes, whose first argument is the model's name."""
    return _steps(lambda name, *_others: steps_of(name, count))


def _steps(steps: Callable[..., int]) -> Callable[[Callable[Concatenate[Stop, P], R]], Pass[P, R]]:
    return lambda function: Pass(function, steps)


def steps_of(name: str, count: int) -> int:
    """The steps of so many forward passes: the layers of all stacks, and between two passes one more."""
    sizes = load(name).sizes
    return count * (sizes.layers + sizes.decoder_layers + 1) - 1


@_passes(1)
def attention_trace(stop: Stop, name: str, text: str, pair: str | None, target: str | None) -> Trace:
    """One pass of the named checkpoint with all its attention weights, in half precision."""
    return trace(load(name), text, pair, target=target, keep=("attentions",), precision="float16", stop=stop)


@_passes(1)
def head_thumbnails(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.Thumbnails:
    """All heads of one kind as small pictures."""
    return attention.thumbnails(attention_trace(name, text, pair, target).attentions[kind])


@_passes(1)
def head_measures(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.HeadMeasures:
    """What all heads of one kind do on this text, in numbers."""
    return attention.measures_of(load(name), attention_trace(name, text, pair, target), kind)


@_passes(1)
def rolled_out(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> NDArray[np.float32]:
    """Attention rollout up to each layer (layers, tokens, tokens)."""
    import numpy as np

    return attention.rollout(attention_trace(name, text, pair, target).attentions[kind]).astype(np.float32)


@_steps(lambda _name, _text, _pair, _target, _kind, layer: layer + 1)
def head_parts(
    stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind, layer: int
) -> HeadParts | None:
    """Queries, keys, values, scores and weights of all heads of one layer."""
    return trace(load(name), text, pair, target=target, keep=("heads",), layer=(kind, layer), stop=stop).heads


@_passes(1)
def prediction(
    stop: Stop,
    name: str,
    text: str,
    pair: str | None,
    target: str | None,
    at: int,
    heads: tuple[HeadPlace, ...],
) -> tuple[NDArray[np.floating[Any]], int | None]:
    """What the model says at one place without these heads (vocab,), and which token is true."""
    return knockout.probabilities(load(name), text, pair, target, at, heads, stop=stop)


@_steps(lambda name, _text, _pair, _target, _at, kind: steps_of(name, 1 + knockout.head_count(load(name), kind)))
def every_head_out(
    stop: Stop, name: str, text: str, pair: str | None, target: str | None, at: int, kind: AttentionKind
) -> NDArray[np.floating[Any]]:
    """By what factor the probability at one place changes without each single head (layers, heads)."""
    return knockout.every_head(load(name), text, pair, target, at, kind, stop=stop)


@_steps(lambda _name, _inputs, _kind, layer, _head, _mask: layer + 1)
def masked_head(
    stop: Stop, name: str, inputs: Inputs, kind: AttentionKind, layer: int, head: int, mask: ChosenMask
) -> masks_compared.HeadScores:
    """One head of the named model under this mask."""
    return masks_compared.head_scores(load(name), inputs, kind, layer, head, _masks(inputs, kind, mask), stop=stop)


@_steps(lambda name, question, *_others: steps_of(name, masks_compared.passes(question)))
def mask_answers(
    stop: Stop, name: str, question: masks_compared.Question, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Answers:
    """The losses of the named model under this mask."""
    return masks_compared.answers(load(name), question, _masks(question.inputs, kind, mask), stop=stop)


@_passes(1)
def mask_prediction(
    stop: Stop, name: str, inputs: Inputs, row: int, truth: int | None, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Prediction:
    """What the named model says at one row under this mask."""
    return masks_compared.predict(load(name), inputs, row, truth, _masks(inputs, kind, mask), stop=stop)


@_passes(2)
def mask_leak(stop: Stop, name: str, ids: tuple[int, ...], mask: ChosenMask) -> float:
    """How far the named GPT-2's predictions depend on a token that comes after them."""
    return masks_compared.leak(load(name), ids, _masks(Inputs(decoder=ids), "decoder", mask), stop=stop)


@_passes(3)
def pad_influence(
    stop: Stop, name: str, alone: Inputs, padded: Inputs, kind: AttentionKind, mask: ChosenMask, without: ChosenMask
) -> masks_compared.PadInfluence:
    """What pads change in the named model's vectors of the text, with the padding mask and without."""
    masks = (_masks(padded, kind, each) for each in (mask, without))
    return masks_compared.pad_influence(load(name), alone, padded, kind, *masks, stop=stop)


def _masks(inputs: Inputs, kind: AttentionKind, mask: ChosenMask) -> dict[AttentionKind, NDArray[np.bool_]]:
    """The mask as arrays; pads that cross-attention must not look at are hidden in the encoder too, as T5 has it."""
    queries, keys = (inputs.tokens(stack) for stack in AXES[kind])
    masks = {kind: mask.array(queries, keys)}
    if kind == "cross" and mask.pads:
        masks["encoder"] = ChosenMask("all", pads=mask.pads).array(keys, keys)
    return masks
