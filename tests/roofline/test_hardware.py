"""The published peaks: what is printed, and where."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from explainers.roofline.hardware import published_hardware

VENDORS = ("nvidia.com", "google.com", "apple.com")


def test_every_number_has_its_vendor_s_page() -> None:
    devices = published_hardware()
    assert {"v100", "a100", "h100", "h200", "tpu-v4", "m1-max"} <= devices.keys()
    for key, device in devices.items():
        assert device.key == key
        assert device.short in device.name
        assert device.source
        address = urlsplit(device.link)
        assert address.scheme == "https"
        assert (address.hostname or "").endswith(VENDORS)
        assert device.peaks
        assert all(peak > 1e12 for peak in device.peaks.values())
        assert 5e10 < device.bandwidth < 1e13


@pytest.mark.parametrize(
    ("key", "number", "nearest", "ridge"),
    [
        ("a100", "bf16", "bf16", 312e12 / 2039e9),
        ("v100", "bf16", "fp16", 125e12 / 900e9),  # prints no bf16
        ("v100", "fp32", "fp32", 15.7e12 / 900e9),
        ("m2", "bf16", "", 0.0),
        ("tpu-v4", "fp32", "", 0.0),
        ("h100", "no type", "", 0.0),
    ],
)
def test_the_nearest_type_and_its_ridge(key: str, number: str, nearest: str, ridge: float) -> None:
    device = published_hardware()[key]
    assert device.nearest(number) == nearest
    assert device.ridge(number) == pytest.approx(ridge)


def test_the_same_chip_with_faster_memory_has_its_ridge_further_left() -> None:
    h100, h200 = (published_hardware()[key] for key in ("h100", "h200"))
    assert h100.peaks == h200.peaks
    assert h200.ridge("bf16") < h100.ridge("bf16")


def test_sparsity_is_halved() -> None:
    """The datasheets print 1,979 and 3,958 for matrices of which half is zero."""
    peaks = published_hardware()["h100"].peaks
    assert 2 * peaks["bf16"] == 1979e12
    assert 2 * peaks["int8"] == 3958e12
