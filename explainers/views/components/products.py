"""The canvas pictures of the matrix product: one product tile by tile, and a convolution as a product."""

from __future__ import annotations

import hashlib
from itertools import accumulate
from typing import Any

from explainers.figures.palette import ABOVE, BELOW, INK, KEPT
from explainers.language import _
from explainers.matmul import Convolution, Walk, reads
from explainers.views.components.assets import register
from explainers.views.components.player import player_labels

_PARTS = ("elements", "keys", "buttons", "player", "played", "canvas", "matrices")
_tiles = register("tiles", *_PARTS)
_windows = register("windows", *_PARTS)


def tiled_product(shown: Walk, *, key: str) -> None:
    """Draw the product with its player."""
    _tiles(key=key, data=tile_data(shown))


def convolution_product(shown: Convolution, *, key: str, step: int = 0) -> None:
    """Draw the convolution with its player; it begins at that window."""
    _windows(key=key, data=window_data(shown, step))


def tile_data(shown: Walk) -> dict[str, Any]:
    """What the browser draws: every step, and what was fetched and computed after it."""
    naive = reads(shown.m, shown.k, shown.n, 1)
    return {
        "m": shown.m,
        "k": shown.k,
        "n": shown.n,
        "tile": shown.tile,
        "visits": [[*visit.rows, *visit.inner, *visit.columns] for visit in shown.visits],
        "reads": list(accumulate(visit.reads for visit in shown.visits)),
        "adds": list(accumulate(visit.multiply_adds for visit in shown.visits)),
        "naive": naive,
        "fast": shown.fast_numbers,
        "most": max(shown.m, shown.n),
        "fingerprint": f"{shown.m} {shown.k} {shown.n} {shown.tile}",
        "alternative": _(
            "A matrix A of {m} rows and {k} columns times a matrix B of {k} rows and {n} columns, in tiles of {tile} "
            "by {tile}. {reads} numbers are fetched from memory, {each} FLOPs for each; without tiles it would be "
            "{naive} numbers."
        ).format(
            m=shown.m,
            k=shown.k,
            n=shown.n,
            tile=shown.tile,
            reads=f"{shown.reads:,}",
            each=f"{shown.flops_per_read:.2f}",
            naive=f"{naive:,}",
        ),
        "colours": {"a": BELOW, "b": ABOVE, "c": KEPT},
        "labels": player_labels()
        | {
            "a": _("A: how often fetched"),
            "b": _("B: how often fetched"),
            "c": _("C: products added up"),
            "keyboard": _("A times B is C. Arrow keys step, Space plays, Home and End go to the start and the end."),
            "so_far": _(
                "{reads} numbers fetched so far, {adds} products added up: {each} FLOPs for each number fetched."
            ),
            "end": _(
                "{reads} numbers fetched in all, {adds} products added up: {each} FLOPs for each number fetched. "
                "Number by number it would be {naive}, {times} times as many. The fast store holds {fast} numbers."
            ),
        },
    }


def window_data(shown: Convolution, step: int = 0) -> dict[str, Any]:
    """What the browser draws: the image, the windows, the filters, their product."""
    windows = shown.windows.tolist()
    filters, rows, columns = shown.maps.shape
    about = repr((windows, shown.weights.tolist(), shown.stride, shown.padding)).encode()
    return {
        "padded": shown.padded.tolist(),
        "padding": shown.padding,
        "kernel": shown.filters.shape[1],
        "stride": shown.stride,
        "windows": windows,
        "weights": shown.weights.tolist(),
        "product": shown.product.tolist(),
        "columns": columns,
        "corners": [list(shown.corner(at)) for at in range(len(windows))],
        "step": min(step, len(windows) - 1),
        "fingerprint": hashlib.blake2b(about, digest_size=12).hexdigest(),
        "alternative": _(
            "An image of {height} by {width} pixels becomes a matrix of {positions} windows of {places} numbers. Times "
            "{filters} filters it gives {filters} maps of {rows} by {columns} numbers."
        ).format(
            height=shown.padded.shape[0],
            width=shown.padded.shape[1],
            positions=len(windows),
            places=len(windows[0]),
            filters=filters,
            rows=rows,
            columns=columns,
        ),
        "names": filter_names(),
        "colours": {"image": INK, "low": BELOW, "high": ABOVE},
        "labels": player_labels()
        | {
            "image": _("image"),
            "windows": _("a row a window"),
            "weights": _("filters"),
            "product": _("product"),
            "more": _("{shown} of {all} windows in sight"),
            "sum": _("Window {n}, {filter}: {sum} = {result}"),
            "keyboard": _(
                "A convolution as a matrix product. Left and right choose the window, up and down the filter; Space "
                "plays."
            ),
        },
    }


def filter_names() -> list[str]:
    """What the two filters find."""
    return [_("upright edges"), _("level edges")]
