"""heads.toml: which head of a checkpoint shows each classic pattern best, as `explainers heads` has measured it."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from explainers.attention.patterns import FORMED, PATTERNS, PatternName, strength
from explainers.checkpoints import Checkpoint
from explainers.trace import KINDS, AttentionKind

FILE = "heads.toml"
_END = 2**20


@dataclass(frozen=True)
class StrongestHead:
    """The head that looks at a pattern's targets most, among all heads of one kind of attention.

    layer and head count from 0, as in Trace.attentions. score: its mean share of attention on the targets, 0 to 1.
    baseline: what attention to all allowed keys alike would give. queries: how many the means are over.
    """

    pattern: PatternName
    kind: AttentionKind
    layer: int
    head: int
    score: float
    baseline: float
    queries: int

    @property
    def strength(self) -> float:
        """How far the head has come from uniform attention (0) to attention on targets only (1)."""
        return float(strength(self.score, self.baseline))

    @property
    def formed(self) -> bool:
        """Whether the pattern has formed in this model: its best head has come at least a quarter of the way."""
        return self.strength >= FORMED


def strongest_heads(checkpoint: Checkpoint) -> tuple[StrongestHead, ...]:
    """What heads.toml in the checkpoint's folder says; nothing where there is none, or it is of other weights."""
    path = checkpoint.folder / FILE
    if not path.is_file():
        return ()
    return _read(checkpoint, path, path.stat().st_mtime_ns)


def weights_fingerprint(folder: Path) -> str:
    """What tells the weights in a folder from those of another training: a hash of each file's size and end."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        with file.open("rb") as weights:
            weights.seek(max(size - _END, 0))
            digest.update(str(size).encode() + weights.read())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=16)
def _read(checkpoint: Checkpoint, path: Path, _changed: int) -> tuple[StrongestHead, ...]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = [_entry(entry) for entry in content["head"]]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    if content.get("weights") != weights_fingerprint(checkpoint.folder):
        return ()
    sizes = checkpoint.sizes
    layers = {"encoder": sizes.layers, "decoder": sizes.decoder_layers, "cross": sizes.decoder_layers}
    return tuple(
        entry
        for entry in entries
        if entry.pattern in PATTERNS
        and entry.kind in KINDS[checkpoint.family]
        and 0 <= entry.layer < layers[entry.kind]
        and 0 <= entry.head < sizes.heads
    )


def _entry(entry: dict[str, Any]) -> StrongestHead:
    return StrongestHead(
        pattern=entry["pattern"],
        kind=entry["kind"],
        layer=int(entry["layer"]),
        head=int(entry["head"]),
        score=float(entry["score"]),
        baseline=float(entry["baseline"]),
        queries=int(entry["queries"]),
    )
