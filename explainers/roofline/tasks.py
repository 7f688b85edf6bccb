"""One thing to measure, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from explainers.roofline import theory
from explainers.roofline.theory import Cost, NumberType, Product

Group = Literal["bandwidth", "peak", "product", "prefill", "decode"]
State = Literal["warm", "cold"]

# What stands between products: m rows of n numbers.
BETWEEN: Mapping[str, Callable[[int, int, NumberType], Cost]] = {
    "layer_norm": theory.layer_norm,
    "rms_norm": theory.rms_norm,
    "softmax": theory.softmax,
    "gelu": lambda rows, width, type: theory.gelu(rows * width, type),
    "gelu_erf": lambda rows, width, type: theory.gelu(rows * width, type, exact=True),
    "relu": lambda rows, width, type: theory.relu(rows * width, type),
}


@dataclass(frozen=True)
class Task:
    """One operation to measure: its sizes, its work and its traffic.

    group: what it is measured for. bandwidth: a stream over a working set (role copy, scale, add, triad or read; m
    numbers in each array). peak: a large square product (role square), for the roof. product: one of the grid of sizes
    and shapes (role square, rows: few rows, inner: a short k, columns: few columns). prefill, decode: an operation of
    the model over all tokens of the text, or for one token more: qkv (in BERT and T5 one of the three), query and
    key_value (of T5's cross-attention), scores, values, output, ffn_in, ffn_out, lm_head, and in BERT mlm_transform,
    pooler, next_sentence; then, of m rows of n, layer_norm (T5: rms_norm), softmax, gelu (BERT: gelu_erf, T5: relu).
    stack: encoder, decoder, cross (T5's attention from one to the other) or output.

    state: warm repeats on the same numbers, which stay in a cache that holds them; cold takes others at every call, so
    that they come from memory. count: how often the operation occurs in one forward pass. cut: whether a size is
    smaller than in the model, because one call would take too long or too much memory. transposed: whether the second
    matrix lies as (n, k), as torch's linear layers keep it and keys are kept.
    flops and bytes of one call (of a stream: of one pass over its arrays); the bytes are the least that must move.
    """

    group: Group
    role: str
    type: NumberType
    state: State
    m: int
    k: int
    n: int
    batch: int
    flops: int
    bytes: int
    working_set_bytes: int
    count: int = 1
    stack: str = ""
    cut: bool = False
    transposed: bool = False

    @property
    def key(self) -> str:
        """Names the task within its sweep."""
        stack = f"{self.stack}-" if self.stack else ""
        sizes = f"{self.batch}x{self.m}x{self.k}x{self.n}"
        return f"{self.group}/{stack}{self.role}/{sizes}/{self.type}/{self.state}"

    @property
    def is_product(self) -> bool:
        """Whether it is a matrix product; else a stream, or one of `BETWEEN`."""
        return self.group != "bandwidth" and self.role not in BETWEEN

    @property
    def intensity(self) -> float:
        """FLOPs per byte; 0 for a copy."""
        return self.flops / self.bytes


@dataclass(frozen=True)
class Point:
    """What one task took: the median and the quartiles of so many samples, each of `calls` calls in a row.

    seconds: of one call, with low_seconds and high_seconds its first and third quartile. uncertainty: half the width of
    the median's 95 % confidence interval, as a part of it. level: the part of the memory that holds the
    working set ("L1", "L2", "L3", "memory"; the last where the task is cold). disturbed: other work or a slower clock
    was noticed meanwhile.
    best_seconds: the lowest of the medians of its visits; 0.0 where there was one. unpooled: the samples of the
    first visit, in seconds, as long as they wait for those of the second.
    """

    task: Task
    seconds: float
    low_seconds: float
    high_seconds: float
    samples: int
    calls: int
    uncertainty: float
    level: str
    disturbed: bool = False
    best_seconds: float = 0.0
    unpooled: tuple[float, ...] = ()

    @property
    def reached_seconds(self) -> float:
        """The median at the best of the moments at which it was measured: what a roof is made of."""
        return self.best_seconds or self.seconds

    @property
    def flops_per_second(self) -> float:
        """The rate at the median; 0 for a copy."""
        return self.task.flops / self.seconds

    @property
    def bytes_per_second(self) -> float:
        """The rate of the least traffic at the median."""
        return self.task.bytes / self.seconds

    @property
    def intensity(self) -> float:
        """FLOPs per byte."""
        return self.task.intensity


def operation(
    group: Group,
    role: str,
    type: NumberType,
    sides: tuple[int, int, int, int],
    *,
    state: State = "warm",
    count: int = 1,
    stack: str = "",
    transposed: bool = False,
) -> Task:
    """The task of a product of these sides (m, k, n, batch), or of what stands between products, with its cost."""
    m, k, n, batch = sides
    product = Product(m, k, n, type, batch)
    cost = BETWEEN[role](m, n, type) if role in BETWEEN else Cost(product.flops, product.bytes)
    numbers = (cost.flops, cost.bytes, cost.bytes)
    return Task(group, role, type, state, m, k, n, batch, *numbers, count, stack, transposed=transposed)


def cut(task: Task, **sides: int) -> Task:
    """The same operation with smaller sides (m, k, n, batch), and what it then costs."""
    at = {name: sides.get(name, getattr(task, name)) for name in ("m", "k", "n", "batch")}
    smaller = operation(task.group, task.role, task.type, (at["m"], at["k"], at["n"], at["batch"]))
    same = {"state": task.state, "count": task.count, "stack": task.stack, "transposed": task.transposed}
    return replace(smaller, cut=True, **same)  # type: ignore[arg-type]
