"""What a model costs to run and to hold: the FLOPs of a forward pass, and the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from explainers import architecture
from explainers.architecture import BYTES, Memory, Work
from explainers.checkpoints.design import Design
from explainers.checkpoints.text import size_text
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.architecture.lesson import one_shown, slider
from explainers.views.architecture.words import formula_text, group_names, letters_text, part_names
from explainers.views.controls import Choice

_MOST_TOKENS = 4096  # where no learned position ends the context
_MOST_BATCH = 256


def work(choice: Choice) -> None:
    """Where the work of one forward pass is, beside where the parameters are."""
    from explainers.figures.ledger import balance_bars

    shown = one_shown(choice)
    design = shown.design
    tokens, source, cache = _lengths(design, in_batches=False)
    products = architecture.work(design, tokens, source=source, cache=cache)
    total = sum(each.flops for each in products)
    rows = architecture.balance(design, products)
    names = {str(group): name for group, name in group_names().items()}
    saving.chart(
        balance_bars(rows, names, design.family, dark=blocks.is_dark()),
        "arch_balance",
        lambda: saving.csv_text(
            ("group", "parameters", "share of parameters", "FLOPs", "share of FLOPs"),
            (
                (
                    row.group,
                    row.parameters,
                    row.parameter_share,
                    *((row.flops, row.flop_share) if row.counted else ("", "")),
                )
                for row in rows
            ),
        ),
        alt=_("Shares of parameters and of work: {rows}.").format(
            rows="; ".join(
                f"{names[row.group]} {blocks.percent(row.parameter_share)}, "
                + (blocks.percent(row.flop_share) if row.counted else _("not counted"))
                for row in rows
            )
        ),
        name=f"work-{shown.name}".replace(":", "-"),
        fit=True,
    )
    st.markdown(
        _("One forward pass: **{total} FLOPs**, {each} for each of {n} tokens.").format(
            total=flops_text(total), each=flops_text(architecture.flops_per_token(products, tokens)), n=f"{tokens:,}"
        )
    )
    st.caption(
        _(
            "A multiplication and an addition are two FLOPs. Counted are the matrix products, as torch's "
            "FlopCounterMode counts them; norms, softmax and activations are left out. The output layer scores every "
            "token, and the causal mask saves nothing: the whole square of scores is computed. Padding saves nothing "
            "either: a mask takes away its influence, not its products."
        )
    )
    _products(products, {**design.symbols, "n": tokens, "t": cache + tokens, "s": source})


def memory(choice: Choice) -> None:
    """The bytes to use a model and to train it, in three number types."""
    from explainers.figures.ledger import memory_bars

    shown = one_shown(choice)
    design = shown.design
    tokens, source, batch = _lengths(design, in_batches=True)
    found = {number: architecture.memory(design, number, tokens, source=source, batch=batch) for number in BYTES}
    rows: list[tuple[str, Memory, bool]] = [
        (_("{type}, in use").format(type=number), each, False) for number, each in found.items()
    ]
    rows += [(_("{type}, in training").format(type=number), found[number], True) for number in ("fp32", "bf16")]
    saving.chart(
        memory_bars(rows, design.family, dark=blocks.is_dark()),
        "arch_memory",
        lambda: saving.csv_text(
            ("use", "weights", "keys and values", "activations", "gradients", "Adam"),
            ((label, *each.__dict__.values()) for label, each, _train in rows),
        ),
        alt="; ".join(f"{label}: {size_text(each.in_training if t else each.in_use)}" for label, each, t in rows),
        name=f"memory-{shown.name}".replace(":", "-"),
        fit=True,
    )
    st.caption(
        _(
            "Bytes a number: fp32 4, bf16 2, int8 1 (its scales are left out, and it is not trained in). Adam keeps "
            "two fp32 numbers a parameter, beside bf16 weights also a copy of them in fp32. BERT keeps no keys and "
            "values. In use the activations are let go layer by layer, and are left out."
        )
    )
    _held(design, tokens, source, batch)


def _held(design: Design, tokens: int, source: int, batch: int) -> None:
    """What is kept beside the weights, with its formula, and under it what the letters stand for."""
    names = {
        "cache": _("keys and values"),
        "encoder": _("activations of the encoder"),
        "decoder": _("activations of the decoder"),
        "cross": _("activations of cross-attention"),
        "logits": _("logits"),
    }
    held = architecture.held(design, tokens, source=source)
    formulas = [f"b*{each.formula}" for each in held]
    rows = [
        (names[each.key], formula_text(formula), f"{batch * each.numbers:,}", size_text(4 * batch * each.numbers))
        for each, formula in zip(held, formulas, strict=True)
    ]
    st.header(_("What is kept beside the weights"), anchor=False)
    blocks.text_table((_("part"), _("formula"), _("numbers"), _("in fp32")), rows, numbers=(2, 3))
    st.caption(letters_text(formulas, {**design.symbols, "n": tokens, "s": source, "b": batch}))
    st.caption(
        _(
            "Activations are what a training step keeps for the way back: of each layer the inputs of its matrices and "
            "norms, queries, keys, values, and the attention weights. Matrices written out, without dropout "
            "(Korthikanti et al. 2022, section 4.1, arXiv 2205.05198); a program that computes an activation in "
            "several steps keeps more."
        )
    )


def _lengths(design: Design, *, in_batches: bool) -> tuple[int, int, int]:
    """Tokens to compute, tokens of T5's source, and the sequences of a batch or else the tokens in the cache."""
    most = _MOST_TOKENS if design.kind == "t5" else design.context
    source = other = 0
    with st.container(horizontal=True, gap="large"):
        label = _("Tokens that T5's decoder computes") if design.kind == "t5" else _("Tokens that are computed")
        tokens = slider(label, "arch_tokens", 1, most, 512)
        if design.kind == "t5":
            source = slider(_("Tokens that its encoder reads"), "arch_source", 1, most, 512)
        if in_batches:
            other = slider(_("Sequences in a batch"), "arch_batch", 1, _MOST_BATCH, 1)
        elif design.decoder_layers:
            other = slider(_("Earlier tokens in the cache"), "arch_cache", 0, most - tokens, 0)
    return tokens, source, other


