"""Rooflines as plotly gets them: roofs, ridges, names that stay apart, and numbers as they are written."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from explainers.figures.bandwidth import Walk, bandwidth_lines
from explainers.figures.dot_labels import places
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS
from explainers.figures.quantities import amount, digits, duration
from explainers.figures.roof_lines import CHIP_COLOURS, Dashed, Flat, Slope, spread_out
from explainers.figures.roofline import Dot, Series, roofs, theory
from explainers.roofline.hardware import published_hardware

SLOPES = (Slope("L1 cache", 400e9), Slope("memory", 20e9))
FLATS = (Flat("fp32", 1e11, "fp32"), Flat("bf16", 2e11, "bf16"))


def texts(figure: Any) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1.534e12, "FLOP/s", "1.53 TFLOP/s"),
        (18.24e9, "B/s", "18.2 GB/s"),
        (60, "B", "60 B"),
        (1000, "B", "1 kB"),
        (1979e12, "FLOP/s", "1.98 PFLOP/s"),
        (0, "B", "0 B"),
        (0.5, "FLOP/s", "0.5 FLOP/s"),
        (3e22, "", "30,000 E"),
    ],
)
def test_amounts(number: float, unit: str, text: str) -> None:
    assert amount(number, unit) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("number", "text"), [(170.67, "171"), (9.563, "9.56"), (0.4995, "0.499"), (1234.5, "1,234"), (0.00012, "0.00012")]
)
def test_digits(number: float, text: str) -> None:
    assert digits(number) == text


@pytest.mark.parametrize(("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (5e-6, "5 µs"), (9.8e-7, "980 ns")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize("dark", [False, True])
def test_slopes_and_flats_meet_at_the_memory_s_ridge(dark: bool) -> None:
    figure = roofs(SLOPES, FLATS, [], [], dark=dark)
    lines = [trace for trace in figure.data if trace.mode == "lines" and len(trace.x) == 2]
    ends = {(round(trace.x[1], 3), round(trace.y[1])) for trace in lines[:2]}
    assert ends == {(0.5, 200_000_000_000), (10.0, 200_000_000_000)}
    for trace in lines[:2]:
        assert trace.y[0] / trace.x[0] == pytest.approx(trace.y[1] / trace.x[1])
    ridges = {(trace.x[0], trace.y[0]) for trace in figure.data if trace.mode == "markers"}
    assert ridges == {(5.0, 1e11), (10.0, 2e11)}
    assert {"ridge 5", "ridge 10", "L1 cache", "memory"} <= set(texts(figure))
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_a_dot_has_its_quartiles_and_what_was_promised() -> None:
    dot = Dot(5.0, 4e10, 3e10, 5e10, "a <b>product</b>", 1e11, "QKV")
    figure = roofs(SLOPES, FLATS, [Series("whole text", BELOW, "circle", [dot])], [], dark=False)
    (measured,) = (trace for trace in figure.data if trace.name == "whole text")
    assert (measured.x, measured.y) == ((5.0,), (4e10,))
    assert measured.error_y.array == (1e10,)
    assert measured.error_y.arrayminus == (1e10,)
    assert measured.hovertext == ("a &lt;b&gt;product&lt;/b&gt;",)
    (promised,) = (trace for trace in figure.data if trace.marker.symbol == "circle-open" and trace.x[0])
    assert promised.y == (1e11,)
    assert "QKV" in texts(figure)


def test_what_was_not_measured_is_hollow_only() -> None:
    figure = roofs(SLOPES, FLATS, [Series("later", BELOW, "circle", [Dot(5.0, 0, 0, 0, "", 1e11)])], [], dark=False)
    (measured,) = (trace for trace in figure.data if trace.name == "later")
    assert measured.x == ()
    assert any(trace.name == "hollow: promised by the roofs" for trace in figure.data)


def test_everything_drawn_is_inside_the_axes() -> None:
    dots = [Dot(0.01, 1e6, 5e5, 2e6, ""), Dot(4000.0, 9e10, 8e10, 9.5e10, "")]
    figure = roofs(SLOPES, FLATS, [Series("", BELOW, "circle", dots)], [Dashed("H100", 3.35e12, 989.5e12)], dark=False)
    left, right = figure.layout.xaxis.range
    bottom, top = figure.layout.yaxis.range
    assert left < math.log10(0.01)
    assert right > math.log10(4000)
    assert bottom < math.log10(5e5)
    assert top > math.log10(989.5e12)


def test_before_a_peak_is_measured_the_slopes_are_drawn_alone() -> None:
    figure = roofs(SLOPES, (), [], [], dark=False)
    bottom, top = figure.layout.yaxis.range
    left, _right = figure.layout.xaxis.range
    for slope in SLOPES:
        assert bottom < math.log10(slope.bandwidth) + left < top
    assert not any(text.startswith("ridge") for text in texts(figure))
    assert roofs((), (), [], [], dark=True).data == ()


def test_dashed_roofs_are_named_at_the_side_and_apart() -> None:
    others = [Dashed("H100", 3.35e12, 989.5e12), Dashed("H200", 4.8e12, 989.5e12), Dashed("A100", 2.039e12, 312e12)]
    figure = roofs((), (), [], others, dark=False)
    names = figure.layout.annotations
    assert [name.text for name in names] == ["H200, ridge 206", "H100, ridge 295", "A100, ridge 153"]
    assert [name.y for name in names] == [math.log10(989.5e12), math.log10(989.5e12), math.log10(312e12)]
    bottom, top = figure.layout.yaxis.range
    pixels = 380 / (top - bottom)
    assert all((a.y - b.y) * pixels - (a.ay - b.ay) > 24.9 for a, b in pairwise(names))
    assert len({trace.line.dash for trace in figure.data}) == 3
    assert figure.layout.yaxis.scaleanchor is None  # no name lies along a slope: the range is as it was asked for


@pytest.mark.parametrize(
    ("heights", "apart"),
    [
        ([100, 60, 20], [100, 60, 20]),
        ([100, 100], [110, 90]),
        ([100, 95, 10], [107.5, 87.5, 10]),
        ([100, 100, 85], [115, 95, 75]),
        ([], []),
    ],
)
def test_names_at_the_side_are_moved_as_little_as_keeps_them_apart(heights: list[float], apart: list[float]) -> None:
    assert spread_out(heights, 20) == pytest.approx(apart)
    assert spread_out(heights, 20, 105) == pytest.approx(
        [min(height, 105 - 20 * at) for at, height in enumerate(apart)]
    )


@pytest.mark.parametrize("dark", [False, True])
def test_every_published_chip_has_a_colour_of_its_own(dark: bool) -> None:
    colours = [colour.on(dark=dark) for colour in CHIP_COLOURS]
    assert len(set(colours)) == len(colours) >= len(published_hardware())
    assert not set(colours) & {colour.on(dark=dark) for colour in FAMILY_COLOURS.values()}


def test_names_of_slopes_that_lie_together_give_way_to_the_memory_s() -> None:
    near = (Slope("L2 cache", 21e9), Slope("memory", 20e9))
    assert "memory" in texts(roofs(near, FLATS, [], [], dark=False))
    assert "L2 cache" not in texts(roofs(near, FLATS, [], [], dark=False))


def test_flat_roofs_that_lie_together_have_their_names_on_two_sides() -> None:
    near = (Flat("fp32", 9e10, "fp32"), Flat("bf16", 1e11, "bf16"))
    figure = roofs(SLOPES, near, [], [], dark=False)
    sides = {each.text: each.yanchor for each in figure.layout.annotations}
    assert (sides["<b>bf16</b>"], sides["<b>fp32</b>"]) == ("bottom", "top")


def test_names_cover_neither_dots_nor_each_other() -> None:
    dots = [(100.0, 100.0), (104.0, 102.0), (100.0, 100.0), (500.0, 50.0)]
    found = places(dots, ["one", "two", "three", ""], [(130.0, 100.0)], 1000)
    assert found[0] is not None
    assert found[3] is None
    kept = [place for place in found if place]
    assert len(set(kept)) == len(kept)
    crowd = [(50.0 + x, 50.0 + y) for x in range(0, 60, 6) for y in range(0, 60, 6)]
    assert None in places(crowd, ["a long name"] * len(crowd), [], 1000)
    assert places([(5.0, 5.0)], ["a name much wider than the plot"], [], 60) == [None]


@pytest.mark.parametrize("dark", [False, True])
def test_the_theory_s_dot_stands_on_the_roof(dark: bool) -> None:
    figure = theory(Slope("memory", 2e12), Flat("fp32", 2e13, "fp32"), Dot(0.5, 1e12, 0, 0, "", 1e12, "0.5"), dark=dark)
    dot = figure.data[-1]
    assert (dot.x, dot.y) == ((0.5,), (1e12,))
    assert {"memory is the limit", "arithmetic is the limit", "<b>0.5</b>", "ridge 10"} <= set(texts(figure))


@pytest.mark.parametrize("intensity", [0.25, 0.499, 1.0, 4.0, 9.0, 11.0, 171.0])
def test_nothing_that_is_written_covers_the_theory_s_dot_or_its_line(intensity: float) -> None:
    speed = min(2e13, intensity * 2e12)
    dot = Dot(intensity, speed, 0, 0, "", speed, "here")
    figure = theory(Slope("memory, 2 TB/s", 2e12), Flat("fp32", 2e13, "fp32"), dot, dark=False)
    left, right = figure.layout.xaxis.range
    places = {annotation.text: annotation for annotation in figure.layout.annotations}
    decade = 748 / (right - left)  # pixels of a screen 1280 wide
    at = (math.log10(intensity) - left) * decade
    for text in ("memory is the limit", "arithmetic is the limit"):
        middle, half = (places[text].x - left) * decade, 4.1 * len(text)
        assert abs(middle - at) > half
        assert half < middle < 748 - half
    along = places["memory, 2 TB/s"]
    start = (along.x - left) * decade
    assert at < start - 20 or at > start + 8.4 * len("memory, 2 TB/s") * math.cos(math.radians(along.textangle))


def test_bandwidth_over_the_working_set_with_its_caches() -> None:
    walk = Walk("triad", ABOVE, "square", [1e4, 1e8], [4e11, 2e10], [3e11, 1e10], [5e11, 3e10])
    figure = bandwidth_lines([walk], [("L1 <cache>", 65536.0)], dark=False)
    assert figure.data[0].x == (1e4, 1e8)
    assert figure.data[0].error_y.arrayminus == (1e11, 1e10)
    assert figure.data[0].hovertext == ("10\u00a0kB: 400\u00a0GB/s", "100\u00a0MB: 20\u00a0GB/s")
    assert texts(figure) == ["L1 &lt;cache&gt;"]
    assert figure.layout.shapes[0].x0 == 65536
