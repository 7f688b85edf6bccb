"""What a model costs to run and to hold: the FLOPs of a forward pass, and the bytes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explainers import architecture
from explainers.architecture import BYTES, Design, Memory, Work
from explainers.checkpoints.text import size_text
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.architecture.lesson import one_shown, slider
from explainers.views.architecture.words import formula_text, group_names, part_names
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
    st.markdown(
        _("One forward pass: **{total} FLOPs**, {each} for each of {n} tokens.").format(
            total=flops_text(total), each=flops_text(architecture.flops_per_token(products, tokens)), n=f"{tokens:,}"
        )
    )
    rows = architecture.balance(design, products)
    names = {str(group): name for group, name in group_names().items()}
    saving.chart(
        balance_bars(rows, names, design.family, dark=blocks.is_dark()),
        "arch_balance",
        lambda: saving.csv_text(
            ("group", "parameters", "share of parameters", "FLOPs", "share of FLOPs"),
            ((row.group, row.parameters, row.parameter_share, row.flops, row.flop_share) for row in rows),
        ),
        alt=_("Shares of parameters and of work: {rows}.").format(
            rows="; ".join(
                f"{names[row.group]} {blocks.percent(row.parameter_share)}, {blocks.percent(row.flop_share)}"
                for row in rows
            )
        ),
        name=f"work-{shown.name}".replace(":", "-"),
    )
    st.caption(
        _(
            "A multiplication and an addition are two FLOPs. Counted are the matrix products, as torch's "
            "FlopCounterMode counts them; norms, softmax and activations are left out. The output layer scores every "
            "token, and the causal mask saves nothing: the whole square of scores is computed. Padding saves nothing "
            "either: a mask takes away its influence, not its products."
        )
    )
    _products(products)


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
    )
    st.caption(
        _(
            "Bytes a number: fp32 4, bf16 2, int8 1 (its scales are left out, and it is not trained in). Adam keeps "
            "two fp32 numbers a parameter, beside bf16 weights also a copy of them in fp32. Keys and values: "
            "2·D·(n + s)·h·k numbers for n tokens and, in T5, s of the source; BERT keeps none. Activations that a "
            "training step keeps, a layer: n·(4d + 4hk + 2f) + hn², plus n·(2d + 2hk) + 2shk + hns where the decoder "
            "looks across, and n·V logits (matrices written out, without dropout; Korthikanti et al. 2022, "
            "section 4.1, arXiv 2205.05198); a program that computes an activation in several steps keeps more. In "
            "use they are let go layer by layer, and are left out."
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


def _products(products: Sequence[Work]) -> None:
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
    st.caption(_("n: tokens that are computed, t: tokens that a query can look at, s: tokens of the source."))


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
