"""The architecture's numbers: parameters to the last one, products as torch counts them, bytes by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.architecture import (
    activation_numbers,
    balance,
    cache_numbers,
    held,
    ledger,
    memory,
    published,
    rivals,
    work,
)
from explainers.checkpoints import load
from explainers.checkpoints.design import Design, of_checkpoint, own

# As in the plan's facts, computed there from the library's configurations.
TOTALS = {
    "bert-base": 110_106_428,
    "bert-large": 336_226_108,
    "gpt1": 116_534_784,
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
    "t5-small": 60_506_624,
    "t5-base": 222_903_552,
    "t5-large": 737_668_096,
    "t5-3b": 2_851_598_336,
    "t5-11b": 11_307_321_344,
}

SMALL = {
    "bert": Design("bert", 3, 0, 5, 15, 3, 22, 41, 37),
    "gpt1": Design("gpt1", 0, 2, 3, 21, 7, 84, 40, 29),
    "gpt2": Design("gpt2", 0, 2, 3, 21, 7, 50, 41, 29),
    "t5": Design("t5", 2, 3, 4, 10, 3, 14, 43, 512, buckets=12),
    "t5 gated, untied": Design("t5", 2, 3, 4, 10, 3, 14, 43, 512, buckets=12, gated=True, tied=False),
    "bert untied": Design("bert", 1, 0, 5, 15, 3, 22, 41, 37, tied=False),
}


def library_model(design: Design) -> Any:
    """The library's model of that design, with random weights, or without any under torch.device("meta").

    Its attention is written out in products that torch counts.
    """
    model = _library_model(design)
    model.set_attn_implementation("eager")
    return model


def _library_model(design: Design) -> Any:
    import transformers as library

    if design.kind == "bert":
        return library.BertForPreTraining(
            library.BertConfig(
                vocab_size=design.vocab, hidden_size=design.d_model, num_hidden_layers=design.layers,
                num_attention_heads=design.heads, intermediate_size=design.d_ff, type_vocab_size=design.segments,
                max_position_embeddings=design.context, tie_word_embeddings=design.tied,
            )
        )  # fmt: skip
    if design.kind == "t5":
        config = library.T5Config(
            vocab_size=design.vocab, d_model=design.d_model, d_kv=design.d_head, d_ff=design.d_ff,
            num_layers=design.layers, num_decoder_layers=design.decoder_layers, num_heads=design.heads,
            relative_attention_num_buckets=design.buckets,
            feed_forward_proj="gated-gelu" if design.gated else "relu",
        )  # fmt: skip
        model = library.T5ForConditionalGeneration(config)
        if not design.tied:  # as the library does once it has read a file with both matrices
            import torch

            model.lm_head = torch.nn.Linear(design.d_model, design.vocab, bias=False)
        return model
    sizes: dict[str, Any] = {
        "vocab_size": design.vocab, "n_embd": design.d_model, "n_layer": design.decoder_layers,
        "n_head": design.heads, "n_positions": design.context, "bos_token_id": None, "eos_token_id": None,
    }  # fmt: skip
    if design.kind == "gpt1":
        return library.OpenAIGPTLMHeadModel(library.OpenAIGPTConfig(**sizes))
    return library.GPT2LMHeadModel(library.GPT2Config(**sizes, n_inner=design.d_ff))


def tensors(design: Design) -> dict[str, tuple[int, ...]]:
    """Every tensor of our ledger under its full name, the tied ones left out."""
    return {
        tensor.name.format(i=at): tensor.shape
        for entry in ledger(design).entries
        if entry.part.role != "tied"
        for at in range(entry.part.copies)
        for tensor in entry.part.tensors
    }


@pytest.mark.parametrize("name", TOTALS)
def test_totals_and_every_tensor_are_the_library_s(name: str) -> None:
    import torch

    design = published()[name].design
    with torch.device("meta"):
        model = library_model(design)
    counted = ledger(design)
    assert counted.total == TOTALS[name] == sum(parameter.numel() for parameter in model.parameters())
    assert tensors(design) == {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("name", SMALL)
def test_odd_designs_have_the_library_s_tensors(name: str) -> None:
    import torch

    with torch.device("meta"):
        model = library_model(SMALL[name])
    assert tensors(SMALL[name]) == {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


def test_the_encoder_of_bert_is_the_subtotal() -> None:
    assert ledger(published()["bert-base"].design).encoder == 109_482_240
    assert ledger(published()["bert-large"].design).encoder == 335_141_888


def test_the_names_are_the_twelve() -> None:
    assert list(published()) == list(TOTALS)


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_the_built_in_models_have_as_many_parameters_as_their_files(name: str) -> None:
    checkpoint = load(name)
    assert ledger(of_checkpoint(checkpoint)).total == checkpoint.sizes.parameters


def check_formulas(design: Design) -> None:
    counted = ledger(design)
    assert sum(entry.count for entry in counted.entries) == counted.total
    assert abs(sum(entry.share for entry in counted.entries) - 1) < 1e-9
    for entry in counted.entries:
        by_formula = eval(entry.part.formula, {}, design.symbols)  # noqa: S307 - our own formulas
        assert by_formula == entry.part.copies * sum(tensor.count for tensor in entry.part.tensors), entry.part.key
        assert entry.count == (0 if entry.part.role == "tied" else by_formula)
    assert len({entry.part.key for entry in counted.entries}) == len(counted.entries)


@pytest.mark.parametrize("design", [*SMALL.values(), *(each.design for each in published().values())])
def test_every_formula_gives_its_count(design: Design) -> None:
    check_formulas(design)


@given(
    st.sampled_from(("bert", "gpt2", "t5")), st.integers(1, 96), st.integers(1, 128), st.integers(1, 256_000),
    st.integers(1, 65_536), st.integers(1, 600), st.integers(1, 600), st.integers(0, 600),
)  # fmt: skip
def test_designs_of_any_size(
    family: Any, layers: int, heads: int, vocab: int, context: int, tokens: int, source: int, cache: int
) -> None:
    design = own(family, layers, 64 * heads, vocab, context)
    check_formulas(design)
    cache = 0 if family == "bert" else cache
    letters = design.symbols | {"n": tokens, "s": source, "t": cache + tokens}
    for each in work(design, tokens, source=source, cache=cache):
        letters["t"] = source if each.stack == "encoder" and family == "t5" else cache + tokens
        assert each.flops == eval(each.formula, {}, letters)  # noqa: S307 - our own formulas
    assert memory(design, "fp32", tokens, source=source).in_training > memory(design, "int8", tokens).in_training


def counted_by_torch(call: Any) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


@pytest.mark.parametrize("tokens", [1, 19])
@pytest.mark.parametrize("name", ["bert", "gpt1", "gpt2"])
def test_products_are_counted_as_torch_counts_them(name: str, tokens: int) -> None:
    import torch

    design = SMALL[name]
    model = library_model(design).eval()
    ids = torch.zeros(1, tokens, dtype=torch.long)
    assert counted_by_torch(lambda: model(ids)) == sum(each.flops for each in work(design, tokens))


@pytest.mark.parametrize("new", [1, 4])
def test_products_with_a_cache_are_counted_as_torch_counts_them(new: int) -> None:
    import torch

    design = SMALL["gpt2"]
    model = library_model(design).eval()
    past = model(torch.zeros(1, 11, dtype=torch.long), use_cache=True).past_key_values
    ids = torch.zeros(1, new, dtype=torch.long)
    found = counted_by_torch(lambda: model(ids, cache=past))
    assert found == sum(each.flops for each in work(design, new, cache=11))


@pytest.mark.parametrize("name", ["t5", "t5 gated, untied"])
def test_products_of_both_stacks_are_counted_as_torch_counts_them(name: str) -> None:
    import torch

    design = SMALL[name]
    model = library_model(design).eval()
    source, answer = torch.zeros(1, 17, dtype=torch.long), torch.zeros(1, 6, dtype=torch.long)
    found = counted_by_torch(lambda: model(source, decoder_input_ids=answer))
    assert found == sum(each.flops for each in work(design, 6, source=17))
    first = model(source, decoder_input_ids=answer, use_cache=True)
    states = (first.encoder_last_hidden_state,)
    found = counted_by_torch(
        lambda: model(encoder_outputs=states, decoder_input_ids=answer[:, :1], cache=first.past_key_values)
    )
    assert found == sum(each.flops for each in work(design, 1, source=17, cache=6))


def test_a_published_size_by_hand() -> None:
    """GPT-2's 12 layers: 24 d² products a token, 2 n d twice for the scores, and the vocabulary."""
    flops = sum(each.flops for each in work(published()["gpt2"].design, 1_024))
    assert flops == 1_024 * (12 * 24 * 768**2 + 12 * 4 * 1_024 * 768 + 2 * 50_257 * 768) == 291_648_307_200


