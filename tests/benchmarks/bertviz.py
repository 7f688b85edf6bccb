"""BertViz' own page against ours in bytes and time to make, and how long its views draw: what the limits rest on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from explainers.checkpoints import Checkpoint
from explainers.checkpoints.text import size_text
from explainers.trace import HeadParts, Request, Trace, run
from explainers.views.bertviz_limits import MOST_ELEMENTS, Extent, fits
from explainers.views.bertviz_page import Drawn, View, document
from tests.benchmarks.measuring import medians_in_turn, seconds_of
from tests.benchmarks.tracing import bert_base, inputs_of
from tests.browser import chromium

TOKENS = 64
REPEATS = 3
ROW = "{:<12} {:>7} {:>7} {:>6} {:>11} {:>14} {:>12} {:>12}   {}"
MOST_SECONDS = 600

# Layers, heads and tokens of what is drawn: below the limit, about at it, and what BertViz draws if it is let.
DRAWN: Sequence[tuple[View, int, int, int]] = (
    ("head", 1, 12, 64),
    ("head", 1, 12, 110),
    ("head", 1, 12, 160),
    ("model", 3, 12, 32),
    ("model", 3, 12, 63),
    ("model", 12, 12, 64),
    ("neuron", 1, 12, 64),
    ("neuron", 1, 12, 132),
    ("neuron", 1, 12, 160),
)


@dataclass(frozen=True)
class Made:
    """One page: the bytes of its HTML, and the seconds that it takes to make."""

    bytes: int
    seconds: float

    def __str__(self) -> str:
        return f"{size_text(self.bytes)} of HTML, made in {self.seconds * 1e3:,.0f} ms"


def measure() -> Iterator[str]:
    """The model view of 12 x 12 heads at 64 tokens as BertViz writes it and as we do; then a table of drawing times."""
    with TemporaryDirectory() as folder:
        checkpoint = bert_base(Path(folder))
        theirs, ours = both(checkpoint, TOKENS)
        yield f"model view of {checkpoint.name}, {TOKENS} tokens: BertViz' own {theirs}; ours {ours}"
        yield ROW.format("view", "layers", "heads", "tokens", "elements", "bytes", "computing", "painted", "shown")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
            for view, layers, heads, tokens in DRAWN:
                yield row(browser, checkpoint, view, layers, heads, tokens)
            yield f"Chromium {browser.version}; shown are views of at most {MOST_ELEMENTS:,} elements"
            browser.close()


def both(checkpoint: Checkpoint, tokens: int) -> tuple[Made, Made]:
    """BertViz' own page of the model view, all layers and heads of a text of so many tokens, and ours."""
    import torch
    from bertviz import model_view

    traced = run(checkpoint, inputs_of(checkpoint, tokens), Request(("attentions",), precision="float16"))
    layers = [torch.tensor(layer)[None].float() for layer in traced.attentions["encoder"]]
    names = list(traced.pieces["encoder"])
    drawn = drawn_part(traced, "model", *traced.attentions["encoder"].shape[:2])

    def theirs() -> str:
        return str(model_view(layers, names, html_action="return").data)

    def ours() -> str:
        return document(drawn, "")

    seconds = medians_in_turn(seconds_of(theirs), seconds_of(ours), REPEATS)
    return Made(len(theirs().encode()), seconds[0]), Made(len(ours().encode()), seconds[1])


def drawn_part(traced: Trace, view: View, layers: int, heads: int, parts: HeadParts | None = None) -> Drawn:
    """The first layers and heads of a pass as a view gets them."""
    weights = traced.attentions["encoder"]
    names = traced.pieces["encoder"]
    return Drawn(
        view,
        weights[:layers, :heads],
        layers=range(layers),
        heads=range(heads),
        all_heads=weights.shape[1],
        queries=names,
        keys=names,
        second=None,
        causal=False,
        open=(0, 0),
        family="bert",
        q=None if parts is None else parts.q[:heads],
        k=None if parts is None else parts.k[:heads],
    )


def row(browser: Browser, checkpoint: Checkpoint, view: View, layers: int, heads: int, tokens: int) -> str:
    """Draw one view in a fresh page: what its main thread computes (without waiting for others), and until it shows."""
    request = Request(("attentions", "heads"), layer=("encoder", 0))
    traced = run(checkpoint, inputs_of(checkpoint, tokens), request)
    parts = traced.heads if view == "neuron" else None
    page_text = document(drawn_part(traced, view, layers, heads, parts), "")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(MOST_SECONDS * 1e3)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    started = time.perf_counter()
    page.set_content(page_text)
    page.wait_for_selector("html[data-drawn]", state="attached")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    painted = time.perf_counter() - started
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    count = page.locator("#vis svg, #vis svg *").count()
    page.close()
    shown = fits(view, Extent(tokens, tokens, 64), layers, heads)
    return ROW.format(
        view,
        layers,
        heads,
        tokens,
        f"{count:,}",
        size_text(len(page_text.encode())),
        f"{metrics['TaskDuration']:.1f} s",
        f"{painted:.1f} s",
        "yes" if shown else "no",
    )