def _products(products: Sequence[Work], sizes: Mapping[str, int]) -> None:
    """Every product with its formula, and under it what the letters stand for."""
    names, whats = part_names(), _roles()
    total = sum(each.flops for each in products)
    rows = [
        (names[each.key], whats[each.role], formula_text(each.formula), f"{each.flops:,}", blocks.percent(share))
        for each, share in zip(products, architecture.shares(products), strict=True)
    ]
    rows.append((_("All"), "", "", f"{total:,}", "100 %"))
    st.header(_("The products, line by line"), anchor=False)
    columns = (_("part"), _("product"), _("formula"), _("FLOPs"), _("share"))
    blocks.text_table(columns, rows, numbers=(3, 4), most=len(rows))
    st.caption(letters_text((each.formula for each in products), sizes))


def _roles() -> dict[str, str]:
    return {
        "attention": _("queries, keys, values, output"),
        "scores": _("queries with keys, and mixing"),
        "cross": _("queries, keys, values, output"),
        "cross scores": _("queries with keys, and mixing"),
        "feed-forward": _("into the wide vector and back"),
        "head": _("one matrix"),
    }


def flops_text(flops: float) -> str:
    """A number of FLOPs as it is read out."""
    for unit, name in ((10**12, _("trillion")), (10**9, _("billion")), (10**6, _("million"))):
        if flops >= unit:
            return f"{flops / unit:.3g} {name}" if flops < 1000 * unit else f"{flops / unit:,.0f} {name}"
    return f"{flops:,.0f}"
