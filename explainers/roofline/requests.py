"""What a sweep is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.checkpoints.design import Design
from explainers.roofline.theory import NumberType

# Radford et al. 2019, table 2
GPT2_SMALL = Design("gpt2", 0, 12, 12, 768, 64, 3072, 50_257, 1024, name="GPT-2 small")

DEFAULT_TYPES: tuple[NumberType, ...] = ("fp32", "bf16")


class RooflineError(ValueError):
    """Something that cannot be measured as it was asked for; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Request:
    """What to measure. The defaults are the full sweep, in at most half a minute.

    threads: of the processor; 0 is all of them. shape, tokens and batch: the model whose operations are measured.
    parts: of the plan ("bandwidth" and "peak" make the roofs, "product" the grid, "model" the model's operations).
    limit_bytes: what all buffers together may take; 0 is a quarter of the memory that is free.
    scale: of the time that each point gets; smaller is quicker, and less certain.
    """

    types: tuple[NumberType, ...] = DEFAULT_TYPES
    threads: int = 0
    device: str = "cpu"
    shape: Design = GPT2_SMALL
    tokens: int = 128
    batch: int = 1
    parts: tuple[str, ...] = ("bandwidth", "peak", "product", "model")
    limit_bytes: int = 0
    scale: float = 1.0
