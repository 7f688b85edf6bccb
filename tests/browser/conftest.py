"""A real server and a real browser with the network cut: what leaves this machine, or ends in the console, fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright

from tests.browser import chromium
from tests.serving import explainers_run, free_port, serving

LOCAL = {"localhost", "127.0.0.1"}
TIMEOUT_MILLISECONDS = 20_000

# A cold deep link looks for the server under its own path first; these two refusals lead Streamlit to its base address.
EXPECTED_REFUSALS = ("/_stcore/health", "/_stcore/host-config")

expect.set_options(timeout=TIMEOUT_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        sentence = "no Chromium or Chrome was found: install one, or set EXPLAINERS_CHROMIUM to its path"
        if os.environ.get("EXPLAINERS_BROWSER") == "required":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application, started by `explainers run` from a folder that has nothing to do with it."""
    port = free_port()
    with serving(explainers_run(port), port, tmp_path_factory.mktemp("elsewhere")):
        yield f"http://127.0.0.1:{port}"


class Guard:
    """What a page must not do while a test looks at it."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Cut the context off from everything but this machine, and write down every fault."""
        context.route("**/*", self._route)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))

    def look(self, page: Page) -> None:
        """Write down the errors that the page shows at the end of a test."""
        shown = page.locator("[data-testid=stAlertContentError], [data-testid=stException]")
        self.faults += [f"shown: {text}" for text in shown.all_inner_texts()]

    def _route(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in LOCAL:
            route.continue_()
        else:
            self.faults.append(f"request to {route.request.url}")
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        source = str(message.location.get("url", ""))
        if message.type == "error" and not urlsplit(source).path.endswith(EXPECTED_REFUSALS):
            self.faults.append(f"console: {message.text} ({source})")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a fresh browser profile; keywords go to the context, such as color_scheme="dark"."""
    guard = Guard()
    with ExitStack() as contexts:

        def opened(address: str, **options: object) -> Page:
            settings: dict[str, object] = {"viewport": {"width": 1280, "height": 720}, **options}
            context = browser.new_context(**settings)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.set_default_timeout(TIMEOUT_MILLISECONDS)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            guard.watch(context)
            page = context.new_page()
            contexts.callback(guard.look, page)
            page.goto(address)
            return page

        yield opened
    assert not guard.faults
