"""The model with what answers. It imports torch at once: load it inside functions."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import skip_init

from explainers.checkpoints import Checkpoint
from explainers.fine_tuning.rows import Rows
from explainers.fine_tuning.settings import Mode
from explainers.trace import decoder_ids

_HEAD_DEVIATION = 0.02  # of the new numbers at the start (Devlin et al.'s released code, and GPT-1 and GPT-2)


class Said(NamedTuple):
    """scores (rows, labels): their softmax is the answer; of T5, the logarithm of each label's probability.

    vectors (rows, d_model): what the answer is read from.
    """

    scores: Tensor
    vectors: Tensor


class Classifier(nn.Module):
    """A copy of a checkpoint's model, and the new layer that turns one of its vectors into a score for each label."""

    def __init__(self, checkpoint: Checkpoint, labels: int, mode: Mode, seed: int) -> None:
        """Copy the model, or make one of the same shape from random numbers ("scratch")."""
        super().__init__()
        self.family = checkpoint.family
        (self.start,) = decoder_ids(checkpoint, ())
        self.body: Any = _random(checkpoint.model, seed) if mode == "scratch" else copy.deepcopy(checkpoint.model)
        self.body.eval()  # no dropout: the looks before and after are of the very model that is trained
        width = checkpoint.sizes.d_model
        self.head: nn.Linear | None = None
        if self.family != "t5":
            self.head = skip_init(nn.Linear, width, labels, bias=self.family == "bert")  # type: ignore[no-untyped-call]
            generator = torch.Generator().manual_seed(seed)
            nn.init.normal_(self.head.weight, 0.0, _HEAD_DEVIATION, generator)
            if self.head.bias is not None:
                nn.init.zeros_(self.head.bias)
        for parameter in self.body.parameters():
            parameter.requires_grad_(mode != "head")

    def forward(self, rows: Rows, batch: Sequence[int]) -> Said:
        """What it says of these rows."""
        ids, seen = (torch.from_numpy(part) for part in rows.matrix(batch))
        if self.family == "t5":
            return self._written(rows, ids, seen)
        assert self.head is not None  # noqa: S101 - both families below have one
        if self.family == "bert":
            vectors = self.body.bert(ids, attention_mask=seen).pooler_output
        else:
            hidden = self.body.transformer(ids, attention_mask=seen).last_hidden_state
            vectors = hidden[torch.arange(len(batch)), seen.sum(1) - 1]  # (rows, d_model): of the end of the text
        return Said(self.head(vectors), vectors)

    def loss(self, rows: Rows, batch: Sequence[int]) -> Tensor:
        """The mean over the rows of -log p(right label), in nats; of T5, over the tokens that write it."""
        labels = torch.tensor([rows.labels[row] for row in batch])
        if self.family != "t5":
            return functional.cross_entropy(self(rows, batch).scores, labels)
        ids, seen = (torch.from_numpy(part) for part in rows.matrix(batch))
        targets, real = (torch.from_numpy(part)[labels] for part in rows.target_matrix())
        logits = self.body(ids, attention_mask=seen, decoder_input_ids=self._given(targets)).logits
        return functional.cross_entropy(logits[real.bool()], targets[real.bool()])

    def _written(self, rows: Rows, ids: Tensor, seen: Tensor) -> Said:
        """T5: how likely it is to write each label, given the sentence; the encoder reads each sentence once."""
        targets, real = (torch.from_numpy(part) for part in rows.target_matrix())  # (labels, target tokens)
        count, labels = len(ids), len(targets)
        encoded = self.body.encoder(ids, attention_mask=seen).last_hidden_state
        written = self.body(
            encoder_outputs=(encoded.repeat_interleave(labels, 0),),
            attention_mask=seen.repeat_interleave(labels, 0),
            decoder_input_ids=self._given(targets).repeat(count, 1),
            output_hidden_states=True,
        )
        chances = written.logits.log_softmax(-1)  # (rows x labels, target tokens, vocab)
        chosen = chances.gather(-1, targets.repeat(count, 1).unsqueeze(-1)).squeeze(-1) * real.repeat(count, 1)
        first = written.decoder_hidden_states[-1][::labels, 0]  # (rows, d_model): after the start token, for any label
        return Said(chosen.sum(-1).view(count, labels), first)

    def _given(self, targets: Tensor) -> Tensor:
        """What T5's decoder reads to write these targets: its start token, then each without its last token."""
        return functional.pad(targets[:, :-1], (1, 0), value=self.start)


def _random(model: Any, seed: int) -> Any:
    """A model of the same shape with the random numbers that the library starts from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return type(model)(copy.deepcopy(model.config))
