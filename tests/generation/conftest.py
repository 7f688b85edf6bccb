"""A tiny GPT-2 and the built-in one, each with its memory."""

from __future__ import annotations

import pytest

from explainers.checkpoints import Checkpoint, load
from explainers.generation import KeyValueMemory
from tests import small_models


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("tiny") / "gpt2", "gpt2")


@pytest.fixture(scope="module")
def mini() -> KeyValueMemory:
    return KeyValueMemory(load("gpt2-mini"))


@pytest.fixture(params=["tiny", "mini"])
def memory(request: pytest.FixtureRequest, tiny: Checkpoint, mini: KeyValueMemory) -> KeyValueMemory:
    return KeyValueMemory(tiny) if request.param == "tiny" else mini
