"""The pictures of generation show what was computed, and no text in them is read as markup."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.figures.beam_tree import beam_figure
from explainers.figures.generation import cost_lines, lens_heatmap, surprise_bars
from explainers.figures.labels import blend, percent, plain_label
from explainers.figures.next_token import Chosen, next_token_figure
from explainers.generation import BeamTree, Lens, Node, Scheme, StepCost, Surprise, cut, work

HOSTILE = "<b>&"
SHOWN = "&lt;b&gt;&amp;"
TREE = BeamTree(
    (
        Node(None, 0, 1, -0.5, -0.5, "kept"),
        Node(None, 0, 2, -1.0, -1.0, "kept"),
        Node(None, 0, 3, -2.0, -2.0, "dropped"),
        Node(1, 1, 4, -0.1, -1.1, "finished"),
        Node(0, 1, 5, -0.9, -1.4, "finished"),
    ),
    best=3,
)


@pytest.mark.parametrize("dark", [False, True])
def test_bars_and_sums_are_those_of_the_distribution(dark: bool) -> None:
    found = cut(np.log(np.array([0.2, 0.4, 0.1, 0.3])), Scheme(top_k=2))
    figure = next_token_figure(found, [0, 1, 2], [HOSTILE, "b", "c"], Chosen(1, "b", 0.9), dark=dark)
    own, after = figure.data[0], figure.data[1]
    assert own.x == pytest.approx([0.4, 0.3, 0.2, 0.1])  # the last row: all the others
    assert after.x == pytest.approx([4 / 7, 3 / 7, 0, 0])
    assert figure.layout.yaxis.ticktext == (f"{SHOWN}  ", "<b>▶ b</b>  ", "c  ", "1 others  ")
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]
    sums = next(line for line in lines if line.name.startswith("after"))
    assert sums.y == pytest.approx([0, 400 / 7, 100])
    assert figure.layout.yaxis2.ticksuffix == " %"
    notes = " ".join(note.text for note in figure.layout.annotations)
    assert "cut: 2 stay" in notes
    assert "die 0.90 → “b”" in notes


def test_nothing_is_cut_where_everything_stays() -> None:
    found = cut(np.log(np.array([0.2, 0.8])), Scheme())
    figure = next_token_figure(found, [0, 1], ["a", "b"], None, dark=False)
    assert not figure.layout.shapes
    assert [text.strip() for text in figure.data[2].text] == ["80.0 %", "20.0 %"]


def test_a_tree_without_crossings_that_marks_the_winner() -> None:
    figure = beam_figure(TREE, {1: HOSTILE, 2: "two", 4: "four"}, HOSTILE, dark=False)
    names = [text for trace in figure.data if trace.mode == "markers+text" for text in trace.text]
    assert f"{SHOWN} " in names
    assert "<b>four</b> " in names
    assert sum(name.startswith("<b>") for name in names) == 2
    scores = [text.strip() for trace in figure.data if trace.mode == "text" for text in trace.text]
    assert sorted(scores) == ["−0.55", "−0.70"]
    heights = {
        (x, y) for trace in figure.data if trace.mode == "markers+text" for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert len(heights) == len(TREE.nodes)
    assert figure.layout.annotations[0].text == f"<b>{SHOWN}</b>"


def test_surprise_lens_and_cost_hold_their_numbers() -> None:
    found = Surprise(np.array([1.0, 3.0]), np.array([1, 9]), np.array([5, 5]), np.array([0.5, 0.4]))
    bars = surprise_bars(found, [HOSTILE, "b"], ["x", "y"], 1, dark=True)
    assert list(bars.data[0].y) == [1.0, 3.0]
    assert bars.layout.xaxis.ticktext == (SHOWN, "b")
    notes = bars.layout.annotations
    assert [note.text for note in notes[:2]] == ["1.0", "3.0"]
    assert all(note.bgcolor for note in notes[:2])  # the line of the mean does not run through them
    assert "2.00 bits" in bars.layout.annotations[-1].text
    ids = np.array([[[1], [2]], [[3], [2]]])
    lens = Lens((4, 5), ids, np.full((2, 2, 1), 0.5), np.full((2, 2), 0.5), np.ones((2, 2), int))
    picture = lens_heatmap(lens, {1: HOSTILE, 2: "b", 3: "a long long long word"}, ["p", "q"], 5, dark=False)
    assert list(picture.data[0].text[0]) == [SHOWN, "b"]
    assert picture.data[0].z.tolist() == [[50, 50], [50, 50]]
    assert "50.0 %" in picture.data[0].customdata[0][0]
    assert picture.data[0].text[1][0].endswith("…")
    assert len(picture.layout.shapes) == 3  # what agrees with the last layer, the last layer itself included
    sizes = type("Sizes", (), {"d_model": 2, "decoder_layers": 1, "d_ff": 8, "vocab": 3})
    step = StepCost(7, work(sizes, 1, 6), work(sizes, 7), 0, 0)  # type: ignore[arg-type]
    lines = cost_lines([step], dark=False)
    assert [trace.y[0] for trace in lines.data] == [step.without_cache.total, step.with_cache.total]


def test_labels_and_colours() -> None:
    assert plain_label('"<i>') == '"&lt;i&gt;'
    shares = (0.346, 0.0004, 0.0, 0.9994, 0.9996, 1.0)
    assert [percent(share) for share in shares] == ["34.6 %", "<0.1 %", "0 %", "99.9 %", ">99.9 %", "100 %"]
    assert [percent(share, 2) for share in (0.00003, 0.0123, 0.99999)] == ["<0.01 %", "1.23 %", ">99.99 %"]
    assert blend("#FF0000", "#000000", 0.5) == "#800000"
