"""The share of matrix products in the FLOPs of five networks, the products themselves, and what all else costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainers.checkpoints import FAMILIES
from explainers.language import _
from explainers.matmul import COSTS, GROUPS, Cost, Count, Load, Network
from explainers.views import blocks, cached, saving
from explainers.views.architecture.costs import flops_text
from explainers.views.architecture.lesson import all_shown
from explainers.views.controls import Choice
from explainers.views.matmul.lesson import load_of, mode_switch
from explainers.views.matmul.words import group_names, network_names, phase_names

if TYPE_CHECKING:
    from explainers.figures.matmul import Shares


def work(choice: Choice) -> None:
    """Five networks side by side, what is no product from close by, and each product with its sizes."""
    from explainers.figures.matmul import other_bars, percent, share_bars

    networks = _networks(choice)
    mode = mode_switch()
    load = load_of(list(networks.values()))
    with st.spinner(_("Every operator is counted"), show_time=True):
        counts = {name: cached.operator_count(network, load, mode) for name, network in networks.items()}
    names = group_names()
    rows = [shares_of(name, counted) for name, counted in counts.items()]
    said = "; ".join(f"{row.label}: {percent(row.parts['products'])}" for row in rows)
    saving.chart(
        share_bars(rows, names, _("share of all FLOPs"), dark=blocks.is_dark()),
        "mm_shares",
        lambda: _csv(counts),
        alt=_("Matrix products' share of all FLOPs. {rows}.").format(rows=said),
        name="share-of-work",
        fit=True,
    )
    st.markdown(_("Matrix products: {rows}.").format(rows=blocks.plain(said)))
    st.header(_("What is left, from close by"), anchor=False)
    saving.chart(
        other_bars(rows, names, _("share of all FLOPs"), dark=blocks.is_dark()),
        "mm_others",
        lambda: _csv(counts),
        alt=_("What is no matrix product. {rows}.").format(
            rows="; ".join(f"{row.label}: {percent(1 - row.parts['products'])}" for row in rows)
        ),
        name="share-of-the-rest",
    )
    _what_is_counted(load)
    _sizes(counts)
    cost_table()


def shares_of(name: str, counted: Count) -> Shares:
    """The groups' shares of a network's FLOPs, as one bar."""
    from explainers.figures.matmul import Shares

    return Shares(name, {group: counted.flop_share(group) for group in GROUPS})


def cost_table() -> None:
    """The cost of every operator that is no product, for each number."""
    with st.expander(_("What the other operations cost")):
        rows: dict[Cost, list[str]] = {}
        for name, cost in COSTS.items():
            rows.setdefault(cost, []).append(name)
        per = {"output": _("number of the result"), "input": _("number that goes in"), "rows": _("row of labels")}
        groups = group_names()
        blocks.text_table(
            (_("operators, by torch's names"), _("group"), _("FLOPs"), _("for each"), _("counted")),
            [
                (", ".join(names), groups[cost.group], str(cost.flops), per[cost.per], cost.steps)
                for cost, names in rows.items()
            ],
            numbers=(2,),
            most=len(rows),
        )
        st.caption(
            _(
                "An operation is a mathematical one: an exponential counts as one, as in "
                "[ELECTRA's count](https://github.com/google-research/electra/blob/master/flops_computation.py). A "
                "bias that torch adds along with a product is counted here, one for each number of the result. Copies, "
                "look-ups and other views of the same numbers compute nothing: 0."
            )
        )


def _networks(choice: Choice) -> dict[str, Network]:
    shown = all_shown(choice)
    labels = network_names()
    small = {labels["mlp"]: Network("mlp"), labels["cnn"]: Network("cnn")}
    return small | {shown[family].name: Network("transformer", shown[family].design) for family in FAMILIES}


def _what_is_counted(load: Load) -> None:
    st.caption(
        _(
            "Counted operator by operator as torch would run it, without weights (its meta device); the products "
            "exactly as torch's FlopCounterMode counts them. {batch} sequences of {tokens} tokens, T5 reads and writes "
            "as many; {batch} pictures for the others. MLP: 784 numbers, two layers of 2,048, 10 classes. "
            "Convolutional: six layers of 3 × 3 filters on 32 × 32 pixels with batch norm, a small relative of VGG. "
            "Attention is written out; training has the library's usual dropout, and AdamW."
        ).format(batch=load.batch, tokens=load.tokens)
    )


def _sizes(counts: Mapping[str, Count]) -> None:
    """Every product of one network as rows times inner times columns, the costliest first."""
    from explainers.figures.matmul import percent

    with st.expander(_("The products, size by size")):
        name = st.selectbox(_("Network"), list(counts), key="mm_sizes", width=300)
        counted = counts.get(name or "", next(iter(counts.values())))
        phases = phase_names()
        products = sorted(counted.products, key=lambda product: -product.flops)
        total = counted.flops("products")
        blocks.text_table(
            (_("m × k times k × n"), _("how often"), _("phase"), _("FLOPs"), _("share")),
            [
                (
                    f"{each.m:,} × {each.k:,} · {each.k:,} × {each.n:,}",
                    f"{each.times:,}",
                    phases[each.phase],
                    flops_text(each.flops),
                    percent(each.flops / total),
                )
                for each in products
            ],
            numbers=(1, 3, 4),
            most=24,
        )


def _csv(counts: Mapping[str, Count]) -> str:
    return saving.csv_text(
        ("network", "phase", "operator", "group", "calls", "FLOPs", "bytes"),
        (
            (name, each.phase, each.name, each.group, each.calls, each.flops, each.bytes)
            for name, counted in counts.items()
            for each in counted.operators
        ),
    )
