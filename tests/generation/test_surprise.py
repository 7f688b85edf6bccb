"""Surprise and the layer lens against the model's own loss and prediction."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from explainers.generation import KeyValueMemory, layer_lens, surprise
from tests.generation.theirs import prompt_ids


def test_surprise_is_the_model_s_own_loss(memory: KeyValueMemory) -> None:
    model: Any = memory.checkpoint.model
    ids = (*prompt_ids(memory), *prompt_ids(memory)) * (6 if memory.checkpoint.context > 100 else 1)
    found = surprise(memory, memory.read(ids))
    with torch.inference_mode():
        output = model(torch.tensor([ids]), labels=torch.tensor([ids]))
    assert found.mean * math.log(2) == pytest.approx(float(output.loss), abs=1e-4)
    assert found.perplexity == pytest.approx(math.exp(float(output.loss)), rel=1e-4)
    logits = output.logits[0, :-1]
    true = torch.tensor(ids[1:])
    own = logits.gather(1, true[:, None])
    assert found.rank.tolist() == (1 + (logits > own).sum(-1)).tolist()
    assert found.guess.tolist() == logits.argmax(-1).tolist()
    assert found.guess_probability == pytest.approx(logits.softmax(-1).max(-1).values.numpy(), abs=1e-4)


def test_the_first_token_has_no_surprise(mini: KeyValueMemory) -> None:
    found = surprise(mini, mini.read([5]))
    assert len(found.bits) == 0
    assert math.isnan(found.perplexity)


def test_the_lens_of_the_last_layer_is_the_model_s_prediction(memory: KeyValueMemory) -> None:
    ids = prompt_ids(memory)
    model: Any = memory.checkpoint.model
    reading = memory.read(ids)
    lens = layer_lens(memory, reading, [0, len(ids) - 1], top=3)
    with torch.inference_mode():
        output = model(torch.tensor([ids]), output_hidden_states=True)
        earlier = model.lm_head(model.transformer.ln_f(output.hidden_states[1]))[0, -1].softmax(-1)
    best = output.logits[0, -1].softmax(-1).topk(3)
    assert lens.ids.shape == lens.probabilities.shape == (memory.checkpoint.sizes.decoder_layers + 1, 2, 3)
    assert lens.ids[-1, 1].tolist() == best.indices.tolist()
    assert lens.probabilities[-1, 1] == pytest.approx(best.values.numpy(), abs=1e-4)
    assert lens.final_rank[-1].tolist() == [1, 1]
    assert lens.probabilities[1, 1] == pytest.approx(earlier.topk(3).values.numpy(), abs=1e-4)
    assert lens.final[1, 1] == pytest.approx(float(earlier[best.indices[0]]), abs=1e-5)
