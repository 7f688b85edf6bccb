"""The fine-tuning lesson in a browser: the curves grow, a training is stopped, and its picture is played."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

PATIENCE_MILLISECONDS = 120_000  # a training takes seconds, on a machine that may be busy with other tests


def train(page: Page) -> None:
    page.locator(".st-key-ft_train button").click(timeout=PATIENCE_MILLISECONDS)


def test_a_training_grows_and_is_stopped(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/fine-tuning?ft_seed=11&ft_epochs=40")
    train(page)
    growing = page.locator(".st-key-picture_ft_growing .scatterlayer .point")
    expect(growing.first).to_be_attached(timeout=PATIENCE_MILLISECONDS)
    page.get_by_role("button", name="Stop", exact=True).click(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_text("Stopped. Nothing is left behind.")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_a_finished_training_is_played_from_its_beginning(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/fine-tuning?ft_examples=32&ft_epochs=1")
    train(page)
    picture = page.locator(".st-key-picture_ft_map")
    expect(picture.locator(".slider-container")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(picture).to_contain_text("your sentenceafter step 2")
    picture.locator(".updatemenu-button").click()
    expect(picture).not_to_contain_text("your sentenceafter step 2")
    expect(picture).to_contain_text("your sentenceafter step 2", timeout=PATIENCE_MILLISECONDS)
    page.wait_for_url("**ft_run=*")
    page.reload()
    expect(picture.locator(".slider-container")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
