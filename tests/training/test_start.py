"""Where training starts: counts of the text, factorised; and how a later piece of a run takes up a finished one."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from explainers.checkpoints import FAMILIES, CheckpointError, Family
from explainers.training import pieces, start, vocabularies
from explainers.training.encoded import Encoded
from explainers.training.objectives import Corpus, NextToken
from explainers.training.recipe import Recipe, new_model


def encoded(ids: list[int]) -> Encoded:
    return Encoded(np.array(ids, np.uint16), np.array([0, len(ids)]), np.array([0, 1]), len(ids))


def test_tokens_with_the_same_neighbours_start_alike() -> None:
    rng = np.random.default_rng(0)
    sentences = [[0, int(rng.choice([2, 3])), 1, 4, int(rng.choice([5, 6])), 7] for _ in range(500)]
    rows = start.cooccurrence_embeddings([np.array(sentences).ravel()], 9, 4).numpy()
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -1)
    assert likeness[2].argmax() == 3
    assert likeness[6].argmax() == 5
    assert np.linalg.norm(rows[2]) == pytest.approx(math.sqrt(4), rel=1e-5)
    assert 0 < np.linalg.norm(rows[8]) < 3  # never seen: small and random, but not zero


def test_nearer_neighbours_count_more() -> None:
    counts = start._neighbours([np.array([0, 1, 2])], 4)
    assert counts[0, 1] == counts[1, 0] == 1.0
    assert counts[0, 2] == pytest.approx(0.7)
    assert counts[3].sum() == 0


def test_log_frequencies_add_half_a_count() -> None:
    found = start.log_frequencies([np.array([0, 0, 1])], 3)
    assert found == pytest.approx(np.log([2.5 / 4.5, 1.5 / 4.5, 0.5 / 4.5]))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prepared_model_says_what_it_counted(family: Family, corpus_folder: Path) -> None:
    import torch

    sizes: dict[Family, int] = {"bert": 3_000, "gpt2": 300, "t5": 420}
    paragraphs = (corpus_folder / "first.txt").read_text().splitlines()
    tokenizer = vocabularies.train(family, paragraphs, sizes[family])
    model = new_model(family, Recipe(layers=1, d_model=24, heads=3), tokenizer)
    ids = np.random.default_rng(1).integers(5, tokenizer.get_vocab_size(), 600).tolist()
    start.prepare(family, model, Corpus([encoded(ids)], [1.0]))
    embedding = model.get_input_embeddings().weight
    assert torch.equal(embedding, model.get_output_embeddings().weight)
    assert float(embedding[sorted(set(ids))].detach().std()) == pytest.approx(1.0 if family == "t5" else 0.05, rel=0.05)
    if family == "bert":
        assert float(model.cls.predictions.bias.detach().exp().sum()) == pytest.approx(1, rel=1e-4)


def test_a_share_of_rows_repeats_itself() -> None:
    task = NextToken(Corpus([encoded(list(range(1, 2_000)))], [1.0]), end=0, repeated=0.25)
    ids = task.batch(np.random.default_rng(0), 400, 32)["input_ids"]
    natural = (np.diff(ids, axis=1) == 1).all(1)
    assert 0.17 < 1 - natural.mean() < 0.33
    row = ids[~natural][0]
    periods = [period for period in range(8, 18) if (row[period:] == row[:-period]).all()]
    assert periods
    assert len(set(row)) == periods[0]


def test_a_finished_model_is_taken_up_once(tmp_path: Path) -> None:
    model, work = tmp_path / "model", tmp_path / "work"
    model.mkdir()
    work.mkdir()
    with pytest.raises(CheckpointError, match=r"tokenizer\.json, model\.safetensors, training\.jsonl"):
        pieces.take_up(model, work)
    for name in ("tokenizer.json", "model.safetensors"):
        (model / name).write_text(name)
    rows = [
        {"step": 20, "tokens": 900, "seconds": 3.5, "LM": 5.0},
        {"step": 31, "tokens": 1_400, "seconds": 5.5, "LM": 4.5},
    ]
    (model / "training.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pieces.take_up(model, work)
    assert pieces.begun(work)
    assert pieces.read_state(work) == pieces.State(31, 1_400, 5.5)
    assert pieces.read_log(work) == rows
    pieces.write_state(work, pieces.State(40, 2_000, 7.0))
    pieces.take_up(model, work)
    assert pieces.read_state(work).step == 40
