"""Greedy and sampled writing against transformers, and where it stops."""

from __future__ import annotations

import pytest
import torch

from explainers.checkpoints import Checkpoint, load
from explainers.generation import KeyValueMemory, Scheme, end_of_text, most_draws, prompt_of, write
from explainers.tokenization import tokenize
from tests.generation.theirs import cut_by_transformers, generated, prompt_ids


def test_greedy_is_generate(memory: KeyValueMemory) -> None:
    ids = prompt_ids(memory)
    written = write(memory, ids, Scheme("greedy"), seed=0, count=15)
    assert [draw.id for draw in written.draws] == generated(memory.checkpoint, ids, 15)
    assert all(draw.rank == 1 and draw.after == 1 and draw.die is None for draw in written.draws)


def test_draws_depend_on_the_arguments_alone(mini: KeyValueMemory) -> None:
    ids, scheme = prompt_ids(mini), Scheme(temperature=0.9, top_k=50)
    written = write(mini, ids, scheme, seed=3, count=10)
    assert write(KeyValueMemory(mini.checkpoint), ids, scheme, seed=3, count=4).draws == written.draws[:4]
    assert write(mini, ids, scheme, seed=4, count=10).ids != written.ids
    assert written.ids == (*ids, *(draw.id for draw in written.draws))


def test_a_draw_keeps_its_probability_before_and_after_the_cuts(mini: KeyValueMemory) -> None:
    ids, scheme = prompt_ids(mini), Scheme(temperature=0.8, top_k=20, top_p=0.9)
    written = write(mini, ids, scheme, seed=5, count=6)
    for at, draw in enumerate(written.draws):
        logits = torch.from_numpy(mini.logits(mini.read(written.ids[: len(ids) + at])))
        assert draw.own == pytest.approx(float(logits.softmax(-1)[draw.id]), abs=1e-5)
        assert draw.after == pytest.approx(float(cut_by_transformers(logits, scheme)[draw.id]), abs=1e-5)
        assert draw.rank == 1 + int((logits > logits[draw.id]).sum())
        assert draw.rank <= draw.kept <= 20


def test_of_a_text_that_leaves_no_room_the_last_tokens_are_kept() -> None:
    checkpoint = load("gpt2-mini")
    text = "Über dogs, " * 400
    ids = checkpoint.tokenizer.encode(text).ids
    found = prompt_of(checkpoint, text)
    assert found.ids == tuple(ids[-(checkpoint.context - 64) :])
    assert found.left_out == len(ids) - len(found.ids)
    assert most_draws(checkpoint, len(found.ids)) > 60
    short = prompt_of(checkpoint, "Über dogs")
    assert short.ids == tokenize(checkpoint, "Über dogs").ids
    assert short.left_out == 0
    assert sum(short.sizes) == len("Über dogs".encode())


def test_a_small_context_is_half_left_to_write_in(tiny: Checkpoint) -> None:
    assert len(prompt_of(tiny, "the dog saw " * 50).ids) == tiny.context - tiny.context // 2


def test_writing_stops_where_the_context_is_full(tiny: Checkpoint) -> None:
    memory = KeyValueMemory(tiny)
    ids = [1] * (tiny.context - 2)
    written = write(memory, ids, Scheme(), seed=1, count=50)
    assert written.full or written.ended
    assert len(written.draws) <= most_draws(tiny, len(ids)) == 3
    full = write(memory, [1] * tiny.context, Scheme("greedy"), seed=1, count=50)
    assert len(full.draws) == 1
    assert full.full


def test_writing_stops_at_the_end_of_the_text(tiny: Checkpoint) -> None:
    end = end_of_text(tiny)
    written = [write(KeyValueMemory(tiny), [2], Scheme(temperature=5.0), seed, 20) for seed in range(40)]
    ended = [each for each in written if each.ended]
    assert ended
    assert all(each.draws[-1].id == end for each in ended)
    assert all(end not in [draw.id for draw in each.draws[:-1]] for each in written)
