"""Where the sentences stand that people read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "afterword/ui/copy"
SHARED = "shared"
UPLOADS = "uploads"
"""What every page says of a file that comes in."""
TEXTS = sorted(path.stem for path in COPY.glob("*.py") if path.stem != "__init__")


def page_of(path: Path) -> str:
    """The page that a file belongs to: its own, one of its parts, or a module of its texts."""
    return (path.stem if path.parent.name in ("pages", "copy") else path.parent.name).split("_")[0]


def parts_of_pages() -> list[Path]:
    return [*(ROOT / "pages").glob("*.py"), *(ROOT / "afterword/ui").rglob("*.py")]


def texts_used(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of each text that a file uses."""
    tree = ast.parse(path.read_text())
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "afterword.ui.copy":
            names |= {one.asname or one.name: one.name for one in node.names}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "afterword.ui.copy."
        ):
            yield from ((node.module.rpartition(".")[2], one.name) for one in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            if module:
                yield module, node.attr


@pytest.fixture(scope="module")
def uses() -> dict[tuple[str, str], set[str]]:
    """The pages that use a text, by its module and name."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in parts_of_pages():
        for text in texts_used(path):
            found.setdefault(text, set()).add(page_of(path))
    return found


def defined(module: str) -> set[str]:
    """The names of a module's texts."""
    tree = ast.parse((COPY / f"{module}.py").read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            names |= {one.id for one in names_in(node) if isinstance(one.ctx, ast.Store)}
    return names


def used_inside(module: str) -> set[str]:
    """The names that the texts of a module are made of."""
    tree = ast.parse((COPY / f"{module}.py").read_text())
    return {one.id for one in names_in(tree) if not isinstance(one.ctx, ast.Store)}


def names_in(node: ast.AST) -> list[ast.Name]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Name)]


def test_a_page_shows_its_own_texts_and_shared_ones(uses):
    strangers = {
        text: pages
        for text, pages in uses.items()
        if text[0] not in (SHARED, UPLOADS) and pages != {page_of(COPY / text[0])}
    }
    assert not strangers


def test_a_shared_text_is_no_single_pages(uses):
    inside = used_inside(SHARED)
    single = {
        name: pages
        for (module, name), pages in uses.items()
        if module == SHARED and name not in inside and len(pages) == 1 and pages != {SHARED}
    }
    assert not single


@pytest.mark.parametrize("module", TEXTS)
def test_every_text_is_shown(module, uses):
    shown = {name for text, name in uses if text == module}
    assert not defined(module) - used_inside(module) - shown


ELSEWHERE = {
    "pages": 0,
    "afterword/ui": 0,
    "afterword/alerts": 14,
    "afterword/monitoring": 0,
    "afterword/streams": 0,
    "afterword/reports": 0,
    "afterword/store": 0,
    "afterword/drift": 0,
    "afterword/quality": 14,
    "afterword/training": 0,
    "afterword/measures": 0,
    "afterword/model": 3,
    "afterword/files": 0,
    "afterword/text": 14,
    "afterword/api": 62,
    "afterword/cli": 25,
}
"""Most sentences of a room that stand outside of its wording. What a number, a field of an answer
or an option of a command means stands with it. The figures may only shrink."""


def sentences(path: Path) -> list[str]:
    """The texts of a module that are whole sentences of four words or more; no docstrings."""
    tree = ast.parse(path.read_text())
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(one) for one in node.values}
        if isinstance(node, ast.Expr):
            parts.add(id(node.value))
    found = []
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        ends = text.rstrip().endswith((".", "?")) or "**" in text
        if len(text.split()) >= 4 and ends and "\n" not in text:
            found.append(text)
    return found


@pytest.mark.parametrize("room", ELSEWHERE)
def test_a_room_keeps_its_sentences_in_its_module_of_words(room: str) -> None:
    modules = [
        path
        for path in (ROOT / room).rglob("*.py")
        if not path.name.endswith("wording.py") and path.parent != COPY
    ]
    outside = {path.name: found for path in modules if (found := sentences(path))}
    assert sum(map(len, outside.values())) <= ELSEWHERE[room], outside
