"""The rows of names, among titles, remarks, groups and what survey tools write below them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from afterword.errors import BatchError
from afterword.files.header_rows import find_header
from afterword.files.reading import read_batch
from afterword.records import Batch

SAID = [
    "He stared at me, all the way home.", "She was followed to the bus.",
    "They shouted at us from a car.", "A man stood too close in the queue.",
    "Somebody whistled when I went by.",
]  # fmt: skip
DAYS = [f"2024-05-0{n} 08:15:00" for n in range(1, 6)]
TABLE = [[str(n), DAYS[n], said] for n, said in enumerate(SAID)]
NAMES = ["id", "received_at", "description"]


def written(rows: Sequence[Sequence[Any]], separator: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def read(rows: Sequence[Sequence[Any]] | bytes, **options: Any) -> Batch:
    data = rows if isinstance(rows, bytes) else written(rows)
    return read_batch(data, **{"categories": (), **options})


ABOVE: dict[str, tuple[list[list[str]], int]] = {
    "a remark": ([["# exported by tool", " version 3"]], 2),
    "two remarks": ([["# exported by tool"], ["# source, web, 2024"]], 3),
    "a title": ([["Weekly report"]], 2),
    "a title and an empty line": ([["Weekly report"], []], 3),
    "sentences": ([["This file was exported on 6 May."], ["Do not pass it on."], []], 4),
    "lines of what and which": ([["Source: web"], ["From: 2024-05-01"], [], []], 5),
    "what and which in two cells": ([["Source", "web"], ["From", "2024-05-01"], []], 4),
    "padded lines": ([["Weekly report", "", ""], ["", "", ""]], 3),
    "groups": ([["Report", "", ""]], 2),
    "empty lines": ([[], []], 3),
}  # fmt: skip


@pytest.mark.parametrize("case", ABOVE)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_stands_above_the_names_is_left_out_and_told(case: str, separator: str) -> None:
    above, number = ABOVE[case]
    batch = read(written([*above, NAMES, *TABLE], separator))
    assert batch.texts.tolist() == SAID
    assert (batch.columns.description, batch.columns.time) == ("description", "received_at")
    assert batch.table.index.tolist() == [1, 2, 3, 4, 5]
    assert batch.reading["header"].value == number
    filled = sum(any(row) for row in above)
    assert (f"{filled} row" in batch.reading["header"].sentence) == (filled > 0)


def test_a_file_of_one_column_is_read_below_remarks_and_titles() -> None:
    for above in (["# exported by tool"], ["Weekly report", ""], ["A title of some words", ""]):
        batch = read("\n".join([*above, "description", *SAID]).encode())
        assert batch.texts.tolist() == SAID
    assert batch.reading["header"].doubtful
    assert "1 row above" in batch.reading["header"].sentence


def test_a_description_above_a_word_that_could_be_a_name_is_kept() -> None:
    rows = ["#metoo he stared at me", "Followed home", "comment", "Whistled at"]
    batch = read("\n".join(rows).encode())
    assert batch.texts.tolist() == rows
    assert batch.reading["header"].doubtful
    many = [["web", said] for said in SAID * 2]
    assert len(read([*many, ["", ""], ["message", "text"], ["app", "She ran."]]).table) == 13
    two = [["web", "He stared at me, twice."], ["bus", "message"], ["app", "She ran off then."]]
    assert len(read(two).table) == 3


GROUPED = [[*row, "0", "1"] for row in TABLE]


@pytest.mark.parametrize(
    ("upper", "lower", "names", "left_out"),
    [
        (["Report", "", "", "Labels", ""], [*NAMES, "Ogling", "Groping"],
         [*NAMES, "Ogling", "Groping"], True),
        (["Report", "", "", "Labels", "Labels"], [*NAMES, "Ogling", "Groping"],
         [*NAMES, "Ogling", "Groping"], True),
        ([*NAMES, "Labels", ""], ["", "", "", "Ogling", "Groping"],
         [*NAMES, "Labels Ogling", "Labels Groping"], False),
        (["Report", "", "", "First", "Second"], [*NAMES, "Ogling", "Ogling"],
         ["Report id", "Report received_at", "Report description", "First Ogling",
          "Second Ogling"], False),
    ],
)  # fmt: skip
def test_of_two_rows_of_names_the_lower_counts_if_it_is_complete(
    upper: list[str], lower: list[str], names: list[str], left_out: bool
) -> None:
    batch = read([upper, lower, *GROUPED])
    assert batch.texts.tolist() == SAID
    assert list(batch.table.columns) == names
    assert batch.reading["header"].value == 2
    assert ("left out" in batch.reading["header"].sentence) == left_out


def test_labels_below_a_group_are_found() -> None:
    rows = [[*NAMES, "Labels", ""], ["", "", "", "Ogling", "Groping"], *GROUPED]
    labels = read(rows, categories=("Ogling", "Groping")).columns.labels
    assert labels == {"Ogling": "Labels Ogling", "Groping": "Labels Groping"}


QUALTRICS = ["StartDate", "ResponseId", "Q5"]
QUESTIONS = ["Start Date", "Response ID", "Please describe what happened to you:"]
IMPORTS = [
    '{"ImportId":"startDate","timeZone":"America/Denver"}', '{"ImportId":"_recordId"}',
    '{"ImportId":"QID5_TEXT"}',
]  # fmt: skip
ANSWERS = [[day, f"R_{n}abc", said] for n, (day, said) in enumerate(zip(DAYS, SAID, strict=True))]


@pytest.mark.parametrize("below", [[QUESTIONS, IMPORTS], [QUESTIONS], [IMPORTS]])
def test_the_rows_below_the_names_that_qualtrics_writes_are_left_out(
    below: list[list[str]],
) -> None:
    batch = read([QUALTRICS, *below, *ANSWERS])
    assert batch.texts.tolist() == SAID
    assert len(batch.rejected) == 0
    assert list(batch.table.columns) == QUALTRICS
    assert batch.columns.time == "StartDate"
    said = "2 rows below" if len(below) > 1 else "1 row below"
    assert said in batch.reading["header"].sentence


def test_the_second_row_of_names_that_surveymonkey_writes_is_joined_to_the_first() -> None:
    upper = ["Respondent ID", "Start Date", "Which of these was it?", "", "Please tell us more:"]
    lower = ["", "", "Whistling", "Staring", "Open-Ended Response"]
    rows = [[str(10 + n), DAYS[n], "Whistling", "", said] for n, said in enumerate(SAID)]
    batch = read([upper, lower, *rows])
    assert batch.texts.tolist() == SAID
    assert list(batch.table.columns) == [
        "Respondent ID", "Start Date", "Which of these was it? Whistling",
        "Which of these was it? Staring", "Please tell us more:",
    ]  # fmt: skip
    assert batch.reading["header"].value == 2


def test_a_row_that_may_be_a_description_is_never_left_out() -> None:
    firsts = [
        ["unknown", "", "Stared at"], ["n/a", "web", "He stared at me."],
        ["", "", "Please describe what happened to you:"],
        ["Start", "web", "Followed home at night"],
    ]  # fmt: skip
    for first in firsts:
        rows = [["received", "channel", "description"], first]
        batch = read([*rows, *[[day, "web", said] for day, said in zip(DAYS, SAID, strict=True)]])
        assert batch.table["description"].tolist() == [first[2], *SAID]


def test_a_row_below_the_names_that_may_belong_to_them_is_kept_and_doubtful() -> None:
    rows = [["received", "channel", "description"], ["not known", "web", "Stared at"]]
    table = [[day, "web", said] for day, said in zip(DAYS, SAID, strict=True)]
    batch = read([*rows, *table])
    assert batch.reading["header"].doubtful
    assert not read([rows[0], *table]).reading["header"].doubtful


def test_names_that_stand_twice_are_told_and_the_first_is_taken() -> None:
    rows = [[said, "short", "0", "1"] for said in SAID]
    batch = read([["text", "Text", "Ogling", "Ogling"], *rows], categories=("Ogling",))
    assert batch.columns.description == "text"
    assert batch.columns.labels == {"Ogling": "Ogling"}
    (choice,) = batch.reading.doubtful
    assert (choice.of, choice.value) == ("columns of one name", ["text", "Ogling"])
    assert choice.others == ("Text", "Ogling (2)")
    assert read([["text", "", "", "Ogling"], *rows], categories=("Ogling",)).reading.doubtful == ()


def test_every_choice_about_a_table_stands_once() -> None:
    batch = read([["Weekly report"], ["id", "text", "text"], ["7", SAID[0], "x"]])
    told = [choice.of for choice in batch.reading.choices]
    assert len(told) == len(set(told))


def test_a_row_of_numbers_is_no_header_and_an_empty_table_has_none() -> None:
    assert find_header([[1, 2], [3, 4]]) is None
    assert find_header([[], ["", None]]) is None


def test_cells_without_a_name_are_told_and_no_number_is_taken_for_one_of_rows() -> None:
    lines = [f"{n},He said hey, and left at {n}." for n in range(1, 9)]
    batch = read_batch("\n".join(["id,description", *lines]).encode(), categories=())
    assert batch.texts.tolist() == ["He said hey"] * 8
    assert batch.table["id"].tolist() == [str(n) for n in range(1, 9)]
    assert batch.reading["columns without a name"].doubtful
    whole = [f'{n},"He said hey, and left at {n}."' for n in range(1, 9)]
    batch = read_batch("\n".join(["id,description", *whole]).encode(), categories=())
    assert "columns without a name" not in batch.reading


def test_numbers_of_rows_need_no_order_as_of_a_part_of_a_table_in_r() -> None:
    lines = [f'"{3 * n + 2}","He left at stop {n}.",2024-05-0{9 - n}' for n in range(9)]
    batch = read_batch("\n".join(['"text","when"', *lines]).encode(), categories=())
    assert batch.texts.tolist() == [f"He left at stop {n}." for n in range(9)]
    assert (batch.columns.time, batch.reading.doubtful) == ("when", ())


def test_names_that_stand_in_the_table_again_and_a_row_of_totals_are_rejected() -> None:
    lines = [f"{n},He left at stop {n}.,web" for n in range(6)]
    names = "id,description,channel"
    content = "\n".join([names, *lines[:3], names, *lines[3:], "Total,6,"])
    batch = read_batch(content.encode(), categories=())
    assert batch.rejected.to_dict("records") == [
        {"row": 4, "reason": "column names again"},
        {"row": 8, "reason": "row of totals"},
    ]
    assert len(batch.texts) == 6


def test_questions_below_the_names_are_no_row_though_they_are_sentences() -> None:
    names = ["StartDate", "ResponseId", "Progress", "Q1"]
    questions = ["Start Date", "Response ID", "Progress", "Please tell us what happened to you."]
    rows = [[f"2024-05-0{n} 08:15:00", f"R_{n}x", "100", f"He left stop {n}."] for n in range(1, 7)]
    content = "\n".join(map(",".join, [names, questions, *rows]))
    batch = read_batch(content.encode(), categories=())
    assert batch.texts.tolist() == [row[-1] for row in rows]
    assert batch.reading["header"].sentence.endswith("1 row below them was left out.")


@pytest.mark.parametrize("index", [True, False])
def test_names_of_two_levels_are_read_as_pandas_writes_them(index: bool) -> None:
    table = pd.DataFrame(
        [[f"He left stop {n}.", f"2024-05-0{n}", n % 2] for n in range(1, 7)],
        columns=pd.MultiIndex.from_tuples([("a", "text"), ("a", "created"), ("b", "Waving")]),
    )
    batch = read_batch(table.to_csv(index=index).encode(), categories=("Waving",))
    assert (batch.columns.description, batch.columns.time) == ("text", "created")
    assert batch.columns.labels == {"Waving": "Waving"}
    assert len(batch.texts) == 6


def test_what_databases_write_for_nothing_is_a_gap_in_every_column() -> None:
    lines = [f"{n}\tHe left stop {n}.\t2024-05-0{n}\t{n % 2}" for n in range(1, 7)]
    content = "\n".join(["id\ttext\tcreated\tWaving", *lines, "7\t\\N\t\\N\t\\N"])
    batch = read_batch(content.encode(), categories=("Waving",))
    assert batch.rejected.to_dict("records") == [{"row": 7, "reason": "empty"}]
    assert batch.reading.doubtful == ()
    assert batch.reading["missing labels"].value == {"Waving": 1}


# ---------------------------------------------------------------- a row that a caller names


def test_a_line_that_was_read_as_a_row_can_be_the_name_and_the_other_way_round() -> None:
    lines = "\n".join(["He stared, then left.", *SAID]).encode()
    found = read(lines)
    assert (found.reading["header"].value, found.reading["header"].doubtful) == (0, True)
    assert found.reading["header"].others == ("1",)
    assert read(lines, header_row="1").texts.tolist() == SAID
    named = read(b"first thoughts\n" + "\n".join(SAID).encode())
    assert named.reading["header"].others == ("0",)
    row = read(b"first thoughts\n" + "\n".join(SAID).encode(), header_row=0)
    assert row.texts.tolist() == ["first thoughts", *SAID]
    assert row.reading.doubtful == ()


def test_rows_that_may_hold_the_names_instead_are_offered() -> None:
    rows = [["who", "what"], ["name", "story"], *([str(n), said] for n, said in enumerate(SAID))]
    found = read(rows).reading["header"]
    assert found.doubtful
    other = found.others[0]
    assert other in {"1", "2"} - {str(found.value)}
    assert read(rows, header_row=other).reading["header"].value == int(other)


@pytest.mark.parametrize("number", [2, 9, 10_000_000])
def test_a_row_in_which_no_names_can_stand_is_one_sentence(number: int) -> None:
    with pytest.raises(BatchError, match=f"row {number:,}, which is blank or not there"):
        read([["Weekly report"], [], NAMES, *TABLE], header_row=number)


def test_the_last_row_holds_no_names() -> None:
    with pytest.raises(BatchError, match="column names and no rows"):
        read([NAMES, *TABLE], header_row=6)


def test_what_stands_below_the_names_is_left_out_also_where_the_row_is_named() -> None:
    questions = [["StartDate", "Q5"], ["Start Date", "Please tell:"], *(row[1:] for row in TABLE)]
    found = read(questions)
    assert read(questions, header_row=found.reading["header"].value).table.equals(found.table)
