"""The head views of a 12 x 12 model in a real browser, and what all its attentions cost in time and memory."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote_plus

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from explainers.checkpoints import Checkpoint, names, settings
from explainers.checkpoints.text import size_text
from explainers.trace import Request, run
from tests import full_size
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of
from tests.benchmarks.tracing import bare_pass, inputs_of
from tests.browser import chromium
from tests.serving import explainers_run, free_port, serving

MOST_OVERVIEW_BYTES = 1_000_000
MOST_HEAD_BYTES = 600_000
MOST_PAINT_SECONDS = 1.0
MOST_NODES = 500
MOST_TRACE_RATIO = 1.15
FRAME_MILLISECONDS = 1e3 / 60
LOOK_SECONDS = 0.003
LENGTHS = (64, 512)
REPEATS = 5
TRACES = 7
HOVERS = 30
LONG_MILLISECONDS = 600_000  # a busy machine takes its time to read a long text
MODEL = "base-bert"

# Installed before the page's own scripts. Notes when the numbers of each picture arrive and how many bytes they are,
# the first frame that shows it, and how many messages are sent to the server.
WATCH = """
() => {
  const marks = {grid: '"block"', map: '"key_places"'}
  window.pictures = {}
  window.sent = 0
  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given)
      this.addEventListener('message', ({data}) => {
        const text = new TextDecoder('latin1').decode(new Uint8Array(data).subarray(0, 60_000))
        for (const [name, mark] of Object.entries(marks)) {
          if (text.includes(mark)) window.pictures[name] ??= {bytes: data.byteLength, arrived: performance.now()}
        }
      })
    }
    send(data) {
      window.sent += 1
      super.send(data)
    }
  }
  const look = () => {
    for (const [name, picture] of Object.entries(window.pictures)) {
      if (picture.painted) continue
      const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .map((host) => host.shadowRoot).find((found) => found?.querySelector(`.${name} canvas`))
      const canvas = root?.querySelector(`.${name} canvas`)
      if (!canvas?.clientWidth) continue
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
      if (!pixels.some((value) => value)) continue
      picture.nodes = root.querySelectorAll('*').length
      picture.painted = performance.now()
    }
    requestAnimationFrame(look)
  }
  look()
}
"""

# From a movement of the pointer to the next frame after the picture has answered.
HOVER = """
async ([selector, count]) => {
  const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map((host) => host.shadowRoot).find((found) => found?.querySelector(selector))
  const canvas = root.querySelector(selector)
  const box = canvas.getBoundingClientRect()
  const frame = () => new Promise(requestAnimationFrame)
  const before = window.sent
  const took = []
  const said = new Set()
  for (let at = 0; at < count; at++) {
    await frame()
    const [x, y] = [box.left + box.width * (0.2 + 0.02 * at), box.top + box.height * (0.2 + 0.02 * at)]
    const started = performance.now()
    canvas.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true}))
    took.push(performance.now() - started)
    said.add(root.querySelector('.said').textContent)
  }
  return [took, said.size, window.sent - before]
}
"""


def measure() -> Iterator[object]:
    """The overview, one head, pointing, and trace() of a 12 x 12 model; BertViz is measured at 64 tokens, too."""
    path = chromium.find()
    if path is None:
        raise SystemExit("No Chromium or Chrome was found: install one, or set EXPLAINERS_CHROMIUM to its path.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        full_size.checkpoint(Path(folder) / MODEL, "bert")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        with _local_models(folder):
            port = free_port()
            with serving(explainers_run(port), port, Path(folder)):
                for tokens in LENGTHS:
                    yield from _pictures(browser, f"http://127.0.0.1:{port}", tokens)
        browser.close()
        yield from _passes(Path(folder) / MODEL)


@contextmanager
def _local_models(folder: str) -> Iterator[None]:
    os.environ[settings.LOCAL_FOLDER] = folder
    try:
        yield
    finally:
        del os.environ[settings.LOCAL_FOLDER]


def _pictures(browser: Browser, server: str, tokens: int) -> Iterator[str]:
    """The lines about one length: all heads, one head, and pointing at it."""
    address = f"{server}/attention-heads?bert={names.LOCAL}{MODEL}&text={quote_plus(_text(tokens))}"
    _opened(browser, address).context.close()  # the server reads the text once, and keeps what it has read
    pages = [_opened(browser, address) for _repeat in range(REPEATS)]
    seen = [page.evaluate("() => window.pictures") for page in pages]
    for name, title, most in (
        ("grid", "all heads", MOST_OVERVIEW_BYTES),
        ("map", "one head as lines", MOST_HEAD_BYTES),
    ):
        sent = max(each[name]["bytes"] for each in seen)
        nodes = max(each[name]["nodes"] for each in seen)
        seconds = statistics.median(each[name]["painted"] - each[name]["arrived"] for each in seen) / 1e3
        met = sent <= most and seconds <= MOST_PAINT_SECONDS and nodes <= MOST_NODES
        yield (
            f"{title}, {tokens} tokens: {size_text(sent)} sent (goal {size_text(most)}), painted "
            f"{seconds * 1e3:,.0f} ms after its arrival (goal {MOST_PAINT_SECONDS * 1e3:,.0f} ms), {nodes} DOM nodes "
            f"(goal {MOST_NODES}): {_verdict(met=met)}"
        )
    took, said, messages = pages[-1].evaluate(HOVER, [".map canvas", HOVERS])
    yield (
        f"pointing at {HOVERS} places of it, {tokens} tokens: {said} different answers, {messages} messages to the "
        f"server (goal 0), each answer within {statistics.median(took):.1f} ms, the slowest {max(took):.1f} ms (goal "
        f"{FRAME_MILLISECONDS:.1f} ms): {_verdict(met=max(took) <= FRAME_MILLISECONDS and not messages)}"
    )
    for page in pages:
        page.context.close()


def _text(tokens: int) -> str:
    """So many tokens, [CLS] and [SEP] among them: one word, which the vocabulary has, over and over."""
    return " ".join(["dog"] * (tokens - 2))


def _opened(browser: Browser, address: str) -> Page:
    """The page in a fresh profile, once both pictures are painted."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.set_default_timeout(LONG_MILLISECONDS)
    page.add_init_script(f"({WATCH})()")
    page.goto(address)
    page.wait_for_function("() => window.pictures.grid?.painted && window.pictures.map?.painted")
    return page


