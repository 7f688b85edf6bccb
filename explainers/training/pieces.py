"""A run in pieces: what a piece leaves behind, and how the next one takes it up."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from explainers.checkpoints import CheckpointError
from explainers.language import _

LOG = "log.jsonl"
WEIGHTS = "model.safetensors"
_STATE = "state.json"
_SHIPPED_LOG = "training.jsonl"


@dataclass(frozen=True)
class State:
    """How far a run has come. seconds are spent over all its pieces; device did the last."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    restarted_at: int = 0
    device: str = "CPU"


def begun(folder: Path) -> bool:
    """Whether an earlier piece of the run left something in the work folder."""
    return (folder / _STATE).is_file()


def read_state(folder: Path) -> State:
    """The state that `write_state` wrote."""
    return State(**json.loads((folder / _STATE).read_text()))


def write_state(folder: Path, state: State) -> None:
    """Write the state, whole or not at all; written last, it says that the other files of the piece are there."""
    write_whole(folder / _STATE, json.dumps(asdict(state)))


def write_whole(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def read_log(folder: Path) -> list[dict[str, float]]:
    """The rows of the folder's log: step, tokens, seconds and the mean losses since the row before."""
    log = folder / LOG
    return [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []


def ship_log(folder: Path, model: Path) -> None:
    """Put the log beside the finished weights, so that their curve is kept and a later run can go on from them."""
    shutil.copyfile(folder / LOG, model / _SHIPPED_LOG)


def take_up(model: Path, folder: Path) -> None:
    """Make a finished model the first piece of the run in the work folder, unless that run has begun already.

    Raises CheckpointError where the model's folder lacks the vocabulary, the weights or the log.
    """
    if begun(folder):
        return
    files = {"tokenizer.json": "tokenizer.json", WEIGHTS: WEIGHTS, _SHIPPED_LOG: LOG}
    missing = [name for name in files if not (model / name).is_file()]
    if missing:
        raise CheckpointError(
            _("{folder} lacks {files}: name a folder that `explainers train` wrote.").format(
                folder=model, files=", ".join(missing)
            )
        )
    for name, own in files.items():
        shutil.copyfile(model / name, folder / own)
    last = read_log(folder)[-1]
    write_state(folder, State(int(last["step"]), int(last["tokens"]), last["seconds"]))
