"""The task prefixes that a checkpoint was trained on: T5 puts every task as text to text (Raffel et al. 2020, 2.4)."""

from __future__ import annotations

from collections.abc import Mapping

from explainers.checkpoints import Checkpoint
from explainers.spans.filling import write
from explainers.tokenization import tokenize

# FLAN was trained on instructions in plain words, so there is no list of prefixes: these are instructions to try.
_INSTRUCTIONS = ("Translate to German: ", "Summarize: ", "Answer the question: ", "Is this review positive? ")


def task_prefixes(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The prefixes in config.json's task_specific_params, or instructions for a FLAN; none for a model that has only
    learned span corruption.
    """
    tasks = checkpoint.config.get("task_specific_params") or {}
    entries = tasks.values() if isinstance(tasks, Mapping) else ()
    prefixes = [entry.get("prefix") for entry in entries if isinstance(entry, Mapping)]
    found = tuple(dict.fromkeys(prefix for prefix in prefixes if isinstance(prefix, str) and prefix.strip()))
    if found:
        return found
    names = f"{checkpoint.name} {checkpoint.config.get('_name_or_path', '')}".lower()
    return _INSTRUCTIONS if "flan" in names else ()


def answer(checkpoint: Checkpoint, text: str, limit: int = 64) -> str:
    """What the model writes, greedily, for a text with a prefix."""
    return write(checkpoint, [tokenize(checkpoint, text).ids], limit=limit)[0].texts[0]
