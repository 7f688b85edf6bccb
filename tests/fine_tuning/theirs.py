"""The same models as transformers' own classes for classification, and AdamW as its authors write it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explainers.checkpoints import Checkpoint
from explainers.fine_tuning.classifier import Classifier
from explainers.fine_tuning.rows import Rows


def sequence_classifier(checkpoint: Checkpoint, ours: Classifier) -> Any:
    """BertForSequenceClassification or GPT2ForSequenceClassification, with the numbers of ours."""
    from transformers import BertForSequenceClassification, GPT2ForSequenceClassification

    assert ours.head is not None
    config: Any = copy.deepcopy(checkpoint.model.config)
    config.num_labels = ours.head.out_features
    config.problem_type = "single_label_classification"
    if checkpoint.family == "bert":
        bert: Any = BertForSequenceClassification(config)
        bert.bert.load_state_dict(ours.body.bert.state_dict())
        bert.classifier.load_state_dict(ours.head.state_dict())
        return bert.eval()
    config.pad_token_id = 0
    gpt2: Any = GPT2ForSequenceClassification(config)
    gpt2.transformer.load_state_dict(ours.body.transformer.state_dict())
    gpt2.score.load_state_dict(ours.head.state_dict())
    return gpt2.eval()


def t5(ours: Classifier) -> Any:
    """A copy of our T5 that can shift labels itself."""
    model = copy.deepcopy(ours.body)
    model.config.decoder_start_token_id = 0
    return model


def padded(rows: Rows, batch: Sequence[int]) -> dict[str, Tensor]:
    """These rows as transformers gets them, padded on the right with 0, which is in no row of the samples."""
    longest = max(len(rows.ids[row]) for row in batch)
    ids = torch.tensor([[*rows.ids[row], *[0] * (longest - len(rows.ids[row]))] for row in batch])
    return {"input_ids": ids, "attention_mask": (ids != 0).long()}


def written_labels(rows: Rows, batch: Sequence[int]) -> Tensor:
    """What T5 should write for these rows, -100 where a shorter label has ended."""
    targets = [rows.targets[rows.labels[row]] for row in batch]
    longest = max(map(len, targets))
    return torch.tensor([[*target, *[-100] * (longest - len(target))] for target in targets])


def log_probability(model: Any, ids: Sequence[int], target: Sequence[int]) -> float:
    """How likely T5 writes the target, from its own loss over one row without pads."""
    with torch.no_grad():
        loss = model(input_ids=torch.tensor([ids]), labels=torch.tensor([target])).loss
    return -float(loss) * len(target)


class AdamW:
    """Loshchilov and Hutter 2019, algorithm 2, with the gradients clipped as one (Pascanu et al. 2013)."""

    def __init__(self, parameters: Sequence[Tensor], decay: float, clip: float) -> None:
        self.parameters, self.decay, self.clip = parameters, decay, clip
        self.first = [torch.zeros_like(each) for each in parameters]
        self.second = [torch.zeros_like(each) for each in parameters]
        self.steps = 0
        self.norms: list[float] = []

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Change the parameters in place."""
        self.steps += 1
        self.norms.append(float(sum((each**2).sum() for each in gradients)) ** 0.5)
        scale = min(1.0, self.clip / (self.norms[-1] + 1e-6))
        with torch.no_grad():
            for at, (parameter, gradient) in enumerate(zip(self.parameters, gradients, strict=True)):
                self.first[at] = 0.9 * self.first[at] + 0.1 * scale * gradient
                self.second[at] = 0.999 * self.second[at] + 0.001 * (scale * gradient) ** 2
                first = self.first[at] / (1 - 0.9**self.steps)
                second = self.second[at] / (1 - 0.999**self.steps)
                parameter -= rate * (first / (second.sqrt() + 1e-8) + self.decay * parameter)
