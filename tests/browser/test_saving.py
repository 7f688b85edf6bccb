"""The shared control under pictures that plotly does not draw: a PNG of the picture as it stands, and its numbers."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

TEXT = "text=the+old+dog+ran+home&pair=it+was+tired"

# How many different colours an image has, and its size.
SEEN = """
async (source) => {
  const image = new Image()
  image.src = source
  await image.decode()
  const canvas = document.createElement('canvas')
  Object.assign(canvas, {width: image.width, height: image.height})
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data
  return new Set(Array.from(new Uint32Array(pixels.buffer))).size
}
"""


@pytest.mark.parametrize(
    ("page", "picture", "name", "header"),
    [
        ("tokenization", "tokens_rows", "tokens", "model,place,piece,id"),
        ("tokenization", "steps", "bert-steps", "step,piece,id"),
        ("embeddings", "emb_sum", "embeddings-bert-mini", "token,piece,part"),
        ("masked-lm", "mlm_cards", "masked-lm-cards", "token,first die"),
        ("generation", "gen_line", "generation", "place,id,token"),
        ("span-corruption", "span", "span-corruption", "row,column,token"),
        ("attention-masks", "am_head", "attention-mask", "row,query,column,key"),
        ("attention-heads", "att_grid_0", "heads-bert-mini", "layer,head,number"),
    ],
)
def test_a_picture_is_saved_as_it_stands_with_its_numbers(
    open_page: OpenPage, server: str, tmp_path: Path, page: str, picture: str, name: str, header: str
) -> None:
    opened = open_page(f"{server}/{page}?{TEXT}", color_scheme="dark")
    control = opened.locator(f".st-key-picture_{picture}")
    expect(control.get_by_role("button", name="PNG", exact=True)).to_be_visible(timeout=60_000)
    files = {}
    for kind in ("PNG", "CSV"):
        with opened.expect_download() as download:
            control.get_by_role("button", name=kind, exact=True).click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
        assert files[kind].name == f"{name}.{kind.lower()}"
    image = files["PNG"].read_bytes()
    assert image.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", image[16:24])
    assert width > 600
    assert height > 150
    encoded = b64encode(image).decode()
    assert opened.evaluate(SEEN, f"data:image/png;base64,{encoded}") > 20
    assert files["CSV"].read_text(encoding="utf-8").startswith(header)
