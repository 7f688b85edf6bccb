"""The rules between the rooms, read from the source: who imports whom, and what a first page must not wait for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "explainers").rglob("*.py")])
IDS = [str(path.relative_to(ROOT)) for path in SOURCES]

FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES}

# From the ground up. A room imports only from rooms before it, and from its own files.
ROOMS = ("ground", "checkpoints", "tokens", "trace", "topics", "training", "figures", "views", "pages", "entrance")

ROOM_OF = {
    "app": "entrance",
    "pages": "pages",
    "explainers.cli": "entrance",
    "explainers.ledger_command": "entrance",
    "explainers.models_command": "entrance",
    "explainers.roofline_command": "entrance",
    "explainers.alone": "ground",
    "explainers.intervals": "ground",
    "explainers.language": "ground",
    "explainers.pace": "ground",
    "explainers.sharing": "ground",
    "explainers.checkpoints": "checkpoints",
    "explainers.tokenization": "tokens",
    "explainers.trace": "trace",
    "explainers.training": "training",
    "explainers.figures": "figures",
    "explainers.views": "views",
}

# Libraries that only some rooms or modules may import at all, also inside a function.
ALLOWED = {
    "streamlit": ("app", "pages", "explainers.views"),
    "plotly": ("explainers.figures",),
    "bertviz": ("explainers.views.bertviz_page",),
}
FORBIDDEN_IN_PAGES = {"torch", "transformers", "numpy", "plotly", "bertviz", "tokenizers"}

# Seconds to import, so never before the first page is painted.
HEAVY = {
    "torch",
    "transformers",
    "plotly",
    "bertviz",
    "safetensors",
    "huggingface_hub",
}  # numpy comes with Streamlit's own tables

MOST_LINES = 300
MOST_PAGE_LINES = 80
MOST_FUNCTION_LINES = 60


class Import(NamedTuple):
    """One imported module: its full name, its line, and whether it loads with the file (not only when called)."""

    module: str
    line: int
    at_once: bool


def module_name(path: Path) -> str:
    return next(module for module, file in FILES.items() if file == path)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[Import]:
    """Every import of the file, except those for types alone."""
    yield from _imports(tree(path), at_once=True)


def _imports(node: ast.AST, *, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _imports(other, at_once=at_once)
        elif isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"a relative import in line {child.lineno}"
            module = child.module or ""
            for alias in child.names:
                inner = f"{module}.{alias.name}"
                yield Import(inner if inner in FILES else module, child.lineno, at_once)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, at_once=at_once and not is_function)


def inside(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def room(module: str) -> str:
    """The room of one of our modules; what has no room of its own is a topic."""
    for package, name in ROOM_OF.items():
        if inside(module, package):
            return name
    return "topics"


def own_files(module: str, other: str) -> bool:
    """Whether both belong to one folder of the package (or are the same topic)."""
    if room(module) == "topics":
        return module.split(".")[:2] == other.split(".")[:2]
    return room(module) == room(other)


def breaches(path: Path) -> Iterator[str]:
    module = module_name(path)
    for imported in imports(path):
        target = imported.module
        if inside(target, "explainers", "pages", "app") and target != "explainers":
            higher = ROOMS.index(room(target)) >= ROOMS.index(room(module))
            if higher and not own_files(module, target):
                yield f"line {imported.line}: {module} ({room(module)}) imports {target} ({room(target)})"
            if inside(target, "explainers.training") and not inside(module, "explainers.training", "explainers.cli"):
                yield f"line {imported.line}: only the command line imports the training"
        library = target.split(".")[0]
        if library in ALLOWED and not inside(module, *ALLOWED[library]):
            yield f"line {imported.line}: {module} must not import {library}"
        if inside(module, "pages") and library in FORBIDDEN_IN_PAGES:
            yield f"line {imported.line}: a page must not import {library}"


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_imports_go_down_only(path: Path) -> None:
    assert not list(breaches(path))


def test_the_package_itself_imports_nothing() -> None:
    assert not list(imports(ROOT / "explainers" / "__init__.py"))


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (MOST_PAGE_LINES if path.parent.name == "pages" else MOST_LINES)
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {
        f.name: f.end_lineno - f.lineno + 1
        for f in functions
        if f.end_lineno and f.end_lineno - f.lineno >= MOST_FUNCTION_LINES
    }
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_sentences_are_translated_before_they_are_filled_in(path: Path) -> None:
    """Babel reads the source: what is put together first never reaches a translator."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    composed = (ast.JoinedStr, ast.BinOp, ast.Call)
    assert not [
        f"line {call.lineno}: {ast.unparse(call)}"
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in {"_", "ngettext"} and isinstance(call.args[0], composed)
    ]


def test_weights_are_read_in_one_place_only() -> None:
    readers = {module_name(path) for path in SOURCES if ".from_pretrained(" in path.read_text(encoding="utf-8")}
    assert readers <= {"explainers.checkpoints.weights"}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; import json; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


def files_of_the_first_page() -> set[Path]:
    """Every file of ours that is loaded before any page draws: the router, the pages, and what they import at once."""
    found: set[Path] = set()
    waiting = [ROOT / "explainers" / "views" / "router.py", *(ROOT / "pages").glob("*.py")]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [
                FILES[imported.module] for imported in imports(path) if imported.at_once and imported.module in FILES
            ]
    return found


def test_nothing_on_the_first_page_s_way_imports_anything_heavy() -> None:
    assert not [
        f"{path.relative_to(ROOT)}, line {imported.line}: {imported.module}"
        for path in files_of_the_first_page()
        for imported in imports(path)
        if imported.at_once and imported.module.split(".")[0] in HEAVY | {"numpy"}
    ]


def test_the_first_page_loads_nothing_heavy() -> None:
    modules = sorted(module_name(path) for path in files_of_the_first_page() if path.parent.name != "pages")
    modules.remove("explainers.views.router")  # draws when it is loaded
    assert not (loaded_by("import " + ", ".join(modules)) - loaded_by("import streamlit")) & HEAVY


@pytest.mark.parametrize(
    "module",
    ["explainers.checkpoints", "explainers.tokenization", "explainers.trace", "explainers.attention", "explainers.cli"],
)
def test_the_ground_floor_is_light(module: str) -> None:
    assert not loaded_by(f"import {module}") & (HEAVY | {"numpy", "streamlit"})
