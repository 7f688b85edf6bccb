"""What is inside a layer's heads can be worked out again from the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explainers.attention import (
    attention,
    relative_distances,
    relative_position_buckets,
)
from explainers.checkpoints import Checkpoint
from explainers.trace import (
    AXES,
    KINDS,
    AttentionKind,
    Trace,
    trace,
)
from tests.trace.theirs import (
    EVERYTHING,
    bare,
    projection_of,
)


def weights_and_bias(family: str, attention_module: Any, name: str) -> tuple[Any, Any]:
    """The matrix (d_model, heads x d_head) and bias of q, k or v, read from the state dictionary."""
    state = {key: tensor.numpy() for key, tensor in attention_module.state_dict().items()}
    if family == "bert":
        long = {"q": "query", "k": "key", "v": "value"}[name]
        return state[f"{long}.weight"].T, state[f"{long}.bias"]
    if family == "gpt2":
        at = "qkv".index(name)
        return np.split(state["c_attn.weight"], 3, axis=1)[at], np.split(state["c_attn.bias"], 3)[at]
    return state[f"{name}.weight"].T, 0.0


def module_and_inputs(passed: Trace, checkpoint: Checkpoint, kind: AttentionKind, layer: int) -> tuple[Any, Any, Any]:
    """The attention module of a layer, its normed input and its memory, from the hidden states of the trace."""
    import torch

    model: Any = checkpoint.model
    if checkpoint.family == "bert":
        hidden = passed.hidden["encoder"][layer]
        return model.bert.encoder.layer[layer].attention.self, hidden, hidden
    if checkpoint.family == "gpt2":
        block = model.transformer.h[layer]
        hidden = block.ln_1(torch.tensor(passed.hidden["decoder"][layer])).numpy()
        return block.attn, hidden, hidden
    stack = AXES[kind][0]
    part = getattr(model, stack).block[layer].layer[1 if kind == "cross" else 0]
    module = part.EncDecAttention if kind == "cross" else part.SelfAttention
    if kind == "cross":  # between two layers' hidden states: take the first part's own output
        seen: list[Any] = []
        hook = part.layer_norm.register_forward_hook(lambda _m, _a, output: seen.append(output[0].numpy()))
        bare(passed, checkpoint)
        hook.remove()
        return module, seen[0], passed.hidden["encoder"][-1]
    hidden = part.layer_norm(torch.tensor(passed.hidden[stack][layer])).numpy()
    return module, hidden, hidden


def test_the_inside_of_a_layer_can_be_worked_out_by_hand(checkpoint: Checkpoint) -> None:
    import torch

    model: Any = checkpoint.model
    for kind in KINDS[checkpoint.family]:
        passed = trace(checkpoint, "the dog saw a cat", keep=EVERYTHING, layer=(kind, 1))
        parts = passed.heads
        assert parts is not None
        assert (parts.kind, parts.layer) == (kind, 1)
        with torch.inference_mode():
            module, hidden, memory = module_and_inputs(passed, checkpoint, kind, 1)
        heads = checkpoint.sizes.heads
        for name, source, ours in (("q", hidden, parts.q), ("k", memory, parts.k), ("v", memory, parts.v)):
            matrix, bias = weights_and_bias(checkpoint.family, module, name)
            flat = source @ matrix + bias
            by_head = flat.reshape(len(source), heads, -1).transpose(1, 0, 2)
            np.testing.assert_allclose(ours, by_head, atol=1e-5, rtol=1e-5)
        d_head = parts.q.shape[-1]
        scale = {"bert": d_head**-0.5, "gpt2": d_head**-0.5, "t5": 1.0}[checkpoint.family]
        if checkpoint.name == "tiny-gpt2":
            scale /= 2  # scale_attn_by_inverse_layer_idx, in the second layer
        assert parts.scale == pytest.approx(scale)
        worked = attention(parts.q, parts.k, parts.v, parts.mask, scale=parts.scale, bias=parts.bias)
        without = worked.scores - (0 if parts.bias is None else parts.bias)
        np.testing.assert_allclose(parts.scores, without, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(parts.weights, worked.weights, atol=1e-5)
        np.testing.assert_array_equal(parts.weights, passed.attentions[kind][1])
        np.testing.assert_allclose(parts.mix, worked.mix, atol=1e-5, rtol=1e-5)
        assert_outputs_are_the_projection_s(passed, checkpoint, kind)
        if parts.bias is not None:
            table = getattr(model, kind).block[0].layer[0].SelfAttention.relative_attention_bias.weight
            buckets = relative_position_buckets(
                relative_distances(len(hidden)), bidirectional=kind == "encoder",
                buckets=model.config.relative_attention_num_buckets,
                max_distance=model.config.relative_attention_max_distance,
            )  # fmt: skip
            np.testing.assert_array_equal(parts.bias, table.detach().numpy()[buckets].transpose(2, 0, 1))
        assert (parts.bias is None) == (checkpoint.family != "t5" or kind == "cross")


def assert_outputs_are_the_projection_s(passed: Trace, checkpoint: Checkpoint, kind: AttentionKind) -> None:
    """The heads' outputs and the bias sum to what the output projection gave."""
    assert passed.heads is not None
    seen: list[Any] = []
    projection = projection_of(checkpoint.model, checkpoint.family, kind, 1)
    hook = projection.register_forward_hook(lambda _m, _a, output: seen.append(output[0].numpy()))
    bare(passed, checkpoint)
    hook.remove()
    bias = 0 if passed.heads.output_bias is None else passed.heads.output_bias
    np.testing.assert_allclose(passed.heads.outputs.sum(axis=0) + bias, seen[0], atol=1e-5, rtol=1e-4)
