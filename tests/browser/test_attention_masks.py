"""The masks lesson in a browser: clicks and keys open and close cells, at once and in the link."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_cells_are_opened_by_click_and_by_key(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-masks?text=the+old+dog+ran+home&am_family=GPT-2")
    grid = page.locator(".maskgrid")
    expect(grid.get_by_text("looks at, step by step")).to_be_visible()
    closed = grid.locator(".shares td.closed")
    before = closed.count()
    assert before
    frame = grid.locator(".frame")
    frame.focus()
    page.keyboard.press("ArrowRight")  # begins at the chosen query's first cell
    for _step in range(40):
        if "may not look" in grid.locator(".readout").inner_text():
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(closed).to_have_count(before - 1)
    page.wait_for_url("**am_flips=*")
    expect(page.get_by_text("under this one").first).to_be_visible()
    page.reload()
    expect(closed).to_have_count(before - 1)
    page.get_by_role("button", name="Undo my cells").click()
    expect(closed).to_have_count(before)
    canvas = frame.locator("canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": 20, "y": box["height"] - 8})  # the last row's name
    expect(closed).to_have_count(0)
