"""The model's operations: their FLOPs are those that torch counts, in every family, for a text and for one token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explainers.checkpoints import FAMILIES, Family, load
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.roofline import GPT2_SMALL, Task, operations
from explainers.roofline.tasks import cut

BUILT_IN: dict[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}


def flops(tasks: tuple[Task, ...]) -> int:
    return sum(task.count * task.flops for task in tasks if task.is_product)


def counted(call: Callable[[], object]) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


def test_one_layer_of_gpt2_small_by_hand() -> None:
    tasks = {task.role: task for task in operations(GPT2_SMALL, 10, 3, "fp32", "prefill")}
    assert (tasks["qkv"].m, tasks["qkv"].k, tasks["qkv"].n, tasks["qkv"].count) == (30, 768, 2304, 12)
    assert (tasks["scores"].batch, tasks["scores"].m, tasks["scores"].k, tasks["scores"].n) == (36, 10, 64, 10)
    assert (tasks["values"].m, tasks["values"].k, tasks["values"].n) == (10, 10, 64)
    assert tasks["ffn_in"].flops == tasks["ffn_out"].flops == 2 * 30 * 768 * 3072
    assert (tasks["lm_head"].n, tasks["lm_head"].count) == (50_257, 1)
    assert (tasks["layer_norm"].m, tasks["layer_norm"].n, tasks["layer_norm"].count) == (30, 768, 25)
    assert (tasks["softmax"].m, tasks["softmax"].n) == (360, 10)
    assert (tasks["gelu"].m, tasks["gelu"].n) == (30, 3072)
    assert flops(tuple(tasks.values())) == 30 * (12 * 24 * 768**2 + 12 * 4 * 10 * 768 + 2 * 50_257 * 768)


def test_one_token_more_multiplies_matrices_with_vectors() -> None:
    tasks = {task.role: task for task in operations(GPT2_SMALL, 10, 1, "bf16", "decode")}
    assert tasks["qkv"].m == tasks["lm_head"].m == 1
    assert (tasks["scores"].n, tasks["values"].k, tasks["softmax"].n) == (11, 11, 11)
    assert all(task.intensity < 1.5 for task in tasks.values() if task.is_product)
    kept = {task.role: task for task in operations(GPT2_SMALL, 1024, 1, "bf16", "decode")}
    assert kept["scores"].n == 1024  # the context has no more positions


def test_bert_decodes_nothing() -> None:
    assert operations(of_checkpoint(load("bert-mini")), 10, 1, "fp32", "decode") == ()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("tokens", "batch"), [(7, 1), (5, 3)])
def test_a_text_costs_what_torch_counts(family: Family, tokens: int, batch: int) -> None:
    import torch

    checkpoint = load(BUILT_IN[family])
    model: Any = checkpoint.model
    ids = torch.full((batch, tokens), 5)
    given = {"decoder_input_ids": ids} if family == "t5" else {}
    found = flops(operations(of_checkpoint(checkpoint), tokens, batch, "fp32", "prefill"))
    assert counted(lambda: model(ids, **given)) == found > 0


def test_one_token_more_costs_what_torch_counts_in_gpt2() -> None:
    import torch

    checkpoint = load(BUILT_IN["gpt2"])
    model: Any = checkpoint.model
    with torch.inference_mode():
        kept = model(torch.full((2, 9), 5), use_cache=True).past_key_values
    found = flops(operations(of_checkpoint(checkpoint), 9, 2, "fp32", "decode"))
    assert counted(lambda: model(torch.full((2, 1), 5), cache=kept)) == found > 0


def test_one_token_more_costs_what_torch_counts_in_t5() -> None:
    import torch

    checkpoint = load(BUILT_IN["t5"])
    model: Any = checkpoint.model
    ids = torch.full((2, 9), 5)
    with torch.inference_mode():
        read = model(ids, decoder_input_ids=ids, use_cache=True)
    again = {"encoder_outputs": (read.encoder_last_hidden_state,), "cache": read.past_key_values}
    found = flops(operations(of_checkpoint(checkpoint), 9, 2, "fp32", "decode"))
    assert counted(lambda: model(decoder_input_ids=torch.full((2, 1), 5), **again)) == found > 0


def test_int8_is_for_products_alone() -> None:
    tasks = operations(GPT2_SMALL, 8, 1, "int8", "prefill")
    assert {task.type for task in tasks if task.is_product} == {"int8"}
    assert {task.type for task in tasks if not task.is_product} == {"fp32"}


def test_gated_t5_has_three_matrices_and_gelu() -> None:
    shape = Design("t5", 2, 2, 2, 16, 8, 32, 50, 512, gated=True)
    tasks = operations(shape, 4, 1, "fp32", "prefill")
    assert [task.count for task in tasks if task.role == "ffn_in"] == [4, 4]
    assert {task.role for task in tasks if not task.is_product} == {"rms_norm", "softmax", "gelu"}


def test_a_cut_task_costs_what_its_sides_say() -> None:
    head = next(task for task in operations(GPT2_SMALL, 8, 1, "fp32", "prefill") if task.role == "lm_head")
    smaller = cut(head, n=1000)
    assert (smaller.flops, smaller.bytes) == (2 * 8 * 768 * 1000, 4 * (8 * 768 + 768 * 1000 + 8 * 1000))
    assert smaller.cut
    assert (smaller.state, smaller.transposed, smaller.count, smaller.stack) == ("cold", True, 1, "output")
