"""The span corruption lesson in a browser: clicks take tokens out and put them back, at once and in the link."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

TEXT = "the old dog was by the fire"


def test_clicks_take_tokens_out_and_the_link_keeps_them(open_page: OpenPage, server: str, tmp_path: Path) -> None:
    page = open_page(f"{server}/span-corruption?text={TEXT.replace(' ', '+')}&gaps=none")
    rows = page.locator(".lanes").first
    dog, was = (rows.locator("button.cell", has_text=word) for word in ("dog", "was"))
    expect(dog).to_have_attribute("aria-pressed", "false")
    dog.click()
    was.click()  # before Python has answered the first click
    expect(dog).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("1 gap", exact=False).first).to_be_visible()
    page.wait_for_url("**gaps=7-15*")
    expect(rows.locator(".arrows line")).to_have_count(3)
    with page.expect_download() as download:
        page.locator(".st-key-picture_span").get_by_role("button", name="PNG").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "span-corruption.png"
    assert file.read_bytes().startswith(b"\x89PNG")
    was.press("Enter")
    page.wait_for_url("**gaps=7-11*")
    page.reload()
    expect(rows.locator("button.cell[aria-pressed=true]")).to_have_count(1)
    was.focus()
    page.keyboard.press("ArrowRight")
    expect(rows.locator("button.cell:focus")).to_contain_text("by")
