"""trace: one forward pass of a text, with every number that was asked for. run: the same of ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.tokenization import Tokenization, tokenize
from explainers.trace import outputs
from explainers.trace.recording import Complete, Recorder, recording
from explainers.trace.request import Inputs, Request, check
from explainers.trace.results import (
    DEFAULT_KEEP,
    AttentionKind,
    Parts,
    Precision,
    Stack,
    Trace,
    TraceError,
    TraceStopped,
    arrays,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


def trace(
    checkpoint: Checkpoint,
    text: str,
    pair: str | None = None,
    *,
    target: str | None = None,
    ids: Sequence[int] | None = None,
    masked: Collection[int] = (),
    keep: Parts = DEFAULT_KEEP,
    layer: tuple[AttentionKind, int] | None = None,
    knocked_out: Collection[tuple[AttentionKind, int, int]] = (),
    masks: Mapping[AttentionKind, NDArray[np.bool_]] | None = None,
    logits_at: Sequence[int] | None = None,
    precision: Precision = "float32",
    stop: Callable[[], bool] | None = None,
    encoder_only: bool = False,
) -> Trace:
    """One forward pass of a text, or of two, and of it the parts that are named in `keep`.

    The tokens are those of `tokenize`, so positions are indices into Trace.tokenization.tokens. target: what T5's
    decoder is given, token by token, as in training; without one it is the sentinels that stand in the text, in their
    order, or, where there are none, the text itself. ids: replace the text's own, one for one. masked: positions whose
    token becomes [MASK] (BERT). The other options are explained at Request.

    A text without any token gives arrays without any. Raises TextError for a text that cannot be tokenized, TraceError
    for what this checkpoint cannot do, TraceStopped where `stop` said so.
    """
    tokenization = tokenize(checkpoint, text, pair)
    taken = list(tokenization.ids if ids is None else ids)
    if len(taken) != len(tokenization.tokens):
        raise TraceError(
            _("The text has {tokens} tokens, and {ids} ids are to replace them: give one for each.").format(
                tokens=len(tokenization.tokens), ids=len(taken)
            )
        )
    _mask(checkpoint, taken, masked)
    decoded = None
    if checkpoint.family == "bert":
        inputs = Inputs(encoder=taken, segments=[token.segment for token in tokenization.tokens])
    elif checkpoint.family == "gpt2":
        inputs = Inputs(decoder=taken)
    elif encoder_only:
        inputs = Inputs(encoder=taken)
    else:
        decoded = tokenize(checkpoint, _target(tokenization) if target is None else target)
        inputs = Inputs(encoder=taken, decoder=decoder_ids(checkpoint, decoded.ids))
    request = Request(keep, layer, knocked_out, masks or {}, logits_at, precision, stop, encoder_only)
    return run(checkpoint, inputs, request, tokenization, decoded)


def run(
    checkpoint: Checkpoint,
    inputs: Inputs,
    request: Request,
    tokenization: Tokenization | None = None,
    target: Tokenization | None = None,
) -> Trace:
    """One forward pass of ids: for sequences that no text gives, such as random, padded or corrupted ones.

    tokenization and target are put into the result as they are. Raises TraceError and TraceStopped as `trace` does.
    """
    import numpy as np
    import torch

    check(checkpoint, inputs, request)
    recorder = Recorder(checkpoint, inputs, request)
    stacks, keep = request.stacks(checkpoint.family), request.keep
    last: Mapping[Stack, Tensor] = {}
    if all(inputs.tokens(stack) for stack in stacks):
        with torch.inference_mode(), recording(checkpoint, recorder), suppress(Complete):
            last = _last_hidden(checkpoint, [inputs], request)
            for stack, hidden in last.items():
                recorder.keep_hidden(stack, -1, hidden)
            if request.stop is not None and request.stop():
                raise TraceStopped
    with torch.inference_mode():
        result = Trace(
            checkpoint=checkpoint.name,
            family=checkpoint.family,
            tokenization=tokenization,
            target=target,
            ids={stack: np.array(inputs.ids(stack), np.int64) for stack in stacks},
            pieces={stack: _pieces(checkpoint, inputs.ids(stack)) for stack in stacks},
            attentions=recorder.attentions,
            hidden=recorder.hidden,
            embeddings=outputs.embeddings(checkpoint, inputs, recorder, stacks) if "embeddings" in keep else {},
            heads=recorder.heads(),
            logits=outputs.logits(checkpoint, last, request) if "logits" in keep else None,
            logits_at=None if request.logits_at is None else tuple(request.logits_at),
            next_sentence=outputs.next_sentence(checkpoint, last) if "next sentence" in keep else None,
        )
    for array in arrays(result):
        array.flags.writeable = False
    return result


def batch_logits(
    checkpoint: Checkpoint, batch: Sequence[Inputs], rows: Sequence[int], request: Request
) -> NDArray[np.float32]:
    """The LM head's scores (len(batch), vocab) of one row of each of these inputs, all from one forward pass.

    The inputs are of the same length, so that nothing is padded, and the request is about each of them; of what it
    keeps, it gets the logits alone. Raises TraceError and TraceStopped as `trace` does.
    """
    import torch

    for inputs in batch:
        check(checkpoint, inputs, request)
    recorder = Recorder(checkpoint, batch[0], request)
    with torch.inference_mode(), recording(checkpoint, recorder):
        last = _last_hidden(checkpoint, batch, request)
        if request.stop is not None and request.stop():
            raise TraceStopped
        return outputs.logits_of_rows(checkpoint, last, rows)


def decoder_ids(checkpoint: Checkpoint, target: Sequence[int]) -> list[int]:
    """What T5's decoder gets to predict this target: its start token, then the target without its last token."""
    start = checkpoint.config.get("decoder_start_token_id")
    if start is None:
        start = checkpoint.config.get("pad_token_id", 0)
    return [int(start or 0), *target[:-1]]


