"""Lines that stray quotation marks join are rows again, and texts of several lines stay whole."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

import pytest

from afterword.files.delimited import split
from afterword.files.reading import read_batch

SAID = ["He stared at me", "She was followed home", "A man whistled", "They came too close"]
PLACES = ["on the bus", "by the river", "near the market", "in the queue", "at the stairs"]
LAYOUTS = [
    ["id", "text"], ["text", "id"], ["id", "text", "channel"], ["time", "text"],
    ["id", "time", "text"], ["code", "text"], ["text", "label", "other label"],
]  # fmt: skip


def cells(layout: list[str], number: int, draw: random.Random) -> list[str]:
    made = {
        "id": str(7 + number),
        "time": f"2024-05-{1 + number // 20:02} {3 + number % 20:02}:15",
        "code": f"R_{draw.randrange(10_000, 99_999)}x",
        "channel": draw.choice(["web", "app"]),
        "label": draw.choice("01"),
        "other label": draw.choice("01"),
        "text": f"{draw.choice(SAID)} {draw.choice(PLACES)}",
    }
    return [made[name] for name in layout]


def honest(separator: str, draw: random.Random) -> str:
    """A text of several lines, as people write and copy them."""
    lines = [f"{draw.choice(SAID)} {draw.choice(PLACES)}" for _ in range(draw.randint(2, 6))]
    return draw.choice(
        [
            "\n".join(lines),
            "\n".join(f"{line}{separator}{line}" for line in lines),
            "\n".join(f"{line}, and so on" for line in lines),
            "It went so:\n" + "\n".join(f"{n}, {line}" for n, line in enumerate(lines, start=1)),
            "So:\n" + "\n".join(f"{n}{separator}{line}" for n, line in enumerate(lines, start=1)),
            "\n".join(f"2023-1{n}-01 1{n}:15{separator}{line}" for n, line in enumerate(lines[:3])),
            f"Dear all,\n{lines[0]}, and then\n{lines[1]}.\n\nKind regards,\nA person",
        ]
    )


def records(text: str) -> list[list[str]]:
    return [row for row in split(text).cells if row]


@pytest.mark.parametrize("layout", LAYOUTS, ids=",".join)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_text_of_several_lines_stays_whole(layout: list[str], separator: str) -> None:
    draw = random.Random(1)
    for _ in range(30):
        rows = [cells(layout, n, draw) for n in range(40)]
        for n in draw.sample(range(40), 6):
            rows[n][layout.index("text")] = honest(separator, draw)
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator).writerows([layout, *rows])
        assert records(out.getvalue()) == [layout, *rows]
        assert split(out.getvalue()).joined == 0


@pytest.mark.parametrize("layout", LAYOUTS, ids=",".join)
@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r")])
def test_lines_that_two_stray_quotation_marks_join_are_rows_again(
    layout: list[str], separator: str, end: str
) -> None:
    draw, place = random.Random(2), layout.index("text")
    for _ in range(20):
        rows = [cells(layout, n, draw) for n in range(60)]
        first = draw.randrange(55)
        last = first + draw.randint(1, 4)
        rows[first][place] = '"' + rows[first][place]
        rows[last][place] += '"'
        found = split(end.join(map(separator.join, [layout, *rows])))
        assert [row for row in found.cells if row] == [layout, *rows]
        assert found.joined == last - first + 1


def test_lines_that_are_rows_again_are_told_once_beside_those_that_never_close() -> None:
    rows = [f"{n},{SAID[n % 4]} {PLACES[n % 5]}" for n in range(20)]
    rows[3] = rows[3].replace(",", ',"')
    rows[6] += '"'
    rows[15] = rows[15].replace(",", ',"')
    batch = read_batch("\n".join(["id,text", *rows]).encode(), categories=())
    assert (len(batch.table), len(batch.rejected)) == (20, 0)
    (choice,) = [one for one in batch.reading.choices if one.of == "quotation marks"]
    assert (choice.value, choice.doubtful) == (5, True)
    assert "1 line has quotation marks" in choice.sentence
    assert "4 lines that stray quotation marks had joined" in choice.sentence


@pytest.mark.parametrize(
    ("first", "line"),
    [
        (lambda n: str(10_000 + n * 7_919 % 80_000), "{n}"),
        (lambda n: f"2024-05-{1 + n * 7 % 28:02} 08:15", "2024-05-0{n} 10:15"),
    ],
    ids=["ids in no order, and a list", "times in no order, and messages"],
)
def test_lines_that_begin_as_rows_do_stay_in_their_text(
    first: Callable[[int], str], line: str
) -> None:
    rows = [f"{first(n)},{SAID[n % 4]} {PLACES[n % 5]}" for n in range(30)]
    lines = [f"{line.format(n=n)},{SAID[n]}" for n in range(1, 4)]
    rows[12] = f'{first(12)},"{SAID[0]}\n' + "\n".join(lines) + '"'
    found = split("\n".join(["first,text", *rows]))
    assert (len(found.cells), found.joined) == (31, 0)


def test_of_a_table_whose_columns_say_nothing_no_text_is_parted() -> None:
    rows = [f"{n % 2},{said}" for n, said in enumerate(SAID * 5)]
    text = "\n".join(["label,text", *rows, '1,"What he did:\n1,he stared\n0,he left"'])
    assert len(records(text)) == 22
