"""What the numbers belong to: the processor, its caches, its memory, and the versions of the libraries."""

from __future__ import annotations

import math
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from explainers.language import _, ngettext
from explainers.roofline.requests import RooflineError

MEMORY = "memory"  # the level behind the last cache

# Arrays of four times the last cache are read from memory alone: the rule of the STREAM benchmark (McCalpin 1995).
TIMES_LAST_CACHE = 4

_ASSUMED_CACHE = 32 * 2**20  # of a machine that does not tell
_CPUS = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Cache:
    """One level of cache; size_bytes is what all threads that were asked for have of it together."""

    name: str
    size_bytes: int


@dataclass(frozen=True)
class Machine:
    """Where a sweep ran. device: cpu, cuda or mps; processor: the name that it gives itself.

    threads: that computed. cores: that this process may use. caches: from the nearest on; empty where the system does
    not tell. versions: of Python and the libraries that computed, by name.
    """

    name: str
    device: str
    processor: str
    cores: int
    threads: int
    memory_bytes: int
    caches: tuple[Cache, ...]
    system: str
    versions: dict[str, str]

    @property
    def last_cache_bytes(self) -> int:
        """What the last cache holds; 32 MiB where the system does not tell."""
        return self.caches[-1].size_bytes if self.caches else _ASSUMED_CACHE

    @property
    def cold_bytes(self) -> int:
        """So many other bytes must pass before a number is in no cache any more."""
        return TIMES_LAST_CACHE * self.last_cache_bytes

    def level(self, working_set_bytes: int) -> str:
        """The name of the nearest memory that holds so many bytes: "L1", "L2", "L3" or "memory".

        The last cache is taken to hold a part of everything up to four times its size: STREAM's rule for its arrays.
        """
        fitting = (cache.name for cache in self.caches if working_set_bytes <= cache.size_bytes)
        last = self.caches[-1].name if self.caches and working_set_bytes <= self.cold_bytes else MEMORY
        return next(fitting, last)


def this_machine(device: str = "cpu", threads: int = 0) -> Machine:
    """The machine that serves the page; raises RooflineError where it has no such device. Imports torch for a GPU."""
    import psutil

    cores = usable_cores()
    if not 0 <= threads <= cores:
        said = ngettext(
            "This machine has {n} core: choose one thread.",
            "This machine has {n} cores: choose so many threads or fewer.",
            cores,
        )
        raise RooflineError(said.format(n=cores))
    computing = threads or min(cores, psutil.cpu_count(logical=False) or cores)
    processor, caches, memory = _processor(), _cpu_caches(computing), int(psutil.virtual_memory().total)
    if device != "cpu":
        if device not in devices():
            raise RooflineError(
                _("There is no device named {device} here: choose one of {names}.").format(
                    device=device[:40], names=", ".join(devices())
                )
            )
        processor, caches, memory = _gpu(device, processor, memory)
    return Machine(
        *(platform.node(), device, processor, cores, computing, memory, caches),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        versions=_versions(),
    )


def devices() -> tuple[str, ...]:
    """What can be measured here: "cpu", and "cuda" or "mps" where torch finds one. Imports torch."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ("cpu", *(name for name, found in there.items() if found))


def usable_cores() -> int:
    """The cores that this process may use: those it is bound to, or fewer where its container is limited."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = (_CGROUP / "cpu.max").read_text().split()  # "max" where there is no limit
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(1, cores)


def _gpu(device: str, processor: str, memory: int) -> tuple[str, tuple[Cache, ...], int]:
    import torch

    if device == "mps":
        return processor, (), memory  # one memory for all; the system does not tell what the GPU's caches hold
    properties: Any = torch.cuda.get_device_properties(0)
    l2 = int(getattr(properties, "L2_cache_size", 0))
    return str(properties.name), (Cache("L2", l2),) if l2 else (), int(properties.total_memory)


def _cpu_caches(threads: int) -> tuple[Cache, ...]:
    """The caches of the first cores of this process, each counted once: two cores may share one."""
    cpus = sorted(os.sched_getaffinity(0))[:threads] if hasattr(os, "sched_getaffinity") else []
    found: dict[tuple[int, str], int] = {}
    for cpu in cpus:
        for index in sorted((_CPUS / f"cpu{cpu}" / "cache").glob("index*")):
            with suppress(OSError, ValueError):
                kind, level, size, shared = (
                    (index / name).read_text().strip() for name in ("type", "level", "size", "shared_cpu_list")
                )
                if kind != "Instruction":
                    found[int(level), shared] = _size(size)
    levels = sorted({level for level, _shared in found})
    sizes = {level: sum(size for (other, _shared), size in found.items() if other == level) for level in levels}
    if not sizes:
        sizes = _told_caches()
    return tuple(Cache(f"L{level}", size) for level, size in sorted(sizes.items()) if size > 0)


def _size(text: str) -> int:
    """32K, 1M or a plain number, in bytes."""
    factor = {"K": 2**10, "M": 2**20, "G": 2**30}.get(text[-1:], 1)
    return int(text.rstrip("KMG")) * factor


def _told_caches() -> dict[int, int]:
    """The caches where the system keeps no list of them, as py-cpuinfo finds them; nothing without it."""
    keys = {1: "l1_data_cache_size", 2: "l2_cache_size", 3: "l3_cache_size"}
    told = _told()
    return {level: size for level, key in keys.items() if isinstance(size := told.get(key), int)}


def _processor() -> str:
    """The name that the processor gives itself."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Hardware")))
    return str(_told().get("brand_raw") or platform.processor() or platform.machine())


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    """What py-cpuinfo finds out, which takes it a second or two: only where nothing quicker tells."""
    try:
        import cpuinfo
    except ImportError:
        return {}
    return dict(cpuinfo.get_cpu_info())


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in ("torch", "numpy", "explainers"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
