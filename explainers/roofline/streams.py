"""The streams that measure bandwidth: STREAM's four and reading alone, over a working set of any size.

A set that fits a near cache is gone through in less time than torch takes to be called. So the same call goes through
it many times: its arrays are seen through windows that begin a cache line apart, and every window is one pass. Each
thread has a block of its own, so that no two threads write to one line.
"""

from __future__ import annotations

from dataclasses import dataclass

from explainers.roofline.tasks import Task
from explainers.roofline.theory import BYTES

# Arrays in memory, and FLOPs for each of their numbers; STREAM counts the same bytes (McCalpin 1995).
ARRAYS = {"copy": 2, "scale": 2, "add": 3, "triad": 3, "read": 1}
FLOPS = {"copy": 0, "scale": 1, "add": 1, "triad": 2, "read": 1}

LINE = 16  # fp32 numbers, 64 bytes
WINDOWS = 8  # along each further axis

_SIZE = BYTES["fp32"]
_CALL_BYTES = 4 * 2**20  # that a call should move at least: tens of microseconds
_MOST_AXES = 4


@dataclass(frozen=True)
class Layout:
    """How one array of a stream lies, in numbers. Each of `threads` blocks is `block` long; a window is `window`.

    axes: of windows, each of 8 that begin a line apart; so a call makes 8^axes passes.
    """

    threads: int
    block: int
    window: int
    axes: int

    @property
    def passes(self) -> int:
        """How often one call goes through its arrays."""
        return int(WINDOWS**self.axes)

    @property
    def numbers(self) -> int:
        """Of one array, in one pass."""
        return self.threads * self.window

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the view: blocks, windows along each axis, numbers."""
        return (self.threads, *(WINDOWS,) * self.axes, self.window)

    @property
    def strides(self) -> tuple[int, ...]:
        """Of the view."""
        return (self.block, *(LINE,) * self.axes, 1)


def layout(role: str, working_set_bytes: int, threads: int) -> Layout:
    """The layout whose arrays take so many bytes together; in one piece for a GPU (threads 0), which is all threads."""
    threads, most = (threads, _MOST_AXES) if threads else (1, 0)
    block = max(LINE, working_set_bytes // (_SIZE * ARRAYS[role] * threads * LINE) * LINE)
    axes = 0
    while (
        axes < most
        and WINDOWS**axes * working_set_bytes < _CALL_BYTES
        and 2 * (axes + 1) * (WINDOWS - 1) * LINE < block
    ):
        axes += 1
    return Layout(threads, block, block - axes * (WINDOWS - 1) * LINE, axes)


def stream(role: str, working_set_bytes: int, threads: int) -> Task:
    """The task of one stream in fp32; its FLOPs and bytes are those of one pass. threads: 0 for a GPU."""
    found = layout(role, working_set_bytes, threads)
    whole = _SIZE * ARRAYS[role] * found.threads * found.block
    moved = _SIZE * ARRAYS[role] * found.numbers
    sizes = (found.numbers, 1, 1, 1)
    return Task("bandwidth", role, "fp32", "warm", *sizes, FLOPS[role] * found.numbers, moved, whole)
