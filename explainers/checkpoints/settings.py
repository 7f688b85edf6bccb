"""What the person who runs the server decides, from environment variables; `explainers run` has an option for each."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = "EXPLAINERS_MODELS"  # where downloaded models are: a folder, for example of a USB stick
ANY_MODEL = "EXPLAINERS_ANY_MODEL"  # 1: visitors may download any BERT, GPT-2 or T5 from the hub by its id
LOCAL_FOLDER = "EXPLAINERS_LOCAL_FOLDER"  # a folder whose checkpoints visitors may choose
LARGEST_BYTES = "EXPLAINERS_LARGEST_BYTES"  # what a model's weights may have at most
MOST_MODELS = "EXPLAINERS_MOST_MODELS"  # how many models may be in memory at a time
MODEL_BYTES = "EXPLAINERS_MODEL_BYTES"  # what their weights may take together

DEFAULT_LARGEST_BYTES = 3 * 10**9
DEFAULT_MOST_MODELS = 6
DEFAULT_MODEL_BYTES = 6 * 10**9


def folder() -> Path:
    """Where downloaded models are."""
    named = os.environ.get(FOLDER)
    if named:
        return Path(named).expanduser()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "explainers" / "models"


def any_model() -> bool:
    """Whether visitors may download a model that the catalogue lacks."""
    return os.environ.get(ANY_MODEL, "").strip().lower() in {"1", "yes", "true", "on"}


def local_folder() -> Path | None:
    """The folder whose checkpoints visitors may choose; None where they may choose none."""
    named = os.environ.get(LOCAL_FOLDER)
    return Path(named).expanduser() if named else None


def largest_bytes() -> int:
    """What a model's weights may have at most."""
    return _number(LARGEST_BYTES, DEFAULT_LARGEST_BYTES)


def most_models() -> int:
    """How many models may be in memory at a time, at least 1."""
    return max(1, _number(MOST_MODELS, DEFAULT_MOST_MODELS))


def model_bytes() -> int:
    """What the weights of all models in memory may take together; one alone may take more."""
    return _number(MODEL_BYTES, DEFAULT_MODEL_BYTES)


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() else default
