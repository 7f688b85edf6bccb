"""The sum that a model's first layer gets: token, segment and position embeddings (Devlin et al. 2019, figure 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.embeddings.vectors import usual_size
from explainers.trace import STACKS, trace
from explainers.trace.anatomy import embedding_norm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.tokenization import Tokenization

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class InputSum:
    """The input of a model's first layer, for T5 of its encoder, and the parts it is made of: (tokens, d_model) each.

    segment is None outside BERT, position None in T5. total: our sum of the parts. normed: our LayerNorm of the total,
    None where the family has none there. output: what the model's first layer got, in the model's own words.
    difference: the largest between any component of our result and the output. limits: the size of a component that
    colours of the parts and the total, and colours of the output, go up to.
    """

    tokenization: Tokenization
    token: Floats
    segment: Floats | None
    position: Floats | None
    total: Floats
    normed: Floats | None
    output: Floats
    difference: float
    limits: tuple[float, float]


def input_sum(checkpoint: Checkpoint, text: str, pair: str | None = None) -> InputSum:
    """The parts of the input, added up once more by us, beside what the model itself made of them.

    Raises TextError as `tokenize` does.
    """
    import numpy as np

    traced = trace(checkpoint, text, pair, keep=("embeddings",), encoder_only=checkpoint.family == "t5")
    if traced.tokenization is None:
        raise AssertionError("a trace of a text has a tokenization")
    parts = traced.embeddings[STACKS[checkpoint.family][0]]
    total = parts.token
    for part in (parts.segment, parts.position):
        total = total if part is None else total + part
    normed = None
    if (norm := embedding_norm(checkpoint.family, checkpoint.model)) is not None:
        normed = layer_norm(total, norm.weight.detach().numpy(), norm.bias.detach().numpy(), norm.eps)
    found = total if normed is None else normed
    shown = [part for part in (parts.token, parts.segment, parts.position, total) if part is not None]
    return InputSum(
        tokenization=traced.tokenization,
        token=parts.token,
        segment=parts.segment,
        position=parts.position,
        total=total,
        normed=normed,
        output=parts.output,
        difference=float(np.abs(found - parts.output).max(initial=0)),
        limits=(usual_size(np.stack(shown)), usual_size(parts.output)),
    )


def layer_norm(rows: Floats, scale: Floats, shift: Floats, epsilon: float) -> Floats:
    """Each row brought to mean 0 and variance 1, then scaled and shifted by component (Ba, Kiros and Hinton 2016).

    rows (tokens, d_model), scale and shift (d_model,); epsilon is added to the variance.
    """
    import numpy as np

    centred = rows - rows.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    normed: Floats = centred / np.sqrt(variance + epsilon) * scale + shift
    return normed
