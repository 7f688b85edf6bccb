"""`explainers ledger`: what it prints for a name, as a table and as JSON, and that every refusal is one sentence."""

from __future__ import annotations

import json

import pytest

from explainers import cli
from explainers.architecture import ledger, memory, published, work
from explainers.checkpoints import built_in, load


@pytest.mark.parametrize("name", published())
def test_the_json_has_every_number(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ledger", name, "--json", "--tokens", "100"]) == 0
    found = json.loads(capsys.readouterr().out)
    design = published()[name].design
    source = 100 if design.kind == "t5" else 0
    assert found["parameters"] == ledger(design).total == sum(part["parameters"] for part in found["parts"])
    assert [part["part"] for part in found["parts"] if part["tied"]] == ["output"]
    assert found["forward"]["flops"] == sum(each.flops for each in work(design, 100, source=source))
    assert found["bytes"]["bf16"]["adam"] == memory(design, "bf16", 100).adam
    assert found["printed"]["figure"] == published()[name].printed


@pytest.mark.parametrize("name", [*built_in(), "bert-large", "t5-3b"])
def test_the_table_ends_in_the_total(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ledger", name]) == 0
    out = capsys.readouterr().out
    total = ledger(published()[name].design).total if name in published() else load(name).sizes.parameters
    assert f"{total:,}" in next(line for line in out.splitlines() if line.startswith("all"))
    assert ("As printed" in out) == (name in published())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["gpt9"], "no model named gpt9"),
        (["../etc"], "no model named"),
        (["bert-base", "--tokens", "513"], "512 positions"),
        (["gpt2", "--tokens", "1", "--cache", "1024"], "1024 positions"),
        (["bert-base", "--cache", "1"], "keeps no keys"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["ledger", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


def test_one_token_with_a_cache_costs_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ledger", "gpt2", "--json", "--tokens", "1", "--cache", "1000"]) == 0
    found = json.loads(capsys.readouterr().out)
    design = published()["gpt2"].design
    assert found["forward"]["flops"] == sum(each.flops for each in work(design, 1, cache=1000))
    assert found["bytes"]["fp32"]["cache"] == memory(design, "fp32", 1001).cache


@pytest.mark.parametrize("tokens", ["0", "-1", "many", "9" * 30])
def test_tokens_that_are_none_are_refused(tokens: str) -> None:
    with pytest.raises(SystemExit):
        cli.main(["ledger", "gpt2", f"--tokens={tokens}"])
