"""Embeddings: sums against the models' own modules, codes and biases by hand, neighbours and projections by force."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from explainers import embeddings
from explainers.attention import relative_distances, relative_position_buckets
from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.embeddings import Shared, TokenTable, cosines, principal_components
from explainers.embeddings.contexts import shared_tokens
from explainers.tokenization import tokenize
from tests import small_models
from tests.strategies import texts

TEXT, PAIR = "the dog saw a cat", "it ran home"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[Family, Checkpoint]:
    return {family: small_models.checkpoint(tmp_path_factory.mktemp(family), family) for family in FAMILIES}


def own_embedding(checkpoint: Checkpoint, text: str, pair: str | None) -> Any:
    """What transformers' own modules make of the ids."""
    import torch

    model: Any = checkpoint.model
    tokens = tokenize(checkpoint, text, pair).tokens
    ids = torch.tensor([[token.id for token in tokens]])
    with torch.inference_mode():
        if checkpoint.family == "bert":
            segments = torch.tensor([[token.segment for token in tokens]])
            found = model.bert.embeddings(input_ids=ids, token_type_ids=segments)
        elif checkpoint.family == "gpt2":
            hidden = model.transformer(ids, output_hidden_states=True).hidden_states
            found = hidden[0]
        else:
            found = model.encoder(ids, output_hidden_states=True).hidden_states[0]
    return found[0].numpy()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pair", [None, PAIR])
def test_the_sum_is_the_model_s_own_input(models: dict[Family, Checkpoint], family: Family, pair: str | None) -> None:
    found = embeddings.input_sum(models[family], TEXT, pair)
    own = own_embedding(models[family], TEXT, pair)
    np.testing.assert_allclose(found.output, own, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.total if found.normed is None else found.normed, own, rtol=0, atol=1e-5)
    assert found.difference <= 1e-5
    assert (found.segment is None, found.position is None) == (family != "bert", family == "t5")
    assert (found.normed is None) == (family != "bert")


def test_a_difference_is_told(models: dict[Family, Checkpoint]) -> None:
    import torch

    model: Any = models["bert"].model
    with torch.no_grad():
        shift = model.bert.embeddings.LayerNorm.bias.clone()
        wrong = model.bert.embeddings.register_forward_hook(lambda _module, _inputs, output: output + 0.5)
    try:
        assert embeddings.input_sum(models["bert"], TEXT).difference == pytest.approx(0.5, abs=1e-5)
    finally:
        wrong.remove()
    assert torch.equal(shift, model.bert.embeddings.LayerNorm.bias)


@settings(max_examples=12, deadline=None)
@given(text=texts())
def test_parts_of_any_text_add_up(models: dict[Family, Checkpoint], text: str) -> None:
    for checkpoint in models.values():
        found = embeddings.input_sum(checkpoint, text)
        assert found.output.shape == (len(found.tokenization.tokens), checkpoint.sizes.d_model)
        assert found.difference <= 1e-5
        assert all(limit > 0 for limit in found.limits)


def test_layer_norm_by_hand() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 4.0]])
    scale, shift = np.array([1.0, 1.0, 2.0, 1.0]), np.array([0.0, 0.0, 0.0, 10.0])
    step = 0.5 / math.sqrt(1.25)  # mean 2.5, variance 1.25
    expected = [[-3 * step, -step, 2 * step, 3 * step + 10]]
    np.testing.assert_allclose(embeddings.layer_norm(rows, scale, shift, 0.0), expected)


def test_sinusoids_by_hand() -> None:
    expected = [[0.0, 1.0, 0.0, 1.0], [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]]
    np.testing.assert_allclose(embeddings.sinusoids(2, 4), expected, atol=1e-7)
    odd = embeddings.sinusoids(3, 5)
    assert odd.shape == (3, 5)
    np.testing.assert_allclose(odd[2, 4], math.sin(2 / 10_000 ** (4 / 5)), atol=1e-7)


