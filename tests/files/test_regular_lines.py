"""Regular lines are read at once as they are read with care, and only regular ones are."""

from __future__ import annotations

import csv
import io
from random import Random
from typing import Literal

import pandas as pd
import pytest

from afterword.errors import BatchError
from afterword.files import blocks, delimited
from afterword.files.blocks import Understood, read_block
from afterword.files.options import ReadOptions
from afterword.files.reading import read_content
from afterword.files.regular_lines import read_regular, with_names
from afterword.records import Batch
from afterword.settings import Settings

LIMITS = Settings()
NAMES = ("id", "text")

TEXTS = (
    "He stared at me, all the way home.", 'She said "stop" and ran.', "He left.\nI ran.", "n/a", "",
    "Un homme m'a suivie à la gare.", "A man\twhistled at me | twice.", "\U0001f621\U0001f621",
    "घूरना", "He waved. " * 8, 'He said, "come here", and left.', "Total", " He hid.", "description",
    'It was \\"odd\\".', "He came\r\n17,He left.,2024-05-06",
)  # fmt: skip
TIMES = ("2024-05-0{}T10:00:00Z", "2024-05-0{} 10:00:00", "0{}/05/2024", "2024-05-0{}", "soon", "")
PIECES = (
    '"', ",", "\n", "\r", "\r\n", "\n\n", "\0", " ", "\ufeff", '""', ', "', '\\"', ",,", ";", "\t",
    "id,description,time\n", "description\n", "Total,,\n", "Page 1 of 1,,\n", "   ,\t,\n", ",,\n",
    "\x1c", "\x85", "\u2028", "\ufffd", '"He hid"there', "\r\r\n", "\x1f", '\n"', '",', '"\n',
    '7,"He ran.\n8,He hid.",2024-05-06\n', "channel,count\nweb,1\n", "Exported by the portal\n",
)  # fmt: skip
"""What is put into a block to see that it is told."""
HEADERS = (
    ("id", "description", "time"), ("description",), ("description", "time"), ("id, no", "text"),
    ("time", "city", "description", "Commenting"), (" id", 'comment "own"'), ("", "text"),
)  # fmt: skip


def cell(name: str, number: int, chance: Random) -> str:
    """A cell of a column."""
    if name.strip() in ("id", "id, no", ""):
        return str(number)
    if name == "time":
        form = TIMES[0] if chance.random() < 0.9 else chance.choice(TIMES)
        return form.format(chance.randint(1, 9))
    if name in ("city", "Commenting"):
        return chance.choice("01")
    return f"He stared at me {number} times." if chance.random() < 0.7 else chance.choice(TEXTS)


def lines(names: tuple[str, ...], begin: int, end: int, separator: str, chance: Random) -> str:
    """Rows of a file, as programs write them."""
    out = io.StringIO(newline="")
    marks: Literal[0, 1] = csv.QUOTE_ALL if chance.random() < 0.3 else csv.QUOTE_MINIMAL
    ends = chance.choice(("\n", "\n", "\n", "\r\n", "\r"))
    writer = csv.writer(out, delimiter=separator, lineterminator=ends, quoting=marks)
    writer.writerows([cell(name, n, chance) for name in names] for n in range(begin, end))
    return out.getvalue()


def damaged(text: str, chance: Random) -> str:
    """The text with something put in, left out or written again."""
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        at = text.find("\n", chance.randrange(len(text) + 1)) + 1 + chance.choice((0, 0, 7))
        at = len(text) if chance.random() < 0.2 else at
        kind = chance.random()
        if kind < 0.7:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind < 0.8:
            text = text[:at] + text[at + chance.randint(1, 30) :]
        else:
            text = text[:at] + text[max(0, at - 50) : at] + text[at:] * (kind < 0.9)
    return text


def read(content: bytes, how: Understood, settings: Settings) -> Batch | str:
    """A block, or the sentence that says why it cannot be read."""
    try:
        return read_block(content, how, settings)
    except BatchError as error:
        return str(error)


def assert_same(one: Batch | str, other: Batch | str) -> None:
    """The same rows, reasons and times, of the same types."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.rejected, other.rejected)
    for name in ("times", "clock"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is None:
            assert theirs is None
        else:
            pd.testing.assert_series_equal(mine, theirs)


def test_damaged_and_whole_blocks_are_read_at_once_as_they_are_read_with_care(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = 0
    for seed in range(300):
        chance = Random(seed)
        names, separator = chance.choice(HEADERS), chance.choice(",,,;\t|")
        head = with_names("", names, separator)
        first = (head + lines(names, 0, 40, separator, chance)).encode()
        options = ReadOptions(header_row=1)
        how = Understood.by("lines", read_content(first, "csv", options, {}, LIMITS), options)
        text = damaged(lines(names, 40, 42 + chance.choice((0, 9, 40)), separator, chance), chance)
        content = text.encode(chance.choice(("utf-8", "utf-8", "cp1252")), "replace")
        settings = chance.choice((LIMITS, LIMITS, Settings(max_rows=30)))
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "read_regular", lambda *_: None)
            with_care = read(content, how, settings)
        assert_same(read(content, how, settings), with_care)
        text = delimited.decode(content)[0] if content.strip() else ""
        at_once += text != "" and read_regular(text, names, separator, settings) is not None
    assert 90 < at_once < 210


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("1,He left.\n2,She hid.\n", "She hid."),
        ("1,He left.\r\n2,She hid.", "She hid."),
        ('1,He left.\n2,"She hid, and ""ran""."\n', 'She hid, and "ran".'),
        ('1,"He left.\nI ran."\n2,"She\r\nhid."\n', "She\r\nhid."),
        ('1,""\n2,"""Stop"", she said."\n', '"Stop", she said.'),
        ('1,He said "stop".\n2,6" from me\n', '6" from me'),
        ("1,NA\n2,null\n", "null"),
        ("1,\n2,  \n", "  "),
    ],
)
def test_what_programs_write_is_read_at_once(text: str, second: str) -> None:
    found = read_regular(text, NAMES, ",", LIMITS)
    assert found is not None
    assert found["text"].tolist()[1] == second
    assert found.index.tolist() == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "1,He left.\n\n2,She hid.\n", "1,He left.\n,\n2,She hid.\n", "1,He left.\n , \n",
        "1,He left.\n2\n", "1,He left.,\n", '1,"He left." he said\n', '1,"He left.\n',
        '1,"He left.\n2,"She hid."\n', '1, "He left."\n2, "She hid, and ran."\n',
        '1,"He \\"left\\"."\n', "1,He left.\r2,She hid.\r", "\ufeff1,He left.\n",
        "id,text\n1,He left.\n", "1,He left.\nid,text\n2,She hid.\n", "1,He left.\nTotal,\n",
        "1,He left.\nPage 1 of 1,\n", '1,He said "stop"\n2,"She hid."\n',
        "ID,Text\n1,He left.\n2,She hid.\n", '{"ImportId":"a"},{"ImportId":"b"}\n1,He left.\n',
        "1,He left.\n2,She hid.\n3,I ran.\n4,\"He came.\n5,I hid.\"\n6,We left.\n",
    ],
)  # fmt: skip
def test_what_needs_care_is_left_to_it(text: str) -> None:
    assert read_regular(text, NAMES, ",", LIMITS) is None


def test_more_rows_than_allowed_are_left_to_the_way_that_says_so() -> None:
    text = "1,He left.\n" * 3
    assert read_regular(text, NAMES, ",", Settings(max_rows=3)) is not None
    assert read_regular(text, NAMES, ",", Settings(max_rows=2)) is None
