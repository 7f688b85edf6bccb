"""The heads lesson in a browser: a head by click and by key, kept by the link, and pointing answered at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from explainers.checkpoints import load
from explainers.trace import trace

OpenPage = Callable[..., Page]

TEXT = "the dog saw </script><img src=x onerror=alert(1)>"

# Where the middle of a head is, in the grid: what is drawn is asked for, since a canvas has no elements.
PLACE = """
([layer, head]) => {
  const canvas = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map((node) => node.shadowRoot?.querySelector('.grid canvas')).find(Boolean)
  const em = parseFloat(getComputedStyle(canvas.parentElement).fontSize)
  const cell = (canvas.clientWidth - 1.6 * em) / 8
  return {x: 1.6 * em + (head + 0.5) * cell, y: 1.6 * em + (layer + 0.5) * cell}
}
"""

# How many different colours a canvas shows.
COLOURS = """
(canvas) => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
  return new Set(Array.from(new Uint32Array(pixels.buffer))).size
}
"""


def click(page: Page, grid: Locator, layer: int, head: int) -> None:
    """Click the head's thumbnail."""
    grid.click(position=page.evaluate(PLACE, [layer, head]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_heads_are_opened_by_click_and_key_and_silenced(open_page: OpenPage, server: str, scheme: str) -> None:
    page = open_page(f"{server}/attention-heads?text={TEXT}", color_scheme=scheme)
    grid, said = page.locator(".grid canvas"), page.locator(".grid .said")
    expect(said).to_contain_text("layer", timeout=90_000)  # the first look loads torch and the weights
    assert grid.evaluate(COLOURS) > 20
    click(page, grid, 2, 6)
    expect(said).to_contain_text("layer 2, head 6")
    page.wait_for_url("**att_head=6*")
    page.mouse.move(5, 5)
    grid.press("ArrowLeft")
    grid.press("ArrowUp")
    expect(said).to_contain_text("layer 1, head 5")
    page.wait_for_url("**att_layer=1*")
    page.wait_for_url("**att_head=5*")
    expect(page.locator(".map .scroller")).to_have_attribute("aria-label", re.compile("layer 1, head 5"))
    page.locator(".map .scroller").press("ArrowRight")
    expect(said).to_contain_text("layer 1, head 6")

    expect(page.locator(".map .scroller")).to_have_attribute("aria-label", re.compile("layer 1, head 6"))
    weights = trace(load("bert-mini"), TEXT).attentions["encoder"][1, 6, 2]
    page.locator(".map canvas").hover(position={"x": 60, "y": 56})  # the third row, which is "dog"
    expect(page.locator(".map .said")).to_contain_text("dog looks at")
    share = f"{100 * weights.max():.0f} %" if weights.max() >= 0.0995 else f"{100 * weights.max():.1f} %"
    expect(page.locator(".map .said")).to_contain_text(share)
    page.locator(".map canvas").click(position={"x": 60, "y": 56})
    page.wait_for_url("**att_query=2*")

    page.reload()
    expect(said).to_contain_text("layer 1, head 6")
    page.get_by_text("Knock out", exact=True).click()
    expect(page.get_by_text("A click silences a head")).to_be_visible()
    click(page, grid, 3, 1)
    expect(page.get_by_text("Without 1 head")).to_be_visible()
    page.wait_for_url("**att_out=encoder.3.1*")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_a_hostile_token_does_nothing_in_any_part(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-heads?text={TEXT}&pair={TEXT}&att_part=Patterns")
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    said = page.locator(".grid .said")
    expect(said).to_contain_text("layer", timeout=90_000)
    for part, sentence in (
        ("Measures", "Means over all tokens"),
        ("Inside", "Mix the values"),
        ("Knock out", "Silence a head"),
        ("Compare", "bert-mini"),
        ("One head", "on this text"),
    ):
        page.get_by_text(part, exact=True).click()
        expect(page.get_by_text(sentence).first).to_be_visible()
    page.get_by_text("Matrix", exact=True).click()
    expect(page.get_by_text("Point at a cell")).to_be_visible()
    page.locator(".map canvas").hover(position={"x": 140, "y": 120})
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert not asked


def test_a_long_computation_is_stopped_by_a_click_and_begun_again(open_page: OpenPage, server: str) -> None:
    text = "+".join(["the+old+dog+ran+home"] * 60)
    page = open_page(f"{server}/attention-heads?text={text}&att_part=Knock+out&att_each=true&att_at=3")
    stop = page.locator("[class*=st-key-waiting_stop_] button")
    expect(page.get_by_text(re.compile("About|about"))).to_be_visible(timeout=90_000)
    stop.click()
    expect(page.get_by_text("Nothing is left behind")).to_be_visible()
    expect(stop).to_have_count(0)
    page.get_by_role("button", name="Start again").click()
    expect(stop).to_be_visible()


def test_a_long_text_is_pooled_and_pointing_asks_no_server(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-heads?text={'dog+' * 200}")
    sent: list[object] = []

    def note(frame: object) -> None:
        sent.append(frame)

    expect(page.locator(".grid .pooled")).to_contain_text("4 × 4", timeout=90_000)
    expect(page.locator(".map .scroller")).to_have_attribute("aria-label", re.compile("202 tokens"))
    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.reload()
    expect(page.locator(".map .scroller")).to_have_attribute("aria-label", re.compile("202 tokens"), timeout=90_000)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    before = len(sent)
    assert before
    for y in (40, 90, 140):
        page.locator(".map canvas").hover(position={"x": 60, "y": y})
        expect(page.locator(".map .said")).to_contain_text("dog looks at")
    assert len(sent) == before
