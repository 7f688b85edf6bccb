"""Intervals against published values."""

import pytest

from explainers.training.scores import share_interval


@pytest.mark.parametrize(
    ("hits", "samples", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (81, 263, (0.2553, 0.3662))],
)
def test_share_interval_is_wilsons(hits: int, samples: int, interval: tuple[float, float]) -> None:
    """81 of 263 is the worked example of Newcombe 1998, method 3: 0.2553 to 0.3662."""
    assert share_interval(hits, samples) == pytest.approx(interval, abs=5e-5)
