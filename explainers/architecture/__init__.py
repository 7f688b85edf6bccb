"""The three architectures as numbers: every tensor, every product and every byte, from the configuration alone.

    published   the twelve published models (assets/architectures.toml), with their figures as printed
    parts       the tensors of each family, part by part
    ledger      the parameters, counted; a tied matrix once
    flops       the matrix products of a forward pass, counted
    layers      the same, layer by layer in the order in which they run
    balance     both side by side: where the parameters are, and where the work is
    memory      the bytes that weights, activations, keys and values, gradients and Adam take
    comparison  an encoder-decoder beside decoders, as the T5 paper compares them

Nothing here reads weights or imports a library for computing: these are formulas, and the tests hold them to the
library's own count. A model's shape is a `Design` (explainers.checkpoints.design).
"""

from explainers.architecture.balance import Balance, Group, balance
from explainers.architecture.comparison import Rival, rivals
from explainers.architecture.flops import Work, flops_per_token, shares, work
from explainers.architecture.layers import layer_flops
from explainers.architecture.ledger import Entry, Ledger, ledger
from explainers.architecture.memory import (
    BYTES,
    Held,
    HeldKey,
    Memory,
    NumberType,
    activation_numbers,
    cache_numbers,
    held,
    memory,
)
from explainers.architecture.parts import Part, Role, Stack, Tensor, parts
from explainers.architecture.published import Published, published

__all__ = [
    "BYTES",
    "Balance",
    "Entry",
    "Group",
    "Held",
    "HeldKey",
    "Ledger",
    "Memory",
    "NumberType",
    "Part",
    "Published",
    "Rival",
    "Role",
    "Stack",
    "Tensor",
    "Work",
    "activation_numbers",
    "balance",
    "cache_numbers",
    "flops_per_token",
    "held",
    "layer_flops",
    "ledger",
    "memory",
    "parts",
    "published",
    "rivals",
    "shares",
    "work",
]
