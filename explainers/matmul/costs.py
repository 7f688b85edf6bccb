"""What an operator costs: a product by its sizes, everything else by a table of operations for each number.

An operation is a mathematical one, not an instruction of some processor: exp counts as one, like an addition
(as ELECTRA's authors count, github.com/google-research/electra, flops_computation.py). Comparisons and choices count as
one, look-ups and copies as none. Operators go by torch's names, without "aten::" and the "_" of those in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Group = Literal["products", "normalization", "element-wise", "movement", "rest"]

GROUPS: tuple[Group, ...] = get_args(Group)

Counted = Literal["output", "input", "rows"]


@dataclass(frozen=True)
class Cost:
    """FLOPs for each number of an operator's output or first input, or for each row of labels (`per`).

    steps: the operations one by one, as they are shown.
    """

    group: Group
    flops: int
    per: Counted
    steps: str


def names(text: str) -> frozenset[str]:
    """Several operators, by their names with spaces between."""
    return frozenset(text.split())


def _each(group: Group, names: str, flops: int, per: Counted, steps: str) -> dict[str, Cost]:
    return dict.fromkeys(names.split(), Cost(group, flops, per, steps))


COSTS: Mapping[str, Cost] = MappingProxyType(
    _each("normalization", "_softmax", 5, "output", "max, −, exp, +, ÷")
    | _each("normalization", "_softmax_backward_data", 4, "output", "·, +, −, ·")
    | _each("normalization", "_log_softmax", 5, "output", "max, −, exp, +, −")
    | _each("normalization", "_log_softmax_backward_data", 4, "output", "+, exp, ·, −")
    | _each("normalization", "native_layer_norm native_batch_norm", 7, "input", "+, −, square, +, ÷, ·γ, +β")
    | _each("normalization", "native_layer_norm_backward native_batch_norm_backward", 14, "input",
            "−, ÷, ·, +, +, ·γ, +, ·, +, ·, −, ·, −, ÷")
    | _each("element-wise", "add sub rsub mul div neg sqrt rsqrt exp log tanh pow abs relu where maximum minimum "
            "masked_fill threshold_backward eq ne lt le gt ge", 1, "output", "1")
    | _each("element-wise", "sum mean", 1, "input", "+")
    | _each("element-wise", "tanh_backward", 3, "output", "square, −, ·")
    | _each("element-wise", "gelu", 5, "output", "÷, erf, +, ·, ·")
    | _each("element-wise", "gelu_backward", 11, "output", "÷, erf, +, ·; square, ·, exp, ·; ·, +, ·")
    | _each("element-wise", "bernoulli", 2, "output", "random, <")
    | _each("element-wise", "lerp addcmul addcdiv", 3, "output", "−, ·, + / ·, ·, + / ÷, ·, +")
    | _each("element-wise", "nll_loss_forward nll_loss_backward", 1, "rows", "1")
    | _each("element-wise", "max_pool2d_with_indices", 1, "input", "max")
    | _each("element-wise", "max_pool2d_with_indices_backward embedding_dense_backward", 1, "input", "+")
)  # fmt: skip

# Numbers are read and written again, and nothing is computed with them.
MOVING = names(
    "clone copy _to_copy cat constant_pad_nd embedding gather index index_select select_backward slice_backward "
    "zeros zeros_like ones ones_like full full_like fill zero scalar_tensor arange stack"
)

# Multiply and add along a row and a column. Each knows its sizes: explainers.matmul.counting.
PRODUCTS = names("mm addmm bmm baddbmm convolution convolution_backward")

# What torch calls the kernels under a convolution, where its profiler meets them.
_CONVOLUTIONS = ("conv2d", "_convolution", "_slow_conv2d", "mkldnn_convolution", "thnn_conv2d")


def plain_name(name: str) -> str:
    """An operator's name without where it comes from: "aten::add_" and "aten.add_.Tensor" are both "add"."""
    bare = name.removeprefix("aten::").removeprefix("aten.").split(".")[0]
    return bare.rstrip("_") if not bare.startswith("__") else bare


def timed_name(name: str) -> str:
    """The operator that a kernel of torch's profiler belongs to: all that runs for a convolution is "convolution"."""
    plain = plain_name(name)
    is_part = plain.startswith(_CONVOLUTIONS) and plain not in PRODUCTS
    return ("convolution_backward" if "backward" in plain else "convolution") if is_part else plain


def group_of(name: str) -> Group:
    """The group of an operator by its plain name; "rest" is all that only finds out what to run, such as views."""
    if name in PRODUCTS:
        return "products"
    if name in COSTS:
        return COSTS[name].group
    return "movement" if name in MOVING else "rest"
