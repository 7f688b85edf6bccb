"""One forward pass of BERT, GPT-2 or T5, and of it every number that a lesson asks for, as numpy arrays.

    trace(checkpoint, "The dog barked.", keep=("attentions", "logits")).attentions["encoder"]   # BERT's

The model is transformers' own and runs as it is: attentions, hidden states and logits are its numbers, not a second
implementation's. Only what is in `keep` is stored, layer by layer, while the pass goes on.
"""

from explainers.trace.forward import batch_logits, decoder_ids, run, trace
from explainers.trace.memory import attention_bytes
from explainers.trace.request import Inputs, Request
from explainers.trace.results import (
    AXES,
    KINDS,
    STACKS,
    AttentionKind,
    Embeddings,
    HeadParts,
    Part,
    Precision,
    Stack,
    Trace,
    TraceError,
    TraceStopped,
)
from explainers.trace.trial import seconds_per_flop

__all__ = [
    "AXES",
    "KINDS",
    "STACKS",
    "AttentionKind",
    "Embeddings",
    "HeadParts",
    "Inputs",
    "Part",
    "Precision",
    "Request",
    "Stack",
    "Trace",
    "TraceError",
    "TraceStopped",
    "attention_bytes",
    "batch_logits",
    "decoder_ids",
    "run",
    "seconds_per_flop",
    "trace",
]
