"""A small corpus of sentences that are made here, in the form that training reads."""

from __future__ import annotations

import random
from pathlib import Path

import pytest


def _sentence(rng: random.Random) -> str:
    who = rng.choice(["The cat", "A bird", "My sister", "The old man", "Nobody"])
    does = rng.choice(["saw", "liked", "carried", "forgot"])
    what = rng.choice(["the river", "a red ball", "the school", "his bread", "the moon"])
    return f"{who} {does} {what}."


def _documents(seed: int, documents: int, paragraphs: int) -> str:
    rng = random.Random(seed)
    return "\n\n".join(
        "\n".join(" ".join(_sentence(rng) for _ in range(4)) for _ in range(paragraphs)) for _ in range(documents)
    )


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources of 400 and 600 documents, and the file that must never be trained on."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "first.txt").write_text(_documents(0, 400, 3), encoding="utf-8")
    (folder / "second.txt").write_text(_documents(1, 600, 2), encoding="utf-8")
    (folder / "validation.txt").write_text("Zebras never train.", encoding="utf-8")
    return folder
