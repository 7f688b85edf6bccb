"""The player of a tokenizer's steps in a browser: buttons, slider, keys, play, and what each algorithm draws."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from explainers.checkpoints import load
from explainers.tokenization import BpeSteps, WordPieceSteps, explain


def counter(page: Page) -> Locator:
    return page.locator(".counter")


def test_steps_by_buttons_slider_and_keys(show: Callable[..., Page]) -> None:
    steps = explain(load("bert-mini"), "unbelievable")
    assert isinstance(steps, WordPieceSteps)
    count = len(steps.tries) + 2
    page = show(word="unbelievable", families="bert")
    expect(counter(page)).to_have_text(f"Step 1 of {count}")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".said")).to_have_text("unbelievable is not in the vocabulary. Drop its last character.")
    page.keyboard.press("ArrowRight")
    expect(counter(page)).to_have_text(f"Step 3 of {count}")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    expect(counter(page)).to_have_text(f"Step {count} of {count}")
    expect(page.locator(".token bdi")).to_have_text(list(steps.pieces))
    expect(page.locator(".token small")).to_have_text([str(number) for number in steps.ids])
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("slider").fill("4")
    expect(counter(page)).to_have_text(f"Step 5 of {count}")
    page.get_by_role("button", name="First").click()
    expect(counter(page)).to_have_text(f"Step 1 of {count}")


def test_steps_play_and_pause(show: Callable[..., Page]) -> None:
    page = show(word="unbelievable", families="bert")
    page.get_by_role("button", name="Play").click()
    expect(counter(page)).to_contain_text("Step 3 of")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_bpe_steps_mark_the_lowest_rank(show: Callable[..., Page]) -> None:
    page = show(word=" thé", families="gpt2")
    steps = explain(load("gpt2-mini"), " thé")
    assert isinstance(steps, BpeSteps)
    expect(page.locator(".rank")).to_have_count(len(steps.merges[0].candidates))
    expect(page.locator(".rank.lowest")).to_have_text(f"rank {steps.merges[0].rank}")
    expect(page.locator(".merging")).to_have_count(2)
    expect(page.locator(".symbol")).to_have_text(["·", "t", "h", "C3", "A9"])
    page.locator(".window").focus()
    page.keyboard.press("End")
    expect(page.locator(".token small")).to_have_text([str(number) for number in steps.ids])


def test_unigram_steps_show_both_paths(show: Callable[..., Page]) -> None:
    page = show(word="▁unbelievable", families="t5")
    page.get_by_role("button", name="Last").click()
    back = page.get_by_role("button", name="Back")
    back.click()
    expect(page.locator(".said")).to_contain_text("The runner-up sums to")
    assert page.locator(".edge.second").count() >= 1
    back.click()
    winners = page.locator(".edge.winner bdi").all_inner_texts()
    assert sorted("".join(winners)) == sorted("▁unbelievable")


def test_a_new_word_starts_over(show: Callable[..., Page]) -> None:
    page = show(word="unbelievable", families="bert")
    page.get_by_role("button", name="Last").click()
    box = page.get_by_label("Word", exact=True)
    box.press_sequentially("s")
    expect(page.locator(".letter")).to_have_count(13)
    expect(counter(page)).to_contain_text("Step 1 of")
    expect(box).to_be_focused()


def test_space_plays_on_the_picture_and_presses_a_button_that_has_the_focus(show: Callable[..., Page]) -> None:
    page = show(word="unbelievable", families="bert")
    page.locator(".window").focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press(" ")
    expect(counter(page)).to_contain_text("Step 2 of")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_without_motion_every_step_is_still_played_and_nothing_moves(show: Callable[..., Page]) -> None:
    page = show(word="internationalization", families="bert")
    expect(page.locator(".said")).to_contain_text("Find the longest piece")
    page.get_by_role("button", name="Next").click()
    moving = page.locator(".try.now")
    expect(moving).to_have_css("animation-name", "arrive")
    page.emulate_media(reduced_motion="reduce")
    expect(moving).to_have_css("animation-name", "none")
    page.get_by_role("button", name="Play").click()
    for step in (3, 4):
        expect(counter(page)).to_contain_text(f"Step {step} of")


def test_pausing_leaves_the_picture_as_it_stands(show: Callable[..., Page]) -> None:
    page = show(word="unbelievable", families="bert")
    page.get_by_role("button", name="Play").click()
    page.locator(".try.now").evaluate("(node) => { node.kept = true }")
    page.get_by_role("button", name="Pause").click()
    assert page.locator(".try.now").evaluate("(node) => node.kept === true")
