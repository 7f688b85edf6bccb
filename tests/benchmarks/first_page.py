"""From the command to the first painted page, against `streamlit hello`: fresh server and fresh browser profile."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.measuring import Ratio, medians_in_turn
from tests.browser import chromium
from tests.serving import explainers_run, free_port, serving

GOAL = 1.3
REPEATS = 7
PAINTED = "[data-testid=stApp][data-test-script-state=notRunning] h1"


def measure() -> Iterator[Ratio]:
    """Two ratios: from the start of the server's process, and from opening the page in a browser."""
    path = chromium.find()
    if path is None:
        raise SystemExit("No Chromium or Chrome was found: install one, or set EXPLAINERS_CHROMIUM to its path.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for name, from_command in (("from the command to the page", True), ("from the address to the page", False)):
            ours, hello = medians_in_turn(
                _opening(browser, explainers_run, Path(folder), from_command=from_command),
                _opening(browser, streamlit_hello, Path(folder), from_command=from_command),
                REPEATS,
            )
            yield Ratio(name, ours, hello, GOAL)
        browser.close()


def streamlit_hello(port: int) -> Sequence[str]:
    """Streamlit's own example, on a port of this machine."""
    options = [f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false"]
    return [sys.executable, "-m", "streamlit", "hello", *options]


def _opening(
    browser: Browser, command: Callable[[int], Sequence[str]], folder: Path, *, from_command: bool
) -> Callable[[], float]:
    def seconds() -> float:
        port = free_port()
        launched = time.perf_counter()
        with serving(command(port), port, folder):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            opened = time.perf_counter()
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector(PAINTED)
            painted = time.perf_counter()
            page.close()
        return painted - (launched if from_command else opened)

    return seconds
