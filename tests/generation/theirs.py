"""The prompts of these tests, and what transformers writes after them."""

from __future__ import annotations

from typing import Any

import torch

from explainers.checkpoints import Checkpoint
from explainers.generation import KeyValueMemory, Scheme, end_of_text
from explainers.tokenization import tokenize

PROMPT = "The old man looked at the"


def prompt_ids(memory: KeyValueMemory) -> tuple[int, ...]:
    return tokenize(memory.checkpoint, PROMPT if memory.checkpoint.name == "gpt2-mini" else "the dog saw").ids


def generated(checkpoint: Checkpoint, ids: tuple[int, ...], count: int, **options: Any) -> list[int]:
    """What the library writes after these ids."""
    model: Any = checkpoint.model
    given_ids = torch.tensor([ids])
    written = model.generate(
        given_ids,
        attention_mask=torch.ones_like(given_ids),
        max_new_tokens=count,
        do_sample=False,
        pad_token_id=end_of_text(checkpoint),
        **options,
    )
    return written[0, len(ids) :].tolist()  # type: ignore[no-any-return]


def cut_by_transformers(logits: torch.Tensor, scheme: Scheme) -> torch.Tensor:
    """Probabilities after the library's logits processors, in the order in which generate applies them."""
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    ids = torch.zeros((1, 1), dtype=torch.long)
    scores = TemperatureLogitsWarper(scheme.temperature)(ids, logits[None])
    if scheme.top_k:
        scores = TopKLogitsWarper(scheme.top_k)(ids, scores)
    if scheme.top_p < 1:
        scores = TopPLogitsWarper(scheme.top_p)(ids, scores)
    probabilities: torch.Tensor = scores[0].softmax(dim=-1)
    return probabilities
