"""The roofline lesson in a browser: points appear while they are measured, no press is lost, visitors take turns."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]

# Measuring begins with a new process that imports torch, on a machine that may be busy with other tests.
PATIENCE_MILLISECONDS = 120_000

HOW_FAR = re.compile(r"\d+ of \d+ measurements")
STOPPED = "Stopped. What was measured so far is kept."
WAITS = "Yours comes after it"


def row(page: Page) -> Locator:
    """The line of the buttons, with how far the sweep is."""
    return page.locator(".st-key-roof_row")


def press(page: Page, name: str) -> None:
    page.locator(f".st-key-roof_{name} button").click(timeout=PATIENCE_MILLISECONDS)


def how_far(page: Page, *, beyond: str = "") -> str:
    """How many measurements there are, as soon as there are some, or others than these."""
    pattern = re.compile(rf"(?<!\d)(?!{re.escape(beyond)}){HOW_FAR.pattern}") if beyond else HOW_FAR
    expect(row(page)).to_contain_text(pattern, timeout=PATIENCE_MILLISECONDS)
    told = HOW_FAR.search(row(page).inner_text(timeout=PATIENCE_MILLISECONDS))
    return told.group() if told else how_far(page, beyond=beyond)


def expect_stopped(page: Page) -> None:
    expect(row(page)).to_contain_text(STOPPED, timeout=PATIENCE_MILLISECONDS)
    expect(row(page).get_by_role("button", name="Go on")).to_be_visible()


def test_a_press_that_lasts_while_points_appear_is_never_lost(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/roofline?roof_part=This+machine")
    press(page, "run")
    for _again in range(2):
        before = how_far(page)  # nobody touches the page while it goes on
        page.locator(".st-key-roof_stop button").hover(timeout=PATIENCE_MILLISECONDS)
        page.mouse.down()
        how_far(page, beyond=before)
        page.mouse.up()
        expect_stopped(page)
        press(page, "resume")
    press(page, "stop")
    expect_stopped(page)
    expect(page.locator(".st-key-picture_roof_bandwidth .scatterlayer .point").first).to_be_attached()


def test_the_stop_button_of_another_part_outlives_the_redraws(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/roofline?roof_part=This+machine")
    press(page, "run")
    how_far(page)
    page.get_by_role("radio", name="Theory").click()
    told = page.locator(".st-key-roof_goes_on")
    expect(told).to_contain_text(HOW_FAR, timeout=PATIENCE_MILLISECONDS)
    told.locator(".st-key-roof_stop button").hover()  # that of the part before may still be there
    before = told.inner_text()
    page.mouse.down()
    expect(told).not_to_have_text(before, timeout=PATIENCE_MILLISECONDS)
    page.mouse.up()
    expect(told).to_be_hidden(timeout=PATIENCE_MILLISECONDS)
    page.get_by_role("radio", name="This machine").click()
    expect_stopped(page)


def test_two_visitors_measure_one_after_the_other(open_page: OpenPage, server: str) -> None:
    first, second = (open_page(f"{server}/roofline?roof_part=This+machine") for _visitor in range(2))
    press(first, "run")
    how_far(first)
    press(second, "run")
    expect(second.get_by_text(WAITS)).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    press(first, "stop")
    expect_stopped(first)
    how_far(second)  # the first one's stop ended the wait, and nothing else
    expect(second.get_by_text(WAITS)).to_be_hidden()
    press(first, "resume")
    expect(first.get_by_text(WAITS)).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    press(second, "stop")
    expect_stopped(second)
    how_far(first)
    expect(first.get_by_text(WAITS)).to_be_hidden()
    press(first, "stop")
    expect_stopped(first)
    for page in (first, second):
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
