"""The architecture lesson in a browser: a click on a block of the drawing shows its tensors, and the link keeps it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_click_on_a_block_shows_its_tensors_and_the_link_keeps_it(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/architecture")
    expect(page.get_by_role("heading", name="Architecture", level=1)).to_be_visible()
    expect(page.locator(".texts")).to_contain_text("bert.encoder.layer.{i}.attention.self.query.weight")
    # The third of the traces is T5's; its last bars but two are the decoder's highest feed-forward layer.
    bars = page.locator(".st-key-picture_arch_models .trace.bars").nth(2).locator(".point path")
    bars.nth(bars.count() - 3).click(force=True)
    expect(page.locator(".texts")).to_contain_text("decoder.block.{i}.layer.2.DenseReluDense.wi.weight")
    page.wait_for_url("**arch_family=T5**")
    page.reload()
    expect(page.locator(".texts")).to_contain_text("decoder.block.{i}.layer.2.DenseReluDense.wi.weight")
