"""The strips of the embeddings lesson in a browser: drawn, chosen by click and by key, and kept by the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from explainers.checkpoints import load
from explainers.embeddings import input_sum

OpenPage = Callable[..., Page]

TEXT = "the dog saw the bank"

# How many different colours the first strip of the picture of one token has.
COLOURS = """
() => {
  const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map((node) => node.shadowRoot).find((node) => node?.querySelector('.strips'))
  const canvas = root.querySelector('.one canvas')
  const row = canvas.getContext('2d').getImageData(0, Math.floor(canvas.height / 10), canvas.width, 1).data
  return new Set(Array.from(new Uint32Array(row.buffer))).size
}
"""


def sum_of(token: int, component: int) -> str:
    """The read-out's sum of one component, as the model has it."""
    total: Any = input_sum(load("bert-mini"), TEXT).total
    return f"{total[token, component]:.4f}".replace("-", "−")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_token_s_sum_is_shown_by_click_and_key_and_kept_by_the_link(
    open_page: OpenPage, server: str, scheme: str
) -> None:
    page = open_page(f"{server}/embeddings?text={TEXT.replace(' ', '+')}", color_scheme=scheme)
    head = page.locator(".strips .head b")
    expect(head).to_have_text("bank")  # the longest
    assert page.evaluate(COLOURS) > 20
    columns = page.locator(".strips .scroller canvas")
    columns.click(position={"x": 190, "y": 15})  # the second column; it is pointed at as well
    expect(head).to_have_text("the")
    page.wait_for_url("**emb_token=1*")
    page.keyboard.press("ArrowRight")
    expect(head).to_have_text("dog")
    page.wait_for_url("**emb_token=2*")
    page.locator(".strips .one").focus()
    page.keyboard.press("Home")
    equation = page.locator(".strips .equation")
    expect(equation).to_contain_text("component 0")
    expect(equation).to_contain_text(f"{sum_of(2, 0)} Sum")
    page.reload()
    expect(head).to_have_text("dog")
    with page.expect_download() as download:
        page.locator(".st-key-picture_emb_sum").get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "embeddings-bert-mini.png"
