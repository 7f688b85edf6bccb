"""Where operands and results lie: one stretch of memory each, of which calls take their parts in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explainers.roofline.theory import BYTES, NumberType

if TYPE_CHECKING:
    from torch import Tensor, dtype

Shape = tuple[int, ...]

_TILE = 2**16  # 16-bit words of random bits, repeated; twice as many bytes
_PAGE = 4096
_SKEW = 192  # bytes; arrays that begin a whole number of pages apart would meet in the same lines of a cache


def dtypes() -> dict[str, dtype]:
    """torch's name of each type; int32 holds the results of int8 products."""
    import torch

    return {
        "fp32": torch.float32,
        "bf16": torch.bfloat16,
        "fp64": torch.float64,
        "int8": torch.int8,
        "int32": torch.int32,
    }


class Arena:
    """A stretch of memory that holds numbers in every type at once, and grows to what is asked for.

    Its 16-bit words are random, with an exponent that makes them plus or minus 0.5 to 1 as bf16 and as fp32, and an
    ordinary number as fp64: random because a GPU computes faster with numbers that are all alike, and never so small
    or so large that a processor takes longer for them.
    """

    def __init__(self, device: str) -> None:
        """Hold nothing yet."""
        self._device = device
        import torch

        self._memory = torch.empty(0, dtype=torch.uint8, device=device)

    @property
    def size_bytes(self) -> int:
        """What it holds now."""
        return self._memory.numel()

    def grow(self, size_bytes: int) -> None:
        """Hold so many bytes at least; what was taken before is no longer part of it then."""
        import torch

        if size_bytes <= self.size_bytes:
            return
        self._memory = self._memory[:0].clone()  # before the new one is there: never hold both
        tiles = math.ceil(size_bytes / (2 * _TILE))
        bits = torch.randint(0, 256, (_TILE,), dtype=torch.int32, device=self._device)
        words = (0x3F00 + (bits & 0x7F) - 0x8000 * (bits >> 7)).to(torch.int16)
        memory = torch.empty((tiles, _TILE), dtype=torch.int16, device=self._device)
        memory.copy_(words)
        self._memory = memory.view(torch.uint8).flatten()

    def take(self, start: int, shape: Sequence[int], type: NumberType | str) -> Tensor:
        """A tensor of this shape whose first number lies `start` bytes from the beginning."""
        kind = dtypes()[type]
        part = self._memory[start : start + kind.itemsize * math.prod(shape)]
        return part.view(kind).view(*shape)


class Buffers:
    """The operands and the results of one sweep, in two arenas of at most limit_bytes together."""

    def __init__(self, device: str, limit_bytes: int) -> None:
        """Hold nothing yet."""
        self.operands, self.results = Arena(device), Arena(device)
        self.limit_bytes = limit_bytes

    def rotated(
        self, operands: Sequence[Shape], result: Shape, type: NumberType, *, spread_bytes: int = 0, most: int = 1
    ) -> Iterator[tuple[list[Tensor], Tensor]]:
        """Operands and a result for one call after the other, no two of them in the same place.

        As many as together take more than spread_bytes, as there is room for, or `most`; one at least.
        """
        ins, out, kind = self._places(operands, result, type)
        times = self.rotations(operands, result, type, spread_bytes=spread_bytes, most=most)
        self.operands.grow(times * sum(ins))
        self.results.grow(times * out)
        for turn in range(times):
            start, taken = turn * sum(ins), []
            for place, shape in zip(ins, operands, strict=True):
                taken.append(self.operands.take(start, shape, type))
                start += place
            yield taken, self.results.take(turn * out, result, kind)

    def rotations(
        self, operands: Sequence[Shape], result: Shape, type: NumberType, *, spread_bytes: int, most: int
    ) -> int:
        """How many sets of buffers `rotated` makes."""
        ins, out, _kind = self._places(operands, result, type)
        used = BYTES[type] * sum(math.prod(shape) for shape in (*operands, result))
        room = self.limit_bytes // 2 // max(sum(ins), out)  # neither arena takes more than its half
        return max(1, min(most, spread_bytes // used + 1, room))

    @staticmethod
    def _places(operands: Sequence[Shape], result: Shape, type: NumberType) -> tuple[list[int], int, str]:
        """The room that each operand and the result take, and the type of the result."""
        kind = "int32" if type == "int8" else type
        size, out_size = BYTES[type], BYTES["fp32" if type == "int8" else type]
        ins = [_place(size * math.prod(shape)) for shape in operands]
        return ins, _place(out_size * math.prod(result)), kind


def _place(size_bytes: int) -> int:
    """The room that an array gets: whole pages, and some lines."""
    return math.ceil(size_bytes / _PAGE) * _PAGE + _SKEW