def test_the_printed_sizes_of_gpt2_are_those_with_the_first_gpt_s_vocabulary() -> None:
    for name, printed in {"gpt2": 117, "gpt2-medium": 345, "gpt2-large": 762, "gpt2-xl": 1_542}.items():
        model = published()[name]
        rows = published()["gpt1"].design.vocab
        fewer = ledger(model.design).total - (model.design.vocab - rows) * model.design.d_model
        assert round(fewer / 10**6) == printed
        assert model.printed == f"{printed}M"
        assert f"{fewer / 10**6:,.1f} million" in model.text
    large = published()["t5-large"].design
    assert round((ledger(large).total + large.vocab * large.d_model) / 10**6, 1) == 770.6


@pytest.mark.parametrize("design", SMALL.values())
def test_the_balance_adds_up_and_shows_what_a_look_up_and_a_tied_matrix_cost(design: Design) -> None:
    products = work(design, 7, source=5)
    rows = {each.group: each for each in balance(design, products)}
    assert sum(each.parameters for each in rows.values()) == ledger(design).total
    assert sum(each.flops for each in rows.values()) == sum(each.flops for each in products)
    assert sum(each.flop_share for each in rows.values()) == pytest.approx(1)
    assert sum(each.parameter_share for each in rows.values()) == pytest.approx(1)
    assert rows["embeddings"].flops == rows["norms"].flops == rows["scores"].parameters == 0
    assert rows["output"].flops >= 2 * 7 * design.vocab * design.d_model


