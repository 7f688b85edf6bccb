"""The pictures of fine-tuning hold what was computed, and no text in them is read as markup."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explainers.figures.fine_tuning import (
    SYMBOLS,
    Curve,
    Share,
    answer_lines,
    curves,
    example_lines,
    label_colour,
    moved_heat,
)
from explainers.figures.sentence_map import Points, sentence_map
from explainers.fine_tuning import Look
from explainers.fine_tuning.tasks import MOST_LABELS

HOSTILE = "<b>&"
SHOWN = "&lt;b&gt;&amp;"
LABELS = (HOSTILE, "bad")
TRUTH = (0, 1, 0)


def look(step: int, hits: int, loss: float) -> Look:
    return Look(step, np.full((4, 2), 0.5, np.float32), np.zeros((4, 3), np.float32), loss, hits)


CURVE = Curve("BERT", "#123456", (0.9, 0.5, 0.25), (look(0, 1, 0.75), look(3, 4, 0.125)))


def lines(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.x is not None and len(trace.x) and trace.x[0] is not None]


@pytest.mark.parametrize("dark", [False, True])
def test_curves_show_every_step_and_look(dark: bool) -> None:
    other = Curve("other", "#654321", (0.5,), (look(0, 2, 0.5),))
    figure = curves([CURVE, other], 0.75, 3, dark=dark)
    batches, losses, shares, *others = lines(figure)
    assert (list(batches.x), list(batches.y)) == ([1, 2, 3], [0.9, 0.5, 0.25])
    assert (list(losses.x), list(losses.y)) == ([0, 3], [0.75, 0.125])
    assert (list(shares.x), list(shares.y)) == ([0, 3], [25, 100])
    assert {trace.line.color for trace in (batches, losses, shares)} == {"#123456"}
    assert {trace.line.color for trace in others} == {"#654321"}
    low, high = CURVE.looks[0].interval
    assert shares.error_y.array[0] == pytest.approx(100 * high - 25)
    assert shares.error_y.arrayminus[0] == pytest.approx(25 - 100 * low)
    assert (batches.xaxis, losses.xaxis) == (others[0].xaxis, others[1].xaxis)
    assert shares.xaxis != losses.xaxis
    dashed = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert [shape.y0 for shape in dashed] == [75]


def test_curves_before_the_first_step() -> None:
    figure = curves([Curve("BERT", "#123456", (), (look(0, 0, 0.75),))], 0.5, 9, dark=False)
    assert [list(trace.y) for trace in lines(figure)] == [[0.75], [0]]


LOOKS = [
    Points("before", np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), (1, 1, 0)),
    Points("after step 3", np.array([[0.5, 1.5], [2.5, 3.5], [4.5, 5.5]]), (0, 0, 0), (9.0, 8.0)),
]


def points(traces: Any) -> list[Any]:
    return [trace for trace in traces if trace.x is not None and list(trace.x) not in ([], [None])]


@pytest.mark.parametrize("dark", [False, True])
def test_the_map_has_a_frame_for_every_look(dark: bool) -> None:
    texts = (f"{HOSTILE} {'long ' * 40}", "b", "c")
    figure = sentence_map(LOOKS, LABELS, TRUTH, texts, dark=dark)
    assert [frame.name for frame in figure.frames] == ["before", "after step 3"]
    assert [list(step.args[0]) for step in figure.layout.sliders[0].steps] == [["before"], ["after step 3"]]
    good, bad, own = points(figure.data)  # the last look
    assert (list(good.x), list(good.y)) == ([0.5, 4.5], [1.5, 5.5])
    assert (list(bad.x), list(bad.y)) == ([2.5], [3.5])
    assert (list(own.x), list(own.y)) == ([9.0], [8.0])
    first, second = points(figure.frames[0].data)  # before, with no own sentence
    assert (list(first.x), list(second.y)) == ([0.0, 4.0], [3.0])
    assert all(len(frame.data) == len(figure.frames[0].data) for frame in figure.frames)
    assert {trace.name for trace in figure.data} == {SHOWN, "bad", "your sentence"}
    for trace in (good, bad, first, second):
        assert HOSTILE not in " ".join(trace.customdata)
    assert len(good.customdata[0]) < 150


def test_what_is_answered_wrong_is_hollow_in_its_labels_colour() -> None:
    figure = sentence_map(LOOKS, LABELS, TRUTH, ("a", "b", "c"), dark=False)
    good, bad, _own = points(figure.data)
    assert good.marker.symbol == SYMBOLS[0]
    assert list(good.marker.color) == [label_colour(0, dark=False)] * 2
    assert bad.marker.symbol == SYMBOLS[1]
    assert label_colour(1, dark=False) not in bad.marker.color  # its answer is the other label
    assert list(bad.marker.line.color) == [label_colour(1, dark=False)]
    assert [text.split("→ ")[1] for text in (*good.customdata, *bad.customdata)] == [SHOWN] * 3
    first, second = points(figure.frames[0].data)
    assert first.marker.line.color[0] == label_colour(
        0, dark=False
    )  # before, the first was answered wrong and the second right
    assert list(second.marker.color) == [label_colour(1, dark=False)]


def test_one_look_needs_no_player() -> None:
    figure = sentence_map(LOOKS[:1], LABELS, TRUTH, ("a", "b", "c"), dark=False)
    assert not figure.layout.sliders
    assert not figure.layout.updatemenus
    assert len(points(figure.data)) == 2
    same = sentence_map(
        [Points("before", np.zeros((3, 2)), (0, 0, 0))], LABELS, TRUTH, ("a", "b", "c"), dark=False
    )  # fmt: skip
    low, high = same.layout.xaxis.range
    assert low < 0 < high


def test_every_label_has_a_colour_and_a_symbol_of_its_own() -> None:
    assert len(set(SYMBOLS)) == len(SYMBOLS) >= MOST_LABELS
    assert (
        len({label_colour(label, dark=dark) for label in range(MOST_LABELS) for dark in (False, True)})
        == 2 * MOST_LABELS
    )


@pytest.mark.parametrize("dark", [False, True])
def test_one_sentences_answers_over_the_steps(dark: bool) -> None:
    figure = answer_lines((0, 4, 9), np.array([[0.5, 0.25], [0.75, 0.125], [0.875, 0.0625]]), LABELS, dark=dark)
    one, two = figure.data
    assert (list(one.x), list(one.y)) == ([0, 4, 9], [50, 75, 87.5])
    assert (list(two.x), list(two.y)) == ([0, 4, 9], [25, 12.5, 6.25])
    assert [trace.line.color for trace in (one, two)] == [label_colour(label, dark=dark) for label in (0, 1)]
    assert [trace.name for trace in (one, two)] == [SHOWN, "bad"]
    ends = [(note.text.strip(), note.x) for note in figure.layout.annotations]
    assert ends == [(f"{SHOWN} 88 %", 9), ("bad 6 %", 9)]
    alone = answer_lines((9,), np.array([[0.5, 0.5]]), LABELS, dark=dark)  # where the last snapshot alone was kept
    assert list(alone.data[0].x) == [9]


def test_what_moved() -> None:
    shares = np.array([[0.01, np.nan], [0.5, 0.00001]])
    figure = moved_heat(["layer 0", "layer 1"], ["attention", "norms"], shares, dark=True)
    (heat,) = figure.data
    assert np.array_equal(np.array(heat.z, float), 100 * shares, equal_nan=True)
    assert (list(heat.y), list(heat.x)) == (["layer 0", "layer 1"], ["attention", "norms"])
    assert [list(row) for row in heat.text] == [["1.00 %", ""], ["50.00 %", "<0.01 %"]]
    assert heat.zmin == 0


@pytest.mark.parametrize("dark", [False, True])
def test_shares_over_the_number_of_sentences(dark: bool) -> None:
    series = [
        ("all", "#111111", [Share(8, 0.5, 0.25, 0.625), Share(16, 0.75, 0.5, 0.875)]),
        ("scratch", "#222222", [Share(8, 0.25, 0.125, 0.5)]),
    ]
    figure = example_lines(series, 0.25, dark=dark)
    one, two = figure.data
    assert (list(one.x), list(one.y)) == ([8, 16], [50, 75])
    assert (list(one.error_y.array), list(one.error_y.arrayminus)) == ([12.5, 12.5], [25, 25])
    assert (list(two.x), list(two.y)) == ([8], [25])
    assert [(trace.name, trace.line.color) for trace in figure.data] == [("all", "#111111"), ("scratch", "#222222")]
    assert figure.layout.shapes[0].y0 == 25
    assert list(figure.layout.xaxis.tickvals) == [8, 16]
