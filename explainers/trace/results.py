"""What one forward pass leaves behind: frozen arrays whose axes are named, in the order of the tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from explainers.checkpoints import Family

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.tokenization import Tokenization

    Floats = NDArray[np.floating[Any]]

Stack = Literal["encoder", "decoder"]
AttentionKind = Literal["encoder", "decoder", "cross"]
Part = Literal["attentions", "hidden", "embeddings", "heads", "logits", "next sentence"]
Precision = Literal["float32", "float16"]
Parts = Collection[Part] | tuple[Part, ...]  # a tuple is a collection, but mypy reads its strings as names only so

STACKS: Mapping[Family, tuple[Stack, ...]] = {
    "bert": ("encoder",),
    "gpt2": ("decoder",),
    "t5": ("encoder", "decoder"),
}

DEFAULT_KEEP: Parts = ("attentions",)

# The kinds of attention that a family has, and for each the stacks that its queries and its keys come from.
KINDS: Mapping[Family, tuple[AttentionKind, ...]] = {
    "bert": ("encoder",),
    "gpt2": ("decoder",),
    "t5": ("encoder", "decoder", "cross"),
}
AXES: Mapping[AttentionKind, tuple[Stack, Stack]] = {
    "encoder": ("encoder", "encoder"),
    "decoder": ("decoder", "decoder"),
    "cross": ("decoder", "encoder"),
}


class TraceError(ValueError):
    """A forward pass that cannot be made as it was asked for; the message is one sentence that says what to do."""


class TraceStopped(Exception):  # noqa: N818 - no error: whoever asked does not want the answer any more
    """The pass was given up between two layers, because `stop` said so."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """What the first layer of one stack gets, and the parts that it is the sum of; every array (tokens, d_model).

    segment is None outside BERT, position is None in T5, which has a bias per head and distance instead. total: the sum
    of the parts. output: what the first layer gets, by the model's own word: BERT's is the total after LayerNorm, the
    others' is the total.
    """

    token: Floats
    segment: Floats | None
    position: Floats | None
    total: Floats
    output: Floats


@dataclass(frozen=True, eq=False)
class HeadParts:
    """Everything inside the attention heads of one layer, from the queries to what is added to the hidden states.

    q (heads, queries, d_head), k and v (heads, keys, d_head): the projections.
    scores (heads, queries, keys): q·k times scale, before bias and mask; scale is 1 in T5, else 1 / sqrt(d_head).
    bias (heads, queries, keys): T5's, for the distance of query and key; None where there is none.
    mask (queries, keys): True = may look. weights (heads, queries, keys): softmax of scores + bias where mask is True.
    mix (heads, queries, d_head): the values, mixed by the weights; zero for heads that are knocked out.
    outputs (heads, queries, d_model): each head's own share of what the layer's attention gives. Their sum plus
    output_bias (d_model,), None in T5, is the output of the projection.
    """

    kind: AttentionKind
    layer: int
    q: Floats
    k: Floats
    v: Floats
    scale: float
    scores: Floats
    bias: Floats | None
    mask: NDArray[np.bool_]
    weights: Floats
    mix: Floats
    outputs: Floats
    output_bias: Floats | None


@dataclass(frozen=True, eq=False)
class Trace:
    """One forward pass of one checkpoint: what went in, and of what came out the parts that were asked for.

    A family without a stack or kind has no such key: BERT has "encoder", GPT-2 "decoder", T5 all.

    tokenization, target: of the text, and of T5's target; None where ids were given instead (`run`).
    ids (tokens,) and pieces: what each stack got, in the order of every axis of tokens, queries or keys. T5's decoder
    gets its start token and then the target without its last token: row i predicts token i of the target.
    attentions: kind -> (layers, heads, queries, keys); every row sums to 1.
    hidden: stack -> (layers + 1, tokens, d_model): what the first layer gets, then what each layer gives. As in
    transformers, the last is after the stack's final norm (GPT-2, T5), the others are before it.
    embeddings: stack -> the parts of the input.
    heads: the inside of one layer's attention; None where there is no token.
    logits (tokens, vocab): the LM head's, at the positions logits_at (all, where that is None); of T5's decoder.
    next_sentence (2,): BERT's logits; 0 stands for IsNext.
    Parts that were not asked for are None, or empty mappings. All arrays are read-only.
    """

    checkpoint: str
    family: Family
    tokenization: Tokenization | None
    target: Tokenization | None
    ids: Mapping[Stack, NDArray[np.int64]]
    pieces: Mapping[Stack, tuple[str, ...]]
    attentions: Mapping[AttentionKind, Floats]
    hidden: Mapping[Stack, Floats]
    embeddings: Mapping[Stack, Embeddings]
    heads: HeadParts | None = None
    logits: Floats | None = None
    logits_at: tuple[int, ...] | None = None
    next_sentence: Floats | None = None

    def queries(self, kind: AttentionKind) -> tuple[str, ...]:
        """The pieces along the axis of queries of this kind of attention."""
        return self.pieces[AXES[kind][0]]

    def keys(self, kind: AttentionKind) -> tuple[str, ...]:
        """The pieces along the axis of keys of this kind of attention."""
        return self.pieces[AXES[kind][1]]

    @property
    def bytes(self) -> int:
        """The memory that the arrays take, for a cache that is bounded in bytes."""
        return sum(array.nbytes for array in arrays(self))


def arrays(node: object) -> Iterator[NDArray[Any]]:
    """Every array of a result, however deep in dataclasses, mappings and tuples."""
    import numpy as np

    if isinstance(node, np.ndarray):
        yield node
    elif isinstance(node, Mapping | tuple):
        for value in node.values() if isinstance(node, Mapping) else node:
            yield from arrays(value)
    elif is_dataclass(node):
        for field in fields(node):
            yield from arrays(getattr(node, field.name))
