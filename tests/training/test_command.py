"""`explainers train` from text to a folder that loads: it learns, resumes, scores, and writes its card."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.training import command, finish, vocabularies
from explainers.training.pieces import read_log
from explainers.training.recipe import NAMES, Recipe, rate_factor, sequence_length


def train(family: Family, corpus: Path, work: Path, *more: str) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    fixed = [family, "--corpus", str(corpus), "--work", str(work), "--out", str(work / "out"), "--device", "cpu"]
    fixed += ["--everyday", "0"]  # these sizes of vocabulary are for the small corpus alone
    command.run(parser.parse_args([*fixed, *more]))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_learns_resumes_and_writes_a_checkpoint(
    family: Family, corpus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[Family, int] = {"bert": 3_000, "gpt2": 300, "t5": 420}
    small = Recipe(layers=1, d_model=24, heads=3, tokens_per_step=1_024, lengths=((0.5, 32), (0.5, 48)), warm_up=10)
    monkeypatch.setattr(vocabularies, "VOCABULARY", sizes)
    monkeypatch.setattr(command, "RECIPES", dict.fromkeys(FAMILIES, small))
    monkeypatch.setattr(finish, "_EVERYDAY_SENTENCES", 5)
    train(family, corpus_folder, tmp_path, "--tokens", "60e3")
    folder = tmp_path / NAMES[family]
    before = json.loads((folder / "state.json").read_text())
    assert 60_000 <= before["tokens"] < 70_000

    (folder / "optimizers.pt").unlink()
    with (folder / "log.jsonl").open("a") as log_file:  # a kill between two saves leaves steps that will be done again
        log_file.write(json.dumps({"step": before["step"] + 20, "tokens": 1, "seconds": 1}) + "\n")
    train(family, corpus_folder, tmp_path, "--tokens", "120e3")
    after = json.loads((folder / "state.json").read_text())
    assert after["step"] > before["step"]
    assert after["restarted_at"] == before["step"]
    log = read_log(folder)
    assert [row["step"] for row in log] == sorted({row["step"] for row in log})
    name = next(name for name in log[0] if name not in ("step", "tokens", "seconds"))
    assert log[-1][name] < log[0][name]

    checkpoint = Checkpoint("new", tmp_path / "out")
    assert checkpoint.family == family
    assert checkpoint.licence == "apache-2.0"
    assert all(head.trained for head in checkpoint.heads.values())
    assert checkpoint.model.config.vocab_size == checkpoint.tokenizer.get_vocab_size()
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"| {before['tokens'] / 1e6:.2f} |" in card or "0.06" in card
    assert "95 % interval" in card


def test_the_rate_rises_holds_and_falls_to_zero() -> None:
    recipe = Recipe(warm_up=100, decay=0.5)
    steps = [(0, 0.0), (49, 0.1), (99, 0.2), (500, 0.5), (750, 0.75), (1_000, 1.0)]
    assert [rate_factor(recipe, *at) for at in steps] == pytest.approx([0.01, 0.5, 1, 1, 0.5, 0])
    assert rate_factor(recipe, 9, 0.75) == pytest.approx(0.05)  # a restart late in the run warms up to what is due


def test_lengths_are_drawn_as_often_as_their_shares_say() -> None:
    rng = np.random.default_rng(0)
    drawn = [sequence_length(Recipe(lengths=((0.85, 128), (0.15, 512))), rng) for _ in range(4_000)]
    assert set(drawn) == {128, 512}
    assert drawn.count(512) / 4_000 == pytest.approx(0.15, abs=4 * (0.15 * 0.85 / 4_000) ** 0.5)
