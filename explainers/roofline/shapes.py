"""The operations that a model's forward pass consists of, from its shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explainers.checkpoints.design import Design
from explainers.roofline.tasks import Group, State, Task, operation
from explainers.roofline.theory import NumberType


def operations(
    shape: Design, tokens: int, batch: int, type: NumberType, group: Group, state: State = "cold"
) -> tuple[Task, ...]:
    """Everything that one forward pass multiplies, and its norms, softmaxes and activations, with how often.

    group "prefill": all tokens at once (T5's encoder and decoder get as many each). "decode": one token more, when the
    keys and values of `tokens` are kept (at most what the context leaves room for): matrix times vector for every
    sequence of the batch. BERT decodes nothing: (). The FLOPs of the products, each times its count, add up to what
    torch's FlopCounterMode counts for the model.
    """
    if group == "decode" and shape.family == "bert":
        return ()
    return tuple(_Pass(shape, tokens, batch, type, group, state).tasks())


@dataclass(frozen=True)
class _Pass:
    shape: Design
    tokens: int
    batch: int
    type: NumberType
    group: Group
    state: State

    def tasks(self) -> Iterator[Task]:
        shape, decodes = self.shape, self.group == "decode"
        if shape.family == "t5":
            kept = self.tokens
            if not decodes:
                yield from self._stack("encoder", shape.layers, self.tokens, self.tokens)
        else:
            kept = min(self.tokens, shape.context - 1)
        new, keys = (1, kept + 1) if decodes else (self.tokens, self.tokens)
        if shape.family == "bert":
            yield from self._stack("encoder", shape.layers, new, keys)
        else:
            yield from self._stack("decoder", shape.decoder_layers, new, keys)
        if shape.family == "t5":
            yield from self._cross(new)
        yield from self._output(new)

    def _stack(self, stack: str, layers: int, new: int, keys: int) -> Iterator[Task]:
        """The self-attention and feed-forward layers. new: tokens that are computed; keys: that they look at."""
        shape, rows = self.shape, self.batch * new
        d, inner, f, linear = shape.d_model, shape.d_inner, shape.d_ff, shape.family != "gpt2"
        if linear:
            yield self._product("qkv", stack, 3 * layers, rows, d, inner)
        else:
            yield self._product("qkv", stack, layers, rows, d, 3 * inner, transposed=False)
        yield from self._attention(stack, layers, new, keys)
        yield self._product("output", stack, layers, rows, inner, d, transposed=linear)
        yield self._product("ffn_in", stack, layers * (2 if shape.gated else 1), rows, d, f, transposed=linear)
        yield self._product("ffn_out", stack, layers, rows, f, d, transposed=linear)
        yield self._norm(
            stack, 2 * layers + 1, rows
        )  # one after the embeddings in BERT, after the last layer elsewhere
        yield self._activation(stack, layers, rows, f)

    def _attention(self, stack: str, layers: int, new: int, keys: int) -> Iterator[Task]:
        heads, d_head = self.batch * self.shape.heads, self.shape.d_head
        yield self._product("scores", stack, layers, new, d_head, keys, batch=heads)
        yield self._product("values", stack, layers, new, keys, d_head, batch=heads, transposed=False)
        yield self._rows("softmax", stack, layers, heads * new, keys)

    def _cross(self, new: int) -> Iterator[Task]:
        """T5's attention from the decoder to the encoder's output, whose keys and values are made once."""
        shape, layers, rows = self.shape, self.shape.decoder_layers, self.batch * new
        yield self._product("query", "cross", layers, rows, shape.d_model, shape.d_inner)
        if self.group == "prefill":
            made = self.batch * self.tokens
            yield self._product("key_value", "cross", 2 * layers, made, shape.d_model, shape.d_inner)
        yield from self._attention("cross", layers, new, self.tokens)
        yield self._product("output", "cross", layers, rows, shape.d_inner, shape.d_model)
        yield self._norm("cross", layers, rows)

    def _output(self, new: int) -> Iterator[Task]:
        shape, rows, d = self.shape, self.batch * new, self.shape.d_model
        if shape.family == "bert":
            yield self._product("mlm_transform", "output", 1, rows, d, d)
            yield self._norm("output", 1, rows)
            yield self._activation("output", 1, rows, d)
        yield self._product("lm_head", "output", 1, rows, d, shape.vocab)
        if shape.family == "bert":
            yield self._product("pooler", "output", 1, self.batch, d, d)
            yield self._product("next_sentence", "output", 1, self.batch, d, 2)

    @property
    def _between(self) -> NumberType:
        """The type of what stands between products: none of it is computed in int8."""
        return "fp32" if self.type == "int8" else self.type

    def _product(
        self, role: str, stack: str, count: int, m: int, k: int, n: int, batch: int = 1, *, transposed: bool = True
    ) -> Task:
        sides, state = (m, k, n, batch), self.state
        return operation(
            self.group, role, self.type, sides, state=state, count=count, stack=stack, transposed=transposed
        )

    def _rows(self, role: str, stack: str, count: int, rows: int, width: int) -> Task:
        sides, state = (rows, 1, width, 1), self.state
        return operation(self.group, role, self._between, sides, state=state, count=count, stack=stack)

    def _norm(self, stack: str, count: int, rows: int) -> Task:
        role = "rms_norm" if self.shape.family == "t5" else "layer_norm"
        return self._rows(role, stack, count, rows, self.shape.d_model)

    def _activation(self, stack: str, count: int, rows: int, width: int) -> Task:
        role = {"bert": "gelu_erf", "gpt2": "gelu", "t5": "gelu" if self.shape.gated else "relu"}[self.shape.family]
        return self._rows(role, stack, count, rows, width)
