"""Maps of heads, the inside of one, and heads that are knocked out: hand-worked numbers, and the model's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explainers import attention
from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.knockout import Effect, HeadPlace, effect, every_head, probabilities
from explainers.trace import KINDS, AttentionKind, TraceError, trace
from tests import small_models

TEXT = "the dog saw a cat"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[Family, Checkpoint]:
    """A random model of every family, whose sizes are all odd."""
    folder: Path = tmp_path_factory.mktemp("models")
    return {family: small_models.checkpoint(folder / family, family) for family in FAMILIES}


def random_attentions(shape: Sequence[int]) -> Any:
    raw = np.random.default_rng(5).random(shape)
    return raw / raw.sum(axis=-1, keepdims=True)


def test_a_thumbnail_of_a_short_text_has_every_pair() -> None:
    weights = np.array([[[[1.0, 0.0], [0.25, 0.75]]]])
    small_picture = attention.thumbnails(weights)
    assert small_picture.block == 1
    assert small_picture.levels[0, 0].tolist() == [[255, 0], [128, 221]]  # 255 x sqrt(0.25), 255 x sqrt(0.75)


@pytest.mark.parametrize(("queries", "keys", "block"), [(5, 7, 2), (4, 4, 1), (9, 3, 3), (8, 1, 2)])
def test_a_thumbnail_of_a_long_text_keeps_the_largest_weight_of_each_block(queries: int, keys: int, block: int) -> None:
    weights = random_attentions((2, 3, queries, keys))
    pooled = attention.thumbnails(weights, most=4)
    assert pooled.block == block
    rows, columns = pooled.levels.shape[2:]
    assert max(rows, columns) <= 4
    for row in range(rows):
        for column in range(columns):
            part = weights[1, 2, row * block : (row + 1) * block, column * block : (column + 1) * block]
            assert pooled.levels[1, 2, row, column] == round(255 * part.max() ** 0.5)


def test_nothing_is_a_thumbnail_of_nothing() -> None:
    assert attention.thumbnails(np.zeros((2, 3, 0, 0))).levels.shape == (2, 3, 0, 0)


def test_every_map_is_made_of_the_heads_that_it_names() -> None:
    weights = random_attentions((3, 5, 4, 4))
    found = {view: attention.attention_map(weights, view, 1, 2, [(0, 0), (2, 4)]) for view in attention.MAP_VIEWS}
    np.testing.assert_allclose(found["head"], weights[1, 2], rtol=1e-6)
    np.testing.assert_allclose(found["layer"], weights[1].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found["all"], weights.mean(axis=(0, 1)), rtol=1e-6)
    np.testing.assert_allclose(found["set"], (weights[0, 0] + weights[2, 4]) / 2, rtol=1e-6)
    np.testing.assert_allclose(found["rollout"], attention.rollout(weights)[1], rtol=1e-6)
    for map_ in found.values():
        np.testing.assert_allclose(map_.sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(attention.attention_map(weights, "set", 1, 2), found["head"])


def test_a_part_of_a_map_travels_in_half_precision() -> None:
    part = attention.part_of(np.arange(12.0).reshape(3, 4) / 16, [2, 0], [1])
    assert part.tolist() == [[9 / 16], [1 / 16]]
    assert np.frombuffer(attention.as_half_floats(part), "<f2").tolist() == [9 / 16, 1 / 16]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_inside_of_a_head_is_the_model_s_own(small: dict[Family, Checkpoint], family: Family) -> None:
    for kind in KINDS[family]:
        parts = trace(small[family], TEXT, keep=("heads",), layer=(kind, 1)).heads
        assert parts is not None
        heads, queries, keys = parts.weights.shape
        for head in range(heads):
            for query in range(queries):
                key = (query + head) % keys
                found = attention.inside_head(parts, head, query, key)
                np.testing.assert_allclose(found.weights, parts.weights[head, query], atol=1e-5)
                np.testing.assert_allclose(found.mix, parts.mix[head, query], atol=1e-5)
                assert found.pair.products.sum() == pytest.approx(found.pair.dot, abs=1e-5)
                if found.allowed:
                    assert found.pair.score == pytest.approx(float(found.scores[key]), abs=1e-5)
                else:
                    assert found.scores[key] == -np.inf


@pytest.mark.parametrize("family", FAMILIES)
def test_measures_of_a_pass_are_those_of_each_layer(small: dict[Family, Checkpoint], family: Family) -> None:
    found = trace(small[family], TEXT)
    for kind in KINDS[family]:
        measures = attention.measures_of(small[family], found, kind).by_name()
        shape = found.attentions[kind].shape[:2]
        assert all(values.shape == shape for values in measures.values())
        assert ("distance" in measures) == (kind != "cross")
        np.testing.assert_allclose(measures["first"], found.attentions[kind][..., 0].mean(axis=-1), rtol=1e-5)


def knocked_out(checkpoint: Checkpoint, at: int, heads: Sequence[HeadPlace]) -> Effect:
    before, true_id = probabilities(checkpoint, TEXT, None, None, at, ())
    return effect(before, probabilities(checkpoint, TEXT, None, None, at, heads)[0], true_id)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_effect_is_the_difference_of_two_passes(small: dict[Family, Checkpoint], family: Family) -> None:
    checkpoint, kind = small[family], KINDS[family][-1]
    out: list[tuple[AttentionKind, int, int]] = [(kind, 0, 1), (kind, 1, 0)]
    found = knocked_out(checkpoint, 1, out)
    before, true_id = probabilities(checkpoint, TEXT, None, None, 1, ())
    after, _same = probabilities(checkpoint, TEXT, None, None, 1, out)
    assert before.sum() == pytest.approx(1)
    assert not np.allclose(before, after, rtol=1e-3)
    assert found.true_id == true_id
    assert true_id in found.ids
    assert found.after[found.watched] == after[true_id]
    np.testing.assert_array_equal(found.before, before[list(found.ids)])
    np.testing.assert_array_equal(found.after, after[list(found.ids)])
    assert found.before.tolist() == sorted(found.before, reverse=True)


def test_bert_does_not_see_the_word_that_it_guesses(small: dict[Family, Checkpoint]) -> None:
    dog, cat = (probabilities(small["bert"], text, None, None, 2, ())[0] for text in ("the dog saw", "the cat saw"))
    np.testing.assert_array_equal(dog, cat)


def test_nothing_is_true_after_the_end_of_a_text(small: dict[Family, Checkpoint]) -> None:
    tokens = trace(small["gpt2"], TEXT).ids["decoder"].tolist()
    ended = knocked_out(small["gpt2"], len(tokens) - 1, ())
    assert (ended.true_id, ended.watched) == (None, 0)
    assert knocked_out(small["gpt2"], 0, ()).true_id == tokens[1]
    with pytest.raises(TraceError):
        knocked_out(small["gpt2"], len(tokens), ())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_head_is_silenced_alone(small: dict[Family, Checkpoint], family: Family) -> None:
    kind = KINDS[family][-1]
    factors = every_head(small[family], TEXT, None, None, 1, kind)
    assert factors.shape == trace(small[family], TEXT).attentions[kind].shape[:2]
    one = knocked_out(small[family], 1, [(kind, 1, 2)])
    assert factors[1, 2] == pytest.approx(one.after[one.watched] / one.before[one.watched])
