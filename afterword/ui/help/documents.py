"""A Markdown document of ``docs/`` → pieces that a page can show.

A link in a document would open a second tab in the browser, which the quick exit does not close,
or load the page anew, which ends the session with its file. So links to other documents become
their names, and what they lead to is listed for links that Streamlit follows by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from afterword.settings import ROOT

FOLDER: Final = ROOT / "docs"
INDEX: Final = "README"
"""The document that lists the others."""

_LINK: Final = re.compile(r"(?<!!)\[([^\[\]]+)\]\(([^()\s]+)\)")
_PICTURE: Final = re.compile(r"!\[([^\[\]]+)\]\((pictures/[\w-]+)\.png\)")
_ENTRY: Final = re.compile(r"\| \[([^\[\]]+)\]\(([\w-]+)\.md\) \| ([^|\n]+) \|")


@dataclass(frozen=True)
class Text:
    """Some Markdown without links to other documents."""

    markdown: str


@dataclass(frozen=True)
class Picture:
    """A picture, of which there may be one for a dark page.

    Attributes
    ----------
    path, dark : of the files; the same where there is no other.
    alt : what it shows, in words.
    """

    path: Path
    dark: Path
    alt: str


@dataclass(frozen=True)
class Entry:
    """Another document: its name, its title, and what it is for ("" where nothing says)."""

    name: str
    title: str
    about: str = ""


Piece = Text | Picture | Entry


@dataclass(frozen=True)
class Document:
    """A document as a page shows it.

    Attributes
    ----------
    title : its first heading.
    pieces : what stands below, in order.
    see_also : the documents that its text leads to, each once.
    """

    title: str
    pieces: tuple[Piece, ...]
    see_also: tuple[Entry, ...]


def names() -> tuple[str, ...]:
    """The names of all documents."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def read(name: str) -> Document:
    """Read a document, one of :func:`names`."""
    first, *lines = (FOLDER / f"{name}.md").read_text(encoding="utf-8").splitlines()
    pieces, linked = _pieces(lines)
    known = set(names()) - {name, INDEX}
    see_also = tuple(Entry(each, _title(each)) for each in dict.fromkeys(linked) if each in known)
    return Document(first.removeprefix("# "), pieces, see_also)


def _pieces(lines: list[str]) -> tuple[tuple[Piece, ...], list[str]]:
    """The pieces of a document's lines, and the names of the documents that they lead to."""
    pieces: list[Piece] = []
    linked: list[str] = []
    passage: list[str] = []
    about = ""

    def end_passage() -> None:
        text = "\n".join(passage).strip()
        if text:
            pieces.append(Text(_without_links(text, linked)))
        passage.clear()

    for line in lines:
        if picture := _PICTURE.fullmatch(line):
            end_passage()
            pieces.append(_picture(*picture.groups()))
        elif entry := _ENTRY.fullmatch(line):
            if passage and passage[-1].startswith("|--"):
                about = passage[-2].split("|")[2].strip()
                del passage[-2:]
            end_passage()
            title, name, what = entry.groups()
            pieces.append(Entry(name, title, f"{about[:1].upper()}{about[1:]} {what}"))
        else:
            passage.append(line)
    end_passage()
    return tuple(pieces), linked


def _picture(alt: str, place: str) -> Picture:
    path, dark = FOLDER / f"{place}.png", FOLDER / f"{place}-dark.png"
    return Picture(path, dark if dark.is_file() else path, alt)


def _without_links(text: str, linked: list[str]) -> str:
    """A text whose links lead only within it or to the web; others become names."""

    def name_of(link: re.Match[str]) -> str:
        label, target = link.groups()
        if target.startswith(("#", "https://", "http://")):
            return link[0]
        path, _, _ = target.partition("#")
        if "/" in path:
            return label
        linked.append(path.removesuffix(".md"))
        return f"*{label}*"

    # Blocks of code stay as they are.
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else _LINK.sub(name_of, part) for part in parts)


def _title(name: str) -> str:
    with (FOLDER / f"{name}.md").open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").strip()
