"""The command line: what it lists, what it starts, and that every refusal is one sentence and status 2."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from explainers import cli, models_command
from explainers.checkpoints import entries, settings


@pytest.fixture(autouse=True)
def _no_server_takes_the_place_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    def execv(path: str, _command: list[str]) -> None:
        pytest.fail(f"{path} was started")

    monkeypatch.setattr(os, "execv", execv)


def test_models_lists_every_model_with_its_heads(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    header, *rows, last = capsys.readouterr().out.splitlines()
    assert header.split()[:5] == ["name", "family", "parameters", "size", "licence"]
    assert [row.split()[0] for row in rows] == [entry.name for entry in entries()]
    assert [row.split()[1] for row in rows] == [entry.family for entry in entries()]
    assert re.search("built in +masked LM, next sentence$", rows[0])
    assert str(settings.folder()) in last


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "", "８０"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", f"--port={port}"])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capsys.readouterr().err


def test_a_port_in_use_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert cli.main(["run", "--address", "127.0.0.1", "--port", str(taken.getsockname()[1])]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "--port" in message


def test_the_server_s_command_names_the_application_by_its_full_path() -> None:
    command = cli.serving_command("0.0.0.0", 80, watch=True)  # noqa: S104 - no server is started
    assert Path(command[4]).is_absolute()
    assert Path(command[4]).is_file()
    assert {"--server.address=0.0.0.0", "--server.port=80", "--server.fileWatcherType=auto"} <= set(command)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--fast"]])
def test_a_command_that_is_none_ends_with_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2


def test_training_without_a_corpus_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = str(tmp_path / "work")
    assert cli.main(["train", "bert", "--corpus", str(tmp_path / "nowhere"), "--work", work]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "nowhere" in message


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["no-such-model", "--gaps"], "no-such-model"),
        (["bert-mini"], "--text"),
        (["bert-mini", "--text", "nowhere.txt"], "nowhere.txt"),
        (["bert-mini", "--text", "word.txt"], "too short"),
        (["gpt2-mini", "--text", "word.txt"], "too short"),
        (["bert-mini", "--text", "word.txt", "--baseline-text", "empty"], "empty"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(
    arguments: list[str],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "word.txt").write_text("Word.", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert cli.main(["score", *arguments]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert named in message


def test_the_server_s_options_become_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(os, "execv", lambda _path, command: started.extend(command))
    monkeypatch.setattr(cli, "_check_free", lambda _address, _port: None)
    for name in (
        settings.FOLDER,
        settings.ANY_MODEL,
        settings.LOCAL_FOLDER,
        settings.LARGEST_BYTES,
        settings.MOST_MODELS,
        settings.MODEL_BYTES,
    ):
        monkeypatch.setenv(name, "")
    assert (settings.any_model(), settings.local_folder(), settings.most_models()) == (False, None, 6)
    options = ["--any-model", "--local-folder", str(tmp_path), "--largest", "500", "--most-models", "3"]
    options += ["--model-memory", "700"]
    assert cli.main(["run", "--folder", str(tmp_path / "stick"), *options]) == 0
    assert started
    assert settings.folder() == tmp_path / "stick"
    assert (settings.any_model(), settings.local_folder()) == (True, tmp_path)
    assert (settings.largest_bytes(), settings.most_models()) == (500 * 10**6, 3)
    assert settings.model_bytes() == 700 * 10**6


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["run", "--largest", size])
    assert "megabytes" in capsys.readouterr().err


def test_interrupting_a_command_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_name: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(models_command, "load", interrupt)
    assert cli.main(["models"]) == 130
