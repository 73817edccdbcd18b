"""What people, files and models name is shown as text."""

from __future__ import annotations

import re

import pytest

from afterword.drift.figures import plain
from afterword.ui.copy import uploads as uploads_copy
from afterword.ui.shared.parts import escape

NAMES = (
    "![a](http://127.0.0.1/x)",
    "a@b.c",
    "www.example.com",
    "see https://example.com",
    ":material/home:",
    ":smile:",
    "$x$",
    ":red[x]",
    "~~x~~",
    "<b>x</b>",
    "a | b",
    "`x`",
    "# x",
    "- x",
    "1. x",
    "123456789. x",
    "> x",
    "    x",
    "&amp;",
    "a -> b",
    "_x_",
    "snake_case",
    "x\\",
)


def shown(text: str) -> str:
    """What a browser shows of an escaped text."""
    return re.sub(r"\\([^\w\s]|_)", r"\1", text.replace(":color[]", "").replace("&#32;", ""))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_loses_and_gains_nothing(name: str) -> None:
    assert shown(escape(name)) == name


@pytest.mark.parametrize("name", NAMES)
def test_no_piece_of_a_name_is_a_link_an_icon_or_an_arrow(name: str) -> None:
    # In the browser these are looked for in each piece of text once its backslashes are gone.
    finds = r"\w@\w|www\.|https?://|:[\w+/-]+:|[-<>=~]{2}"
    assert not [piece for piece in escape(name).split(":color[]") if re.search(finds, shown(piece))]


@pytest.mark.parametrize("name", NAMES)
def test_every_sign_of_markdown_and_html_is_escaped(name: str) -> None:
    bare = escape(name).replace(":color[]", "").removeprefix("&#32;")
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*{}\[\]()<>#!|~$&]", bare)
    assert not re.match(r"[-+>]|\d+[.)]| {4}", escape(name))


def test_a_name_of_several_lines_is_one_line() -> None:
    assert escape("a\n\n    b") == "a      b"


def test_a_sentence_stays_as_it_reads() -> None:
    assert escape("Rejected: 3 of 40, at 12:05.") == r"Rejected: 3 of 40, at 12\:05."


def test_a_chart_shows_tags_and_placeholders_as_text() -> None:
    assert plain("<b>%{x}</b> &lt;") == "&lt;b&gt;%&#123;x}&lt;/b&gt; &amp;lt;"


def test_a_column_is_named_as_it_came() -> None:
    assert uploads_copy._plain("what happened? (in your words)") == "what happened? (in your words)"
    assert uploads_copy._plain("x" * 200) == "x" * 60 + "…"
