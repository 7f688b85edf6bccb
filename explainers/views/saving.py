"""Charts that can be kept: under each one a small control that saves the picture as SVG or PNG and its numbers as CSV.

The picture is written by the plotly that drew it, in the browser; nothing is asked of the network.
"""

from __future__ import annotations

import csv as table
import io
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from explainers.figures.palette import PAPER
from explainers.language import _
from explainers.views import blocks
from explainers.views.components.assets import register

if TYPE_CHECKING:
    import plotly.graph_objects as go

_component = register("saving")

# All that remains of plotly's own buttons is full screen, and the one that saves, which is hidden and pressed for us.
_CONFIG = {
    "displaylogo": False,
    "doubleClick": "reset",
    "modeBarButtonsToRemove": [
        *("zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d", "select2d", "lasso2d"),
        *("zoom3d", "pan3d", "orbitRotation", "tableRotation", "resetCameraDefault3d", "resetCameraLastSave3d"),
        *("hoverClosestCartesian", "hoverCompareCartesian", "hoverClosest3d", "toggleSpikelines"),
    ],
}


def chart(
    figure: go.Figure,
    key: str,
    csv: Callable[[], str],
    *,
    alt: str,
    name: str,
    on_select: Callable[[], None] | Literal["rerun", "ignore"] = "ignore",
    selection_mode: Literal["points", "box", "lasso"] = "points",
) -> Any:
    """Draw a figure with the control that saves it; return what plotly_chart does (with on_select, the selection).

    csv: makes the numbers as a CSV text, called only when they are asked for (see `csv_text`). alt: what the picture
    says, in a sentence or two, for those who do not see it. name: of the saved files, without an ending.
    """
    if figure.layout.paper_bgcolor is None:  # a saved picture must be legible on any slide
        figure.layout.paper_bgcolor = PAPER.on(dark=blocks.is_dark())
    with st.container(key=f"picture_{key}", gap=None):
        result = st.plotly_chart(
            figure,
            key=key,
            on_select=on_select,
            selection_mode=selection_mode,
            config=_CONFIG,
            alt=alt,
            width="stretch",
        )
        with st.container(key=f"saving_{key}", horizontal=True, horizontal_alignment="right", gap=None):
            _component(
                key=f"{key}_saving",
                data={"picture": f"st-key-picture_{key}", "name": name, "save": _("Save:")},
                width="content",
            )
            numbers(csv, key, name)
    return result


def numbers(csv: Callable[[], str], key: str, name: str) -> None:
    """The control that saves a picture's numbers as CSV, for pictures that plotly does not draw."""
    st.download_button(
        "CSV",
        csv,
        f"{name}.csv",
        "text/csv",
        key=f"{key}_csv",
        type="tertiary",
        on_click="ignore",
        help=_("The numbers of this picture"),
    )


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV; a cell that a spreadsheet would run as a formula is made text."""
    text = io.StringIO()
    writer = table.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
