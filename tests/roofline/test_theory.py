"""FLOPs, bytes and roofs, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.roofline import (
    Cost,
    NumberType,
    Product,
    attainable,
    gelu,
    intensity,
    layer_norm,
    relu,
    ridge,
    rms_norm,
    softmax,
)


@pytest.mark.parametrize(
    ("type", "size_bytes"),
    # 6 + 12 + 8 numbers; the 8 results of an int8 product are four bytes wide
    [("fp32", 104), ("bf16", 52), ("fp64", 208), ("int8", 50)],
)
def test_a_product(type: NumberType, size_bytes: int) -> None:
    product = Product(2, 3, 4, type)
    assert product.flops == 48
    assert product.bytes == size_bytes
    assert product.intensity == 48 / size_bytes
    assert (Product(2, 3, 4, type, batch=5).flops, Product(2, 3, 4, type, batch=5).bytes) == (240, 5 * size_bytes)


def test_a_square_product_gets_more_intense_as_it_grows() -> None:
    assert Product(4096, 4096, 4096).intensity == pytest.approx(4096 / 6)
    assert Product(1, 4096, 4096).intensity == pytest.approx(0.5, rel=1e-3)  # a matrix times a vector


@pytest.mark.parametrize(
    ("cost", "flops", "size_bytes"),
    [
        (layer_norm(2, 4), 2 * (7 * 4 + 2), 4 * (2 * 8 + 8)),
        (layer_norm(2, 4, "bf16"), 60, 48),
        (rms_norm(2, 4), 2 * (4 * 4 + 2), 4 * (2 * 8 + 4)),
        (softmax(2, 4), 2 * (5 * 4 - 2), 64),
        (gelu(10), 90, 80),
        (gelu(10, exact=True), 50, 80),
        (relu(10, "bf16"), 10, 40),
    ],
)
def test_what_stands_between_products(cost: Cost, flops: int, size_bytes: int) -> None:
    assert (cost.flops, cost.bytes) == (flops, size_bytes)
    assert cost.intensity == flops / size_bytes < 3


def test_the_roof() -> None:
    assert ridge(peak=200.0, bandwidth=20.0) == 10.0
    assert attainable(5.0, 200.0, 20.0) == 100.0
    assert attainable(10.0, 200.0, 20.0) == attainable(1000.0, 200.0, 20.0) == 200.0
    assert attainable(np.array([1.0, 10.0, 100.0]), 200.0, 20.0).tolist() == [20.0, 200.0, 200.0]
    assert intensity(np.array([6.0, 8.0]), np.array([2.0, 4.0])).tolist() == [3.0, 2.0]
