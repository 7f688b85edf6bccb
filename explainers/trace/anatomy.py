"""Where a transformers model of each family keeps its blocks and its attention; nowhere else are they named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Family
from explainers.trace.results import AttentionKind, Stack

if TYPE_CHECKING:
    from torch import Tensor

Projected = tuple["Tensor", "Tensor", "Tensor"]


@dataclass(frozen=True)
class Site:
    """The attention of one layer: the module whose last output are its weights, and the projection behind its heads."""

    kind: AttentionKind
    layer: int
    attention: Any
    projection: Any


def blocks(family: Family, model: Any) -> Mapping[Stack, Any]:
    """The layers of each stack, in order."""
    if family == "bert":
        return {"encoder": model.bert.encoder.layer}
    if family == "gpt2":
        return {"decoder": model.transformer.h}
    return {"encoder": model.encoder.block, "decoder": model.decoder.block}


def sites(family: Family, model: Any) -> list[Site]:
    """Every attention of the model."""
    if family == "bert":
        return [
            Site("encoder", at, block.attention.self, block.attention.output.dense)
            for at, block in enumerate(model.bert.encoder.layer)
        ]
    if family == "gpt2":
        return [Site("decoder", at, block.attn, block.attn.c_proj) for at, block in enumerate(model.transformer.h)]
    places: list[tuple[AttentionKind, Any, int, str]] = [
        ("encoder", model.encoder, 0, "SelfAttention"),
        ("decoder", model.decoder, 0, "SelfAttention"),
        ("cross", model.decoder, 1, "EncDecAttention"),
    ]
    found = [
        (kind, at, getattr(block.layer[part], name))
        for kind, stack, part, name in places
        for at, block in enumerate(stack.block)
    ]
    return [Site(kind, at, attention, attention.o) for kind, at, attention in found]


def projections(family: Family, attention: Any, hidden: Tensor, memory: Tensor) -> Projected:
    """Queries of hidden, keys and values of memory, each (tokens, heads x d_head), by the module's own matrices."""
    if family == "bert":
        return attention.query(hidden), attention.key(memory), attention.value(memory)
    if family == "gpt2":
        q, k, v = attention.c_attn(hidden).split(attention.split_size, dim=-1)
        return q, k, v
    return attention.q(hidden), attention.k(memory), attention.v(memory)


def output_matrix(family: Family, projection: Any) -> tuple[Tensor, Tensor | None]:
    """The output projection as (heads x d_head, d_model), and its bias; GPT-2 stores its matrices that way round."""
    return (projection.weight if family == "gpt2" else projection.weight.T), projection.bias


def embedding_matrices(family: Family, model: Any) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """The rows that a stack's input is made of: tokens, segments (BERT), positions (BERT and GPT-2)."""
    if family == "bert":
        own = model.bert.embeddings
        return own.word_embeddings.weight, own.token_type_embeddings.weight, own.position_embeddings.weight
    if family == "gpt2":
        return model.transformer.wte.weight, None, model.transformer.wpe.weight
    return model.shared.weight, None, None


def embedding_norm(family: Family, model: Any) -> Any:
    """The LayerNorm over the summed embeddings (weight, bias, eps): BERT's; None where there is none."""
    return model.bert.embeddings.LayerNorm if family == "bert" else None


def relative_attention(family: Family, model: Any, stack: Stack) -> Any:
    """The attention that holds the bias for relative positions of all layers of a stack: T5's; None elsewhere."""
    if family != "t5":
        return None
    return (model.encoder if stack == "encoder" else model.decoder).block[0].layer[0].SelfAttention


def vocabulary_head(family: Family, model: Any) -> Callable[[Tensor], Tensor]:
    """The step from last hidden states (tokens, d_model) to logits (tokens, vocab)."""
    if family == "bert":
        return model.cls.predictions  # type: ignore[no-any-return]
    if family == "t5" and model.config.scale_decoder_outputs:
        return lambda hidden: model.lm_head(hidden * model.model_dim**-0.5)
    return model.lm_head  # type: ignore[no-any-return]
