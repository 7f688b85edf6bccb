"""The tokenization lesson in a browser: a click on a token leads to its word's steps, and the link brings both back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]

TEXT = "the unaffable internationalization"


def row(page: Page, number: int) -> Locator:
    """The tokens of one model: row 0 is BERT's."""
    return page.locator(".line .row").nth(number + 1).locator(".tile")


def last_step(page: Page) -> str:
    """What the player says at its last step."""
    page.get_by_role("button", name="Last").click()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    return page.locator(".steps .said").inner_text() + page.locator(".steps .stage").inner_text()


@pytest.mark.parametrize(("number", "family"), list(enumerate(("BERT", "GPT-2", "T5"))))
def test_a_clicked_token_leads_to_its_words_steps_and_the_link_keeps_it(
    open_page: OpenPage, server: str, number: int, family: str
) -> None:
    page = open_page(f"{server}/tokenization?text={TEXT.replace(' ', '+')}&family={family.lower().replace('-', '')}")
    expect(page.locator(".steps .said")).to_be_visible()
    most_cut = page.locator(".steps .stage").inner_text()
    row(page, number).filter(has_text="the").first.click()
    page.wait_for_url("**word=0.*")
    expect(page.locator(".steps .stage")).not_to_have_text(most_cut)
    clicked = last_step(page)
    assert "the" in clicked
    page.reload()
    expect(page.locator(".steps .said")).to_be_visible()
    assert last_step(page) == clicked
