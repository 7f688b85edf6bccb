"""How a matrix product walks through memory: block by block, and how often each number is fetched on the way.

C = A·B, A (m, k), B (k, n). Memory is large and slow; beside it stands a small fast store that holds one tile of each
matrix. The walk goes over the tiles of C, and for each over the tiles of A and B that it is made of; both are fetched,
multiplied and added. Tiles of 1 × 1 are the naive product, which fetches two numbers for each multiplication.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Visit:
    """One step: the rows of A and C, the columns of A (rows of B), and the columns of B and C that it works on.

    Each is (start, end). reads: numbers fetched in this step; multiply_adds: done in it.
    """

    rows: tuple[int, int]
    inner: tuple[int, int]
    columns: tuple[int, int]
    reads: int
    multiply_adds: int


@dataclass(frozen=True, eq=False)
class Walk:
    """A whole product: its steps in order, and how often each number was fetched when all are done.

    reads_a (m, k), reads_b (k, n). The sizes are m, k, n; tile is the side of a tile.
    """

    m: int
    k: int
    n: int
    tile: int
    visits: tuple[Visit, ...]
    reads_a: NDArray[np.int64]
    reads_b: NDArray[np.int64]

    @property
    def reads(self) -> int:
        """Numbers fetched from memory: A by A's tiles, B by B's."""
        return sum(visit.reads for visit in self.visits)

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each of m·k·n pairs; no tile changes it."""
        return 2 * self.m * self.k * self.n

    @property
    def flops_per_read(self) -> float:
        """How much is done with each number that is fetched."""
        return self.flops / self.reads

    @property
    def fast_numbers(self) -> int:
        """What the fast store has to hold: a tile of each of the three matrices."""
        m, k, n = (min(self.tile, size) for size in (self.m, self.k, self.n))
        return m * k + k * n + m * n


def walk(m: int, k: int, n: int, tile: int) -> Walk:
    """The product in tiles of this side; the last tile of a row or column is smaller where it must be."""
    import numpy as np

    visits = tuple(_visits(m, k, n, tile))
    reads_a, reads_b = np.zeros((m, k), dtype=np.int64), np.zeros((k, n), dtype=np.int64)
    for visit in visits:
        rows, inner, columns = (slice(*span) for span in (visit.rows, visit.inner, visit.columns))
        reads_a[rows, inner] += 1
        reads_b[inner, columns] += 1
    return Walk(m, k, n, tile, visits, reads_a, reads_b)


def reads(m: int, k: int, n: int, tile: int) -> int:
    """Numbers fetched, by formula: A once for each column of tiles in C, B once for each row of them."""
    return m * k * _tiles(n, tile) + k * n * _tiles(m, tile)


def least_reads(m: int, k: int, n: int) -> int:
    """Each number of A and B once: what a fast store that holds everything would fetch."""
    return m * k + k * n


def _tiles(size: int, tile: int) -> int:
    return -(-size // tile)


def _visits(m: int, k: int, n: int, tile: int) -> Iterator[Visit]:
    for rows in _spans(m, tile):
        for columns in _spans(n, tile):
            for inner in _spans(k, tile):
                high, deep, wide = (end - start for start, end in (rows, inner, columns))
                yield Visit(rows, inner, columns, high * deep + deep * wide, high * deep * wide)


def _spans(size: int, tile: int) -> list[tuple[int, int]]:
    return [(start, min(start + tile, size)) for start in range(0, size, tile)]
