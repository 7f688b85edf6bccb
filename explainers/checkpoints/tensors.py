"""What is in a weight file, from its header alone: names, shapes, and how many numbers were trained."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path

from explainers.checkpoints.families import CheckpointError, Family
from explainers.language import _

_LONGEST_HEADER_BYTES = 100_000_000  # the format's own limit

# Stored by older versions of the library, but no trained numbers: causal masks, position counters, second names of tied
# matrices.
_UNTRAINED = re.compile(r"(^|\.)(attn\.(masked_)?bias|position_ids|(encoder|decoder)\.embed_tokens\.weight)$")
_TIED = re.compile(r"(^|\.)(lm_head\.weight|cls\.predictions\.decoder\.(weight|bias))$")


def tensor_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor in the folder's safetensors files; raises CheckpointError where there is none."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(
            _("{folder} has no .safetensors file, the only kind of weights that is loaded here.").format(folder=folder)
        )
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files:
        try:
            shapes |= _header(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(
                _("{path} is not a weight file that can be read: {error}.").format(path=file, error=error)
            ) from error
    return shapes


def trained_numbers(shapes: Mapping[str, tuple[int, ...]], family: Family, *, tied: bool) -> int:
    """How many numbers were trained, where a matrix that two layers share counts once."""
    return sum(
        math.prod(shape)
        for name, shape in shapes.items()
        if not _UNTRAINED.search(name) and not (_TIED.search(name) and (tied or family == "bert"))
    )


def _header(file: Path) -> dict[str, tuple[int, ...]]:
    """The header of one file: 8 bytes of length, least significant first, and then that many bytes of JSON."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(_LONGEST_HEADER_BYTES, file.stat().st_size - 8):
            raise ValueError(_("its header is broken"))
        entries = json.loads(stream.read(length))
    return {
        name: tuple(int(size) for size in entry["shape"]) for name, entry in entries.items() if name != "__metadata__"
    }
