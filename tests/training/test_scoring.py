"""`explainers score` from files to a table and to JSON."""

import argparse
import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from explainers.checkpoints import FAMILIES, Family, load
from explainers.training import scoring
from explainers.training.encoded import encode
from explainers.training.scores import ScoreError
from tests import small_models


def score(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    parser = argparse.ArgumentParser()
    scoring.add_arguments(parser)
    scoring.run(parser.parse_args(arguments))
    return capsys.readouterr().out


@pytest.mark.parametrize("family", FAMILIES)
def test_one_run_prints_the_model_beside_its_baselines(
    family: Family, corpus_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(small_models.checkpoint(tmp_path / family, family).folder)
    text = tmp_path / "text.txt.xz"
    with lzma.open(text, "wt", encoding="utf-8") as file:
        file.write("The dog saw a cat. It ran home to sleep.\n\nThe cat saw the dog. A dog ran.\n\n" * 20)
    shared = ["--text", str(text), "--baseline-text", str(text), str(corpus_folder), "--windows", "12"]
    found: dict[str, Any] = json.loads(score(capsys, folder, *shared, "--json"))
    assert found["family"] == family
    assert found["texts"][str(text)]["documents"] == 40
    for key, row in found["scores"].items():
        assert row["low"] <= row["value"] <= row["high"]
        assert set(row["baselines"]) == (set() if key == "next_sentence" else {"unigram", "trigram"})
    shown = score(capsys, folder, *shared)
    assert "trigram" in shown
    assert f"{next(iter(found['scores'].values()))['samples']:,}" in shown
    assert ("three documents before or after" in shown) == (family == "bert")


def test_without_a_training_text_the_baselines_are_left_out_and_that_is_said(
    corpus_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(small_models.checkpoint(tmp_path / "gpt2", "gpt2").folder)
    shown = score(capsys, folder, "--text", str(corpus_folder / "first.txt"), "--windows", "5")
    assert "unigram" not in shown
    assert "--baseline-text" in shown


def test_several_files_are_several_sources(
    corpus_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(small_models.checkpoint(tmp_path / "bert", "bert").folder)
    files = [str(corpus_folder / f"{name}.txt") for name in ("first", "second")]
    found = json.loads(score(capsys, folder, "--text", files[0], "--text", files[1], "--windows", "9", "--json"))
    assert "next_sentence_mixed" in found["scores"]
    assert list(found["texts"]) == files
    assert any("source of its own" in note for note in found["notes"])


def test_gaps_are_listed_with_their_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    listed = score(capsys, "bert-mini", "--gaps").splitlines()
    assert sum(line.startswith(("fits ", "no   ")) for line in listed) == 50
    assert json.loads(score(capsys, "bert-mini", "--gaps", "--json"))["scores"]["everyday_gaps"]["samples"] == 50


def test_the_part_that_is_held_out_of_training_is_not_counted_for_the_baselines(corpus_folder: Path) -> None:
    checkpoint = load("gpt2-mini")
    counted = scoring._baselines(checkpoint, [corpus_folder])
    trained_on = [encode("gpt2", checkpoint.tokenizer, corpus_folder / f"{name}.txt") for name in ("first", "second")]
    assert counted is not None
    assert counted.forward.tokens == sum(len(text.ids) for text in trained_on)
    assert scoring._baselines(checkpoint, []) is None


@pytest.mark.parametrize("content", [b"\xff\xfe\x00bad", b""])
def test_files_that_are_no_text_are_refused(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.txt").write_bytes(content)
    with pytest.raises(ScoreError):
        score(capsys, "bert-mini", "--text", str(tmp_path / "no.txt"))
    (tmp_path / "no.txt.xz").write_bytes(content or b"no archive")
    with pytest.raises(ScoreError, match=r"no\.txt\.xz"):
        score(capsys, "bert-mini", "--text", str(tmp_path / "no.txt.xz"))
