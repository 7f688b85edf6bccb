"""BertViz in a browser that is cut off: every view draws the pass's own numbers, in the page's theme."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Dialog, FrameLocator, Page, expect

from explainers.checkpoints import load
from explainers.figures.palette import FAMILY_COLOURS, HEADS
from explainers.trace import trace
from explainers.views.bertviz_limits import Extent, elements
from explainers.views.bertviz_page import VIEWS, Drawn, View, document
from tests.test_bertviz import HOSTILE, drawn

OpenPage = Callable[..., Page]

NAMES: dict[View, str] = {"head": "Head view", "model": "Model view", "neuron": "Neuron view"}
TEXT = "the dog saw </script><img src=x onerror=alert(1)>"
FIRST_LOOK_MILLISECONDS = 90_000  # it loads torch, the weights and BertViz
PAPER = "(element) => getComputedStyle(element).backgroundColor"
ALL = "#vis svg, #vis svg *"
ABOVE_RGB = ("rgb(224, 130, 20)", "rgb(253, 184, 99)")  # of numbers above zero, on a light page and on a dark one
BELOW_RGB = ("rgb(84, 39, 143)", "rgb(185, 163, 245)")


def frame(page: Page) -> FrameLocator:
    """BertViz' document, once it has drawn."""
    found = page.frame_locator("iframe[data-testid=stIFrame]")
    expect(found.locator("html[data-drawn]")).to_be_attached(timeout=FIRST_LOOK_MILLISECONDS)
    expect(found.locator("#drawing")).to_have_count(0)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_draws_the_pass_s_numbers_without_a_network(open_page: OpenPage, server: str, scheme: str) -> None:
    page = open_page(
        f"{server}/attention-heads?text={quote(TEXT)}&att_part=BertViz&att_layer=1&att_head=5", color_scheme=scheme
    )
    dark = scheme == "dark"
    logged: list[str] = []
    page.on("console", lambda message: logged.append(message.text) if message.type == "log" else None)
    own = trace(load("bert-mini"), TEXT, keep=("attentions", "heads"), layer=("encoder", 1))
    weights, tokens = own.attentions["encoder"], len(own.ids["encoder"])
    expect(page.get_by_text(NAMES["head"], exact=True)).to_be_visible(timeout=FIRST_LOOK_MILLISECONDS)
    for view in VIEWS:
        page.get_by_text(NAMES[view], exact=True).click()
        if view != "head":
            page.wait_for_url(f"**att_viz={view.capitalize()}*view*")
        viz = frame(page)
        expect(viz.locator(f"html[data-drawn={view}]")).to_be_attached(timeout=FIRST_LOOK_MILLISECONDS)
        count = elements(view, Extent(tokens, tokens, 32), load("bert-mini").sizes.layers, 8)
        expect(viz.locator(ALL)).to_have_count(count)
        assert viz.locator("body").evaluate(PAPER) == page.locator(".stApp").evaluate(PAPER)
        expect(viz.locator("#vis img")).to_have_count(0)
        if view == "head":
            lines = viz.locator("#attention .headAttention[head-index='5'] line")
            drawn_lines = lines.evaluate_all("(all) => all.map((line) => Number(line.getAttribute('stroke-opacity')))")
            np.testing.assert_allclose(drawn_lines, weights[1, 5].ravel(), rtol=0, atol=0.003)
            squares = viz.locator("#vis > svg > g:last-of-type rect")  # one of each head, in its colour
            assert squares.nth(5).get_attribute("fill") == HEADS[5]
        if view == "model":
            assert viz.locator("#vis line").first.get_attribute("stroke") == FAMILY_COLOURS["bert"].on(dark=dark)
        if view == "neuron":
            components = viz.locator("#queries .element")
            sent = components.evaluate_all("(all) => all.map((each) => Number(each.dataset.value))")
            assert own.heads is not None
            np.testing.assert_allclose(sent, own.heads.q[5].ravel(), rtol=1e-3, atol=1e-5)
            fills = components.evaluate_all("(all) => all.map((each) => each.style.fill)")
            above, below = ABOVE_RGB[dark], BELOW_RGB[dark]
            assert fills == [above if number >= 0 else below for number in sent]
    assert logged == []
    assert page.locator("iframe[data-testid=stIFrame]").get_attribute("title", timeout=5_000)


def test_the_frame_follows_the_theme_at_once(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-heads?text=the+dog&pair=a+cat&att_part=BertViz&att_viz=Neuron+view")
    viz = frame(page)
    viz.locator("#att_head").select_option("2")
    viz.locator("#filter").select_option("ab")
    kept = viz.locator("#vis text.token").count()
    light = viz.locator("body").evaluate(PAPER)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".stApp")).not_to_have_css("background-color", light)
    dark = page.locator(".stApp").evaluate(PAPER)
    expect(viz.locator("body")).to_have_css("background-color", dark)
    expect(viz.locator("#bertviz")).to_have_css("background-color", dark)
    expect(viz.locator("#collapsed #leftText text").first).to_have_css("fill", "rgb(204, 204, 204)")  # its dark palette
    assert (viz.locator("#att_head").input_value(), viz.locator("#filter").input_value()) == ("2", "ab")
    expect(viz.locator("#vis text.token")).to_have_count(kept)
    expect(viz.locator("#vis svg")).to_have_count(1)


def test_the_frame_is_as_high_as_its_picture_and_its_pictures_answer(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-heads?text=the+dog+ran+home&att_part=BertViz&att_viz=Model+view")
    viz = frame(page)
    height = viz.locator("html").evaluate("(root) => root.scrollHeight")
    page.wait_for_function(
        "(height) => document.querySelector('iframe[data-testid=stIFrame]').clientHeight >= height", arg=height
    )
    viz.locator("#vis svg > g").nth(9).click()
    expect(viz.get_by_text("Layer 1, Head 1")).to_be_visible()
    page.get_by_text("Neuron view", exact=True).click()
    row = viz.locator("#collapsed #leftText > g").nth(2)
    row.locator("text").hover()
    row.locator("rect").nth(1).click()
    expect(viz.get_by_text("q × k (elementwise)")).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_a_hostile_token_is_text(open_page: OpenPage, view: View) -> None:
    page = open_page("about:blank")
    dialogs: list[str] = []

    def said(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", said)
    token = HOSTILE.replace("\ud800", "")  # half a character can be in JSON, but cannot be sent to a browser
    page.set_content(document(Drawn(**{**drawn(view).__dict__, "queries": [token] * 7, "keys": [token] * 7}), token))
    expect(page.locator("html[data-drawn]")).to_be_attached()
    if view == "model":
        page.locator("#vis svg > g").nth(0).click()
    shown = page.locator("#vis text").all_text_contents()
    assert shown.count(token) == (28 if view == "neuron" else 14)  # both columns; the neuron view has them twice
    expect(page.locator("img")).to_have_count(0)
    assert not dialogs
