"""One matrix product, tile by tile, and what larger tiles save."""

from __future__ import annotations

import streamlit as st

from explainers import matmul
from explainers.language import _
from explainers.matmul import Walk
from explainers.views import blocks, saving
from explainers.views.architecture.lesson import slider
from explainers.views.components.products import tiled_product

_MOST_SIDE = 12
_MOST_TILE = 6


def product() -> None:
    """The animated product, and the numbers fetched for every size of tile."""
    from explainers.figures.matmul import read_bars

    with st.container(horizontal=True, gap="large"):
        m = slider(_("Rows of A"), "mm_m", 2, _MOST_SIDE, 8)
        k = slider(_("Columns of A, rows of B"), "mm_k", 2, _MOST_SIDE, 8)
        n = slider(_("Columns of B"), "mm_n", 2, _MOST_SIDE, 8)
        tile = slider(_("Side of a tile"), "mm_tile", 1, _MOST_TILE, 1)
    shown = matmul.walk(m, k, n, tile)
    with saving.picture("mm_product", lambda: _csv(shown), name="matrix-product"):
        tiled_product(shown, key="mm_tiles")
    st.caption(
        _(
            "Thick frames: the tiles that are in the fast store now, the small memory beside the processor. "
            "A {m} × {k}, B {k} × {n}: 2·m·k·n = {flops} FLOPs (a multiplication and an addition are two), whatever "
            "the tiles. Writing C, {written} numbers, is not counted: tiles do not change it."
        ).format(m=m, k=k, n=n, flops=f"{shown.flops:,}", written=f"{m * n:,}")
    )
    st.header(_("What larger tiles save"), anchor=False)
    saving.chart(
        read_bars(m, k, n, tile, _MOST_TILE, dark=blocks.is_dark()),
        "mm_reads",
        lambda: saving.csv_text(
            ("side of a tile", "numbers fetched"),
            ((side, matmul.reads(m, k, n, side)) for side in range(1, _MOST_TILE + 1)),
        ),
        alt=_("Numbers fetched for each side of a tile: {rows}.").format(
            rows="; ".join(f"{side}: {matmul.reads(m, k, n, side):,}" for side in range(1, _MOST_TILE + 1))
        ),
        name="tiles",
    )
    st.caption(
        _(
            "A tile of side t brings each number of A ⌈n/t⌉ times and each of B ⌈m/t⌉ times: m·k·⌈n/t⌉ + k·n·⌈m/t⌉ "
            "in all. Programs for real processors do this twice and thrice over: a tile for each cache, and one for "
            "the registers (Goto and van de Geijn 2008, [doi.org/10.1145/1356052.1356053]"
            "(https://doi.org/10.1145/1356052.1356053))."
        )
    )


def _csv(shown: Walk) -> str:
    """A line for each number of A and B: how often it was fetched."""
    return saving.csv_text(
        ("matrix", "row", "column", "times fetched"),
        (
            (name, row, column, int(often))
            for name, numbers in (("A", shown.reads_a), ("B", shown.reads_b))
            for (row, column), often in zip(_places(*numbers.shape), numbers.flat, strict=True)
        ),
    )


def _places(rows: int, columns: int) -> list[tuple[int, int]]:
    return [(row, column) for row in range(rows) for column in range(columns)]
