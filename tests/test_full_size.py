"""Models of the released sizes, but with few layers: every lesson draws them, and the library's own sizes are ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainers.checkpoints import FAMILIES, Checkpoint, Family, settings
from explainers.trace import trace
from tests import full_size
from tests.pages import opened, sentences
from tests.test_app import PAGES

TEXT = "My dog is unbelievably hairy, and he is likely to bark at the bank."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the operator's with one model a family."""
    root = tmp_path_factory.mktemp("local")
    for family in FAMILIES:
        full_size.checkpoint(root / family, family, layers=2)
    return root


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_of_the_released_size_loads_and_traces(folder: Path, family: Family) -> None:
    checkpoint = Checkpoint(family, folder / family)
    sizes = checkpoint.sizes
    assert checkpoint.tokenizer.get_vocab_size() == full_size.PIECES[family]
    assert sizes.vocab == (full_size.T5_ROWS if family == "t5" else full_size.PIECES[family])
    assert sum(tensor.numel() for tensor in checkpoint.model.parameters()) == sizes.parameters
    assert checkpoint.resident_bytes >= 4 * sizes.parameters
    found = trace(checkpoint, TEXT)
    assert found is not None
    assert all(head.trained for head in checkpoint.heads.values())


@pytest.mark.parametrize("page", PAGES)
def test_every_lesson_draws_models_of_the_released_sizes(
    folder: Path, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.LOCAL_FOLDER, str(folder))
    app = opened(page, text=TEXT, pair="It sat down.", **{family: f"local:{family}" for family in FAMILIES})
    assert [app.selectbox(key=family).value for family in FAMILIES] == [f"local:{family}" for family in FAMILIES]
    assert not app.exception
    assert not app.error
    assert "cannot" not in sentences(app)
