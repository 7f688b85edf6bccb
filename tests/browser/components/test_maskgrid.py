"""The matrix of scores in a browser: its colours are the distance of every score from the mean of its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

# The colour in the middle of every cell of the scores, row by row. A canvas has no elements, so where the cells are is
# worked out as the picture does it: 2 queries, 3 keys, cells of 2.5 em, names in 7 em, and 2 pixels at the end.
SCORES = """
() => {
  const grid = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map((node) => node.shadowRoot.querySelector('.maskgrid')).find(Boolean)
  const canvas = grid.querySelector('canvas')
  const em = parseFloat(getComputedStyle(grid).fontSize)
  const cell = Math.floor(2.5 * em)
  const top = canvas.clientHeight - 2 - 2 * cell
  const middle = (row, column) => [7 * em + (column + 0.5) * cell, top + (row + 0.5) * cell].map(Math.round)
  const colour = (row, column) =>
    Array.from(canvas.getContext('2d').getImageData(...middle(row, column), 1, 1).data.slice(0, 3))
  return [0, 1].map((row) => [0, 1, 2].map((column) => colour(row, column)))
}
"""


@pytest.mark.parametrize(
    ("scheme", "below", "above", "half_below", "most_of_above", "quarter_below"),
    [
        ("light", [84, 39, 143], [224, 130, 20], [165, 142, 194], [229, 159, 76], [206, 194, 220]),
        ("dark", [185, 163, 245], [253, 184, 99], [106, 99, 145], [196, 146, 85], [67, 67, 95]),
    ],
)
def test_a_score_is_coloured_by_its_distance_from_the_mean_of_its_row(
    show: Callable[..., Page],
    scheme: str,
    below: list[int],
    above: list[int],
    half_below: list[int],
    most_of_above: list[int],
    quarter_below: list[int],
) -> None:
    # Scores and bias add up to 0, 0, 6 and 5, 1, 0: from the means of their rows, 2 and 2, they are -2, -2, 4 and
    # 3, -1, -2 away. The mask, which closes the cell with the 6, does not count.
    page = show(scheme, mask="0.0 -2.0 9.0 4.0 1.0 -2.0", bias="0.0 2.0 -3.0 1.0 0.0 2.0")
    assert page.evaluate(SCORES) == [[half_below, half_below, above], [most_of_above, quarter_below, half_below]]
    # Without the bias 3, 0, -3 and 2, -1, -1.
    page = show(scheme, mask="8.0 5.0 2.0 4.0 1.0 1.0")
    first, second = page.evaluate(SCORES)
    assert (first[0], first[2]) == (above, below)
    assert second[1] == second[2]
    # What all scores of a row have in common is not seen.
    page = show(scheme, mask="108.0 105.0 102.0 -96.0 -99.0 -99.0")
    assert page.evaluate(SCORES) == [first, second]
