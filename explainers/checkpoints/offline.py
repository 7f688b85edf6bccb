"""Proof that a model loads without a network: in a process of its own, where every connection is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from explainers.checkpoints import settings
from explainers.checkpoints.families import CheckpointError
from explainers.language import _

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto")


def prove(name: str) -> None:
    """Load the model's tokenizer and weights without a network; raises CheckpointError where that fails."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", settings.FOLDER: str(settings.folder())}
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "explainers.checkpoints.offline", name]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        why = (done.stdout.strip() or done.stderr.strip() or "?").splitlines()[-1]
        raise CheckpointError(_("{name} was downloaded but does not load: {why}").format(name=name, why=why))


def main(name: str) -> int:
    """Load the model with every connection refused; 0 where it worked, else 1 and a sentence."""
    sys.addaudithook(_refuse)
    from explainers.checkpoints.names import load

    try:
        checkpoint = load(name)
        checkpoint.tokenizer.encode("My dog is hairy")
        _ = checkpoint.model
    except CheckpointError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


def _refuse(event: str, _arguments: object) -> None:
    if event in _NETWORK:
        raise ConnectionRefusedError(event)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
