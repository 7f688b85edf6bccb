"""A convolution as a matrix product, in small real numbers."""

from __future__ import annotations

import streamlit as st

from explainers import matmul
from explainers.language import _
from explainers.matmul import Convolution
from explainers.views import saving
from explainers.views.architecture.lesson import slider
from explainers.views.components.products import convolution_product, filter_names

_FIRST_WINDOW = 1  # one that has ink in it


def convolution() -> None:
    """The image, its windows as rows, the filters as columns, and their product."""
    with st.container(horizontal=True, gap="large"):
        kernel = slider(_("Side of a filter"), "mm_kernel", 2, 4, 3)
        stride = slider(_("Stride: pixels from window to window"), "mm_stride", 1, 2, 1)
        padding = slider(_("Padding: rows of zeros around the image"), "mm_pad", 0, 1, 0)
    shown = matmul.convolution(matmul.seven(), matmul.edge_filters(kernel), stride, padding)
    with saving.picture("mm_convolution", lambda: _csv(shown), name="convolution"):
        convolution_product(shown, key="mm_windows", step=_FIRST_WINDOW)
    positions, places = shown.windows.shape
    st.markdown(
        _(
            "The {pixels} pixels become **{numbers} numbers** ({positions} windows of {places}): {times} times as "
            "many, for each pixel is in several windows. In return one product does it all, **{flops} FLOPs**."
        ).format(
            pixels=shown.image.size,
            numbers=f"{shown.windows.size:,}",
            positions=positions,
            places=places,
            times=f"{shown.copies:.2g}",
            flops=f"{shown.flops:,}",
        )
    )
    st.caption(
        _(
            "Click a pixel, a row, or a number of a map. A seven of six by six pixels, 0 for paper and 9 for ink; two "
            "filters that answer to edges. In a real network the image has many channels, whose windows stand side by "
            "side in a row, and the filters are learned. Fast programs build only the part of the matrix of windows "
            "that they need at the moment. The idea is from Chellapilla, Puri and Simard 2006 "
            "([inria.hal.science/inria-00112631](https://inria.hal.science/inria-00112631))."
        )
    )


def _csv(shown: Convolution) -> str:
    """A line for each window: its numbers, and what each filter makes of them."""
    places = shown.windows.shape[1]
    return saving.csv_text(
        ("window", *(f"number {at + 1}" for at in range(places)), *filter_names()),
        (
            (at + 1, *window, *answers)
            for at, (window, answers) in enumerate(zip(shown.windows.tolist(), shown.product.tolist(), strict=True))
        ),
    )
