"""The plane of the pictures: literal points in three dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.fine_tuning import Plane, plane

# They vary most along x, then along z, and least along y; their middle is (1, 2, 3).
POINTS = np.array([[4, 2, 3], [-2, 2, 3], [1, 2, 5], [1, 2, 1], [1, 3, 3], [1, 1, 3]], dtype=np.float32)


@pytest.mark.parametrize(
    ("labels", "right", "up"),
    [
        ([0, 1, 1, 0, 0, 0], (-1, 0, 0), (0, 0, 1)),  # the first label at large x: it is turned to the left
        ([1, 0, 1, 0, 0, 0], (1, 0, 0), (0, 0, 1)),
        ([1, 0, 0, 1, 0, 0], (1, 0, 0), (0, 0, -1)),  # the second label at small z: it is turned to the top
        ([0, 1, 0, 1, 1, 1], (-1, 0, 0), (0, 0, -1)),
    ],
)
def test_the_first_label_is_left_and_the_second_above(
    labels: list[int], right: tuple[int, ...], up: tuple[int, ...]
) -> None:
    found = plane(POINTS, labels)
    assert found.middle == pytest.approx(np.array([1.0, 2.0, 3.0]))
    assert found.directions == pytest.approx(np.array([right, up]), abs=1e-6)
    assert np.abs(found.places(POINTS)) == pytest.approx(
        np.array([[3, 0], [3, 0], [0, 2], [0, 2], [0, 0], [0, 0]]), abs=1e-6
    )
    for label, axis, side in ((0, 0, -1), (1, 1, 1)):
        assert side * found.places(POINTS)[np.array(labels) == label][:, axis].mean() >= 0


def test_other_vectors_stand_in_the_same_plane() -> None:
    found = Plane(np.array([1.0, 2.0, 3.0]), np.array([[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]]))
    assert found.places(np.array([[1.0, 2.0, 3.0], [3.0, 7.0, 13.0]])) == pytest.approx(np.array([[0, 0], [11, 2]]))


def test_the_share_of_the_variance() -> None:
    found = plane(POINTS, [0, 1, 0, 1, 0, 1])
    assert found.share(POINTS) == pytest.approx(26 / 28)  # 9 + 9 and 4 + 4 of these and 1 + 1
    assert found.share(POINTS[:4]) == pytest.approx(1.0)
    assert found.share(POINTS[4:]) == pytest.approx(0.0, abs=1e-9)
    assert found.share(POINTS + 100) == pytest.approx(26 / 28, rel=1e-4)  # it may lie beside the plane
    assert found.share(POINTS[:1]) == 0.0


def test_too_few_vectors_for_a_plane() -> None:
    one = plane(POINTS[:1], [0])
    assert one.places(POINTS[:1]).tolist() == [[0.0, 0.0]]
    line = plane(np.array([[0.0], [2.0], [7.0]]), [1, 1, 0])
    assert line.places(np.array([[0.0], [7.0]])) == pytest.approx(np.array([[3.0, 0.0], [-4.0, 0.0]]))
    same = plane(np.ones((4, 3)), [0, 1, 0, 1])
    assert np.isfinite(same.directions).all()
    assert same.share(np.ones((4, 3))) == 0.0


def test_labels_that_are_not_there_turn_nothing() -> None:
    found = plane(POINTS, [2, 3, 4, 5, 2, 2])
    assert np.abs(found.directions) == pytest.approx(np.array([[1, 0, 0], [0, 0, 1]]), abs=1e-6)
