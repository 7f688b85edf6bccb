"""Tokenizers from the files that older models have, against transformers' own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explainers.checkpoints import CheckpointError, Family, load
from explainers.checkpoints.vocabularies import read_tokenizer

TEXTS = ("My dog is unbelievably HAIRY, café!", "안녕 你好 🐶", "", "a\tb\n c", "[MASK] is a token")
PAIR = ("She sat on the bank.", "He went to the bank.")


@pytest.mark.parametrize("lower", [True, False])
def test_vocab_txt_is_enough_for_bert(tmp_path: Path, lower: bool) -> None:
    from transformers import BertTokenizer

    vocabulary = load("bert-mini").tokenizer.get_vocab()
    pieces = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
    ours = read_tokenizer(tmp_path, "bert")
    theirs = BertTokenizer(vocab=vocabulary, do_lower_case=lower)
    for text in TEXTS:
        assert ours.encode(text).ids == theirs(text)["input_ids"]
    assert ours.encode(*PAIR).ids == theirs(*PAIR)["input_ids"]
    assert ours.encode(*PAIR).type_ids == theirs(*PAIR, return_token_type_ids=True)["token_type_ids"]


def test_vocab_json_and_merges_are_enough_for_gpt2(tmp_path: Path) -> None:
    from transformers import GPT2Tokenizer

    load("gpt2-mini").tokenizer.model.save(str(tmp_path))
    ours = read_tokenizer(tmp_path, "gpt2")
    merges = [tuple(line.split(" ")) for line in (tmp_path / "merges.txt").read_text("utf-8").splitlines()[1:]]
    vocabulary = json.loads((tmp_path / "vocab.json").read_text("utf-8"))
    theirs = GPT2Tokenizer(vocab=vocabulary, merges=merges)  # type: ignore[arg-type]
    for text in TEXTS:
        assert ours.encode(text).ids == theirs(text)["input_ids"]


@pytest.mark.parametrize("family", ["bert", "gpt2", "t5"])
def test_without_any_of_them_the_sentence_says_what_to_do(tmp_path: Path, family: Family) -> None:
    (tmp_path / "merges.txt").write_text("")
    (tmp_path / "spiece.model").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"no tokenizer\.json: choose a folder"):
        read_tokenizer(tmp_path, family)


def test_a_broken_vocabulary_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("only\nthese\n")
    with pytest.raises(CheckpointError, match="not a tokenizer that can be read"):
        read_tokenizer(tmp_path, "bert")
