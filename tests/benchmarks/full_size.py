"""Time and memory of models in the released sizes: load, trace, and the picture of the numbers that came out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil

from explainers.checkpoints import FAMILIES, Checkpoint, Family, load, names, settings
from explainers.checkpoints.text import size_text
from explainers.trace import Request, run
from tests import full_size
from tests.benchmarks.tracing import inputs_of
from tests.pages import opened

Result = TypeVar("Result")

LENGTHS = (40, 512)
LESSONS: dict[Family, str] = {"bert": "masked-lm", "gpt2": "generation", "t5": "span-corruption"}
TEXT = "My dog is unbelievably hairy, and he is likely to bark at the bank."


def measure() -> Iterator[str]:
    """One line for each family: what it holds, how long it takes to load, to trace and to draw a lesson with."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[settings.LOCAL_FOLDER] = folder
        for family in FAMILIES:
            full_size.checkpoint(Path(folder) / family, family)
            yield line(load(names.LOCAL + family), family)
        del os.environ[settings.LOCAL_FOLDER]


def line(checkpoint: Checkpoint, family: Family) -> str:
    """Measure one model and let go of it again."""
    process = psutil.Process()
    before = process.memory_info().rss
    loading, _ = timed(lambda: checkpoint.model)
    parts = [
        f"{full_size.NAMES[family]}: {checkpoint.sizes.parameters:,} parameters, random",
        f"{size_text(checkpoint.resident_bytes)} of weights",
        f"loads in {loading:.2f} s",
    ]
    for tokens in LENGTHS:
        pass_of = partial(run, checkpoint, inputs_of(checkpoint, tokens), Request(("attentions", "logits")))
        seconds, _ = timed(pass_of)
        parts.append(f"{tokens} tokens traced in {seconds * 1e3:,.0f} ms")
    grown = max(0, process.memory_info().rss - before)
    parts.append(f"the process grew by {size_text(grown)}")
    page = LESSONS[family]
    opened(page, text=TEXT)  # imports what the page needs
    seconds, app = timed(lambda: opened(page, text=TEXT + " Yes.", **{family: checkpoint.name}))
    parts.append(f"the lesson {page} drawn in {seconds * 1e3:,.0f} ms{'' if not app.error else ' WITH AN ERROR'}")
    checkpoint.release()
    return ", ".join(parts)


def timed(call: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds, and what came out."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result
