"""What is computed from a finished pass: the embeddings' parts, and the heads' logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.trace import anatomy
from explainers.trace.recording import Recorder, as_array
from explainers.trace.request import Inputs, Request
from explainers.trace.results import Embeddings, Stack

if TYPE_CHECKING:
    from torch import Tensor

    from explainers.trace.results import Floats


def embeddings(
    checkpoint: Checkpoint, inputs: Inputs, recorder: Recorder, stacks: Sequence[Stack]
) -> dict[Stack, Embeddings]:
    """The rows that were looked up for every token, their sum, and what the model made of it."""
    import torch

    words, segments, positions = anatomy.embedding_matrices(checkpoint.family, checkpoint.model)
    result: dict[Stack, Embeddings] = {}
    for stack in stacks:
        ids = inputs.ids(stack)
        token = words[torch.tensor(ids, dtype=torch.long)]
        segment = None if segments is None else segments[torch.tensor(inputs.all_segments(), dtype=torch.long)]
        position = None if positions is None else positions[: len(ids)]
        total = token if segment is None else token + segment
        total = total if position is None else total + position
        result[stack] = Embeddings(
            token=as_array(token),
            segment=None if segment is None else as_array(segment),
            position=None if position is None else as_array(position),
            total=as_array(total),
            output=recorder.inputs.get(stack, as_array(total)),
        )
    return result


def logits(checkpoint: Checkpoint, last: Mapping[Stack, Tensor], request: Request) -> Floats:
    """The LM head's scores (positions, vocab) at the positions that were asked for."""
    import numpy as np

    hidden = last.get(_predicting(checkpoint))
    if hidden is None:
        return np.zeros((0, checkpoint.sizes.vocab), np.float32)
    at = slice(None) if request.logits_at is None else list(request.logits_at)
    scores = anatomy.vocabulary_head(checkpoint.family, checkpoint.model)(hidden[:, at])[0]
    return np.asarray(scores.cpu().numpy())  # nobody else has it: a copy of so much would only take memory


def logits_of_rows(checkpoint: Checkpoint, last: Mapping[Stack, Tensor], rows: Sequence[int]) -> Floats:
    """The LM head's scores (batch, vocab) at one row of each input of a batch."""
    hidden = last[_predicting(checkpoint)]
    chosen = hidden[range(len(rows)), list(rows)]
    return as_array(anatomy.vocabulary_head(checkpoint.family, checkpoint.model)(chosen))


def _predicting(checkpoint: Checkpoint) -> Stack:
    """The stack that the LM head stands on."""
    return "encoder" if checkpoint.family == "bert" else "decoder"


def next_sentence(checkpoint: Checkpoint, last: Mapping[Stack, Tensor]) -> Floats | None:
    """BERT's two logits (IsNext, NotNext), from the vector of the first token; None where there is no token."""
    model: Any = checkpoint.model
    if "encoder" not in last:
        return None
    return as_array(model.cls.seq_relationship(model.bert.pooler(last["encoder"]))[0])
