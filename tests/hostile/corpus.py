"""Every hostile and broken file there is, by name."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.archives import archives
from tests.hostile.case import Case
from tests.hostile.cells import cells
from tests.hostile.json_texts import json_texts
from tests.hostile.old_books import old_books
from tests.hostile.others import others
from tests.hostile.parquets import parquets
from tests.hostile.plain import texts
from tests.hostile.sheets import workbooks

GROUPS = (workbooks, archives, old_books, parquets, texts, json_texts, cells, others)


def corpus(*, whole: bool = True) -> Iterator[Case]:
    """The files, whose bytes are made when they are wanted.

    Parameters
    ----------
    whole : False leaves out what is large, or one of many alike.
    """
    for group in GROUPS:
        for case in group():
            if whole or not case.whole:
                yield case
