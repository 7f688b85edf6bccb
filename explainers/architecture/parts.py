"""The tensors of each family, part by part, under the names that transformers gives them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from explainers.checkpoints.design import Design

Stack = Literal["input", "encoder", "decoder", "output"]
Role = Literal["embedding", "position", "attention", "cross", "feed-forward", "norm", "head", "tied"]


@dataclass(frozen=True)
class Tensor:
    """One tensor: its name in the library ({i} is the layer) and its shape there."""

    name: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Its numbers."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Part:
    """Tensors that do one thing, in each of `copies` layers (1 for what stands outside the layers).

    key: unique in a model. formula: of the whole part, in the letters of `Design`, as Python would compute it.
    A part with the role "tied" names matrices that were counted before, under the token embeddings.
    """

    stack: Stack
    role: Role
    key: str
    copies: int
    formula: str
    tensors: tuple[Tensor, ...]

    @property
    def count(self) -> int:
        """The numbers of all its layers; 0 where they were counted before."""
        return 0 if self.role == "tied" else self.copies * sum(tensor.count for tensor in self.tensors)


def parts(design: Design) -> tuple[Part, ...]:
    """Every part of the model with its heads, from the input to the output.

    The classes are BertForPreTraining, OpenAIGPTLMHeadModel, GPT2LMHeadModel, T5ForConditionalGeneration. A T5 without
    encoder layers is a decoder alone, without cross-attention, as the T5 paper compares it.
    """
    return {"bert": _bert, "gpt1": _gpt, "gpt2": _gpt, "t5": _t5}[design.kind](design)


def _tensors(*named: tuple[str, tuple[int, ...]]) -> tuple[Tensor, ...]:
    return tuple(Tensor(name, shape) for name, shape in named)


def _linear(name: str, outputs: int, inputs: int) -> tuple[Tensor, ...]:
    """A matrix as torch keeps it, and its bias."""
    return _tensors((f"{name}.weight", (outputs, inputs)), (f"{name}.bias", (outputs,)))


def _conv(name: str, inputs: int, outputs: int) -> tuple[Tensor, ...]:
    """A matrix as GPT keeps it, the other way round, and its bias."""
    return _tensors((f"{name}.weight", (inputs, outputs)), (f"{name}.bias", (outputs,)))


def _norm(name: str, width: int) -> tuple[Tensor, ...]:
    return _tensors((f"{name}.weight", (width,)), (f"{name}.bias", (width,)))


def _bert(design: Design) -> tuple[Part, ...]:
    d, f, layer, embeddings = design.d_model, design.d_ff, "bert.encoder.layer.{i}", "bert.embeddings"
    tokens = (design.vocab, d)
    projections = sum((_linear(f"{layer}.attention.self.{name}", d, d) for name in ("query", "key", "value")), ())
    attention = projections + _linear(f"{layer}.attention.output.dense", d, d)
    feed_forward = _linear(f"{layer}.intermediate.dense", f, d) + _linear(f"{layer}.output.dense", d, f)
    norms = _norm(f"{layer}.attention.output.LayerNorm", d) + _norm(f"{layer}.output.LayerNorm", d)
    transform = _linear("cls.predictions.transform.dense", d, d) + _norm("cls.predictions.transform.LayerNorm", d)
    position, segment = (f"{embeddings}.{name}_embeddings.weight" for name in ("position", "token_type"))
    output = _tensors(("cls.predictions.decoder.weight", tokens))
    bias = _tensors(("cls.predictions.bias", (design.vocab,)))
    if not design.tied:
        bias += _tensors(("cls.predictions.decoder.bias", (design.vocab,)))
    return (
        Part("input", "embedding", "tokens", 1, "V*d", _tensors((f"{embeddings}.word_embeddings.weight", tokens))),
        Part("input", "position", "positions", 1, "P*d", _tensors((position, (design.context, d)))),
        Part("input", "position", "segments", 1, "S*d", _tensors((segment, (design.segments, d)))),
        Part("input", "norm", "input_norm", 1, "2*d", _norm(f"{embeddings}.LayerNorm", d)),
        Part("encoder", "attention", "encoder_attention", design.layers, "L*(4*d*d + 4*d)", attention),
        Part("encoder", "feed-forward", "encoder_mlp", design.layers, "L*(2*d*f + f + d)", feed_forward),
        Part("encoder", "norm", "encoder_norms", design.layers, "L*4*d", norms),
        Part("encoder", "head", "pooler", 1, "d*d + d", _linear("bert.pooler.dense", d, d)),
        Part("output", "head", "mlm_transform", 1, "d*d + 3*d", transform),
        _output("V*d", output, tied=design.tied),
        Part("output", "head", "mlm_bias", 1, "V" if design.tied else "2*V", bias),
        Part("output", "head", "next_sentence", 1, "2*d + 2", _linear("cls.seq_relationship", 2, d)),
    )


def _gpt(design: Design) -> tuple[Part, ...]:
    d, f, layer, first = design.d_model, design.d_ff, "transformer.h.{i}", design.kind == "gpt1"
    tokens, positions = ("tokens_embed", "positions_embed") if first else ("wte", "wpe")
    shape = (design.vocab, d)
    attention = _conv(f"{layer}.attn.c_attn", d, 3 * d) + _conv(f"{layer}.attn.c_proj", d, d)
    feed_forward = _conv(f"{layer}.mlp.c_fc", d, f) + _conv(f"{layer}.mlp.c_proj", f, d)
    norms = _norm(f"{layer}.ln_1", d) + _norm(f"{layer}.ln_2", d)
    layers = design.decoder_layers
    found: tuple[Part, ...] = (
        Part("input", "embedding", "tokens", 1, "V*d", _tensors((f"transformer.{tokens}.weight", shape))),
        Part(
            *("input", "position", "positions", 1, "P*d"),
            _tensors((f"transformer.{positions}.weight", (design.context, d))),
        ),
        Part("decoder", "attention", "decoder_attention", layers, "D*(4*d*d + 4*d)", attention),
        Part("decoder", "feed-forward", "decoder_mlp", layers, "D*(2*d*f + f + d)", feed_forward),
        Part("decoder", "norm", "decoder_norms", layers, "D*4*d", norms),
    )
    if not first:
        found += (Part("decoder", "norm", "decoder_last_norm", 1, "2*d", _norm("transformer.ln_f", d)),)
    return (*found, _output("V*d", _tensors(("lm_head.weight", shape)), tied=design.tied))


def _t5(design: Design) -> tuple[Part, ...]:
    shape = (design.vocab, design.d_model)
    return (
        Part("input", "embedding", "tokens", 1, "V*d", _tensors(("shared.weight", shape))),
        *(_t5_stack(design, "encoder", "L", design.layers) if design.layers else ()),
        *_t5_stack(design, "decoder", "D", design.decoder_layers),
        _output("V*d", _tensors(("lm_head.weight", shape)), tied=design.tied),
    )


def _t5_stack(design: Design, stack: Literal["encoder", "decoder"], letter: str, layers: int) -> Sequence[Part]:
    d, f, inner, block = design.d_model, design.d_ff, design.d_inner, f"{stack}.block.{{i}}.layer"
    crosses = stack == "decoder" and design.layers > 0
    last = 2 if crosses else 1
    matrices = ("q", "k", "v")

    def attention(at: int, name: str) -> tuple[Tensor, ...]:
        inwards = ((f"{block}.{at}.{name}.{matrix}.weight", (inner, d)) for matrix in matrices)
        return _tensors(*inwards, (f"{block}.{at}.{name}.o.weight", (d, inner)))

    ways = ("wi_0", "wi_1") if design.gated else ("wi",)
    feed_forward = _tensors(
        *((f"{block}.{last}.DenseReluDense.{way}.weight", (f, d)) for way in ways),
        (f"{block}.{last}.DenseReluDense.wo.weight", (d, f)),
    )
    norms = _tensors(*((f"{block}.{at}.layer_norm.weight", (d,)) for at in range(last + 1)))
    bias = f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    formula = f"{letter}*4*d*h*k"
    found = [
        Part(stack, "position", f"{stack}_distances", 1, "B*h", _tensors((bias, (design.buckets, design.heads)))),
        Part(stack, "attention", f"{stack}_attention", layers, formula, attention(0, "SelfAttention")),
    ]
    if crosses:
        found.append(Part(stack, "cross", "decoder_cross", layers, formula, attention(1, "EncDecAttention")))
    return [
        *found,
        Part(stack, "feed-forward", f"{stack}_mlp", layers, f"{letter}*{len(ways) + 1}*d*f", feed_forward),
        Part(stack, "norm", f"{stack}_norms", layers, f"{letter}*{last + 1}*d", norms),
        Part(stack, "norm", f"{stack}_last_norm", 1, "d", _tensors((f"{stack}.final_layer_norm.weight", (d,)))),
    ]


def _output(formula: str, tensors: tuple[Tensor, ...], *, tied: bool) -> Part:
    """The matrix that scores the vocabulary: that of the token embeddings once more, or one of its own."""
    return Part("output", "tied" if tied else "head", "output", 1, formula, tensors)
