"""What the tests of trace() share: transformers' own answer to the same input, and where it has what."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from explainers.checkpoints import FAMILIES, Checkpoint
from explainers.trace import AXES, KINDS, STACKS, AttentionKind, Part, Trace

T = TypeVar("T")

SENTENCE = "The dog saw a cat. It ran home to sleep"
NAMES = [f"{size}-{family}" for family in FAMILIES for size in ("mini", "tiny")]
EVERYTHING: tuple[Part, ...] = ("attentions", "hidden", "embeddings", "heads", "logits")


def there(value: T | None) -> T:
    assert value is not None
    return value


def bare(passed: Trace, checkpoint: Checkpoint, model: Any = None, masks: Any = None) -> Any:
    """transformers' own answer to what a trace put in; masks: its additive ones, by the name of their argument."""
    import torch

    model = checkpoint.model if model is None else model
    ids = {stack: torch.tensor(array)[None] for stack, array in passed.ids.items()}
    options = {"output_attentions": True, "output_hidden_states": True, **(masks or {})}
    with torch.inference_mode():
        if checkpoint.family == "bert":
            assert passed.tokenization
            segments = torch.tensor([[token.segment for token in passed.tokenization.tokens]])
            return model(ids["encoder"], token_type_ids=segments, **options)
        if checkpoint.family == "gpt2":
            return model(ids["decoder"], **options)
        return model(ids["encoder"], decoder_input_ids=ids["decoder"], **options)


def their_attentions(output: Any, kind: AttentionKind, family: str) -> Any:
    name = {"encoder": "encoder_attentions", "decoder": "decoder_attentions", "cross": "cross_attentions"}[kind]
    layers = output[name if family == "t5" else "attentions"]
    return np.stack([layer[0].numpy() for layer in layers])


def their_hidden(output: Any, stack: str, family: str) -> Any:
    layers = output[f"{stack}_hidden_states" if family == "t5" else "hidden_states"]
    return np.stack([layer[0].numpy() for layer in layers])


def their_logits(output: Any, family: str) -> Any:
    return output["prediction_logits" if family == "bert" else "logits"][0].numpy()


def assert_same(passed: Trace, output: Any) -> None:
    """Every kept part is transformers', to the last bit."""
    for kind in KINDS[passed.family]:
        np.testing.assert_array_equal(passed.attentions[kind], their_attentions(output, kind, passed.family))
    for stack in STACKS[passed.family]:
        np.testing.assert_array_equal(passed.hidden[stack], their_hidden(output, stack, passed.family))
    np.testing.assert_allclose(there(passed.logits), their_logits(output, passed.family), atol=1e-6, rtol=1e-6)


def projection_of(model: Any, family: str, kind: AttentionKind, layer: int) -> Any:
    if family == "bert":
        return model.bert.encoder.layer[layer].attention.output.dense
    if family == "gpt2":
        return model.transformer.h[layer].attn.c_proj
    part = getattr(model, AXES[kind][0]).block[layer].layer
    return part[1].EncDecAttention.o if kind == "cross" else part[0].SelfAttention.o


def additive(mask: Any) -> Any:
    import torch

    return torch.zeros(mask.shape).masked_fill(torch.tensor(~mask), torch.finfo(torch.float32).min)[None, None]
