"""Pictures that can be kept: under each one a small control that saves it as SVG or PNG and its numbers as CSV.

The picture is written in the browser by what drew it, plotly or a component of ours; nothing is asked of the network.
"""

from __future__ import annotations

import csv as table
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from explainers.figures.palette import PAPER
from explainers.language import _
from explainers.views import blocks
from explainers.views.components.assets import register

if TYPE_CHECKING:
    import plotly.graph_objects as go

_component = register("saving", "elements")

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
    fit: bool = False,
) -> Any:
    """Draw a figure with the control that saves it; return what plotly_chart does (with on_select, the selection).

    csv: makes the numbers as a CSV text, called only when they are asked for (see `csv_text`). alt: what the picture
    says, in a sentence or two, for those who do not see it. name: of the saved files, without an ending. fit: as high
    as what is left of the screen under the guide, instead of the figure's own height.
    """
    if figure.layout.paper_bgcolor is None:  # a saved picture must be legible on any slide
        figure.layout.paper_bgcolor = PAPER.on(dark=blocks.is_dark())
    with (
        picture(key, csv, name=name, formats=("svg", "png")),
        st.container(key=f"fit_{key}") if fit else nullcontext(),
    ):
        return st.plotly_chart(
            figure,
            key=key,
            on_select=on_select,
            selection_mode=selection_mode,
            config=_CONFIG,
            alt=alt,
            width="stretch",
            height="stretch" if fit else "content",
        )


@contextmanager
def picture(
    key: str, csv: Callable[[], str], *, name: str, formats: Sequence[Literal["svg", "png"]] = ("png",)
) -> Iterator[None]:
    """Put the control that saves it under the one picture that is drawn inside, a component of ours.

    csv and name as in `chart`; the component's script must be registered with "elements", and have saved().
    """
    with st.container(key=f"picture_{key}", gap=None):
        yield
        with st.container(key=f"saving_{key}", horizontal=True, horizontal_alignment="right", gap=None):
            _component(
                key=f"{key}_saving",
                data={"picture": f"st-key-picture_{key}", "name": name, "formats": formats, "save": _("Save:")},
                width="content",
            )
            numbers(csv, key, name)


def numbers(csv: Callable[[], str], key: str, name: str) -> None:
    """The part of the control that saves numbers; alone where they are those of several pictures."""
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
