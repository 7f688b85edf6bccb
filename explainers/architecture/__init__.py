"""The three architectures as numbers: every tensor, every product and every byte, from the configuration alone.

    design      what a configuration says: `Design`, of a checkpoint, of a published model, of the reader's own sizes
    published   the twelve published models (assets/architectures.toml), with their figures as printed
    parts       the tensors of each family, part by part
    ledger      the parameters, counted; a tied matrix once
    flops       the matrix products of a forward pass, counted
    balance     both side by side: where the parameters are, and where the work is
    memory      the bytes that weights, activations, keys and values, gradients and Adam take
    comparison  an encoder-decoder beside decoders, as the T5 paper compares them

Nothing here reads weights or imports a library for computing: these are formulas, and the tests hold them to the
library's own count.
"""

from explainers.architecture.balance import Balance, Group, balance
from explainers.architecture.comparison import Rival, rivals
from explainers.architecture.design import Design, Kind, of_checkpoint, own
from explainers.architecture.flops import Work, flops_per_token, shares, work
from explainers.architecture.ledger import Entry, Ledger, ledger
from explainers.architecture.memory import BYTES, Memory, NumberType, activation_numbers, cache_numbers, memory
from explainers.architecture.parts import Part, Role, Stack, Tensor, parts
from explainers.architecture.published import Published, published

__all__ = [
    "BYTES",
    "Balance",
    "Design",
    "Entry",
    "Group",
    "Kind",
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
    "ledger",
    "memory",
    "of_checkpoint",
    "own",
    "parts",
    "published",
    "rivals",
    "shares",
    "work",
]
