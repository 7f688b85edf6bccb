"""A small page with one component on it, served once, and a browser that writes down every fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import TIMEOUT_MILLISECONDS, Guard
from tests.serving import free_port, serving

APP = Path(__file__).with_name("app.py")


@pytest.fixture(scope="module")
def page_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Makes addresses of the small page with these query parameters."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    options = ["--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with serving([*command, *options, "--server.fileWatcherType", "none"], port, tmp_path_factory.mktemp("components")):
        yield lambda **query: f"http://127.0.0.1:{port}/?{urlencode(query)}"


@pytest.fixture(scope="module")
def guarded(browser: Browser) -> Iterator[tuple[BrowserContext, Guard]]:
    """One browser profile for these tests, so that Streamlit's own files load once."""
    context, guard = browser.new_context(viewport={"width": 1280, "height": 720}), Guard()
    guard.watch(context)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    yield context, guard
    context.close()


@pytest.fixture
def show(guarded: tuple[BrowserContext, Guard], page_address: Callable[..., str]) -> Iterator[Callable[..., Page]]:
    """Opens the small page, with these query parameters, and waits for its component."""
    context, guard = guarded
    guard.faults.clear()

    def shown(scheme: Literal["light", "dark"] = "light", **query: str) -> Page:
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        page.goto(page_address(**query))
        expect(page.locator(".tile, .maskgrid canvas").first).to_be_visible()
        return page

    yield shown
    for page in context.pages:
        page.close()
    assert not guard.faults
