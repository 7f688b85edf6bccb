"""Beam search against transformers, and its tree."""

from __future__ import annotations

import pytest

from explainers.checkpoints import Checkpoint
from explainers.generation import KeyValueMemory, Scheme, beam_search, write
from tests.generation.theirs import generated, prompt_ids


@pytest.mark.parametrize("beams", [2, 3, 5])
@pytest.mark.parametrize("length", [1, 4, 9])
def test_beam_search_is_generate(memory: KeyValueMemory, beams: int, length: int) -> None:
    ids = prompt_ids(memory)
    tree = beam_search(memory, ids, beams, length)
    assert list(tree.ids) == generated(memory.checkpoint, ids, length, num_beams=beams)


@pytest.mark.parametrize("start", range(12))
def test_beam_search_is_generate_where_texts_end_early(tiny: Checkpoint, start: int) -> None:
    ids = (start, 2 * start + 1, start + 5)
    tree = beam_search(KeyValueMemory(tiny), ids, 3, 12)
    assert list(tree.ids) == generated(tiny, ids, 12, num_beams=3)


def test_one_beam_is_greedy(mini: KeyValueMemory) -> None:
    ids = prompt_ids(mini)
    assert list(beam_search(mini, ids, 1, 8).ids) == [
        draw.id for draw in write(mini, ids, Scheme("greedy"), 0, 8).draws
    ]


def test_the_tree_adds_up(mini: KeyValueMemory) -> None:
    ids, beams, length = prompt_ids(mini), 3, 5
    tree = beam_search(mini, ids, beams, length)
    for at, node in enumerate(tree.nodes):
        path = [tree.nodes[step] for step in tree.path(at)]
        assert [step.round for step in path] == list(range(node.round + 1))
        assert node.total == pytest.approx(sum(step.log_probability for step in path), abs=1e-4)
        assert all(step.fate == "kept" for step in path[:-1])
    for number in range(length):
        fates = [node.fate for node in tree.nodes if node.round == number]
        assert len(fates) == 2 * beams
        assert fates.count("kept") == (beams if number < length - 1 else 0)
    finished = [node for node in tree.nodes if node.fate == "finished"]
    assert max(finished, key=lambda node: node.score) == tree.nodes[tree.best]
