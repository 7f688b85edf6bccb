"""Why work and time differ, in numbers: bytes and speed of each group, and of the slowest operators."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explainers import matmul
from explainers.language import _
from explainers.matmul import Count, Mode, Timing
from explainers.views import blocks
from explainers.views.matmul.words import group_names, mode_names, operator_name

_MOST_OPERATORS = 14


def tables(counts: Mapping[Mode, Count], found: Mapping[Mode, Timing]) -> None:
    """The reason in two tables, of a training step where one was measured."""
    st.header(_("Why work and time differ"), anchor=False)
    st.markdown(
        _(
            "A product does **much with each number** that it fetches: it is used for a whole row or column. An "
            "addition or a softmax does one or a few operations with it and puts it back. So their time goes by the "
            "**bytes**, not by the FLOPs. And finding out what to run takes time, however small the numbers."
        )
    )
    names = mode_names()
    mode = st.segmented_control(
        _("Use of the network"),
        tuple(found),
        default=list(found)[-1],
        required=True,
        key=f"mm_why_{len(found)}",  # once more is measured, the last is shown
        format_func=names.__getitem__,
        label_visibility="collapsed",
    )
    shown = mode if mode in found else next(iter(found))
    _groups(counts[shown], found[shown])
    with st.expander(_("The slowest operators")):
        _operators(counts[shown], found[shown])


def _groups(counted: Count, timed: Timing) -> None:
    from explainers.figures.matmul import percent

    names = group_names()
    blocks.text_table(
        ("", _("of the work"), _("of the bytes"), _("of the time"), _("FLOPs a byte"), _("billion FLOPs a second")),
        [
            (
                names[row.group],
                percent(row.flop_share),
                percent(row.byte_share),
                percent(row.time_share),
                f"{row.flops_per_byte:.3g}",
                f"{row.flops_per_second / 1e9:.3g}",
            )
            for row in matmul.groups_compared(counted, timed)
        ],
        numbers=(1, 2, 3, 4, 5),
    )
    st.caption(
        _(
            "Bytes: each operand of each operator once, read or written, as if nothing stayed in a cache. The Roofline "
            "lesson shows what these two numbers, FLOPs a byte and FLOPs a second, have to do with each other."
        )
    )


def _operators(counted: Count, timed: Timing) -> None:
    from explainers.figures.matmul import percent

    rows = matmul.operators_compared(counted, timed)[:_MOST_OPERATORS]
    names = group_names()
    blocks.text_table(
        (_("operator"), _("group"), _("calls"), _("FLOPs"), _("ms"), _("of the time"), _("billion FLOPs a second")),
        [
            (
                operator_name(row.name),
                names[row.group],
                f"{row.calls:,}" if row.calls else "",
                f"{row.flops:,}",
                f"{1e3 * row.seconds:.3g}",
                percent(row.seconds / timed.watched_seconds),
                f"{row.flops_per_second / 1e9:.3g}",
            )
            for row in rows
        ],
        numbers=(2, 3, 4, 5, 6),
        most=len(rows),
    )
