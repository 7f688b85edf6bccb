"""Matrix products: a step as the lesson times it against the bare one, and their share of work and of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from explainers import matmul
from explainers.architecture import published
from explainers.checkpoints import load
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.facts import fact
from explainers.matmul import Load, Mode, Network
from explainers.matmul.networks import build, inputs, outputs
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of

GOAL_STEP = 1.1
REPEATS = 15
LOAD = Load(2, 128)
WARM_SECONDS = 8.0
STOP_AT = 12  # layers


def measure(repeats: int = REPEATS) -> Iterator[Ratio | str]:
    """What the lesson adds to a forward pass; then, for each network, products counted by us and by torch, and time."""
    for name in ("gpt2-mini", "bert-mini", "t5-mini"):
        network = Network("transformer", of_checkpoint(load(name)))
        ours, bare = medians_in_turn(seconds_of(_watched(network)), seconds_of(_bare(network)), repeats)
        yield Ratio(f"{name}, a pass with the lesson's questions", ours, bare, GOAL_STEP)
    yield _first_result()
    designs: dict[str, Design] = {name: of_checkpoint(load(name)) for name in ("gpt2-mini", "bert-mini", "t5-mini")} | {
        "bert-base": published()["bert-base"].design
    }
    for name, design in designs.items():
        for mode in matmul.MODES:
            yield _shares(name, Network("transformer", design), mode)
    work, seconds = fact("bert", "products_flops"), fact("bert", "products_time")
    yield f"published ({work.source}): {work.value} of the work, {seconds.value} of the time"


def _first_result() -> str:
    """From the click to the first result, in the process that waits for it, and until a stop has ended it."""
    network = Network("transformer", of_checkpoint(load("bert-mini")))
    measurer = matmul.Measurer()
    measurer.warm()
    time.sleep(WARM_SECONDS)  # while the reader reads
    began = time.perf_counter()
    measurer.measure(network, LOAD, "inference", lambda: False)
    first = time.perf_counter() - began
    stopped: list[float] = []

    def stop() -> bool:
        stopped.append(time.perf_counter())
        return len(stopped) == STOP_AT

    with suppress(matmul.Stopped):
        measurer.measure(network, LOAD, "training", stop)
    ended = time.perf_counter() - stopped[-1]
    return f"bert-mini: inference is shown {first:.2f} s after the click; a stop takes {ended:.3f} s"


def _shares(name: str, network: Network, mode: Mode) -> str:
    counted = matmul.count(network, LOAD, mode)
    timed = matmul.measure(network, LOAD, mode, lambda: False)
    low, high = min(timed.plain_seconds), max(timed.plain_seconds)
    return (
        f"{name + ', ' + mode:<22} products {counted.flop_share('products'):7.2%} of the work, "
        f"{timed.share('products'):6.1%} of the time; {timed.seconds * 1e3:,.1f} ms a step "
        f"({low * 1e3:,.1f} to {high * 1e3:,.1f}), watched {timed.watched_seconds * 1e3:,.1f} ms"
    )


def _bare(network: Network) -> Callable[[], None]:
    """The network's own forward pass."""
    import torch

    model, given = build(network).eval(), inputs(network, LOAD)

    def call() -> None:
        with torch.inference_mode():
            outputs(network, model, given)

    return call


def _watched(network: Network) -> Callable[[], object]:
    """The same as the lesson runs it, which asks before each layer whether to stop."""
    from explainers.matmul.measuring import Steps, watch_layers

    model = build(network)
    watch_layers(model, lambda: False)
    return partial(Steps.run, Steps(network, model, LOAD, "inference"))
