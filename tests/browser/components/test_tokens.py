"""Rows of tokens in a browser: they stand under their text, are linked, and answer the pointer and the keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from explainers.checkpoints import load
from explainers.tokenization import Token, tokenize

FAMILY_EMOJI = "👨‍👩‍👧‍👦"
SENTENCE = "The unbelievable tokenizers."
MIXED = (
    f"My 3 friends {FAMILY_EMOJI} naïvely translated “internationalization” into 한국어 and السلام, café №4 ﬁ done. 🇰🇷"
)
HOSTILE = "</script><img src=x onerror=alert(1)> <b>bold</b> \u202eevil \\0 e\u0301\u0301\u0301\u0301"

# Every box against the cells of its columns, and every label against its tile, all in pixels.
GEOMETRY = """
() => {
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
  const faults = []
  for (const line of root.querySelectorAll('.line')) {
    const cells = [...line.querySelectorAll('.cell')].map((cell) => cell.getBoundingClientRect())
    for (const box of line.querySelectorAll('.box')) {
      if (box.querySelector('.empty') && box.textContent) faults.push(['written twice', box.textContent])
      const [from, to] = [parseInt(box.style.gridColumnStart) - 1, parseInt(box.style.gridColumnEnd) - 2]
      const area = box.getBoundingClientRect()
      if (area.left < cells[from].left - 1 || area.left > cells[from].left + 6) faults.push(['left', box.textContent])
      if (area.right > cells[to].right + 1 || area.right < cells[to].right - 6) faults.push(['right', box.textContent])
    }
    for (const tile of line.querySelectorAll('.tile')) {
      if (tile.scrollWidth > tile.clientWidth + 1) faults.push(['clipped', tile.textContent])
    }
  }
  return faults
}
"""

# The component has seen this width, and every line is drawn.
SETTLED = """
(width) => {
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
  const narrow = root.querySelector('.tokens').classList.contains('narrow')
  return narrow === (width < 600) && [...root.querySelectorAll('.line')].every((line) => line.childElementCount)
}
"""


def tokens(family: str, text: str) -> tuple[Token, ...]:
    """What the small page shows for this text; \\n stands for a line end there, and \\0 for a control character."""
    return tokenize(load(f"{family}-mini"), text.replace("\\n", "\n").replace("\\0", "\x00")).tokens


def tile(page: Page, row: int, text: str) -> Locator:
    return page.locator(".line .row").nth(row + 1).locator(".tile").filter(has_text=text).first


def chosen(page: Page) -> Locator:
    return page.get_by_text("chosen:")


def detail(page: Page, row: int) -> Locator:
    return page.locator(".detail").nth(row)


def test_boxes_stand_under_their_characters_and_labels_fit(show: Callable[..., Page]) -> None:
    page = show()
    page.evaluate("document.fonts.ready")
    for text in (SENTENCE, MIXED, "def f(x):\\n\\n\tif x:\\n\t\treturn  x\\0", "x" * 700, "שלום world 123", "السلام"):
        page.get_by_label("Text", exact=True).fill(text)
        expect(page.locator(".spoken p").first).to_contain_text(tokens("bert", text)[-2].piece)
        for width in (1280, 420):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(SETTLED, arg=width)
            assert page.evaluate(GEOMETRY) == [], (text, width)
            assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_pointing_links_the_rows_and_fills_the_read_out(show: Callable[..., Page]) -> None:
    page = show(text="one word")
    expect(page.locator(".hint")).to_be_visible()
    gpt2 = tokens("gpt2", "one word")
    tile(page, 1, "word").hover()
    for row, piece in enumerate(("word", "·word", "▁word")):
        expect(detail(page, row)).to_contain_text(piece)
    expect(detail(page, 1)).to_contain_text(f"id{gpt2[1].id}")
    expect(detail(page, 1)).to_contain_text("20 77 6F 72 64")
    expect(detail(page, 1)).to_contain_text("text[3:8]")
    expect(page.locator(".tile.current")).to_have_text("·word")
    expect(page.locator(".box.linked")).to_have_count(3)
    expect(page.locator(".cell.linked")).to_have_count(2)
    page.mouse.move(1, 1)
    expect(page.locator(".hint")).to_be_visible()
    expect(page.locator(".linked")).to_have_count(0)


def test_pointing_at_a_typed_character_shows_its_tokens(show: Callable[..., Page]) -> None:
    page = show(text="a 한 b")
    page.locator(".cell").filter(has_text="한").hover()
    covering = [token for token in tokens("gpt2", "a 한 b") if token.start <= 2 < token.end]
    expect(detail(page, 1).locator(".token")).to_have_count(len(covering))
    expect(detail(page, 1)).to_contain_text(covering[-1].data.hex(" ").upper())


def test_a_split_emoji_is_one_mark_with_all_its_tokens(show: Callable[..., Page]) -> None:
    page = show(text=FAMILY_EMOJI, families="gpt2")
    expect(page.locator(".cell").filter(has_text=FAMILY_EMOJI)).to_have_count(1)
    tower = page.locator(".tower")
    expect(tower).to_have_count(1)
    digits = "".join(tower.locator(".tile").all_inner_texts()).replace(" ", "")
    assert bytes.fromhex(digits).decode() == FAMILY_EMOJI
    assert "\ufffd" not in page.locator(".tokens").inner_text()


def test_hostile_text_stays_text(show: Callable[..., Page]) -> None:
    page = show(text=HOSTILE)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    expect(page.locator(".line .cell").filter(has_text="U+202E")).to_be_visible()
    page.locator(".tile").nth(3).click()
    expect(chosen(page)).to_contain_text("token=3")
    assert page.locator("img").count() == 0
    assert page.locator(".tokens script, .tokens b b").count() == 0
    assert dialogs == []


def test_a_click_chooses_until_the_text_changes(show: Callable[..., Page]) -> None:
    page = show(text="one two")
    expect(chosen(page)).to_have_text("chosen: None")
    tile(page, 0, "two").click()
    expect(chosen(page)).to_have_text("chosen: TokenChoice(row=0, token=2)")
    expect(page.locator(".tile.chosen")).to_have_text("two")
    expect(page.locator(".tile.chosen")).to_have_attribute("aria-selected", "true")
    box = page.get_by_label("Text", exact=True)
    box.press("End")
    box.press_sequentially(" x")
    expect(chosen(page)).to_have_text("chosen: None")
    expect(page.locator(".tile.chosen")).to_have_count(0)


def test_keys_move_between_tokens_rows_and_lines(show: Callable[..., Page]) -> None:
    page = show(text="The unbelievable\\ntokenizers")
    focused = page.locator(".tile:focus")
    page.locator(".tile[tabindex='0']").focus()
    expect(focused).to_have_text("[CLS]")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_text("the")
    bert = tokens("bert", "The unbelievable\\ntokenizers")
    expect(focused).to_have_attribute(
        "aria-label",
        f"BERT, token 2 of {len(bert)}: the, id {bert[1].id}, start of a word, bytes 74 68 65, text[0:3]",
    )
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_text("The")
    page.keyboard.press("End")
    expect(focused).to_have_text("↵")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator(".line").nth(1).locator(".tile:focus").count() == 1
    page.keyboard.press("Enter")
    expect(chosen(page)).to_contain_text("row=0")
    assert page.locator(".tile[tabindex='0']").count() == 1
    expect(focused).to_have_count(1)


def test_typing_keeps_the_focus_and_the_lines_that_do_not_change(show: Callable[..., Page]) -> None:
    page = show(text="one two three " * 20)
    page.locator(".line").first.evaluate("(node) => { node.kept = true }")
    lines = page.locator(".line").count()
    assert lines > 2
    box = page.get_by_label("Text", exact=True)
    box.press("End")
    box.press_sequentially("unmistakably")
    expect(page.locator(".line").last).to_contain_text("mis")
    expect(box).to_be_focused()
    assert page.locator(".line").first.evaluate("(node) => node.kept === true")
    page.locator(".tile[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tile:focus")).to_have_text("one")


def test_right_to_left_lines_run_that_way(show: Callable[..., Page]) -> None:
    page = show(text="אב גד 12", families="gpt2")
    cells = page.locator(".cell").filter(has_text="א"), page.locator(".cell").filter(has_text="ד")
    first, last = (cell.first.bounding_box() for cell in cells)
    assert first is not None
    assert last is not None
    assert first["x"] > last["x"]
    page.locator(".tile[tabindex='0']").focus()
    page.keyboard.press("ArrowLeft")
    assert "token 2 of" in (page.locator(".tile:focus").get_attribute("aria-label") or "")


def test_pair_has_its_own_lines_and_segments(show: Callable[..., Page]) -> None:
    page = show(text="one", pair="two")
    expect(page.locator(".line")).to_have_count(2)
    expect(page.locator(".segment")).to_have_text(["A", "B"])
    expect(page.locator(".line").nth(1).locator(".typed .name")).to_have_text("Second text")


def test_long_text_is_drawn_whole_and_what_does_not_fit_is_named(show: Callable[..., Page]) -> None:
    page = show(text="word after word ", times="300")
    expect(page.locator(".cut.begins")).to_have_count(3)
    expect(page.locator(".cut.begins").first).to_contain_text("cut off here")
    expect(page.locator(".line").last.locator(".cell.gone").first).to_be_attached()
    counts = ("BERT\n510 + 2 special", "GPT-2\n512 tokens", "T5\n511 + 1 special")
    assert page.locator(".detail").all_inner_texts() == list(counts)


# Where the line of the token that is pointed at ends, where the read-out begins, and how tall the window is.
READOUT = """
() => {
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
  const line = root.querySelector('.tile.current').closest('.line').getBoundingClientRect()
  const readout = root.querySelector('.readout').getBoundingClientRect()
  return [line.bottom, readout.top, readout.bottom, window.innerHeight]
}
"""


def test_the_read_out_never_covers_the_line_that_it_is_about(show: Callable[..., Page]) -> None:
    page = show(text=f"{SENTENCE} ", times="40")
    lines = page.locator(".line")
    page.mouse.move(2, 2)
    assert "stuck" not in (page.locator(".readout").get_attribute("class") or "")  # at rest it covers nothing
    lines.nth(0).locator(".tile").nth(1).hover()
    line, top, bottom, window = page.evaluate(READOUT)
    assert line <= top < bottom <= window
    heights = lines.evaluate_all("lines => lines.map((line) => line.getBoundingClientRect().bottom)")
    low = max(number for number, end in enumerate(heights) if end <= window)  # the last line that is whole in sight
    lines.nth(low).locator(".tile").nth(1).hover()
    line, top, bottom, window = page.evaluate(READOUT)
    assert line <= top


def test_ids_can_be_shown_instead_of_pieces(show: Callable[..., Page]) -> None:
    page = show(text="the", families="bert")
    page.get_by_role("button", name="Ids").click()
    expect(page.locator(".line .tile")).to_have_text([str(token.id) for token in tokens("bert", "the")])
    page.get_by_role("button", name="Pieces").click()
    expect(page.locator(".line .tile")).to_have_text(["[CLS]", "the", "[SEP]"])


def test_text_alternative_and_roles(show: Callable[..., Page]) -> None:
    page = show(text="the cat", families="bert")
    expect(page.locator(".spoken")).to_have_text("BERT · bert-mini: 4 tokens: [CLS], the, cat, [SEP]")
    expect(page.get_by_role("grid", name="The text and its tokens")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_text(["[CLS]", "the", "cat", "[SEP]"])


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(0, 114, 178)"), ("dark", "rgb(86, 180, 233)")])
def test_family_colours_follow_the_theme(show: Callable[..., Page], scheme: str, colour: str) -> None:
    page = show(scheme, families="bert")
    expect(page.locator(".row .name b").first).to_have_css("color", colour)
