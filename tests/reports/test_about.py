"""A file says whose check it is, and is called so that every disk takes its name."""

from __future__ import annotations

import re

import pytest

from afterword.reports.about import About


@pytest.mark.parametrize(
    ("about", "name"),
    [
        (About(), "afterword-check.html"),
        (About(number=12), "afterword-check-12.html"),
        (About("Web form", "2026-W47", number=12), "afterword-web-form-2026-w47-check-12.html"),
        (About("热线", number=3), "afterword-check-3.html"),
        (About("../../etc/passwd"), "afterword-etc-passwd.html"),
        (About('a"b\r\nc: <d>|e?'), "afterword-a-b-c-d-e.html"),
    ],
)
def test_the_name_of_a_file_is_made_of_stream_period_and_number(about: About, name: str) -> None:
    assert about.file_name("html") == name


def test_a_long_name_is_cut_and_the_kind_stands_last() -> None:
    name = About("x" * 500, "y" * 500).file_name("json", "data-drift")
    assert len(name) < 200
    assert name.endswith("-data-drift.json")
    assert re.fullmatch(r"[a-z0-9-]+\.json", name)
