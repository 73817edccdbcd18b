"""The layout of the code keeps the limits of docs/architecture.md, so that it stays readable."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "afterword"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
MODULES = [
    ROOT / "app.py",
    *sorted(path for folder in ("afterword", "pages") for path in (ROOT / folder).rglob("*.py")),
]

LAYERS = 12
MODULE_LINES = 450
FUNCTION_LINES = 60
APP_LINES = 60
PAGE_LINES = 120

EXCEPTIONS: dict[str, str] = {
    "afterword/store/migrations/versions/0001_first.py": "a migration lists every table once",
}
"""Files that may be longer, or have longer functions, each with its reason."""

TESTS = {
    "tests/api/test_openapi.py": "the description that all of the room's modules make together",
    "tests/files/test_cases.py": "whole files, as people send them, through every door",
}
"""Tests of a room that test no single module of it, each with its reason."""

FUNCTIONS = {"check", "evaluate", "profile", "report", "train"}
"""Public functions: a module of the same name would take their place on the package."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _limit(path: Path) -> int:
    if path.name == "app.py" and path.parent == ROOT:
        return APP_LINES
    return PAGE_LINES if path.parent == ROOT / "pages" else MODULE_LINES


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_module_is_too_long_to_read_at_one_sitting() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {
        _name(path): count
        for path, count in lines.items()
        if count > _limit(path) and _name(path) not in EXCEPTIONS
    } == {}


def test_no_function_is_too_long_for_a_screen() -> None:
    assert {
        f"{_name(path)}:{name}": count
        for path in MODULES
        if _name(path) not in EXCEPTIONS
        for name, count in _functions(path)
        if count > FUNCTION_LINES
    } == {}


def test_every_exception_is_still_needed() -> None:
    for name in EXCEPTIONS:
        path = ROOT / name
        lines = len(path.read_text(encoding="utf-8").splitlines())
        longest = max(count for _, count in _functions(path))
        assert lines > _limit(path) or longest > FUNCTION_LINES, name


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_says_in_one_sentence_what_it_holds(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    assert said, f"{room.name} does not say what it holds"
    summary, _, _ = said.partition("\n\n")
    assert summary.endswith(".")
    assert ". " not in summary.replace("\n", " "), "more than one sentence"


def test_the_contract_has_few_layers() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in told["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    assert len(layers) <= LAYERS
    named = {name for layer in layers for name in layer.replace(":", "|").split("|")}
    assert {room.name for room in ROOMS} <= {name.strip() for name in named}


def test_no_modules_import_each_other_in_a_circle_not_even_for_their_types() -> None:
    graph = grimp.build_graph("afterword", cache_dir=None)
    TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    ).prepare()


def test_no_module_takes_the_place_of_a_public_function() -> None:
    assert {path.stem for path in PACKAGE.iterdir()} & FUNCTIONS == set()


def test_every_test_in_a_room_is_named_like_what_it_tests() -> None:
    rooms = {room.name: room for room in ROOMS}
    astray = [
        _name(test)
        for test in sorted((ROOT / "tests").glob("*/test_*.py"))
        if (room := rooms.get(test.parent.name))
        and _name(test) not in TESTS
        and not list(room.rglob(test.stem.removeprefix("test_") + ".py"))
        and not (room / test.stem.removeprefix("test_")).is_dir()
    ]
    assert astray == []
