"""The work and the traffic of an operation, and the roof over it (Williams, Waterman, Patterson, CACM 52(4), 2009).

A multiply-add is two floating-point operations (FLOPs). The bytes are the least that must move: every operand read
once, every result written once. Sizes are plain numbers or numpy arrays: a formula draws a line as well as a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from typing import TypeVar

    import numpy as np
    from numpy.typing import NDArray

    Number = TypeVar("Number", float, NDArray[np.float64])

NumberType = Literal["fp32", "bf16", "fp64", "int8"]

TYPES: tuple[NumberType, ...] = get_args(NumberType)

BYTES: dict[NumberType, int] = {"fp32": 4, "bf16": 2, "fp64": 8, "int8": 1}  # of one number

_SUM_BYTES = 4  # int8 products are summed, and kept, in 32-bit integers


@dataclass(frozen=True)
class Cost:
    """The FLOPs of an operation and the least bytes that it must move."""

    flops: int
    bytes: int

    @property
    def intensity(self) -> float:
        """FLOPs per byte."""
        return self.flops / self.bytes


@dataclass(frozen=True)
class Product:
    """A matrix product (m, k) x (k, n) -> (m, n), `batch` of them with matrices of their own."""

    m: int
    k: int
    n: int
    type: NumberType = "fp32"
    batch: int = 1

    @property
    def flops(self) -> int:
        """2 m k n each: a multiplication and an addition for every k of every result."""
        return 2 * self.batch * self.m * self.k * self.n

    @property
    def bytes(self) -> int:
        """(m k + k n + m n) numbers each; the results of an int8 product are four bytes wide."""
        size = BYTES[self.type]
        out = _SUM_BYTES if self.type == "int8" else size
        return self.batch * (size * (self.m * self.k + self.k * self.n) + out * self.m * self.n)

    @property
    def intensity(self) -> float:
        """FLOPs per byte."""
        return self.flops / self.bytes


def layer_norm(rows: int, width: int, type: NumberType = "fp32") -> Cost:
    """Layer norm of (rows, width) with scale and shift.

    A row's mean takes w operations (w - 1 additions, a division), its deviations w, its variance 2w, the root with its
    epsilon 2; to normalise, scale and shift takes 3w: 7w + 2. Read and written once, and the scale and the shift read.
    """
    return Cost(rows * (7 * width + 2), BYTES[type] * (2 * rows * width + 2 * width))


def rms_norm(rows: int, width: int, type: NumberType = "fp32") -> Cost:
    """T5's norm of (rows, width): divided by the root of the mean square, and scaled; no mean, no shift.

    A row's mean square takes 2w operations, the root with its epsilon 2, to normalise and scale 2w: 4w + 2. Read and
    written once, and the scale read.
    """
    return Cost(rows * (4 * width + 2), BYTES[type] * (2 * rows * width + width))


def softmax(rows: int, width: int, type: NumberType = "fp32") -> Cost:
    """Softmax of (rows, width), the largest number of a row subtracted first.

    A row takes w - 1 comparisons, w subtractions, w exponentials, w - 1 additions, w divisions: 5w - 2, where an
    exponential counts as one operation. Read and written once.
    """
    return Cost(rows * (5 * width - 2), BYTES[type] * 2 * rows * width)


def gelu(numbers: int, type: NumberType = "fp32", *, exact: bool = False) -> Cost:
    """GELU of so many numbers by GPT-2's formula, x/2 (1 + tanh(0.798 (x + 0.0447 x^3))); exact: BERT's, with erf.

    Nine operations each (x times x, times x, times 0.0447, plus x, times 0.798, tanh, plus 1, times x, halved), where
    tanh counts as one; exactly x/2 (1 + erf(x / 1.41)), five. Read and written once.
    """
    return Cost((5 if exact else 9) * numbers, BYTES[type] * 2 * numbers)


def relu(numbers: int, type: NumberType = "fp32") -> Cost:
    """ReLU of so many numbers: a comparison each. Read and written once."""
    return Cost(numbers, BYTES[type] * 2 * numbers)


def intensity(flops: Number, bytes: Number) -> Number:
    """FLOPs per byte."""
    return flops / bytes


def attainable(flops_per_byte: Number, peak: float, bandwidth: float) -> Number:
    """The roof at an intensity: min(peak, intensity x bandwidth), in FLOP/s where the bandwidth is in bytes/s."""
    import numpy as np

    roof = np.minimum(peak, np.asarray(flops_per_byte) * bandwidth)
    return roof if np.ndim(flops_per_byte) else float(roof)  # type: ignore[return-value]


def ridge(peak: float, bandwidth: float) -> float:
    """The intensity from which on the peak is the limit: peak / bandwidth, in FLOPs per byte."""
    return peak / bandwidth
