"""A convolution as a matrix product (im2col, Chellapilla et al. 2006): every window of the image becomes a row.

A convolution slides filters over an image. At each position it multiplies the window with the filter and adds up. Write
each window as a row of one matrix, and each filter as a column of another: their product holds every answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A seven of six by six pixels, from 0 (paper) to 9 (ink), as a scanner might see it.
_SEVEN = (
    (0, 0, 0, 0, 0, 0),
    (0, 8, 9, 9, 9, 0),
    (0, 0, 0, 1, 9, 0),
    (0, 0, 0, 8, 3, 0),
    (0, 0, 3, 8, 0, 0),
    (0, 0, 7, 2, 0, 0),
)


@dataclass(frozen=True, eq=False)
class Convolution:
    """An image, filters, and the product that both are turned into.

    image (height, width), padded (height + 2 padding, width + 2 padding), filters (filters, kernel, kernel).
    windows (positions, kernel²): a row a position, in reading order. weights (kernel², filters): a column a filter.
    product (positions, filters) = windows · weights; maps (filters, rows, columns): the same numbers as pictures.
    """

    image: NDArray[np.int64]
    padded: NDArray[np.int64]
    filters: NDArray[np.int64]
    windows: NDArray[np.int64]
    weights: NDArray[np.int64]
    product: NDArray[np.int64]
    maps: NDArray[np.int64]
    stride: int
    padding: int

    @property
    def copies(self) -> float:
        """How many numbers the matrix of windows has for each number of the image."""
        return self.windows.size / self.image.size

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each window, filter and place in the filter."""
        positions, places = self.windows.shape
        return int(2 * positions * places * self.weights.shape[1])

    def corner(self, position: int) -> tuple[int, int]:
        """Where the window of this position begins in the padded image: (row, column)."""
        columns = self.maps.shape[2]
        return position // columns * self.stride, position % columns * self.stride


def seven() -> NDArray[np.int64]:
    """The image of the lesson (6, 6)."""
    import numpy as np

    return np.array(_SEVEN, dtype=np.int64)


def edge_filters(kernel: int) -> NDArray[np.int64]:
    """Two filters (2, kernel, kernel): dark left of light, and dark above light (Prewitt's for a kernel of 3)."""
    import numpy as np

    weights = np.zeros(kernel, dtype=np.int64)
    weights[0], weights[-1] = 1, -1
    return np.stack([np.tile(weights, (kernel, 1)), np.tile(weights[:, None], (1, kernel))])


def convolution(image: NDArray[np.int64], filters: NDArray[np.int64], stride: int = 1, padding: int = 0) -> Convolution:
    """Every step from the image to the maps. image (height, width), filters (filters, kernel, kernel)."""
    import numpy as np

    kernel = filters.shape[1]
    padded = np.pad(image, padding)
    views = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel))[::stride, ::stride]
    rows, columns = views.shape[:2]
    windows = views.reshape(rows * columns, kernel * kernel)
    weights = filters.reshape(len(filters), kernel * kernel).T
    product = windows @ weights
    maps = product.T.reshape(len(filters), rows, columns)
    return Convolution(image, padded, filters, windows, weights, product, maps, stride, padding)
