"""What the system tells of the processor: caches counted once, cores that a container may use, and what stands in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from explainers.roofline import Cache, RooflineError, devices, machine, this_machine
from tests.roofline.machines import KB, MB


def tell(folder: Path, cpu: int, index: int, level: int, kind: str, size: str, shared: str) -> None:
    place = folder / f"cpu{cpu}" / "cache" / f"index{index}"
    place.mkdir(parents=True)
    for name, text in (("level", level), ("type", kind), ("size", size), ("shared_cpu_list", shared)):
        (place / name).write_text(f"{text}\n", encoding="utf-8")


@pytest.fixture
def four_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cores; the first two and the last two share their second cache, all of them the third."""
    monkeypatch.setattr(machine, "_CPUS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3}, raising=False)
    for cpu in range(4):
        tell(tmp_path, cpu, 0, 1, "Data", "48K", str(cpu))
        tell(tmp_path, cpu, 1, 1, "Instruction", "32K", str(cpu))
        tell(tmp_path, cpu, 2, 2, "Unified", "2M", "0-1" if cpu < 2 else "2-3")
        tell(tmp_path, cpu, 3, 3, "Unified", "16384K", "0-3")


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize(
    ("threads", "sizes"),
    [(1, (48 * KB, 2 * MB, 16 * MB)), (2, (96 * KB, 2 * MB, 16 * MB)), (4, (192 * KB, 4 * MB, 16 * MB))],
)
def test_threads_have_the_caches_of_their_cores_together(threads: int, sizes: tuple[int, ...]) -> None:
    expected = tuple(Cache(name, size) for name, size in zip(("L1", "L2", "L3"), sizes, strict=True))
    assert machine._cpu_caches(threads) == expected


@pytest.mark.usefixtures("four_cores")
def test_a_cache_that_is_told_badly_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "cpu0" / "cache" / "index3" / "size").write_text("many", encoding="utf-8")
    assert [cache.name for cache in machine._cpu_caches(1)] == ["L1", "L2"]


def test_where_the_system_keeps_no_list_a_library_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"l1_data_cache_size": 65_536, "l2_cache_size": 4 * MB, "l3_cache_size": "8 MB", "brand_raw": "Chip"}
    monkeypatch.setattr(machine, "_CPUS", tmp_path)
    monkeypatch.setitem(sys.modules, "cpuinfo", SimpleNamespace(get_cpu_info=lambda: told))
    machine._told.cache_clear()
    assert machine._cpu_caches(1) == (Cache("L1", 65_536), Cache("L2", 4 * MB))
    monkeypatch.setitem(sys.modules, "cpuinfo", None)  # it is not installed
    machine._told.cache_clear()
    assert machine._cpu_caches(1) == ()
    machine._told.cache_clear()


@pytest.mark.parametrize(
    ("limit", "cores"), [("max 100000", 4), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("", 4)]
)
def test_a_container_may_use_fewer_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, cores: int
) -> None:
    (tmp_path / "cpu.max").write_text(limit, encoding="utf-8")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3}, raising=False)
    assert machine.usable_cores() == cores


def test_a_machine_with_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: 1)
    box = this_machine()
    assert (box.cores, box.threads) == (1, 1)
    with pytest.raises(RooflineError, match="1 core"):
        this_machine(threads=2)


def test_only_devices_that_are_here_can_be_asked_for() -> None:
    here = devices()
    assert here[0] == "cpu"
    for name in {"cuda", "mps", "abacus"} - set(here):
        with pytest.raises(RooflineError, match=f"no device named {name}"):
            this_machine(name)
