"""The tokenization lesson in a browser: a click on a token leads to its word's steps, and the link brings both back."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("number", "heading"),
    [(0, "BERT WordPiece cuts the"), (1, "GPT-2 byte-level BPE cuts the"), (2, "T5 SentencePiece unigram cuts the")],
)
def test_a_clicked_token_leads_to_its_words_steps_and_the_link_keeps_it(
    open_page: OpenPage, server: str, number: int, heading: str
) -> None:
    page = open_page(f"{server}/tokenization?text={TEXT.replace(' ', '+')}")
    expect(page.get_by_text("BERT WordPiece cuts unaffable")).to_be_visible()
    most_cut = page.locator(".steps .stage").inner_text()
    row(page, number).filter(has_text="the").first.click()
    page.wait_for_url("**word=0.*")
    expect(page.get_by_text(heading)).to_be_visible()
    expect(page.locator(".steps")).to_have_count(1)
    expect(page.locator(".steps .stage")).not_to_have_text(most_cut)
    clicked = last_step(page)
    assert "the" in clicked
    page.reload()
    expect(page.get_by_text(heading)).to_be_visible()
    assert last_step(page) == clicked


def test_a_special_token_has_no_word_and_leaves_the_chosen_one(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/tokenization?text={TEXT.replace(' ', '+')}&word=0.0")
    expect(page.get_by_text("BERT WordPiece cuts the")).to_be_visible()
    row(page, 0).filter(has_text="[CLS]").first.click()
    expect(row(page, 0).filter(has_text="[CLS]").first).to_have_class(re.compile("chosen|selected"))
    expect(page.get_by_text("BERT WordPiece cuts the")).to_be_visible()
    assert "word=0.0" in page.url or "word=0.2" in page.url


def test_sums_on_the_lattice_add_up_as_they_are_shown(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/tokenization?text=internationalization&family=T5")
    expect(page.get_by_text("T5 SentencePiece unigram cuts internationalization")).to_be_visible()
    sums = 0
    while page.get_by_role("button", name="Next").is_enabled():
        page.get_by_role("button", name="Next").click()
        said = page.locator(".steps .said").inner_text().replace("−", "-").rstrip(".")
        if found := re.search(r": (\S+) \+ (\S+) = (\S+)$", said):
            before, score, total = (round(100 * float(number)) for number in found.groups())
            assert before + score == total
            sums += 1
    assert sums > 10
