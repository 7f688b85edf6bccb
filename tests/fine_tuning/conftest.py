"""A tiny model of each family, and what it became by a short fine-tuning on the task in `samples`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.fine_tuning import FineTuning, Mode, changes, fine_tune
from tests import small_models
from tests.fine_tuning.samples import SHORT, TASK, Tiny, Tuner


@pytest.fixture(scope="package", autouse=True)
def _few_old_texts() -> Iterator[None]:
    """What is left of the pre-training is asked of 37 sentences here, not of all: in two batches, with pads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "_SENTENCES", 37)
        changes._texts.cache_clear()
        yield
    changes._texts.cache_clear()


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The tiny checkpoint of a family."""

    @lru_cache
    def made(family: Family) -> Checkpoint:
        return small_models.checkpoint(tmp_path_factory.mktemp("fine-tuning") / family, family)

    return made


@pytest.fixture(scope="package")
def tuned(_few_old_texts: None, tiny: Tiny) -> Tuner:
    """The tiny checkpoint of a family after SHORT in a mode; once for all tests, which leave it as it is."""

    @lru_cache
    def made(family: Family, mode: Mode = "all") -> FineTuning:
        return fine_tune(tiny(family), TASK, SHORT[mode])

    return made


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    found: Family = request.param
    return found
