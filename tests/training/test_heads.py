"""`explainers heads`: heads made for a pattern are found, what has not formed is said, heads.toml is of its weights."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explainers import cli
from explainers.attention import FORMED, PATTERNS, StrongestHead, strongest_heads
from explainers.checkpoints import FAMILIES, MODELS, Checkpoint, Family, catalogue, load
from explainers.trace import KINDS
from explainers.training.heads import head_scores, repeated_sequences
from explainers.training.heads_command import TEXT, read_paragraphs
from tests import small_models

PARAGRAPHS = ["The dog saw a cat. The cat ran home, and the dog ran home too.", "It ran. The dog saw it.", ""]

EXPECTED: dict[Family, set[tuple[str, str]]] = {
    "bert": {
        ("encoder", name)
        for name in (
            *("previous token", "next token", "itself", "first token", "delimiter", "punctuation", "same word"),
        )
    },
    "gpt2": {
        ("decoder", name)
        for name in ("previous token", "itself", "first token", "punctuation", "same word", "induction")
    },
    "t5": {
        *(("encoder", name) for name in ("previous token", "next token", "itself", "first token", "delimiter")),
        *(("encoder", name) for name in ("punctuation", "same word")),
        *(("decoder", name) for name in ("previous token", "itself", "first token", "own sentinel")),
        *(("cross", name) for name in ("own sentinel", "beside the sentinel")),
    },
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_pattern_of_a_family_is_measured(family: Family) -> None:
    name = next(name for name, its in catalogue().items() if its == family)
    checkpoint = load(name)
    scores = head_scores(checkpoint, PARAGRAPHS)
    assert EXPECTED[family] <= set(scores.sums)
    assert scores.paragraphs == 2
    for (kind, pattern), found in scores.sums.items():
        assert kind in KINDS[family]
        layers = checkpoint.sizes.layers if kind == "encoder" else checkpoint.sizes.decoder_layers
        assert found.score.shape == (layers, checkpoint.sizes.heads)
        assert found.queries > 0
        assert 0 < found.baseline < 1
        assert (found.score >= 0).all()
        assert (found.score <= 1 + 1e-5).all()
        best = next(head for head in scores.strongest() if (head.kind, head.pattern) == (kind, pattern))
        assert best.score == found.score.max() == found.score[best.layer, best.head]
    again = head_scores(checkpoint, PARAGRAPHS)
    assert [head.score for head in again.strongest()] == [head.score for head in scores.strongest()]


def previous_token_gpt2(folder: Path) -> Checkpoint:
    """A GPT-2 whose head 1 of layer 0 looks at the previous token, by weights written down here.

    Positions are unit vectors, and tokens nothing, so that q of position i is the unit vector of i - 1.
    """
    import torch

    checkpoint = small_models.checkpoint(folder, "gpt2")
    model: Any = checkpoint.model
    with torch.no_grad():
        for parameter in model.transformer.parameters():
            parameter.zero_()
        model.transformer.h[0].ln_1.weight.fill_(1)
        places = 7  # d_head: positions beyond it look at everything alike
        matrix = torch.zeros(21, 63)
        for at in range(places):
            model.transformer.wpe.weight[at, at] = 1
            matrix[at, 21 + places + at] = 30  # the key of position `at`, in head 1
            if at:
                matrix[at, places + at - 1] = 30  # its query
        model.transformer.h[0].attn.c_attn.weight.copy_(matrix)
    model.save_pretrained(folder)
    return Checkpoint("made", folder)


def test_a_head_that_was_made_for_a_pattern_is_found(tmp_path: Path) -> None:
    checkpoint = previous_token_gpt2(tmp_path)
    strongest = {head.pattern: head for head in head_scores(checkpoint, ["dog cat", "a dog."]).strongest()}
    found = strongest["previous token"]
    assert (found.layer, found.head) == (0, 1)
    assert found.score > 0.99
    assert found.formed
    assert not strongest["itself"].formed
    assert strongest["itself"].strength == pytest.approx(0, abs=1e-6)  # of the other heads, which look everywhere alike


def test_repeated_sequences_repeat_and_hold_nothing_twice() -> None:
    drawn = repeated_sequences(np.arange(10, 60), np.random.default_rng(0), 9, 5)
    assert drawn.shape == (5, 18)
    np.testing.assert_array_equal(drawn[:, :9], drawn[:, 9:])
    assert all(len(set(row.tolist())) == 9 for row in drawn)
    assert drawn.min() >= 10
    assert drawn.max() < 60
    assert len({tuple(row) for row in drawn.tolist()}) == 5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the built-in GPT-2, to write into."""
    place = tmp_path / "copy"
    shutil.copytree(MODELS / "gpt2-mini", place)
    (place / "heads.toml").unlink(missing_ok=True)
    return place


