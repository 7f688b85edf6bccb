"""The shell in a browser: links that bring everything back, examples, the copied link, both themes, no network."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

DEEP = "/tokenization?text=deep+link+%F0%9F%A4%96&pair=and+more"


def choice(address: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}


def sentence(page: Page) -> str:
    return page.get_by_label("Sentence", exact=True).input_value()


def wait_for_address(page: Page, **wanted: str) -> None:
    page.wait_for_url(lambda address: choice(address).items() >= wanted.items())


def test_cold_deep_link_restores_sentence_pair_and_models(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}{DEEP}&bert=bert-mini&gpt2=gpt2-mini&t5=t5-mini")
    expect(page.get_by_role("heading", name="Tokenization", level=1)).to_be_visible()
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("deep link 🤖")
    expect(page.get_by_label("Second sentence")).to_have_value("and more")
    page.get_by_role("button", name="Models").click()
    for family, name in (("BERT", "bert-mini"), ("GPT-2", "gpt2-mini"), ("T5", "t5-mini")):
        expect(page.get_by_role("combobox", name=family)).to_have_value(name)


def test_answers_while_typing(open_page: OpenPage, server: str) -> None:
    page = open_page(server)
    box = page.get_by_label("Sentence", exact=True)
    box.fill("")
    box.press_sequentially("typed, not sent", delay=20)
    wait_for_address(page, text="typed, not sent")
    expect(box).to_be_focused()


def test_enter_answers_and_shift_enter_makes_a_line(open_page: OpenPage, server: str) -> None:
    page = open_page(server)
    box = page.get_by_label("Sentence", exact=True)
    box.fill("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    wait_for_address(page, text="one\ntwo")
    assert sentence(page) == "one\ntwo"


def test_example_and_undo(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/?text=mine&pair=mine+too")
    for title, text in (("Two banks", "She sat on the bank of the river."), ("Capitals", "Apple apple APPLE")):
        page.get_by_role("button", name="Examples").click()
        page.get_by_role("button", name=title).click()
        wait_for_address(page, text=text)
        expect(page.get_by_label("Sentence", exact=True)).to_have_value(text)
        expect(page.get_by_role("button", name=title)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    wait_for_address(page, text="mine", pair="mine too")
    expect(page.get_by_label("Second sentence")).to_have_value("mine too")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_copied_link_holds_the_whole_choice(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}{DEEP}")
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("deep link 🤖")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(copied).path == "/tokenization"
    assert choice(copied) == {
        "text": "deep link 🤖",
        "pair": "and more",
        "bert": "bert-mini",
        "gpt2": "gpt2-mini",
        "t5": "t5-mini",
    }


def test_a_text_too_long_for_a_link_is_said_and_kept_out_of_the_address(open_page: OpenPage, server: str) -> None:
    page = open_page(server)
    box = page.get_by_label("Sentence", exact=True)
    box.fill("short")
    box.press("Enter")
    wait_for_address(page, text="short")
    box.fill("가" * 5_000)
    box.press("Enter")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="The text is too long for a link")).to_be_visible()
    page.wait_for_url(lambda address: "text" not in choice(address))


def test_the_choice_follows_to_other_pages_and_into_their_links(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/?text=follow+me&pair=too")
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("follow me")
    card = page.get_by_role("link", name="Tokenization")
    card.hover()
    assert choice(card.get_attribute("href") or "") == {"text": "follow me", "pair": "too"}
    card.click()
    expect(page.get_by_role("heading", name="Tokenization", level=1)).to_be_visible()
    assert urlsplit(page.url).path == "/tokenization"
    assert choice(page.url) == {"text": "follow me", "pair": "too"}
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Home").or_(page.get_by_role("menuitem", name="Home")).click()
    expect(page.get_by_role("heading", name="Lessons")).to_be_visible()
    assert choice(page.url) == {"text": "follow me", "pair": "too"}
    assert sentence(page) == "follow me"


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 22, 29)")])
@pytest.mark.parametrize("path", ["/", "/tokenization"])
def test_both_themes(open_page: OpenPage, server: str, path: str, scheme: str, background: str) -> None:
    page = open_page(server + path, color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)


def test_hostile_text_is_drawn_as_text(open_page: OpenPage, server: str) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    page = open_page(
        f"{server}/tokenization?text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%3Cscript%3Ealert(2)%3C/script%3E&bert=%3Cb%3E"
    )
    expect(page.get_by_label("Sentence", exact=True)).to_have_value(hostile)
    expect(page.get_by_role("heading", name="Tokenization", level=1)).to_be_visible()
    assert page.locator("img[src='x']").count() == 0
    assert page.get_by_text("There is no BERT model named <b>").count() == 1
