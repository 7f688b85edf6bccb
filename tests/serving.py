"""Starts real servers for tests, and stops them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(url: str) -> int:
    """The HTTP status of a GET, or 0 where nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - only ever a server of these tests
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def wait_for(url: str, wanted: int, process: subprocess.Popen[bytes], seconds: float = START_SECONDS) -> None:
    """Return once the address answers with this status; raise where it does not in time or the server has ended."""
    deadline = time.monotonic() + seconds
    while status(url) != wanted:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{url} did not answer {wanted} within {seconds} seconds")
        time.sleep(0.05)


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server started from this working directory, from when it answers until the end of the block."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    log = folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", 200, process)
        yield process
    except (RuntimeError, TimeoutError) as error:
        raise RuntimeError(f"{error}; its log says:\n{log.read_text(errors='replace')[-4000:]}") from error
    finally:
        process.terminate()
        process.wait(timeout=20)


def explainers_run(port: int) -> list[str]:
    """The command line of `explainers run` on a port of this machine alone."""
    return [sys.executable, "-m", "explainers.cli", "run", "--port", str(port), "--address", "127.0.0.1"]
