"""The house as it is drawn: no cycle among files, no arrow upward, and only the core at the root of sync/."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from grimp import ImportGraph, build_graph

ROOT = Path(__file__).parent.parent
PACKAGES = ("sync", "adapters", "config")
PURE = ("model", "errors.py", "identity.py", "plan.py", "marks.py", "postmortem", "formats", "policies")


@cache
def graph() -> ImportGraph:
    return build_graph(*PACKAGES, cache_dir=None)


@cache
def contracts() -> list[dict[str, Any]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return found


def layers(container: str) -> list[list[str]]:
    """The rooms of each layer, from the top down, as `make lint` holds them."""
    (one,) = [contract for contract in contracts() if contract.get("containers") == [container]]
    return [[room.strip(" ()") for room in re.split(r"[|:]", layer)] for layer in one["layers"]]


def rooms(container: str) -> set[str]:
    """What lies directly below a package."""
    return {name.rpartition(".")[2] for name in graph().find_children(container)}


def imports() -> Iterator[tuple[str, str]]:
    for importer in sorted(graph().modules):
        for imported in sorted(graph().find_modules_directly_imported_by(importer)):
            yield importer, imported


def cycles(edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Groups of files that import each other, by whatever way round (Tarjan's algorithm)."""
    following: dict[str, list[str]] = {}
    for importer, imported in edges:
        following.setdefault(importer, []).append(imported)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in following.get(name, []):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            group = [stack.pop()]
            while group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for importer in following:
        if importer not in number:
            visit(importer)
    return found


def test_a_cycle_is_found_whatever_leads_into_it() -> None:
    assert cycles([("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "e")]) == [["b", "c", "d"]]
    assert cycles([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) == []


def test_no_files_import_each_other() -> None:
    assert cycles(list(imports())) == []


def test_every_room_stands_on_a_layer_and_no_arrow_points_upward() -> None:
    depth = {room: number for number, layer in enumerate(layers("sync")) for room in layer}
    assert rooms("sync") - depth.keys() == set()
    for importer, imported in imports():
        if importer.startswith("sync.") and imported.startswith("sync."):
            above, below = importer.split(".")[1], imported.split(".")[1]
            assert above == below or depth[above] < depth[below], f"{importer} imports {imported}"


def test_no_system_knows_another_one_and_only_the_registry_knows_them() -> None:
    systems = {path.parent.name for path in (ROOT / "adapters").glob("*/system.py")}
    assert len(systems) > 3
    for importer, imported in imports():
        if importer.startswith("adapters.") and imported.startswith("adapters.") and imported.split(".")[1] in systems:
            same = importer.split(".")[:2] == imported.split(".")[:2]
            assert same or importer == "adapters.registry", f"{importer} imports {imported}"


def test_nothing_is_excused_from_the_layers() -> None:
    excused = [line for one in contracts() if one["type"] == "layers" for line in one.get("ignore_imports", [])]
    assert excused == []


def test_at_the_root_of_the_service_lie_only_the_core_and_the_way_in() -> None:
    files = {path.name for path in (ROOT / "sync").iterdir() if path.is_file()}
    core = {"ports.py", "errors.py", "identity.py", "plan.py", "marks.py"}
    assert files == {"__init__.py", "py.typed", "cli.py"} | core
    assert (ROOT / "sync" / "model").is_dir()


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("name", PURE)
def test_the_pure_core_asks_neither_the_clock_nor_the_disk(name: str) -> None:
    place = ROOT / "sync" / name
    files = [place] if place.suffix else sorted(place.rglob("*.py"))
    for file in files:
        for call in calls(ast.parse(file.read_text("utf-8"))):
            ending = call.rpartition(".")[2]
            assert ending not in {"now", "utcnow", "today", "open", "input", "print"} or call.startswith("form."), (
                f"{file.relative_to(ROOT)} calls {call}"
            )


def test_files_are_short_enough_to_be_read_in_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (count := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert long == {}
