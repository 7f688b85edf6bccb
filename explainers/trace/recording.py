"""Taking numbers out of a running model, layer by layer, with hooks that are installed once and for all threads.

A model is shared by everybody who looks at it. Its hooks therefore stay on it and do nothing, unless a recorder is set
in the context that the forward pass runs in; passes in other threads never see it.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from explainers.checkpoints import Checkpoint
from explainers.trace import anatomy
from explainers.trace.anatomy import Site
from explainers.trace.request import Inputs, Request, layers_of
from explainers.trace.results import AXES, AttentionKind, HeadParts, Stack, TraceStopped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from explainers.trace.results import Floats

_current: ContextVar[Recorder | None] = ContextVar("recorder", default=None)
_installed: WeakSet[Any] = WeakSet()
_lock = threading.Lock()


class Complete(Exception):  # noqa: N818 - no error: nothing more is to be learned
    """Everything that was asked for is there, before the pass has come to its end."""


class _Seen(NamedTuple):
    """What the chosen layer's attention got and gave, without the batch; keys and values are of memory."""

    site: Site
    hidden: Tensor
    memory: Tensor
    mask: Tensor | None
    bias: Tensor | None
    weights: Tensor


class Recorder:
    """Collects what a request wants to keep of one pass, and makes the changes that it asks for.

    attentions, hidden: as in Trace, filled in as the layers are done. inputs: what each stack's first layer got.
    """

    def __init__(self, checkpoint: Checkpoint, inputs: Inputs, request: Request) -> None:
        """Make room for everything at once, so that no layer's tensor is kept longer than the layer lasts."""
        import numpy as np

        self._family = checkpoint.family
        self._request = request
        self.attentions: dict[AttentionKind, Floats] = {}
        self.hidden: dict[Stack, Floats] = {}
        self.inputs: dict[Stack, NDArray[np.float32]] = {}
        self._out: dict[AttentionKind, set[tuple[int, int]]] = {}
        self._mix: Tensor | None = None
        self._seen: _Seen | None = None
        sizes = checkpoint.sizes
        for kind in request.kinds(self._family):
            queries, keys = (inputs.tokens(stack) for stack in AXES[kind])
            self._out[kind] = {(layer, head) for its, layer, head in request.knocked_out if its == kind}
            if "attentions" in request.keep:
                shape = (layers_of(sizes, kind), sizes.heads, queries, keys)
                self.attentions[kind] = np.zeros(shape, request.precision)
            if "hidden" in request.keep and kind != "cross":
                self.hidden[kind] = np.zeros((layers_of(sizes, kind) + 1, queries, sizes.d_model), np.float32)

    def before_block(self, stack: Stack, layer: int, hidden: Tensor) -> None:
        """Stop if nobody waits any more, or nothing more is needed; keep what the first layer gets."""
        if self._request.stop is not None and self._request.stop():
            raise TraceStopped
        if set(self._request.keep) == {"heads"} and self._seen is not None and self._mix is not None:
            raise Complete
        if layer:
            return
        if "embeddings" in self._request.keep:
            self.inputs[stack] = as_array(hidden[0])
        if set(self._request.keep) == {"embeddings"} and len(self.inputs) == len(self._request.stacks(self._family)):
            raise Complete
        self.keep_hidden(stack, 0, hidden)

    def keep_hidden(self, stack: Stack, row: int, hidden: Tensor) -> None:
        """Copy (1, tokens, d_model) into its row, if hidden states are kept."""
        if stack in self.hidden:
            _copy(hidden[0], self.hidden[stack][row])

    def before_projection(self, site: Site, mix: Tensor) -> Tensor | None:
        """What goes into the output projection in place of mix (1, queries, heads x d_head); None for mix itself."""
        out = [head for layer, head in self._out[site.kind] if layer == site.layer]
        changed = None
        if out:
            changed = mix.clone()
            by_head = changed.view(*changed.shape[:-1], self._head_count(site), -1)
            by_head[..., out, :] = 0
        if self._is_chosen(site):
            self._mix = mix if changed is None else changed
        return changed

    def after_attention(self, site: Site, arguments: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        """Keep the weights (1, heads, queries, keys) of one layer, and, of the chosen layer, all that led to them."""
        weights = output[-1][0]
        if site.kind in self.attentions:
            _copy(weights, self.attentions[site.kind][site.layer])
        if self._is_chosen(site):
            hidden = arguments[0]
            memory = named.get("key_value_states")
            mask = named.get("mask" if self._family == "t5" else "attention_mask")
            self._seen = _Seen(
                site,
                hidden[0],
                hidden[0] if memory is None else memory[0],
                None if mask is None else mask[0, 0] == 0,
                output[1][0] if self._family == "t5" and site.kind != "cross" else None,
                weights,
            )

    def heads(self) -> HeadParts | None:
        """The parts of the chosen layer, once the pass is over; q, k and v are computed again by the same matrices."""
        import torch

        if self._seen is None or self._mix is None:
            return None
        site, hidden, memory, mask, bias, weights = self._seen
        heads, queries, _keys = weights.shape
        flat = anatomy.projections(self._family, site.attention, hidden, memory)
        q, k, v = (tensor.reshape(len(tensor), heads, -1).transpose(0, 1) for tensor in flat)
        mix = self._mix[0].reshape(queries, heads, -1).transpose(0, 1)
        matrix, output_bias = anatomy.output_matrix(self._family, site.projection)
        scale = float(site.attention.scaling)
        return HeadParts(
            kind=site.kind,
            layer=site.layer,
            q=as_array(q),
            k=as_array(k),
            v=as_array(v),
            scale=scale,
            scores=as_array(torch.matmul(q, k.transpose(1, 2)) * scale),
            bias=None if bias is None else as_array(bias),
            mask=as_array(torch.ones(weights.shape[1:], dtype=torch.bool) if mask is None else mask),
            weights=as_array(weights),
            mix=as_array(mix),
            outputs=as_array(torch.matmul(mix, matrix.reshape(heads, mix.shape[-1], -1))),
            output_bias=None if output_bias is None else as_array(output_bias),
        )

    def _is_chosen(self, site: Site) -> bool:
        return "heads" in self._request.keep and self._request.layer == (site.kind, site.layer)

    def _head_count(self, site: Site) -> int:
        return int(site.attention.n_heads if self._family == "t5" else site.attention.config.num_attention_heads)


class recording:  # noqa: N801 - used as a statement, like contextlib's
    """`with recording(checkpoint, recorder):` everything that this thread runs through the model is recorded."""

    def __init__(self, checkpoint: Checkpoint, recorder: Recorder) -> None:
        """Put the hooks on the checkpoint's model, if they are not there yet."""
        _install(checkpoint)
        self._recorder = recorder

    def __enter__(self) -> None:
        """Begin."""
        self._token = _current.set(self._recorder)

    def __exit__(self, *_error: object) -> None:
        """End, however the pass ended."""
        _current.reset(self._token)


def as_array(tensor: Tensor) -> NDArray[Any]:
    """A numpy copy in memory of its own, whatever the tensor is a view of."""
    import numpy as np

    return np.array(tensor.detach().cpu().numpy(), order="C")


def _copy(tensor: Tensor, place: Floats) -> None:
    """Copy a tensor into an array of its shape, across devices and precisions."""
    import torch

    torch.from_numpy(place).copy_(tensor)


def _install(checkpoint: Checkpoint) -> None:
    model = checkpoint.model
    with _lock:
        if model in _installed:
            return
        for stack, layers in anatomy.blocks(checkpoint.family, model).items():
            for at, block in enumerate(layers):
                block.register_forward_pre_hook(partial(_before_block, stack, at))
                block.register_forward_hook(partial(_after_block, stack, at))
        for site in anatomy.sites(checkpoint.family, model):
            site.projection.register_forward_pre_hook(partial(_before_projection, site))
            site.attention.register_forward_hook(partial(_after_attention, site), with_kwargs=True)
        _installed.add(model)


def _before_block(stack: Stack, layer: int, _module: Any, arguments: tuple[Any, ...]) -> None:
    if recorder := _current.get():
        recorder.before_block(stack, layer, arguments[0])


def _after_block(stack: Stack, layer: int, _module: Any, _arguments: tuple[Any, ...], output: Any) -> None:
    if recorder := _current.get():
        recorder.keep_hidden(stack, layer + 1, output[0] if isinstance(output, tuple) else output)


def _before_projection(site: Site, _module: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    recorder = _current.get()
    changed = recorder.before_projection(site, arguments[0]) if recorder else None
    return None if changed is None else (changed,)


def _after_attention(site: Site, _module: Any, arguments: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
    if recorder := _current.get():
        recorder.after_attention(site, arguments, named, output)