def _target(tokenization: Tokenization) -> str:
    """The target where none is given: the typed sentinels, each once, or else the text itself."""
    sentinels = dict.fromkeys(token.piece for token in tokenization.tokens if token.kind == "sentinel")
    return "".join(sentinels) or tokenization.text


def _mask(checkpoint: Checkpoint, ids: list[int], masked: Collection[int]) -> None:
    """Put the mask token's id in these positions."""
    if not masked:
        return
    mask_id = checkpoint.tokenizer.token_to_id("[MASK]") if checkpoint.family == "bert" else None
    if mask_id is None:
        raise TraceError(_("{name} has no mask token: choose a BERT.").format(name=checkpoint.name))
    for at in masked:
        if not 0 <= at < len(ids):
            raise TraceError(_("There is no token {at} to mask: the last is {last}.").format(at=at, last=len(ids) - 1))
        ids[at] = mask_id


def _pieces(checkpoint: Checkpoint, ids: Sequence[int]) -> tuple[str, ...]:
    """The vocabulary's piece for each id; "" for rows of the embedding that no token has."""
    return tuple(checkpoint.tokenizer.id_to_token(number) or "" for number in ids)


def _last_hidden(checkpoint: Checkpoint, batch: Sequence[Inputs], request: Request) -> dict[Stack, Tensor]:
    """Run the stacks: the last hidden states (len(batch), tokens, d_model) of each."""
    import torch

    model: Any = checkpoint.model
    device, dtype = model.device, model.dtype
    masks = {kind: _additive(mask, device, dtype) for kind, mask in request.masks.items()}
    ids = {
        stack: torch.tensor([inputs.ids(stack) for inputs in batch], device=device)
        for stack in request.stacks(checkpoint.family)
    }
    if checkpoint.family == "bert":
        segments = torch.tensor([inputs.all_segments() for inputs in batch], device=device)
        hidden = model.bert(ids["encoder"], attention_mask=masks.get("encoder"), token_type_ids=segments)
        return {"encoder": hidden.last_hidden_state}
    if checkpoint.family == "gpt2":
        hidden = model.transformer(ids["decoder"], attention_mask=masks.get("decoder"), use_cache=False)
        return {"decoder": hidden.last_hidden_state}
    read = model.encoder(ids["encoder"], attention_mask=masks.get("encoder")).last_hidden_state
    if request.encoder_only:
        return {"encoder": read}
    written = model.decoder(
        ids["decoder"],
        attention_mask=masks.get("decoder"),
        encoder_hidden_states=read,
        encoder_attention_mask=masks.get("cross"),
        use_cache=False,
    )
    return {"encoder": read, "decoder": written.last_hidden_state}


def _additive(mask: NDArray[np.bool_], device: Any, dtype: Any) -> Tensor:
    """The mask as transformers adds it to the scores: (1, 1, queries, keys), 0 or the lowest number."""
    import torch

    seen = torch.tensor(mask, device=device)
    return torch.where(seen, torch.zeros((), device=device, dtype=dtype), torch.finfo(dtype).min)[None, None]