def test_sinusoids_compare_by_distance_alone() -> None:
    square = cosines(embeddings.sinusoids(40, 16))
    for distance in range(40):
        diagonal = np.diagonal(square, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_learned_positions_are_the_model_s(models: dict[Family, Checkpoint], family: Family) -> None:
    codes = embeddings.position_codes(models[family])
    if family == "t5":
        assert codes is None
        return
    assert codes is not None
    model: Any = models[family].model
    own = model.bert.embeddings.position_embeddings if family == "bert" else model.transformer.wpe
    np.testing.assert_array_equal(codes.learned, own.weight.detach().numpy())
    assert codes.learned.shape == codes.sinusoid.shape == (models[family].context, models[family].sizes.d_model)
    assert codes.likeness == pytest.approx(np.diagonal(cosines(codes.learned, codes.sinusoid)).mean(), abs=1e-5)


def test_likeness_by_distance_is_the_mean_of_a_diagonal(models: dict[Family, Checkpoint]) -> None:
    codes = embeddings.position_codes(models["bert"])
    assert codes is not None
    count = len(codes.learned)
    own = [cosines(codes.learned[[at]], codes.learned[[at + 2]])[0, 0] for at in range(count - 2)]
    found = codes.by_distance((2, count))
    assert list(found) == [2]
    assert found[2][0] == pytest.approx(np.mean(own), abs=1e-6)
    assert found[2][1] == pytest.approx(codes.sinusoid_cosines[0, 2], abs=1e-5)


@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_t5_s_bias_is_what_its_attention_adds(models: dict[Family, Checkpoint], stack: str) -> None:
    checkpoint = models["t5"]
    found = embeddings.position_bias(checkpoint, "encoder" if stack == "encoder" else "decoder", reach=30)
    assert found is not None
    own: Any = checkpoint.model
    attention = (own.encoder if stack == "encoder" else own.decoder).block[0].layer[0].SelfAttention
    bias = attention.compute_bias(31, 31)[0].detach().numpy()
    at = {distance: column for column, distance in enumerate(found.distances.tolist())}
    buckets = relative_position_buckets(found.distances, bidirectional=stack == "encoder", buckets=12, max_distance=20)
    np.testing.assert_array_equal(found.buckets, buckets)
    for query, row in enumerate(relative_distances(31).tolist()):
        for key, distance in enumerate(row):
            if distance in at:
                np.testing.assert_array_equal(bias[:, query, key], found.bias[:, at[distance]])
    assert found.distances[-1] == (30 if stack == "encoder" else 0)
    assert embeddings.position_bias(models["bert"], "encoder") is None


def test_neighbours_by_hand() -> None:
    vectors = np.array([[2.0, 0], [1, 1], [0, 3], [-1, 0], [0, 0]])
    table = TokenTable(np.array([3, 5, 6, 8, 9]), vectors, np.linalg.norm(vectors, axis=1))
    found = embeddings.neighbours(table, 3, 3)
    assert found.ids.tolist() == [5, 6, 9]
    np.testing.assert_allclose(found.cosines, [math.sqrt(0.5), 0, 0])
    assert found.average == pytest.approx((math.sqrt(0.5) + 0 - 1 + 0) / 4)
    with pytest.raises(KeyError):
        embeddings.neighbours(table, 4)
    with pytest.raises(KeyError):
        embeddings.table_rows(table, [3, 10])


@pytest.mark.parametrize("family", FAMILIES)
def test_neighbours_are_those_of_the_matrix(models: dict[Family, Checkpoint], family: Family) -> None:
    checkpoint = models[family]
    table = embeddings.token_table(checkpoint)
    model: Any = checkpoint.model
    matrix = model.get_input_embeddings().weight.detach().numpy()
    np.testing.assert_array_equal(table.vectors, matrix[: len(table.ids)])
    every = cosines(matrix[:7], matrix)
    for id_ in range(7):
        found = embeddings.neighbours(table, id_)
        others = np.delete(np.arange(len(matrix)), id_)
        best = others[np.argsort(-every[id_, others], kind="stable")][:12]
        np.testing.assert_allclose(found.cosines, every[id_, best], atol=1e-6)
        assert id_ not in found.ids


def test_rows_that_no_token_has_are_no_neighbours(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("padded")
    checkpoint = small_models.checkpoint(folder, "t5")
    model: Any = checkpoint.model
    model.resize_token_embeddings(checkpoint.tokenizer.get_vocab_size() + 5)
    table = embeddings.token_table(checkpoint)
    assert len(table.ids) == len(table.vectors) == checkpoint.tokenizer.get_vocab_size()


def test_principal_components_by_hand() -> None:
    found = principal_components(np.array([[7.0, 1, 0], [3, 1, 0], [5, 2, 0], [5, 0, 0]]))
    np.testing.assert_allclose(found.points, [[2, 0], [-2, 0], [0, 1], [0, -1]], atol=1e-12)
    assert found.shares == pytest.approx((0.8, 0.2))


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (40, 3), (3, 40)])
def test_principal_components_are_those_of_the_singular_values(shape: tuple[int, int]) -> None:
    rows = np.random.default_rng(1).normal(size=shape) * np.arange(1, shape[1] + 1)
    u, s, _v = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    found = principal_components(rows)
    np.testing.assert_allclose(np.abs(found.points), np.abs(u[:, :2] * s[:2]), atol=1e-9)
    np.testing.assert_allclose(found.shares, s[:2] ** 2 / (s**2).sum())