def test_the_command_writes_what_the_lesson_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = folder / "text.txt"
    text.write_text("\n\n".join(PARAGRAPHS), encoding="utf-8")
    assert strongest_heads(Checkpoint("before", folder)) == ()
    assert cli.main(["heads", str(folder), "--text", str(text)]) == 0
    printed = capsys.readouterr().out
    assert "previous token" in printed
    assert "Measured on 2 paragraphs" in printed
    content = tomllib.loads((folder / "heads.toml").read_text(encoding="utf-8"))
    assert (content["threshold"], content["text"], content["paragraphs"]) == (FORMED, "text.txt", 2)
    read = strongest_heads(Checkpoint("after", folder))
    measured = head_scores(Checkpoint("again", folder), PARAGRAPHS).strongest()
    assert [(head.pattern, head.kind, head.layer, head.head, head.queries) for head in read] == [
        (head.pattern, head.kind, head.layer, head.head, head.queries) for head in measured
    ]
    assert [head.score for head in read] == pytest.approx([head.score for head in measured], abs=1e-4)
    assert [head.formed for head in read] == [entry["formed"] for entry in content["head"]]
    assert printed.count("has not formed") == sum(not head.formed for head in read)

    weights = folder / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    assert strongest_heads(Checkpoint("retrained", folder)) == ()


def test_json_has_the_score_of_every_head(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = folder / "text.txt"
    text.write_text("\n".join(PARAGRAPHS), encoding="utf-8")
    assert cli.main(["heads", str(folder), "--text", str(text), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {pattern["pattern"] for pattern in content["patterns"]} >= {"induction", "itself"}
    sizes = load("gpt2-mini").sizes
    for pattern in content["patterns"]:
        assert np.shape(pattern["scores"]) == (sizes.decoder_layers, sizes.heads)
    assert len(content["strongest"]) == len(content["patterns"])


@pytest.mark.parametrize("broken", ["", "head = 3", 'weights = "0"\n[[head]]\npattern = "itself"', "\x00"])
def test_a_broken_file_points_at_nothing(folder: Path, broken: str) -> None:
    (folder / "heads.toml").write_text(broken)
    assert strongest_heads(Checkpoint("broken", folder)) == ()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such-model"], "There is no model named no-such-model"),
        (["gpt2-mini", "--text", "/nowhere/text.txt"], "/nowhere/text.txt cannot be read"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["heads", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_a_text_too_short_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "text.txt").write_text("\n \na\n")
    assert cli.main(["heads", str(folder), "--text", str(folder / "text.txt")]) == 2
    assert "choose a longer text" in capsys.readouterr().err
    assert not (folder / "heads.toml").exists()


def test_the_text_that_ships_is_sixty_short_paragraphs() -> None:
    paragraphs = read_paragraphs(TEXT)
    assert len(paragraphs) == len(set(paragraphs)) == 60
    assert all(15 <= len(paragraph.split()) <= 80 for paragraph in paragraphs)


@pytest.mark.parametrize("name", catalogue())
def test_the_built_in_models_heads_are_those_of_their_weights(name: str) -> None:
    """Fails after a training until `explainers heads NAME` has been run again."""
    found = strongest_heads(load(name))
    assert (MODELS / name / "heads.toml").is_file()
    assert {(head.kind, head.pattern) for head in found} >= EXPECTED[load(name).family]
    assert all(isinstance(head, StrongestHead) and head.pattern in PATTERNS for head in found)
