"""What costs a forward pass or more: shared by all visitors, bounded in bytes, and computed behind the page where long.

Every function can be called as it is. Where that would keep a visitor waiting, `views.waiting` has it computed in the
background first, which shows how far it is and ends when nobody waits any more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

import streamlit as st

from explainers import architecture, attention, knockout, masks_compared
from explainers.attention import ChosenMask
from explainers.checkpoints import load, memory
from explainers.checkpoints.design import of_checkpoint
from explainers.knockout import HeadPlace
from explainers.pace import Pace
from explainers.sharing import Progress, SharedResults, Stop
from explainers.trace import AXES, STACKS, AttentionKind, HeadParts, Inputs, Trace, seconds_per_flop, trace
from explainers.trace.results import arrays
from explainers.views import cached

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

MOST_BYTES = 10**9  # of all results together; less on a small machine
_SMALL = 1_000  # bytes that anything takes besides its arrays


class Pass(Generic[P, R]):
    """A function of strings and numbers whose results are shared; its own first argument says when to stop."""

    def __init__(
        self,
        function: Callable[Concatenate[Stop, P], R],
        steps: Callable[P, tuple[int, ...]],
        results: Callable[[], SharedResults],
    ) -> None:
        """steps: the FLOPs of every step that the function takes for these arguments, as `stop` counts them.

        results: where they are kept, and computed one after the other.
        """
        self._function = function
        self._results = results
        self.steps = steps
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def flops(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """The work that the result takes."""
        return sum(self.steps(*args, **kwargs))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, computed here and now where it is not there."""
        return cast(
            "R", self._results().value(self.key(*args, **kwargs), lambda stop: self._function(stop, *args, **kwargs))
        )

    def key(self, *args: P.args, **kwargs: P.kwargs) -> tuple[object, ...]:
        """What names the result."""
        return (self.name, *args, *kwargs.items())

    def holds(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether the result is there."""
        return self._results().holds(self.key(*args, **kwargs))

    def ask(self, who: str, *args: P.args, **kwargs: P.kwargs) -> Progress:
        """Have it computed in the background, and say how far it is; raises what went wrong there."""
        return self._results().ask(
            self.key(*args, **kwargs),
            lambda stop: self._function(stop, *args, **kwargs),
            self.steps(*args, **kwargs),
            who,
        )

    def leave(self, who: str, *args: P.args, **kwargs: P.kwargs) -> None:
        """Say that this visitor does not wait for it any more."""
        self._results().leave(self.key(*args, **kwargs), who)


@st.cache_resource(show_spinner=False)
def _results() -> SharedResults:
    return room_for_results()


def room_for_results() -> SharedResults:
    """A place for results of passes, which learns how long a FLOP takes."""
    return SharedResults(min(MOST_BYTES, memory.available_bytes() // 4), _bytes_of, pace=Pace(seconds_per_flop))


def _bytes_of(value: object) -> int:
    return _SMALL + sum(array.nbytes for array in arrays(value))


def _takes(
    steps: Callable[..., tuple[int, ...]],
) -> Callable[[Callable[Concatenate[Stop, P], R]], Pass[P, R]]:
    """A function whose steps are these, for the arguments that it gets after `stop`."""
    return lambda function: Pass(function, steps, _results)


def _reading(
    name: str, text: str, pair: str | None, target: str | None, *_others: object, rows: int = 0
) -> tuple[int, ...]:
    """The steps of one pass over a text; rows: how many predictions are made."""
    tokens, targets = len(cached.tokenized(name, text, pair).tokens), 0
    if load(name).family == "t5":
        targets = len(cached.tokenized(name, text if target is None else target).tokens)
    return _steps(name, tokens, targets, rows)


def _running(name: str, inputs: Inputs, rows: int = 0) -> tuple[int, ...]:
    """The steps of one pass over ids."""
    tokens, *targets = (inputs.tokens(stack) for stack in STACKS[load(name).family])
    return _steps(name, tokens, sum(targets), rows)


def _asking(name: str, question: masks_compared.Question) -> tuple[int, ...]:
    """The steps of the passes that answer a question; where tokens are hidden, a pass reads the text several times."""
    steps: list[int] = []
    for rows in masks_compared.passes(question):
        if question.hidden is None:
            steps += _running(name, question.inputs, len(rows))
        else:
            steps += [len(rows) * flops for flops in _running(name, question.inputs, 1)]
    return tuple(steps)


def _steps(name: str, tokens: int, targets: int = 0, rows: int = 0) -> tuple[int, ...]:
    """The FLOPs of each layer and of the output layer. targets: what T5's decoder gets."""
    checkpoint = load(name)
    design = of_checkpoint(checkpoint)
    if checkpoint.family == "t5":
        return architecture.layer_flops(design, targets, source=tokens, rows=rows)
    return architecture.layer_flops(design, tokens, rows=rows)


def _up_to(steps: tuple[int, ...], name: str, kind: AttentionKind, layer: int) -> tuple[int, ...]:
    """The steps of a pass that ends once this layer's attention is known."""
    return steps[: layer + 1 + (load(name).sizes.layers if kind != "encoder" else 0)]


@_takes(_reading)
def attention_trace(stop: Stop, name: str, text: str, pair: str | None, target: str | None) -> Trace:
    """One pass of the named checkpoint with all its attention weights, in half precision."""
    return trace(load(name), text, pair, target=target, keep=("attentions",), precision="float16", stop=stop)


@_takes(_reading)
def head_thumbnails(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.Thumbnails:
    """All heads of one kind as small pictures."""
    return attention.thumbnails(attention_trace(name, text, pair, target).attentions[kind])


@_takes(_reading)
def head_measures(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.HeadMeasures:
    """What all heads of one kind do on this text, in numbers."""
    return attention.measures_of(load(name), attention_trace(name, text, pair, target), kind)


@_takes(_reading)
def head_differences(
    _stop: Stop,
    name: str,
    text: str,
    pair: str | None,
    target: str | None,
    other: tuple[str, str, str | None, str | None],
    kind: AttentionKind,
) -> attention.HeadDifferences:
    """How far all heads of one kind differ between this pass and the other one."""
    asked = (name, text, pair, target)
    first, second = (attention_trace(*each).attentions[kind] for each in (asked, other))
    return attention.head_differences(first, second, head_measures(*asked, kind), head_measures(*other, kind))


@_takes(_reading)
def rolled_out(
    _stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> NDArray[np.float32]:
    """Attention rollout up to each layer (layers, tokens, tokens)."""
    import numpy as np

    return attention.rollout(attention_trace(name, text, pair, target).attentions[kind]).astype(np.float32)


@_takes(lambda name, text, pair, target, kind, layer: _up_to(_reading(name, text, pair, target), name, kind, layer))
def head_parts(
    stop: Stop, name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind, layer: int
) -> HeadParts | None:
    """Queries, keys, values, scores and weights of all heads of one layer."""
    return trace(load(name), text, pair, target=target, keep=("heads",), layer=(kind, layer), stop=stop).heads


@_takes(partial(_reading, rows=1))
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


@_takes(
    lambda name, text, pair, target, _at, kind: (
        _reading(name, text, pair, target, rows=1) * (1 + knockout.head_count(load(name), kind))
    )
)
def every_head_out(
    stop: Stop, name: str, text: str, pair: str | None, target: str | None, at: int, kind: AttentionKind
) -> NDArray[np.floating[Any]]:
    """By what factor the probability at one place changes without each single head (layers, heads)."""
    return knockout.every_head(load(name), text, pair, target, at, kind, stop=stop)


@_takes(lambda name, inputs, kind, layer, *_others: _up_to(_running(name, inputs), name, kind, layer))
def masked_head(
    stop: Stop, name: str, inputs: Inputs, kind: AttentionKind, layer: int, head: int, mask: ChosenMask
) -> masks_compared.HeadScores:
    """One head of the named model under this mask."""
    return masks_compared.head_scores(load(name), inputs, kind, layer, head, _masks(inputs, kind, mask), stop=stop)


@_takes(lambda name, question, *_others: _asking(name, question))
def mask_answers(
    stop: Stop, name: str, question: masks_compared.Question, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Answers:
    """The losses of the named model under this mask."""
    return masks_compared.answers(load(name), question, _masks(question.inputs, kind, mask), stop=stop)


@_takes(lambda name, inputs, *_others: _running(name, inputs, 1))
def mask_prediction(
    stop: Stop, name: str, inputs: Inputs, row: int, truth: int | None, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Prediction:
    """What the named model says at one row under this mask."""
    return masks_compared.predict(load(name), inputs, row, truth, _masks(inputs, kind, mask), stop=stop)


@_takes(lambda name, ids, _mask: _running(name, Inputs(decoder=ids), len(ids)) * 2)
def mask_leak(stop: Stop, name: str, ids: tuple[int, ...], mask: ChosenMask) -> float:
    """How far the named GPT-2's predictions depend on a token that comes after them."""
    return masks_compared.leak(load(name), ids, _masks(Inputs(decoder=ids), "decoder", mask), stop=stop)


@_takes(lambda name, alone, padded, *_others: _running(name, alone) + _running(name, padded) * 2)
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
