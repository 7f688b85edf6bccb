"""The lesson on matrix products in a browser: steps by key and by click, a picture kept, a measurement stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from explainers.matmul import reads

OpenPage = Callable[..., Page]


def test_a_product_is_stepped_and_played_by_key_and_counts_as_python_does(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/matmul?mm_m=4&mm_k=4&mm_n=4&mm_tile=2", reduced_motion="reduce")
    picture = page.locator(".tiles")
    said, counter = picture.locator(".said"), picture.locator(".counter")
    expect(counter).to_have_text("step 4 of 8")
    expect(said).to_contain_text("32 numbers fetched so far, 32 products")
    frame = picture.locator(".frame")
    frame.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("40 numbers fetched so far, 40 products")
    page.keyboard.press("End")
    expect(said).to_contain_text(f"{reads(4, 4, 4, 2)} numbers fetched in all, 64 products")
    expect(said).to_contain_text("it would be 128, 2.0 times as many")
    page.keyboard.press("Home")
    expect(counter).to_have_text("step 0 of 8")
    page.keyboard.press(" ")
    expect(picture.get_by_role("button", name="Pause")).to_be_visible()
    expect(counter).not_to_have_text("step 0 of 8")
    page.keyboard.press(" ")
    expect(picture.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("slider", name="Side of a tile").press("ArrowRight")
    expect(counter).to_contain_text("of 8")
    expect(said).to_contain_text("numbers fetched")


def test_windows_are_chosen_by_click_and_by_key_and_the_picture_is_kept(
    open_page: OpenPage, server: str, tmp_path: Path
) -> None:
    page = open_page(f"{server}/matmul?mm_part=Convolution")
    picture = page.locator(".windows")
    said = picture.locator(".said")
    expect(said).to_contain_text("Window 2, upright edges")
    expect(said).to_contain_text("= −2")
    picture.locator(".frame").focus()
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Window 2, level edges")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Window 3, level edges")
    expect(said).to_contain_text("= −10")
    picture.locator("canvas").click(position={"x": 12, "y": 60})  # the image's corner
    expect(said).to_contain_text("Window 1, level edges")
    with page.expect_download() as kept:
        page.get_by_role("button", name="PNG").click()
    kept.value.save_as(tmp_path / "convolution.png")
    assert (tmp_path / "convolution.png").read_bytes().startswith(b"\x89PNG")


def test_a_measurement_is_stopped_and_another_comes_to_its_end(open_page: OpenPage, server: str) -> None:
    part = f"{server}/matmul?mm_part=Share+of+the+time"
    page = open_page(f"{part}&mm_net=BERT&arch_bert=bert-base&mm_batch=4&mm_tokens=64")
    measure = page.locator(".st-key-mm_measure button")
    measure.click(timeout=60_000)
    page.locator(".st-key-mm_stop button").dispatch_event("click")  # it is drawn anew twice a second
    expect(measure).to_have_text(re.compile("Measure$"))
    page.goto(f"{part}&mm_net=MLP&mm_batch=1")
    expect(page.get_by_text("Inference is 11.6 million FLOPs")).to_be_visible()
    measure.click()
    expect(page.get_by_text("Training step: matrix products are")).to_be_visible(timeout=120_000)
    expect(measure).to_have_text(re.compile("Measure again$"))
