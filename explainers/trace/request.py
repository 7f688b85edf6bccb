"""What is asked of a forward pass, and every refusal of what cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainers.checkpoints import Checkpoint, Family, HeadName, Sizes
from explainers.language import _
from explainers.trace.results import (
    AXES,
    DEFAULT_KEEP,
    KINDS,
    STACKS,
    AttentionKind,
    Parts,
    Precision,
    Stack,
    TraceError,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Inputs:
    """What the model gets, in ids. encoder: BERT's and T5's, decoder: GPT-2's and T5's; segments: BERT's, 0 if empty.

    T5's decoder ids begin with the checkpoint's start token.
    """

    encoder: Sequence[int] = ()
    decoder: Sequence[int] = ()
    segments: Sequence[int] = ()

    def ids(self, stack: Stack) -> list[int]:
        """What this stack gets."""
        return list(self.encoder if stack == "encoder" else self.decoder)

    def tokens(self, stack: Stack) -> int:
        """How many tokens this stack gets."""
        return len(self.ids(stack))

    def all_segments(self) -> list[int]:
        """The segment of every token of the encoder."""
        return list(self.segments) or [0] * len(self.encoder)


@dataclass(frozen=True)
class Request:
    """What to keep of a pass, and what to change in it.

    keep: the parts of the Trace to fill in.
    layer: the kind and layer that "heads" looks into; layers count from 0.
    knocked_out: (kind, layer, head) of heads whose output is set to zero before the output projection.
    masks: kind -> (queries, keys), True = may look, in place of the model's own mask in every layer.
    logits_at: the positions whose logits are computed; None for all.
    precision: of the stored attentions; everything else is float32.
    stop: asked between layers; once it says True the pass ends with TraceStopped.
    encoder_only: T5's decoder does not run, and the result has nothing of it.
    """

    keep: Parts = DEFAULT_KEEP
    layer: tuple[AttentionKind, int] | None = None
    knocked_out: Collection[tuple[AttentionKind, int, int]] = ()
    masks: Mapping[AttentionKind, NDArray[np.bool_]] = field(default_factory=dict)
    logits_at: Sequence[int] | None = None
    precision: Precision = "float32"
    stop: Callable[[], bool] | None = None
    encoder_only: bool = False

    def stacks(self, family: Family) -> tuple[Stack, ...]:
        """The stacks that run."""
        return tuple(stack for stack in STACKS[family] if stack == "encoder" or not self.encoder_only)

    def kinds(self, family: Family) -> tuple[AttentionKind, ...]:
        """The kinds of attention in those stacks."""
        return tuple(kind for kind in KINDS[family] if set(AXES[kind]) <= set(self.stacks(family)))


def layers_of(sizes: Sizes, kind: AttentionKind | Stack) -> int:
    """How many layers have this kind of attention; cross-attention is in every layer of the decoder."""
    return sizes.layers if kind == "encoder" else sizes.decoder_layers


def check(checkpoint: Checkpoint, inputs: Inputs, request: Request) -> None:
    """Raise TraceError where the inputs or the request do not fit the checkpoint."""
    if request.encoder_only and not request.stacks(checkpoint.family):
        raise TraceError(_("{name} has no encoder: run all of it.").format(name=checkpoint.name))
    if request.encoder_only and checkpoint.family == "t5" and "logits" in request.keep:
        raise TraceError(_("Let the decoder run to see what {name} predicts.").format(name=checkpoint.name))
    _check_ids(checkpoint, inputs)
    _check_places(checkpoint, request)
    _check_masks(checkpoint, inputs, request)
    rows = inputs.tokens("encoder" if checkpoint.family == "bert" else "decoder")
    if request.logits_at is not None and not all(0 <= at < rows for at in request.logits_at):
        raise TraceError(_("Choose positions from 0 to {last} to predict at.").format(last=rows - 1))
    if "logits" in request.keep:
        _check_head(checkpoint, "masked LM" if checkpoint.family == "bert" else "LM")
    if "next sentence" in request.keep:
        _check_head(checkpoint, "next sentence")


def _check_ids(checkpoint: Checkpoint, inputs: Inputs) -> None:
    longest = max(len(inputs.encoder), len(inputs.decoder))
    if checkpoint.family != "t5" and longest > checkpoint.context:
        raise TraceError(
            _("{name} has positions for {context} tokens, and there are {tokens}: shorten the text.").format(
                name=checkpoint.name, context=checkpoint.context, tokens=longest
            )
        )
    vocab = checkpoint.sizes.vocab
    wrong = [number for number in (*inputs.encoder, *inputs.decoder) if not 0 <= number < vocab]
    if wrong:
        raise TraceError(
            _("{id} is no id of {name}: choose ids from 0 to {last}.").format(
                id=wrong[0], name=checkpoint.name, last=vocab - 1
            )
        )
    segments = int(checkpoint.config.get("type_vocab_size", 2))
    wrong_length = inputs.segments and len(inputs.segments) != len(inputs.encoder)
    if wrong_length or not all(0 <= segment < segments for segment in inputs.segments):
        raise TraceError(
            _("Give every token a segment from 0 to {last}, or give none.").format(last=segments - 1),
        )


def _check_places(checkpoint: Checkpoint, request: Request) -> None:
    """The layers and heads that are asked for exist."""
    sizes = checkpoint.sizes
    if "heads" in request.keep and request.layer is None:
        raise TraceError(_("Choose the layer whose heads you want to look into."))
    chosen = [request.layer] if request.layer else []
    for kind, layer in (*chosen, *((kind, layer) for kind, layer, _head in request.knocked_out)):
        if kind not in request.kinds(checkpoint.family) or not 0 <= layer < layers_of(sizes, kind):
            raise TraceError(
                _("{name} has no layer {layer} of {kind} attention: choose another.").format(
                    name=checkpoint.name, layer=layer, kind=kind
                )
            )
    for _kind, _layer, head in request.knocked_out:
        if not 0 <= head < sizes.heads:
            raise TraceError(
                _("{name} has no head {head}: choose one from 0 to {last}.").format(
                    name=checkpoint.name, head=head, last=sizes.heads - 1
                )
            )


def _check_masks(checkpoint: Checkpoint, inputs: Inputs, request: Request) -> None:
    for kind, mask in request.masks.items():
        if kind not in request.kinds(checkpoint.family):
            raise TraceError(
                _("{name} has no {kind} attention that a mask could change.").format(name=checkpoint.name, kind=kind)
            )
        expected = tuple(inputs.tokens(stack) for stack in AXES[kind])
        if mask.shape != expected or mask.dtype != bool:
            raise TraceError(
                _("The mask of {kind} attention must be {expected} truth values (queries, keys), not {shape}.").format(
                    kind=kind, expected=expected, shape=mask.shape
                )
            )
        if not mask.any(axis=1).all():
            raise TraceError(_("Let every token look at one token at least: a row of the mask is empty."))


def _check_head(checkpoint: Checkpoint, name: HeadName) -> None:
    head = checkpoint.heads.get(name)
    if head is None:
        raise TraceError(_("{name} has no {head} head.").format(name=checkpoint.name, head=name))
    if not head.trained:
        raise TraceError(head.why)