@pytest.mark.parametrize("name", published())
def test_what_is_held_is_what_its_formula_says(name: str) -> None:
    design = published()[name].design
    for each in held(design, 7, source=5):
        letters = {**design.symbols, "n": 7, "s": 5}
        assert each.numbers == eval(each.formula, {}, letters)  # noqa: S307 - our own formulas


def test_memory_by_hand() -> None:
    design = own("gpt2", 2, 128, 1_000, 32)
    assert activation_numbers(design, 10) == 2 * (16 * 10 * 128 + 2 * 10 * 10) + 10 * 1_000
    assert cache_numbers(design, 10) == 2 * 2 * 10 * 128
    total = ledger(design).total
    half = memory(design, "bf16", 10, batch=3)
    assert (half.weights, half.gradients, half.adam) == (2 * total, 2 * total, 12 * total)
    assert half.cache == 3 * 2 * cache_numbers(design, 10)
    assert half.in_training == half.weights + half.gradients + half.adam + 3 * 2 * activation_numbers(design, 10)
    assert [(each.key, each.formula) for each in held(design, 10)] == [
        ("cache", "2*D*n*h*k"),
        ("decoder", "D*(n*(4*d + 4*h*k + 2*f) + h*n*n)"),
        ("logits", "n*V"),
    ]
    assert cache_numbers(own("bert", 2, 128, 1_000, 32), 10) == 0
    assert cache_numbers(own("t5", 2, 128, 1_000, 32), 10, source=5) == 2 * 2 * 15 * 128


def test_a_training_step_of_bert_keeps_little_more_than_the_formula_says() -> None:
    """BERT's activation is one operation, so what torch keeps for the way back can be compared; 6 % more was seen."""
    import torch

    design = own("bert", 2, 128, 500, 256)
    model = library_model(design).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        if tensor.is_floating_point() and tensor.untyped_storage().data_ptr() not in weights:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    ids = torch.zeros(1, 200, dtype=torch.long)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(ids, labels=ids, next_sentence_label=ids[:, 0])
    numbers = sum(tensor.untyped_storage().nbytes() for tensor in kept.values()) / 4
    assert 1 < numbers / activation_numbers(design, 200) < 1.15


def test_cross_attention_keeps_what_its_own_products_need() -> None:
    """One layer each: 16 n d + h n² in both stacks, and 4 n d + 2 s d + h n s for the look across."""
    design = own("t5", 1, 128, 50, 512)
    one, other = 16 * 5 * 128 + 2 * 5 * 5, 16 * 3 * 128 + 2 * 3 * 3
    crossed = 4 * 3 * 128 + 2 * 5 * 128 + 2 * 3 * 5
    assert activation_numbers(design, 3, source=5) == one + other + crossed + 3 * 50


def test_an_encoder_decoder_costs_about_as_much_as_a_decoder_of_half_its_parameters() -> None:
    both, half, alone, deep = rivals(published()["t5-base"].design, 512, 114)
    assert 1.9 < both.body / alone.body < 2.4
    assert 1.1 < both.flops / alone.flops < 1.15  # the attention across comes on top
    assert 1.8 < deep.flops / alone.flops < 2.1
    assert half.body < both.body
    assert half.flops < both.flops
    assert [(each.layers, each.decoder_layers) for each in (both, half, alone, deep)] == [
        (12, 12), (6, 6), (0, 12), (0, 24)
    ]  # fmt: skip
