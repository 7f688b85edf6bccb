"""The roofline lesson in a browser: points appear while they are measured, and stop stops."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

# Measuring begins with a new process that imports torch, on a machine that may be busy with other tests.
PATIENCE_MILLISECONDS = 120_000


def test_points_appear_and_stop_stops(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/roofline?roof_part=This+machine")
    page.locator(".st-key-roof_run button").click()
    row = page.locator(".st-key-roof_row")
    expect(row).to_contain_text(re.compile(r"\d+ of \d+ points"), timeout=PATIENCE_MILLISECONDS)
    told = re.search(r"\d+ of \d+ points", row.inner_text())
    assert told
    expect(row).not_to_contain_text(told.group(), timeout=PATIENCE_MILLISECONDS)  # and nobody touched the page
    page.locator(".st-key-roof_stop button").click(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_text("Stopped. What was measured so far is kept.")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(row.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.locator(".st-key-picture_roof_bandwidth .scatterlayer .point").first).to_be_attached()


def test_a_slider_moves_the_product_under_the_roof(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/roofline?step=2")
    expect(page.get_by_text("0.499 FLOPs per byte").first).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    rows = page.locator(".st-key-roof_m input")
    for _power in range(9):
        rows.press("ArrowRight")
    expect(page.get_by_text("128 FLOPs per byte").first).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_text("arithmetic is the limit.")).to_be_visible()
    page.wait_for_url("**roof_m=512**")
