"""A model from the hub to the page: what only a browser shows is that the choice outlives the dialog it was made in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explainers.checkpoints import settings
from tests import small_models, stand_in_hub
from tests.serving import explainers_run, free_port, serving
from tests.stand_in_hub import Repository


@pytest.fixture
def server_with_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application with an empty folder for models, and a hub that has one."""
    small_models.checkpoint(tmp_path / "bert", "bert")
    monkeypatch.setenv(settings.FOLDER, str(tmp_path / "models"))
    port = free_port()
    with stand_in_hub.serving() as hub:
        hub.repositories["google/bert_uncased_L-2_H-128_A-2"] = Repository(tmp_path / "bert")
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        with serving(explainers_run(port), port, tmp_path):
            yield f"http://127.0.0.1:{port}"


def test_a_model_is_downloaded_and_stays_in_use(server_with_hub: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server_with_hub}/tokenization?text=the+dog")
    expect(page.get_by_role("heading", name="Tokenization", exact=True)).to_be_visible()
    page.get_by_role("button", name="Models").click()
    page.get_by_role("button", name="More models").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("bert-L2-H128", exact=True).click()
    dialog.get_by_role("button", name="Download", exact=False).click()
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog.get_by_role("radiogroup")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("textbox").first.fill("the cat")
    expect(page).to_have_url(re.compile("text=the.cat"))
    expect(page).to_have_url(re.compile("bert=bert-L2-H128"))
    expect(page.get_by_text("entries of bert-L2-H128")).to_be_attached()
