"""Every operator of a network's pass, counted: its FLOPs and the bytes that it reads and writes.

The network runs on torch's "meta" device, where every operator works out the size of its result and computes nothing.
The products are counted as torch's own FlopCounterMode counts them, and the tests hold both to the same number.
"""

from __future__ import annotations

from dataclasses import replace

from explainers.matmul.networks import Load, Network, build, inputs, labels, loss, optimizer, outputs
from explainers.matmul.tally import Count, Mode, Tally


def count(network: Network, load: Load, mode: Mode) -> Count:
    """Every operator of one pass over a batch: the forward pass, or a whole training step with AdamW.

    The layers of a stack are alike. So a transformer is counted with one layer, and with one more in each stack; what
    the layer adds is taken as often as there are layers.
    """
    design = network.design
    if design is None:
        return count_whole(network, load, mode)
    thin = replace(design, layers=min(1, design.layers), decoder_layers=min(1, design.decoder_layers))
    base = count_whole(Network("transformer", thin), load, mode)
    total = base
    for thicker, more in (
        (replace(thin, layers=2), design.layers - 1),
        (replace(thin, decoder_layers=2), design.decoder_layers - 1),
    ):
        if more > 0:
            total = _with_layers(total, base, count_whole(Network("transformer", thicker), load, mode), more)
    return total


def _with_layers(total: Count, base: Count, thicker: Count, times: int) -> Count:
    """The total, and so many times what `thicker` has and `base` lacks."""
    operators = {(each.phase, each.name, each.group): each for each in base.operators}
    products = {replace(each, times=0): each.times for each in base.products}
    kept = {(each.phase, each.name, each.group): each for each in total.operators}
    sizes = {replace(each, times=0): each.times for each in total.products}
    for each in thicker.operators:
        key = (each.phase, each.name, each.group)
        before, now = operators.get(key), kept.get(key, replace(each, calls=0, flops=0, bytes=0))
        kept[key] = replace(
            now,
            calls=now.calls + times * (each.calls - (before.calls if before else 0)),
            flops=now.flops + times * (each.flops - (before.flops if before else 0)),
            bytes=now.bytes + times * (each.bytes - (before.bytes if before else 0)),
        )
    for product in thicker.products:
        size = replace(product, times=0)
        sizes[size] = sizes.get(size, 0) + times * (product.times - products.get(size, 0))
    return Count(
        tuple(kept.values()),
        tuple(replace(size, times=often) for size, often in sizes.items()),
        tuple(sorted({*total.unknown, *thicker.unknown})),
        total.made_bytes + times * (thicker.made_bytes - base.made_bytes),
        total.parameters + times * (thicker.parameters - base.parameters),
    )


def count_whole(network: Network, load: Load, mode: Mode) -> Count:
    """The same without that short cut: every layer is gone through."""
    import torch

    model = build(network, "meta")
    given = inputs(network, load, "meta")
    tally = Tally("forward")
    if mode == "inference":
        model.eval()
        with torch.no_grad(), tally.mode():
            outputs(network, model, given)
    else:
        model.train()
        answers, updating = labels(network, load, "meta"), optimizer(model)
        with tally.mode():
            wrong = loss(outputs(network, model, given), answers)
            tally.phase = "backward"
            wrong.backward()  # type: ignore[no-untyped-call]
            tally.phase = "optimizer"
            updating.step()
    return tally.counted(sum(parameter.numel() for parameter in model.parameters()))
