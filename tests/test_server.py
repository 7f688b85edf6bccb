"""The ways to start the server, each on a fresh process in a folder that has nothing to do with the project."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from explainers.checkpoints import catalogue
from tests.serving import ROOT, explainers_run, free_port, serving, status, wait_for

WARM_SECONDS = 120


def streamlit_run(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), f"--server.port={port}"]


def uvicorn(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "app:app", "--app-dir", str(ROOT), "--port", str(port)]


def health(port: int) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("command", [explainers_run, streamlit_run, uvicorn])
def test_a_fresh_server_answers_cold_deep_links(command: object, tmp_path: Path) -> None:
    assert callable(command)
    port = free_port()
    with serving(command(port), port, tmp_path):
        for path in ("/", "/tokenization?text=deep+link", "/tokenization?text=%F0%9F%91%A8&bert=nope"):
            assert status(f"http://127.0.0.1:{port}{path}") == 200


def test_healthz_is_503_until_every_model_is_in_memory(tmp_path: Path) -> None:
    port = free_port()
    with serving(explainers_run(port), port, tmp_path) as process:
        code, report = health(port)
        assert (code, report["ready"]) == (503, False)
        wait_for(f"http://127.0.0.1:{port}/healthz", 200, process, WARM_SECONDS)
        code, report = health(port)
    assert (code, report["ready"]) == (200, True)
    assert report["models"] == {name: {"state": "ready", "sentence": "Ready."} for name in catalogue()}


def in_process(statements: Sequence[str], folder: Path) -> str:
    code = "; ".join(["import sys", f"sys.path.insert(0, {str(ROOT)!r})", *statements])
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder).stdout


def test_the_look_applies_from_any_working_directory(tmp_path: Path) -> None:
    shown = in_process(["import app", "print(app.st.get_option('theme.baseFontSize'))"], tmp_path)
    assert shown.strip() == "18"


def test_no_usage_statistics_are_gathered(tmp_path: Path) -> None:
    assert (
        in_process(["import app", "print(app.st.get_option('browser.gatherUsageStats'))"], tmp_path).strip() == "False"
    )
