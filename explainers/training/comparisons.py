"""What was tried before the recipes were settled: short runs, equal but for what is named.

The first table, of bert-mini on one core of a CPU, in sequences of 64 and steps of 4,096 tokens, is why training starts
from counts. From its row with everyday sentences on, they are in the text, which makes it easier: rows compare above
that line or below it, at the same number of tokens. The second, on a GPU, is in the steps, lengths and text of the
final runs. The same seed everywhere, one run each: differences under 0.03 nats mean nothing. The cards show the tables,
so that nobody has to try these again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explainers.checkpoints import Family


class Variant(NamedTuple):
    """One short run: what it changed, how much it read, and its training loss up to there, in nats: over the last 0.1
    to 0.2 million tokens on the CPU, over the last 2 to 3 million on the GPU.
    """

    what: str
    million_tokens: float
    loss: float


STARTS: Sequence[Variant] = (
    Variant("all weights from noise; Muon 0.02, AdamW 0.002, 4,096 tokens a step", 0.38, 6.574),
    Variant("that, and an output bias that starts at each token's frequency", 0.38, 6.458),
    Variant("that, and positions that start as sinusoids (the base of the next five)", 0.38, 6.418),
    Variant("base, 2,048 tokens a step", 0.38, 6.507),
    Variant("base, Muon 0.005", 0.38, 6.486),
    Variant("base, AdamW 0.0005", 0.38, 6.419),
    Variant("base, AdamW 0.001 for every weight, no Muon", 0.38, 6.501),
    Variant("base, everyday sentences mixed in, longer warm-up", 0.28, 6.429),
    Variant("that, and token embeddings that start from co-occurrence counts", 0.28, 6.145),
    Variant("that, and a prediction head that starts as the identity", 0.28, 6.087),
    Variant("that, and value and output matrices near the identity", 0.28, 6.160),
    Variant("the head as the identity, Muon 0.007, AdamW 0.0007", 0.28, 6.063),
)


RATES: Mapping[Family, Sequence[Variant]] = {
    "bert": (
        Variant("Muon 0.01, AdamW 0.001", 12.0, 5.586),
        Variant("Muon 0.02, AdamW 0.002", 12.0, 5.004),
    ),
    "gpt2": (Variant("AdamW 0.002", 12.1, 4.497), Variant("AdamW 0.005", 12.1, 4.450)),
    "t5": (Variant("AdamW 0.005", 12.0, 4.352), Variant("AdamW 0.015", 12.0, 4.232)),
}
_CHOSEN: Mapping[Family, str] = {
    "bert": " Higher was better, so the final run took AdamW 0.004, which was not itself compared.",
    "gpt2": "",
    "t5": "",
}


def compared(family: Family) -> str:
    """The variants of a family as Markdown tables, in the order in which they were tried."""
    parts = [_starts()] if family == "bert" else []
    rates = "Peak rates, on a GPU in steps of 65,536 tokens; the schedule of each run ended at 12 million tokens."
    return "\n\n".join([*parts, rates + _CHOSEN[family], _table(RATES[family])])


def _starts() -> str:
    return (
        "Starting values, on one core of a CPU: one run each, the same seed, training loss in nats (differences under "
        "0.03 mean nothing; the rows with everyday sentences read easier text and compare among themselves). From "
        "noise alone the loss was still at 6.2 after 1.3 million tokens: too few predictions for the model to learn "
        f"what its own input vectors mean.\n\n{_table(STARTS)}"
    )


def _table(variants: Sequence[Variant]) -> str:
    rows = [f"| {variant.what} | {variant.million_tokens:.2f} | {variant.loss:.3f} |" for variant in variants]
    return "\n".join(["| variant | million tokens | loss in nats |", "| --- | ---: | ---: |", *rows])
