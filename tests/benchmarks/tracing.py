"""trace() with all attentions against the bare eager forward pass with output_attentions, on the same ids."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from explainers.checkpoints import Checkpoint, catalogue, load
from explainers.trace import Inputs, Request, run
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of

GOAL = 1.15
REPEATS = 9
LENGTHS = (40, 512)


def measure() -> Iterator[Ratio]:
    """One ratio for each built-in model and length, and for a randomly initialised model of BERT-base's shape."""
    with tempfile.TemporaryDirectory() as folder:
        for checkpoint in (*map(load, catalogue()), bert_base(Path(folder))):
            for tokens in LENGTHS:
                inputs = inputs_of(checkpoint, tokens)
                request = Request(("attentions", "logits"))
                ours, bare = medians_in_turn(
                    seconds_of(partial(run, checkpoint, inputs, request)),
                    seconds_of(bare_pass(checkpoint, inputs)),
                    REPEATS,
                )
                yield Ratio(f"{checkpoint.name}, {tokens} tokens", ours, bare, GOAL)


def bert_base(folder: Path) -> Checkpoint:
    """Random weights in BERT-base's shape: 12 layers, 12 heads, 768 wide; the built-in model's vocabulary."""
    from transformers import BertConfig, BertForPreTraining

    tokenizer = load("bert-mini").tokenizer
    BertForPreTraining(BertConfig(vocab_size=tokenizer.get_vocab_size())).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return Checkpoint("random BERT-base", folder)


def inputs_of(checkpoint: Checkpoint, tokens: int) -> Inputs:
    """So many ids; T5's decoder gets a fourth of them."""
    ids = [number % 200 + 300 for number in range(tokens)]
    if checkpoint.family == "gpt2":
        return Inputs(decoder=ids)
    return Inputs(encoder=ids, decoder=ids[: tokens // 4] if checkpoint.family == "t5" else ())


def bare_pass(checkpoint: Checkpoint, inputs: Inputs) -> Callable[[], object]:
    """The model's own call that gives the same numbers."""
    import torch

    model: Any = checkpoint.model
    encoder, decoder = (torch.tensor([list(ids)]) for ids in (inputs.encoder, inputs.decoder))
    given: dict[str, Any] = {"input_ids": decoder if checkpoint.family == "gpt2" else encoder}
    if checkpoint.family == "t5":
        given["decoder_input_ids"] = decoder
    if checkpoint.family != "bert":
        given["use_cache"] = False

    def call() -> object:
        with torch.inference_mode():
            return model(**given, output_attentions=True)

    return call
