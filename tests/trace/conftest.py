"""The models that trace() is tested with."""

from __future__ import annotations

import pytest

from explainers.checkpoints import FAMILIES, Checkpoint, load
from tests import small_models
from tests.trace.theirs import NAMES


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    """The built-in models, and random ones of odd sizes, by size and family."""
    found = {f"mini-{family}": load(f"{family}-mini") for family in FAMILIES}
    for family in FAMILIES:
        found[f"tiny-{family}"] = small_models.checkpoint(tmp_path_factory.mktemp(family), family)
    return found


@pytest.fixture(params=NAMES)
def checkpoint(request: pytest.FixtureRequest, checkpoints: dict[str, Checkpoint]) -> Checkpoint:
    return checkpoints[request.param]
