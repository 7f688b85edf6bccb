"""What is kept and what is computed again: equal to a full pass, and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from explainers.checkpoints import Checkpoint
from explainers.generation import KeyValueMemory, Scheme, kept_bytes, step_costs, work, write
from explainers.trace import Inputs, Request, run
from tests.generation.theirs import prompt_ids


def test_a_reading_has_the_numbers_of_a_full_pass_whatever_was_read_before(memory: KeyValueMemory) -> None:
    ids = [number % memory.checkpoint.sizes.vocab for number in (7, 3, 11, 5, 2, 9, 4, 8)]
    fresh = KeyValueMemory(memory.checkpoint)
    whole = run(memory.checkpoint, Inputs(decoder=ids), Request(("hidden", "logits")))
    for until, reused in ((3, 0), (6, 3), (8, 6), (5, 5), (8, 8)):
        reading = fresh.read(ids[:until])
        assert reading.reused == reused
        assert reading.ids == tuple(ids[:until])
        assert reading.hidden.numpy() == pytest.approx(whole.hidden["decoder"][:, :until], abs=1e-3)
        assert whole.logits is not None
        assert fresh.logits(reading) == pytest.approx(whole.logits[until - 1], abs=1e-4)
    changed = fresh.read([*ids[:4], 0])
    assert changed.reused == 4


def test_the_memory_forgets_the_oldest_once_it_is_full(tiny: Checkpoint) -> None:
    size = KeyValueMemory(tiny).read([1, 2, 3]).bytes
    small = KeyValueMemory(tiny, most_bytes=2 * size)
    for first in (1, 2, 3):
        small.read([first, 4, 5])
    assert small.read([3, 4, 5]).reused == 3
    assert small.read([2, 4, 5]).reused == 3
    assert small.read([1, 4, 5]).reused == 0


def test_the_kept_bytes_are_those_of_the_tensors(memory: KeyValueMemory) -> None:
    reading = KeyValueMemory(memory.checkpoint).read(prompt_ids(memory))
    tensors = (*reading.keys, *reading.values)
    assert sum(tensor.nbytes for tensor in tensors) == kept_bytes(memory.checkpoint.sizes, len(reading.ids))


@pytest.mark.parametrize(("new", "kept"), [(1, 0), (6, 0), (1, 6), (3, 4)])
def test_the_work_is_what_torch_counts(memory: KeyValueMemory, new: int, kept: int) -> None:
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import DynamicCache

    model: Any = memory.checkpoint.model
    cache = DynamicCache()
    counter = FlopCounterMode(display=False)
    with torch.inference_mode():
        if kept:
            model.transformer(torch.arange(kept)[None], cache=cache, use_cache=True)
        with counter:
            hidden = model.transformer(torch.arange(new)[None], cache=cache, use_cache=True)
            model.lm_head(hidden.last_hidden_state[:, -1])
    assert counter.get_total_flops() == work(memory.checkpoint.sizes, new, kept).flops


def test_step_costs_by_hand(tiny: Checkpoint) -> None:
    # 2 layers, 21 wide, 84 in the feed-forward layers: a token's matrices are 4 x 441 + 2 x 21 x 84 = 5,292 a layer.
    sizes = tiny.sizes
    prompt, first, second = step_costs(sizes, 5, 2)
    output = sizes.vocab * 21
    assert prompt.with_cache == prompt.without_cache
    assert prompt.with_cache.total == 2 * (5 * 5_292 + 2 * 25 * 21) + output
    assert (prompt.kept, prompt.added) == (0, 2 * 2 * 5 * 21 * 4)
    assert first.tokens == 6
    assert first.with_cache.total == 2 * (5_292 + 2 * 6 * 21) + output
    assert first.without_cache.total == 2 * (6 * 5_292 + 2 * 36 * 21) + output
    assert (second.kept, second.added) == (2 * 2 * 6 * 21 * 4, 2 * 2 * 21 * 4)
    assert second.saving == second.without_cache.flops / second.with_cache.flops


def test_two_readers_at_once_get_the_same(tiny: Checkpoint, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    memory = KeyValueMemory(tiny, most_bytes=20_000)
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda seed: write(memory, [1, 2], Scheme(), seed % 3, 8).ids, range(24)))
    assert len(set(texts)) <= 3
