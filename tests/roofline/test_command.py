"""`explainers roofline`: what it prints after a small sweep, and that every refusal is one sentence."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from explainers import cli, roofline_command
from explainers.alone import FOLDER, alone
from explainers.roofline import Request, Result, Update, from_json, last_result, sweep
from tests.roofline.machines import MB

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests that were made; each is measured with little time and memory."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    requests: list[Request] = []

    def small(request: Request) -> Iterator[Update]:
        requests.append(request)
        little = replace(request, scale=0.01, limit_bytes=8 * MB, parts=("bandwidth", "peak", "model"))
        yield from sweep(replace(little, threads=1, tokens=min(8, request.tokens)))

    monkeypatch.setattr(roofline_command, "sweep", small)
    return requests


def test_json_is_the_result_that_is_kept(capsys: pytest.CaptureFixture[str], asked: list[Request]) -> None:
    arguments = ["--types", "bf16,fp32", "--threads", "1", "--tokens", "9", "--batch", "2", "--model", "t5-mini"]
    assert cli.main(["roofline", "--json", *arguments]) == 0
    found: Result = from_json(capsys.readouterr().out)
    assert found == last_result("cpu")
    assert found.complete
    (request,) = asked
    assert (request.types, request.threads, request.tokens, request.batch) == (("bf16", "fp32"), 1, 9, 2)
    assert request.shape.name == "t5-mini"


def test_the_defaults_are_those_of_the_page(capsys: pytest.CaptureFixture[str], asked: list[Request]) -> None:
    assert cli.main(["roofline", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["group"] for row in rows} == {"bandwidth", "peak", "prefill", "decode"}
    assert asked == [Request()]


def test_the_table_names_the_machine_the_roofs_and_the_operations(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["roofline", "--types", "fp32", "--model", "gpt2-medium"]) == 0
    out = capsys.readouterr().out
    for said in ("1 thread of", "cut", "GB/s", "GFLOP/s, ridge at", "lm_head", "decode", "µs", "torch "):
        assert said in out
    assert "(1, 1024) x (1024," in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--device", "abacus"], "no device named abacus"),
        (["--model", "gpt9"], "no model named gpt9"),
        (["--model", "../etc"], "no model named"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["roofline", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


def test_another_program_that_measures_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with alone():
        assert cli.main(["roofline"]) == 2
    assert "Another program" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--types", "fp33"], ["--types", ""], ["--threads", "0"], ["--tokens", "x"], ["--json", "--csv"]]
)
def test_options_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["roofline", *arguments])


def test_it_runs_where_only_torch_and_psutil_are_installed() -> None:
    """A machine with a GPU often has nothing else; refused here because the device is none, after all imports."""
    code = (
        "import sys\n"
        "class Bare:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'tokenizers', 'transformers', 'streamlit', 'regex', 'cpuinfo', 'plotly',\n"
        "                                  'huggingface_hub', 'httpx2', 'threadpoolctl', 'bertviz', 'safetensors'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Bare())\n"
        "from explainers import cli\n"
        "sys.exit(cli.main(['roofline', '--device', 'abacus']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr.strip().splitlines()[-1:]) == (
        2,
        ["There is no device named abacus here: choose one of cpu."],
    )
