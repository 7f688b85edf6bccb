"""The generation lesson in a browser: tokens come one a click or by themselves, go again, and can be looked at."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_one_token_a_click_play_undo_and_a_look_that_the_link_keeps(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/generation?text=Once+upon+a+time&gen_how=Greedy")
    drawn = page.locator(".writing .token.drawn")
    page.get_by_role("button", name="Next token").last.click()
    expect(drawn).to_have_count(1)
    page.get_by_role("button", name="Next token").last.click()
    expect(drawn).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(drawn).to_have_count(1)
    page.get_by_role("button", name="Play").click()
    expect(drawn).to_have_count(4)
    page.get_by_role("button", name="Pause").click()
    drawn.nth(1).click()
    expect(drawn.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("was drawn: rank 1")).to_be_visible()
    page.wait_for_url("**gen_at=*")
    words = page.locator(".writing .text").inner_text()
    page.reload()
    expect(drawn.nth(1)).to_have_attribute("aria-pressed", "true")
    assert page.locator(".writing .text").inner_text() == words
    page.get_by_role("button", name="Clear").click()
    expect(drawn).to_have_count(0)