@pytest.mark.parametrize("rows", [np.zeros((0, 4)), np.ones((1, 4)), np.ones((6, 4)), np.arange(4.0)[:, None]])
def test_principal_components_of_next_to_nothing(rows: Any) -> None:
    found = principal_components(rows)
    assert found.points.shape == (len(rows), 2)
    assert np.isfinite(found.points).all()
    assert 0 <= sum(found.shares) <= 1 + 1e-12


def test_cosines_by_hand() -> None:
    square = cosines(np.array([[3.0, 0], [0, 2], [1, 1], [0, 0]]))
    np.testing.assert_allclose(square[2], [math.sqrt(0.5), math.sqrt(0.5), 1, 0])
    assert not square[3].any()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_token_in_two_contexts(models: dict[Family, Checkpoint], family: Family) -> None:
    found = embeddings.contexts(models[family], "the dog saw a cat.", "the dog ran home.")
    token = next(shared for shared in found.shared if "the" in shared.piece or shared.piece == "t")
    similarity = found.similarity(token)
    assert len(similarity) == found.layers + 1
    assert similarity[0] == pytest.approx(1, abs=1e-6)  # at the same place in both
    if family == "gpt2":  # the words after it do not count
        np.testing.assert_allclose(similarity, 1, atol=1e-5)
    else:
        assert similarity[-1] < 1 - 1e-6
    for text, hidden in zip(("the dog saw a cat.", "the dog ran home."), found.hidden, strict=True):
        np.testing.assert_allclose(hidden[0], own_embedding(models[family], text, None), atol=1e-6)


def test_t5_has_the_same_input_at_every_place(models: dict[Family, Checkpoint]) -> None:
    found = embeddings.contexts(models["t5"], "the dog.", "a cat. the dog.")
    for token in found.shared:
        assert found.similarity(token)[0] == pytest.approx(1, abs=1e-6)


def test_the_usual_similarity_is_the_mean_of_all_pairs_that_differ(models: dict[Family, Checkpoint]) -> None:
    found = embeddings.contexts(models["bert"], "the dog saw", "a dog")
    first, second = found.hidden
    pairs = [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2)]  # all but dog and dog; [CLS] and [SEP] left out
    expected = [np.mean([cosines(a[[i]], b[[j]])[0, 0] for i, j in pairs]) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(found.usual_similarity(), expected, atol=1e-6)
    assert np.isnan(embeddings.contexts(models["bert"], "dog", "dog").usual_similarity()).all()


def test_centred_vectors_have_the_mean_of_both_texts_taken_away(models: dict[Family, Checkpoint]) -> None:
    found = embeddings.contexts(models["bert"], "the dog saw", "a dog")
    mean = np.concatenate([found.hidden[0][:, 1:4], found.hidden[1][:, 1:3]], axis=1).mean(axis=1, keepdims=True)
    for own, centred in zip(found.hidden, found.centred().hidden, strict=True):
        np.testing.assert_allclose(centred, own - mean, atol=1e-6)


def test_the_map_of_a_layer_has_both_texts(models: dict[Family, Checkpoint]) -> None:
    found = embeddings.contexts(models["bert"], "the dog saw", "a dog")
    rows = np.concatenate([found.hidden[0][2, 1:4], found.hidden[1][2, 1:3]])
    np.testing.assert_array_equal(found.picture(2).points, principal_components(rows).points)


def test_shared_tokens_come_longest_first(models: dict[Family, Checkpoint]) -> None:
    pair = ("the bank . a dog", "a bank . the dog dog")
    found = shared_tokens(*(tokenize(models["bert"], text) for text in pair))
    assert [(shared.piece, shared.first, shared.second) for shared in found] == [
        ("bank", 2, 2),
        ("the", 1, 4),
        ("dog", 5, 5),
        (".", 3, 3),
        ("a", 4, 1),
    ]
    assert all(type(shared) is Shared for shared in found)
    assert embeddings.contexts(models["bert"], "dog", "cat").shared == ()
