"""Roofs from points, worked by hand; a result as JSON and as a table, and on disk."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from explainers.alone import FOLDER, BusyError, alone
from explainers.roofline import (
    Conditions,
    csv_rows,
    forget,
    from_json,
    keep,
    last_result,
    roofs,
    to_json,
)
from explainers.roofline.export import FORMAT
from tests.roofline.machines import MB, machine, result, square, stream

POINTS = (
    stream("copy", 16_000, 1e-7, "L1"),
    stream("triad", 16_000, 0.8e-7, "L1"),
    stream("copy", 80 * MB, 8 * MB / 1e9, "memory"),
    square(100, 2e6 / 10e9),
    square(200, 16e6 / 20e9),
    square(50, 250e3 / 50e9, group="product"),
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))


def test_the_roofs_are_the_best_streams_and_the_best_large_products() -> None:
    found = roofs(POINTS, machine())
    assert found.peaks == {"fp32": pytest.approx(20e9)}
    assert [(level.name, level.size_bytes) for level in found.levels] == [("L1", 32 * 1024), ("memory", 0)]
    assert found.bandwidth("L1") == pytest.approx(200e9)
    assert found.bandwidth("memory") == found.bandwidth("L2") == pytest.approx(10e9)  # L2 was not measured
    assert found.ridge("fp32") == pytest.approx(2.0)
    assert found.attainable(1.0, "fp32") == pytest.approx(10e9)
    assert found.attainable(1.0, "fp32", "L1") == found.attainable(50.0, "fp32") == pytest.approx(20e9)


def test_a_prediction_is_the_longer_of_computing_and_moving() -> None:
    found = roofs(POINTS, machine())
    task = square(100, 1.0).task  # 2e6 FLOPs, 120,000 bytes
    assert found.predicted_seconds(task, "L1") == pytest.approx(2e6 / 20e9)
    assert found.predicted_seconds(square(4, 1.0).task, "memory") == pytest.approx(192 / 10e9)
    assert found.share(square(100, 4e-4)) == pytest.approx(0.25)


def test_without_points_there_are_no_roofs() -> None:
    found = roofs((), machine())
    assert (found.peaks, found.levels) == ({}, ())
    assert found.bandwidth("memory") == found.ridge("fp32") == found.share(square(4, 1.0)) == 0.0
    assert found.attainable(3.0, "fp32") == 0.0


def test_what_spoils_a_measurement_is_said() -> None:
    assert not Conditions(1e-6, 0.09, 1.09).busy
    assert Conditions(1e-6, 0.11, 1.0).busy
    assert not Conditions(1e-6, 0.0, 0.95).drifted
    assert Conditions(1e-6, 0.0, 1.2).drifted
    assert Conditions(1e-6, 0.0, 0.8).drifted


def test_json_brings_everything_back() -> None:
    found = result(*POINTS)
    assert from_json(to_json(found)) == found
    assert from_json(to_json(found)).request.shape.name == "GPT-2 small"
    told = json.loads(to_json(found, indent=1))
    assert told["roofs"]["peaks"]["fp32"] == pytest.approx(20e9)
    assert told["machine"]["name"] == "box"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "7", '{"format": 0}', '{"format": 1}', "[" * 100_000])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_json(text)


def test_a_result_that_lacks_something_is_refused() -> None:
    told = json.loads(to_json(result(*POINTS)))
    for name in told:
        with pytest.raises(ValueError, match=r".*"):
            from_json(json.dumps({key: value for key, value in told.items() if key != name}))


def test_the_table_has_a_row_for_every_point() -> None:
    header, rows = csv_rows(result(*POINTS))
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    read = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert len(read) == len(POINTS)
    assert float(read[3]["flops_per_second"]) == pytest.approx(10e9)
    assert float(read[3]["share_of_roof"]) == pytest.approx(0.5)
    assert (read[0]["level"], read[0]["operation"], read[5]["group"]) == ("L1", "copy", "product")


def test_the_last_result_is_kept_for_each_device() -> None:
    assert last_result() is None
    older, newer = result(*POINTS), result(POINTS[0], device="cuda", started="2026-02-02T00:00:00")
    keep(older)
    keep(newer)
    assert last_result("cpu") == older
    assert last_result() == last_result("cuda") == newer
    assert last_result("mps") is None
    forget()
    assert last_result() is None


def test_a_file_that_is_no_result_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "roofline-cpu.json").write_text("{", encoding="utf-8")
    (folder / "roofline-cuda.json").write_bytes(b"\xff\xfe\x00")
    assert last_result() is None


@pytest.mark.parametrize("format", [1, FORMAT])
def test_a_result_of_an_older_layout_is_passed_over(tmp_path: Path, format: int) -> None:
    """Format 1 wrote the model's sizes as another record: a family in place of a kind, and nothing of ties."""
    told = json.loads(to_json(result(*POINTS)))
    shape = told["request"]["shape"]
    shape["family"] = shape.pop("kind")
    for name in ("segments", "buckets", "tied"):
        del shape[name]
    text = json.dumps({**told, "format": format})
    with pytest.raises(ValueError, match=r"no result|another version"):
        from_json(text)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "roofline-cpu.json").write_text(text, encoding="utf-8")
    assert last_result() is None
    keep(result(*POINTS))
    assert last_result() == result(*POINTS)


@pytest.mark.parametrize("spoilt", ["a file", "a folder that is not there"])
def test_where_nothing_can_be_written_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "x") if spoilt == "a file" else "/proc/nowhere")
    keep(result(*POINTS))
    assert last_result() is None
    with alone():
        pass  # in the folder for temporary files


def test_two_cannot_measure_at_a_time() -> None:
    with alone(), pytest.raises(BusyError, match="Another program"), alone():
        pass
    with alone():
        pass


def test_the_lock_of_a_killed_process_is_open() -> None:
    code = "import time; from explainers.alone import alone\nwith alone(): print('held', flush=True); time.sleep(600)\n"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="Another program"), alone():
            pass
        process.kill()
        process.wait()
    with alone():
        pass
