"""The masked-LM lesson in a browser: a click hides a token, the link keeps it, and the picture can be saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]


def card(page: Page, number: int) -> Locator:
    """A token's card."""
    return page.locator(f'.cards .card[data-index="{number}"]')


def test_clicks_hide_tokens_the_link_keeps_them_and_the_chart_is_saved(
    open_page: OpenPage, server: str, tmp_path: Path
) -> None:
    page = open_page(f"{server}/masked-lm?text=the+dog+ran+home&mlm_by=I+choose")
    expect(page.get_by_role("heading", name="Masked LM", level=1)).to_be_visible()
    for number in (2, 4):
        card(page, number).click()
        expect(card(page, number)).to_contain_text("[MASK]")
        expect(card(page, number).locator(".said")).to_contain_text("%")
    page.wait_for_url("**mlm_hand=2%2C4*")
    page.reload()
    expect(card(page, 2)).to_contain_text("[MASK]")
    expect(card(page, 4)).to_contain_text("[MASK]")
    expect(card(page, 0)).not_to_have_attribute("type", "button")
    card(page, 2).click()
    expect(card(page, 2)).not_to_contain_text("[MASK]")

    picture = page.locator(".st-key-picture_mlm_guesses")
    expect(picture.locator(".js-plotly-plot")).to_be_visible()
    for name, beginning in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("CSV", b"rank,id,piece,probability\n1,")):
        with page.expect_download() as download:
            picture.get_by_role("button", name=name, exact=True).click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert file.name == f"masked-lm-guesses.{name.lower()}"
        assert file.read_bytes().startswith(beginning)
