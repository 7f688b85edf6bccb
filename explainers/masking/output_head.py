"""The masked-LM head from the inside: hidden -> dense, GELU, LayerNorm -> one score for every token there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint


@dataclass(frozen=True, eq=False)
class HeadPath:
    """One token's way through the head, (d_model,) at every stop but the last.

    hidden: from the last layer. dense: W hidden + b. activated: GELU of it. normed: after LayerNorm. dots (vocab,): the
    dot product of normed with every row of the embedding matrix, which is the output matrix too where `tied`. bias
    (vocab,). logits = dots + bias.
    transform_parameters, output_parameters, bias_parameters: how many numbers each part has.
    """

    hidden: NDArray[np.float32]
    dense: NDArray[np.float32]
    activated: NDArray[np.float32]
    normed: NDArray[np.float32]
    dots: NDArray[np.float32]
    bias: NDArray[np.float32]
    tied: bool
    transform_parameters: int
    output_parameters: int
    bias_parameters: int

    @property
    def logits(self) -> NDArray[np.float32]:
        """The scores (vocab,) that softmax turns into probabilities."""
        return self.dots + self.bias


def head_path(checkpoint: Checkpoint, hidden: NDArray[np.float32]) -> HeadPath:
    """Take one vector (d_model,) of the last layer through the head of BERT, with its own modules, stop by stop."""
    import torch

    model: Any = checkpoint.model
    head = model.cls.predictions
    with torch.inference_mode():
        vector = torch.tensor(hidden)
        dense = head.transform.dense(vector)
        activated = head.transform.transform_act_fn(dense)
        normed = head.transform.LayerNorm(activated)
        matrix, bias = head.decoder.weight, head.decoder.bias
        return HeadPath(
            hidden=hidden,
            dense=dense.numpy(),
            activated=activated.numpy(),
            normed=normed.numpy(),
            dots=(matrix @ normed).numpy(),
            bias=bias.detach().numpy(),
            tied=matrix is model.bert.embeddings.word_embeddings.weight,
            transform_parameters=sum(parameter.numel() for parameter in head.transform.parameters()),
            output_parameters=matrix.numel(),
            bias_parameters=bias.numel(),
        )
