"""A projector of 1280 by 720 shows every lesson's main picture at once, whatever the sentence."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from explainers.views.lessons import home, lessons

OpenPage = Callable[..., Page]

LOWEST = 560  # pixels from the top at which a main picture may begin

PICTURES = {
    "home": ".st-key-picture_home_tokens_rows",
    "tokenization": ".st-key-picture_tokens_rows",
    "embeddings": ".st-key-picture_emb_sum",
    "masked-lm": ".st-key-picture_mlm_cards",
    "next-sentence": ".answer",
    "generation": ".st-key-picture_gen_next",
    "span-corruption": ".st-key-picture_span",
    "fine-tuning": ".st-key-picture_ft_map",
    "attention-masks": ".st-key-picture_am_head",
    "attention-heads": ".st-key-picture_att_grid_0",
    "architecture": ".st-key-picture_arch_models",
    "matmul": ".st-key-picture_mm_product",
    "roofline": ".st-key-picture_roof_theory",
}

LONG = (
    "When the rain had stopped, the children ran down to the river, where their grandfather was mending the old wooden "
    "boat that he had bought many years ago from a fisherman in the next village. He laughed when he saw them coming, "
    "put down his hammer, and told them that they could all go out together in the morning, if the weather was kind."
)

# Where the picture stands, once no placeholder is before it any more (what comes after it may take its time) and
# nothing has moved it for half a second.
PLACE = """async (selector) => {
  for (let looks = 0, still = 0, before = null; looks < 400; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const picture = document.querySelector(selector);
    const waits = !picture || [...document.querySelectorAll("[data-testid=stSkeleton]")].some(
      (waiting) => picture.compareDocumentPosition(waiting) & Node.DOCUMENT_POSITION_PRECEDING);
    const { y, height } = picture ? picture.getBoundingClientRect() : { y: NaN, height: NaN };
    still = waits || y !== before ? 0 : still + 1;
    if (still === 10) return { y, height };
    before = y;
  }
  throw new Error("the page is not drawn to its end");
}"""


def test_every_lesson_names_its_picture() -> None:
    assert PICTURES.keys() == {lesson.slug for lesson in (home(), *lessons())}


@pytest.mark.parametrize("slug", PICTURES)
def test_the_picture_begins_in_the_first_screen(open_page: OpenPage, server: str, slug: str) -> None:
    """With a text of 60 words, which leaves the least room, and a second one."""
    path = "" if slug == "home" else slug
    page = open_page(f"{server}/{path}?text={quote_plus(LONG)}&pair={quote_plus('It was late.')}")
    expect(page.locator(PICTURES[slug]).first).to_be_visible()
    place = page.evaluate(PLACE, PICTURES[slug])
    assert place["height"] > 50
    assert place["y"] <= LOWEST
