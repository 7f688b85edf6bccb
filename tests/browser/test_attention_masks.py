"""The masks lesson in a browser: clicks and keys open and close cells, at once and in the link."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

from explainers.attention import ChosenMask
from explainers.checkpoints import load
from explainers.masks_compared import head_scores
from explainers.tokenization import tokenize
from explainers.trace import Inputs

OpenPage = Callable[..., Page]


def test_cells_are_opened_by_click_and_by_key(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/attention-masks?text=the+old+dog+ran+home&am_family=GPT-2")
    grid = page.locator(".maskgrid")
    expect(grid.get_by_text("looks at, step by step")).to_be_visible(timeout=90_000)  # the first look loads torch
    closed = grid.locator(".shares td.closed")
    before = closed.count()
    assert before
    frame = grid.locator(".frame")
    frame.focus()
    page.keyboard.press("ArrowRight")  # begins at the chosen query's first cell
    for _step in range(40):
        if "may not look" in grid.locator(".readout").inner_text():
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(closed).to_have_count(before - 1)
    page.wait_for_url("**am_flips=*")
    expect(page.get_by_text("under this one").first).to_be_visible()
    page.reload()
    expect(closed).to_have_count(before - 1)
    page.get_by_role("button", name="Undo my cells").click()
    expect(closed).to_have_count(before)
    canvas = frame.locator("canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": 20, "y": box["height"] - 8})  # the last row's name
    expect(closed).to_have_count(0)


def test_the_weights_of_a_long_text_are_worked_out_in_the_browser(open_page: OpenPage, server: str) -> None:
    text = " ".join(["the old dog ran home"] * 30)
    page = open_page(f"{server}/attention-masks?am_family=GPT-2&am_query=40&text={text.replace(' ', '+')}")
    grid = page.locator(".maskgrid")
    expect(grid.get_by_text("the largest weights first")).to_be_visible(timeout=90_000)
    ids = tuple(tokenize(load("gpt2-mini"), text).ids)
    mask = ChosenMask("causal").array(len(ids), len(ids))
    weights = head_scores(load("gpt2-mini"), Inputs(decoder=ids), "decoder", 0, 0, {"decoder": mask}).weights[40]
    shown = [share for share in grid.locator(".shares td b").all_inner_texts() if share not in ("0 %", "<0.1 %")]
    assert shown
    own = {percent(weight) for weight in weights.tolist()}
    assert set(shown) <= own


def test_every_key_of_a_long_row_can_be_reached_and_the_clicked_one_is_in_sight(
    open_page: OpenPage, server: str
) -> None:
    text = "+".join(["the+old+dog+ran+home"] * 8)
    page = open_page(f"{server}/attention-masks?am_family=BERT&am_query=3&text={text}")
    grid = page.locator(".maskgrid")
    names = grid.locator(".head th[scope=col]")
    expect(grid.get_by_text("the largest weights first")).to_be_visible(timeout=90_000)
    expect(names).to_have_count(len(tokenize(load("bert-mini"), text.replace("+", " ")).tokens))
    shares = [number(share) for share in grid.locator(".shares td b").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    canvas = grid.locator(".frame canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": 0.26 * box["width"], "y": box["height"] - 30})  # the first matrix, far from its left
    chosen = grid.locator(".head .chosen")
    expect(chosen).to_have_count(1)
    grid.locator(".steps").scroll_into_view_if_needed()
    expect(chosen).to_be_in_viewport(ratio=1)
    grid.get_by_role("button", name="Order of the text").click()
    expect(names.nth(0)).to_have_text("[CLS]")
    expect(chosen).to_be_in_viewport(ratio=1)
    expect(grid.get_by_role("button", name="Largest first")).to_be_visible()


def number(share: str) -> float:
    """A share as the picture writes it, in percent."""
    return float(share.removeprefix("<").removesuffix("%"))


def percent(share: float) -> str:
    """As the picture writes a share."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def test_a_hostile_token_does_nothing_under_any_mask(open_page: OpenPage, server: str) -> None:
    text = "the dog saw </script><img src=x onerror=alert(1)>"
    page = open_page(f"{server}/attention-masks?text={text}&pair=A {text} again")
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    grid = page.locator(".maskgrid")
    expect(grid.get_by_text("step by step")).to_be_visible(timeout=90_000)
    for mask, sentence in (("Prefix", "under this one"), ("Padding", "of the work is for pads")):
        page.get_by_text(mask, exact=True).click()
        expect(page.get_by_text(sentence).first).to_be_visible()
        expect(page.locator("img[src=x]")).to_have_count(0)
    assert not asked
