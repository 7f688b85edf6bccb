"""What one pass does, operator by operator, as torch dispatches it: FLOPs, bytes, and the sizes of the products."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explainers.matmul.costs import COSTS, MOVING, PRODUCTS, Group, names, plain_name

if TYPE_CHECKING:
    from torch import Tensor

Phase = Literal["forward", "backward", "optimizer"]
Mode = Literal["inference", "training"]

# Nothing is computed or moved by them: another view of the same numbers, or room for new ones.
_VIEWS = names(
    "view _unsafe_view t transpose permute expand slice select split unsqueeze squeeze detach alias as_strided unbind "
    "empty_like empty lift_fresh _local_scalar_dense new_empty empty_strided new_empty_strided "
    "_record_function_enter_new _record_function_exit"
)


@dataclass(frozen=True)
class Operator:
    """One operator in one phase, all its calls together. bytes: read and written, each operand once a call."""

    phase: Phase
    name: str
    group: Group
    calls: int
    flops: int
    bytes: int


@dataclass(frozen=True)
class Product:
    """All products of one size: (m, k) times (k, n). times: how often, in how many calls of which operator."""

    phase: Phase
    name: str
    m: int
    k: int
    n: int
    times: int

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each of m·k·n pairs, each time."""
        return 2 * self.m * self.k * self.n * self.times


@dataclass(frozen=True)
class Count:
    """Everything that one pass does. unknown: operators that no table has; the tests want none.

    made_bytes: of all new tensors of the forward pass, which a training step may keep. parameters: of the network.
    """

    operators: tuple[Operator, ...]
    products: tuple[Product, ...]
    unknown: tuple[str, ...]
    made_bytes: int
    parameters: int

    def flops(self, group: Group | None = None) -> int:
        """FLOPs of a group, or of all."""
        return sum(each.flops for each in self.operators if group in (None, each.group))

    def bytes(self, group: Group | None = None) -> int:
        """Bytes read and written by a group, or by all."""
        return sum(each.bytes for each in self.operators if group in (None, each.group))

    def flop_share(self, group: Group) -> float:
        """The group's part of all FLOPs."""
        return self.flops(group) / self.flops()

    def byte_share(self, group: Group) -> float:
        """The group's part of all bytes."""
        return self.bytes(group) / self.bytes()


class Tally:
    """Adds up what torch dispatches while its mode is on."""

    def __init__(self, phase: Phase) -> None:
        self.phase: Phase = phase
        self._operators: dict[tuple[Phase, str, Group], list[int]] = {}
        self._products: dict[tuple[Phase, str, int, int, int], int] = {}
        self._unknown: set[str] = set()
        self._made_bytes = 0

    def mode(self) -> Any:
        """The context in which operators are counted."""
        from torch.utils._python_dispatch import TorchDispatchMode

        tally = self

        class Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                result = func(*args, **(kwargs or {}))
                tally.add(plain_name(func.name().split("::")[-1]), args, kwargs or {}, result)
                return result

        return Counting()  # type: ignore[no-untyped-call]

    def add(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        """Count one call."""
        made = _tensors((result,))
        moved = _bytes(name, _tensors((*args, *kwargs.values())), made)
        if self.phase == "forward" and name not in _VIEWS:
            self._made_bytes += sum(tensor.numel() * tensor.element_size() for tensor in made)
        if name in PRODUCTS:
            sizes = product_sizes(name, args, kwargs)
            for m, k, n, times in sizes:
                key = (self.phase, name, m, k, n)
                self._products[key] = self._products.get(key, 0) + times
            self._put(name, "products", sum(2 * m * k * n * times for m, k, n, times in sizes), moved)
            self._bias(name, args, made)
        elif name in COSTS:
            self._put(name, COSTS[name].group, COSTS[name].flops * _elements(name, args, made), moved)
        elif name in MOVING:
            self._put(name, "movement", 0, moved)
        elif name not in _VIEWS:
            self._unknown.add(name)

    def counted(self, parameters: int) -> Count:
        """All of it."""
        operators = tuple(Operator(*key, *numbers) for key, numbers in self._operators.items())
        products = tuple(Product(*key, times) for key, times in self._products.items())
        return Count(operators, products, tuple(sorted(self._unknown)), self._made_bytes, parameters)

    def _bias(self, name: str, args: Sequence[Any], made: Sequence[Tensor]) -> None:
        """The addition that torch does along with a product: of a bias, to each number of the result."""
        has_bias = name in ("addmm", "baddbmm") or (name == "convolution" and args[2] is not None)
        if has_bias:
            self._put(f"{name}, bias", "element-wise", made[0].numel(), 0, calls=0)

    def _put(self, name: str, group: Group, flops: int, moved: int, calls: int = 1) -> None:
        numbers = self._operators.setdefault((self.phase, name, group), [0, 0, 0])
        for at, more in enumerate((calls, flops, moved)):
            numbers[at] += more


def product_sizes(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[tuple[int, int, int, int]]:
    """Every product behind an operator as (m, k, n, times); a convolution as its windows times its filters."""
    if name in ("mm", "addmm"):
        left, right = args[-2:]
        return [(left.shape[0], left.shape[1], right.shape[1], 1)]
    if name in ("bmm", "baddbmm"):
        left, right = args[-2:]
        return [(left.shape[1], left.shape[2], right.shape[2], left.shape[0])]
    if name == "convolution":
        image, filters = args[0], args[1]
        positions = image.shape[0] * math.prod(_map_shape(args))
        return [(positions, math.prod(filters.shape[1:]), filters.shape[0], 1)]
    above, image, filters = args[:3]  # convolution_backward: the gradients of the image and of the filters
    places, wanted = (
        math.prod(filters.shape[1:]),
        args[-1] if isinstance(args[-1], list | tuple) else kwargs["output_mask"],
    )
    positions, many = above.shape[0] * math.prod(above.shape[2:]), filters.shape[0]
    of_image, of_filters = (positions, many, places, 1), (places, positions, many, 1)
    return [each for each, is_wanted in zip((of_image, of_filters), wanted, strict=False) if is_wanted]


def _map_shape(args: Sequence[Any]) -> list[int]:
    """The height and width of a convolution's result: (image, filters, bias, stride, padding, dilation, ...)."""
    sides, kernel = args[0].shape[2:], args[1].shape[2:]
    strides, paddings, dilations = args[3:6]
    return [
        (side + 2 * pad - dilation * (size - 1) - 1) // stride + 1
        for side, size, stride, pad, dilation in zip(sides, kernel, strides, paddings, dilations, strict=True)
    ]


def _tensors(values: Sequence[Any]) -> list[Tensor]:
    import torch

    found: list[Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _tensors(value)
    return found


def _bytes(name: str, read: Sequence[Tensor], made: Sequence[Tensor]) -> int:
    """What a call reads and writes; of a repeated number only what is stored, of a table only the rows looked up."""
    if name in _VIEWS:
        return 0
    written = sum(tensor.numel() * tensor.element_size() for tensor in made)
    if name in ("embedding", "index_select", "gather"):
        return 2 * written
    return written + sum(min(each.numel() * each.element_size(), each.untyped_storage().nbytes()) for each in read)


def _elements(name: str, args: Sequence[Any], made: Sequence[Tensor]) -> int:
    """How many numbers the cost is for; whole numbers and truths are no floating-point numbers and cost nothing."""
    per = COSTS[name].per
    counted: Any = {"output": made[0], "input": args[0], "rows": args[0]}[per]
    if per == "rows":
        return int(args[1].numel() if name == "nll_loss_forward" else args[2].numel())
    return int(counted.numel()) if counted.is_floating_point() else 0