def _passes(folder: Path) -> Iterator[object]:
    """trace() with all attentions against the bare pass, at every length, and the memory of the longest."""
    checkpoint = Checkpoint("random BERT-base", folder)
    for tokens in LENGTHS:
        inputs = inputs_of(checkpoint, tokens)
        ours, bare = medians_in_turn(
            seconds_of(partial(run, checkpoint, inputs, Request(("attentions",)))),
            seconds_of(bare_pass(checkpoint, inputs)),
            TRACES,
        )
        yield Ratio(f"all attentions of {checkpoint.name}, {tokens} tokens", ours, bare, MOST_TRACE_RATIO)
        full, theirs = (
            _grown(partial(run, checkpoint, inputs, Request(("attentions",)))),
            _grown(bare_pass(checkpoint, inputs)),
        )
        half = _grown(partial(run, checkpoint, inputs, Request(("attentions",), precision="float16")))
        yield (
            f"memory above the loaded model at its peak, {tokens} tokens: {size_text(full)} for trace(), "
            f"{size_text(half)} in half precision, as the page asks for it, {size_text(theirs)} for the bare pass"
        )


def _grown(call: Callable[[], object]) -> int:
    """By how many bytes the process has grown at most while this ran, as seen a few hundred times a second."""
    gc.collect()
    process, peak, done = psutil.Process(), 0, threading.Event()
    before = process.memory_info().rss

    def look() -> None:
        nonlocal peak
        while not done.wait(LOOK_SECONDS):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    kept = call()
    peak = max(peak, process.memory_info().rss)
    done.set()
    watcher.join()
    del kept
    return max(0, peak - before)


def _verdict(*, met: bool) -> str:
    return "met" if met else "NOT met"
