"""What the classic patterns look at, and how heads are scored on them, on arrays made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explainers.attention import (
    PatternSum,
    Roles,
    StrongestHead,
    bidirectional_mask,
    causal_mask,
    cross_targets,
    induction_targets,
    pattern_sum,
    roles,
    self_targets,
)
from explainers.checkpoints import load
from explainers.tokenization import tokenize
from tests import small_models


def keys(mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[list[int]]:
    """The targets of each query, as positions."""
    return [np.flatnonzero(row).tolist() for row in mask]


def of(ids: list[int], **flags: list[int]) -> Roles:
    """Roles of a sequence: ordinary words but for what is named, each flag a list of positions."""
    marks = {name: np.isin(np.arange(len(ids)), at) for name, at in flags.items()}
    none = np.zeros(len(ids), np.bool_)
    special = marks.get("special", none)
    delimiter, punctuation, sentinel = (marks.get(name, none) for name in ("delimiter", "punctuation", "sentinel"))
    ordinary = ~(special | delimiter | sentinel)
    return Roles(np.array(ids), ordinary, delimiter, punctuation, ordinary & ~punctuation, sentinel)


def test_roles_of_bert_s_tokens(tmp_path: Path) -> None:
    checkpoint = small_models.checkpoint(tmp_path, "bert")
    found = roles(checkpoint, tokenize(checkpoint, "the dog. unaffable", "a cat").ids)
    # [CLS] the dog . un ##aff ##able [SEP] a cat [SEP]
    assert np.flatnonzero(~found.ordinary).tolist() == [0, 7, 10]
    assert np.flatnonzero(found.delimiter).tolist() == [7, 10]
    assert np.flatnonzero(found.punctuation).tolist() == [3]
    assert np.flatnonzero(found.word).tolist() == [1, 2, 4, 5, 6, 8, 9]
    assert not found.sentinel.any()


@pytest.mark.parametrize("name", ["gpt2-mini", "t5-mini"])
def test_roles_of_the_others(name: str) -> None:
    checkpoint = load(name)
    tokenization = tokenize(checkpoint, "A dog <extra_id_0>, 7!")
    found = roles(checkpoint, tokenization.ids)
    pieces = np.array([token.piece for token in tokenization.tokens])
    assert {piece[-1] for piece in pieces[found.punctuation]} == {",", "!"}
    assert pieces[found.sentinel].tolist() == (["<extra_id_0>"] if name == "t5-mini" else [])
    assert pieces[found.delimiter].tolist() == (["</s>"] if name == "t5-mini" else [])
    assert found.word[:2].all()
    assert roles(checkpoint, []).ordinary.shape == (0,)


def test_targets_within_one_text() -> None:
    # [CLS] the dog , the [SEP]
    tokens = of([2, 7, 8, 9, 7, 3], special=[0], delimiter=[5], punctuation=[3])
    found = {name: keys(mask) for name, mask in self_targets(tokens, bidirectional_mask(6)).items()}
    assert found["previous token"] == [[], [], [1], [2], [3], []]
    assert found["next token"] == [[], [2], [3], [4], [], []]
    assert found["itself"] == [[], [1], [2], [3], [4], []]
    assert found["first token"] == [[], [], [0], [0], [0], []]
    assert found["delimiter"] == [[], [5], [5], [5], [5], []]
    assert found["punctuation"] == [[], [3], [3], [], [3], []]
    assert found["same word"] == [[], [4], [], [], [1], []]
    causal = {name: keys(mask) for name, mask in self_targets(tokens, causal_mask(6)).items()}
    assert causal["next token"] == [[]] * 6
    assert causal["same word"] == [[], [], [], [], [1], []]


def test_targets_of_t5_s_gaps() -> None:
    encoder = of([11, 99, 12, 98, 13, 1], sentinel=[1, 3], delimiter=[5])
    decoder = of([0, 99, 21, 12, 98, 13], sentinel=[1, 4], special=[0])
    found = {name: keys(mask) for name, mask in cross_targets(decoder, encoder).items()}
    assert found["own sentinel"] == [[], [1], [1], [1], [3], [3]]
    assert found["beside the sentinel"] == [[], [0, 2], [0, 2], [0, 2], [2, 4], [2, 4]]
    assert found["copied token"] == [[], [], [], [2], [], [4]]
    own = self_targets(decoder, causal_mask(6))["own sentinel"]
    assert keys(own) == [[], [], [1], [1], [], [4]]
    assert cross_targets(of([]), encoder)["own sentinel"].shape == (0, 6)


def test_induction_reads_on_from_the_earlier_copy() -> None:
    assert keys(induction_targets([5, 6, 7, 5, 6, 7], causal_mask(6))) == [[], [], [], [1], [2], [3]]
    assert keys(induction_targets([5, 5, 5], causal_mask(3))) == [[], [], [1]]
    assert keys(induction_targets([5, 6], causal_mask(2))) == [[], []]


def test_scores_and_baselines_by_hand() -> None:
    tokens = of([5, 6, 7])
    allowed = causal_mask(3)
    targets = self_targets(tokens, allowed)["previous token"]
    looks_back = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0, 1, 0]])
    uniform = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]])
    found = pattern_sum(np.stack([looks_back, uniform])[None], targets, allowed)
    assert found.queries == 2
    assert found.score == pytest.approx(np.array([[0.75, (1 / 2 + 1 / 3) / 2]]))
    assert found.baseline == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert found.strength[0, 1] == pytest.approx(0)
    assert found.strength[0, 0] == pytest.approx((0.75 - 5 / 12) / (7 / 12))
    twice = found + PatternSum(np.array([[2.0, 0]]), 0.5, 2)
    assert twice.score == pytest.approx(np.array([[(1.5 + 2) / 4, (5 / 6) / 4]]))
    assert twice.baseline == pytest.approx((5 / 6 + 0.5) / 4)
    empty = pattern_sum(np.ones((1, 2, 3, 3)), np.zeros((3, 3), np.bool_), allowed)
    assert (empty.queries, empty.baseline, empty.score.tolist()) == (0, 0, [[0, 0]])


@pytest.mark.parametrize(("score", "baseline", "formed"), [(0.25, 0, True), (0.24, 0, False), (0.4, 0.25, False)])
def test_a_pattern_has_formed_a_quarter_of_the_way_from_uniform(score: float, baseline: float, formed: bool) -> None:
    assert StrongestHead("itself", "encoder", 0, 0, score, baseline, 9).formed is formed
