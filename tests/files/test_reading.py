"""Reading batches: any usual file becomes the same rows, and what is wrong is said in words."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from afterword.errors import BatchError, ColumnError
from afterword.files.column_names import quotable, unique_names
from afterword.files.delimited import decode, split
from afterword.files.header import WRONG_WIDTH, Table
from afterword.files.reading import (
    EMPTY,
    NOT_TEXT,
    read_batch,
    reason_to_reject,
    rejections,
    template,
)
from afterword.files.shares import parse_shares
from afterword.files.tables import SUPPORTED, UNREADABLE
from afterword.files.text_bytes import bytes_of
from afterword.files.times import understand
from afterword.settings import Settings

CATEGORIES = {
    "Commenting": "Commenting",
    "Ogling": "Ogling/Facial Expressions/Staring",
    "Groping": "Touching /Groping",
}
SECRET = "zebrafish"
TEXTS = ["A man stared at me, twice; then left.", 'He said "hey" to me | again', "two\nlines here"]
LIMITS = Settings(max_rows=50, max_upload_mb=1)

without_deadline = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def read(source, **options):
    return read_batch(source, **{"categories": (), **options})


def csv_bytes(rows, separator=",", end="\r\n", encoding="utf-8", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def parquet_bytes(frame, **options):
    out = io.BytesIO()
    frame.to_parquet(out, **options)
    return out.getvalue()


def xlsx_bytes(*sheets, dimension=""):
    """A workbook as small as one can be: strings inline, numbers as they are."""
    out = io.BytesIO()
    space = "http://schemas.openxmlformats.org"
    office = f"{space}/officeDocument/2006/relationships"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r0" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships">'
            + "".join(
                f'<Relationship Id="r{n}" Type="{office}/worksheet" '
                f'Target="worksheets/sheet{n}.xml"/>'
                for n in range(len(sheets))
            )
            + "</Relationships>",
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{office}"><sheets>'
            + "".join(
                f'<sheet name="Sheet{n}" sheetId="{n + 1}" r:id="r{n}"/>'
                for n in range(len(sheets))
            )
            + "</sheets></workbook>",
        )
        for n, rows in enumerate(sheets):
            lines = []
            for y, row in enumerate(rows, start=1):
                cells = []
                for x, value in enumerate(row):
                    place = f"{chr(65 + x)}{y}"
                    if isinstance(value, str):
                        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
                        cells.append(f'<c r="{place}" t="inlineStr">{text}</c>')
                    elif value is not None:
                        cells.append(f'<c r="{place}"><v>{value}</v></c>')
                lines.append(f'<row r="{y}">{"".join(cells)}</row>')
            book.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{space}/spreadsheetml/2006/main">{dimension}'
                f"<sheetData>{''.join(lines)}</sheetData></worksheet>",
            )
    return out.getvalue()


# ---- text files: encodings, separators, line ends -------------------------------------------

WORDS = st.text(
    st.one_of(
        st.sampled_from("abcdefghij ,;|\t\"'.!\n:éüñç"),
        st.characters(codec="latin-1", exclude_categories=["Cc"]),
    ),
    min_size=1,
    max_size=60,
).map(lambda text: "she " + text)


@pytest.mark.whole
@without_deadline
@given(
    texts=st.lists(WORDS, min_size=1, max_size=8),
    encoding=st.sampled_from(
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
    ),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@example(["she é"], "cp1252", ";", "\r\n")
@example(['she, "said"; so\n'], "utf-16-be", "|", "\r")
def test_every_encoding_separator_and_line_end_gives_the_same_texts(
    texts, encoding, separator, end
) -> None:
    plain = [["007", "the rest is plain, so that accents stay as rare as they are in reports"]]
    numbered = [[str(n), text] for n, text in enumerate(texts)]
    rows = [["id", "description"], *numbered, *plain * 50]
    content = csv_bytes(rows, separator, end, "utf-8", csv.QUOTE_ALL).decode()
    content = content.encode(encoding, errors="ignore")
    # Bytes that are valid UTF-8 too are read as UTF-8: nothing in them says otherwise.
    assume(encoding != "cp1252" or not re.search(rb"[\xc2-\xf4][\x80-\xbf]", content))
    batch = read(content)
    kept = [text.encode(encoding, "ignore").decode(encoding) for text in texts]
    assert batch.table["description"].tolist()[: len(texts)] == kept
    assert batch.table["id"].tolist()[len(texts) :] == ["007"] * 50


@without_deadline
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.integers(0, 3))
def test_valid_utf_8_is_never_taken_for_anything_else(text, repeat) -> None:
    content = ("description\n" + (text + "\n") * (repeat + 1)).encode()
    assert decode(content)[1].startswith("UTF-8")


@without_deadline
@given(st.lists(WORDS.filter(str.strip), min_size=2, max_size=6))
def test_a_single_column_without_quotes_keeps_its_commas(texts) -> None:
    lines = [" ".join(text.replace('"', "'").split()) for text in texts]
    batch = read("\n".join(["description", *lines]).encode())
    assert batch.table["description"].tolist() == lines


@without_deadline
@given(st.binary(max_size=400))
def test_any_bytes_are_a_batch_or_one_sentence(data) -> None:
    told = "."
    try:
        read(data)
    except BatchError as error:
        told = str(error)
    assert told.endswith(".")


def test_unquoted_commas_and_semicolons_in_tabbed_texts_do_not_part_them() -> None:
    lines = ["time\tdescription", *(f"2024-01-0{n}\tHe came, saw; and left, {n}" for n in (1, 2))]
    batch = read("\n".join(lines).encode())
    assert list(batch.table.columns) == ["time", "description"]
    assert batch.notes == ("The file is CSV in UTF-8, separated by tabs.",)


def test_latin_1_with_a_single_accent_is_read_right() -> None:
    content = b"description;id\r\n" + b"It was by the market and he stared;1\r\n" * 200
    batch = read(content + "Er pfiff mir nach, über die Straße;2\r\n".encode("latin-1"))
    assert batch.table["description"].iloc[-1] == "Er pfiff mir nach, über die Straße"


def test_another_script_is_told_from_latin_1() -> None:
    text = "Мужчина смотрел на меня всю дорогу и не отводил глаз, потом вышел на остановке"
    content = "\n".join(["description", *[text] * 20]).encode("cp1251")
    assert read(content).table["description"].iloc[0] == text


def test_hindi_in_utf_16_without_a_mark_is_read_right() -> None:
    text = "एक आदमी मुझे घूर रहा था"
    batch = read("\r\n".join(["description,id", *[f"{text},1"] * 30]).encode("utf-16-le"))
    assert batch.table["description"].iloc[0] == text


def test_one_damaged_row_does_not_turn_a_utf_8_file_into_latin_1() -> None:
    content = "description\n" + "Près du café, un homme à l'entrée\n" * 20
    batch = read(content.encode() + b"He stared at me near the caf\xe9 again\n")
    assert batch.table["description"].iloc[0] == "Près du café, un homme à l'entrée"
    assert "1 damaged" in batch.notes[0]


def test_nul_characters_are_left_out_and_that_is_said() -> None:
    batch = read(b"description,id\nHe \0stared at me\0\0,1\n")
    assert batch.texts.tolist() == ["He stared at me"]
    assert "NUL" in batch.notes[0]


def test_values_that_look_like_gaps_or_numbers_stay_as_they_are() -> None:
    batch = read(b"description,code\nHe stared at me,007\nShe left then,NA\nThey ran off,null\n")
    assert batch.table["code"].tolist() == ["007", "NA", "null"]


def test_a_row_with_too_few_or_too_many_fields_is_rejected_and_nothing_is_lost() -> None:
    batch = read(b"id,description,city\n1,He stared,X\n2,He left\n3,He came,Y,Z\n4,She ran,X\n")
    assert batch.rejected.values.tolist() == [[2, WRONG_WIDTH], [3, WRONG_WIDTH]]
    assert batch.table.loc[3, "city"] == "Y, Z"
    assert batch.texts.tolist() == ["He stared", "She ran"]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only() -> None:
    batch = read(b'id,description\n1,He stared\n2,"He left\n3,She ran\n4,"We, too"\n')
    assert batch.table["description"].tolist() == ["He stared", '"He left', "She ran", "We, too"]
    assert "1 line has quotation marks" in batch.notes[1]


def test_after_quotation_marks_that_never_close_each_line_is_read_by_itself() -> None:
    content = b'id,description\n1,"He left\n' + b'x","\n' * 20_000 + b'2,"We, too"\n'
    batch = read(content)
    assert len(batch.table) == 20_002
    assert batch.table["description"].iloc[[0, -1]].tolist() == ['"He left', "We, too"]
    assert "lines have quotation marks" in batch.notes[1]


@pytest.mark.parametrize(
    "piece",
    ['x","\n', '"\n', '""\n', ',"\n', 'a"\n"b\n', "\n", ",", "[", 'a;"b|c\t"d,\n', 'x","\r',
     'a\\",";"\n', 'a, "b\n', '";"\n', 'x","', '"a\nb"c\n', '"a\n"\n"b"c\n', 'b","c\n', "\0,",
     'a|"b;"\n', '","x\n'],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", '"x"y', '"'])
def test_twice_as_long_a_text_takes_about_twice_as_many_steps(piece: str, end: str) -> None:
    def steps(times):
        calls = 0

        def count(frame, event, argument) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        text = "description,n\n" + piece * times + end
        sys.setprofile(count)
        try:
            split(text)
        finally:
            sys.setprofile(None)
        return calls

    assert steps(800) < 2.6 * steps(400) + 200


def test_a_long_number_in_a_column_of_shares_is_no_share() -> None:
    assert parse_shares(pd.Series(["1" * 200_000 + "x", "0.5"])).tolist()[1:] == [0.5]


def test_backslashes_before_quotation_marks_are_understood() -> None:
    batch = read(b'id,description\n1,"He said \\"hey, you\\" to me"\n2,"She left, too"\n')
    assert batch.table["description"].tolist() == ['He said "hey, you" to me', "She left, too"]


def test_a_text_that_starts_with_a_quotation_keeps_it() -> None:
    batch = read(b'description\n"Hey you" he said, and left\nI ran\n')
    assert batch.texts.tolist() == ['"Hey you" he said, and left', "I ran"]


SAID = ["He stared at me", "on the bus", "then he left", "near the market", "and I ran"]


@pytest.mark.parametrize(
    "header",
    ["description, in your own words", "description,in your own words", "text; free", "text | free",
     "description, in your own words, please", "Comment\tin a few words",
     '"description, in your own words"'],
)  # fmt: skip
def test_a_separator_in_the_header_alone_does_not_make_columns(header: str) -> None:
    for separator, most, quoted in itertools.product(",;|\t", (1, 2, 4), (True, False)):
        parts = [1 + n % most + (n % 7 == 0) for n in range(60)]
        rows = [f"{separator} ".join(SAID[:count]) for count in parts]
        lines = [f'"{row}"' if quoted else row for row in rows]
        text = "\n".join([header, *lines])
        assert split(text).cells == [[header.strip('"')], *([row] for row in rows)]
    batch = read(text.encode())
    assert list(batch.table.columns) == [header.strip('"')]
    assert batch.texts.tolist() == rows


@pytest.mark.parametrize("header", ["text, free", "description, in your own words", "text,free"])
@pytest.mark.parametrize("counts", [(0, 1, 2, 3), (1,), (2,), (0, 0, 0, 0, 1)])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_sentences_under_a_phrase_are_one_column_however_often_they_are_parted(
    header: str, counts: tuple[int, ...], separator: str
) -> None:
    heading = header.replace(",", separator)
    for space in (" ", "") if " " in header and counts[0] == 0 else (" ",):
        parts = [counts[n % len(counts)] for n in range(60)]
        rows = [
            f"{separator}{space}".join(["He stared", "then left me", "and ran"][: 1 + count])
            for count in [min(count, 2) for count in parts]
        ]
        assert split("\n".join([heading, *rows])).cells == [[heading], *([row] for row in rows)]


@pytest.mark.parametrize(
    ("header", "row", "names"),
    [
        ("id,description", "{n},{said}", ["id", "description"]),
        ("id, description", "{n}, {said}", ["id", " description"]),
        ("number of the case,story", "{n},{said}", ["number of the case", "story"]),
        ("description,received_at", "{said},2024-01-01", ["description", "received_at"]),
        ("description,remark", "{said},X", ["description", "remark"]),
        ("text;free", "{said};X", ["text", "free"]),
    ],
)
def test_columns_with_commas_that_nobody_quoted_stay_columns(
    header: str, row: str, names: list[str]
) -> None:
    rows = [row.format(n=n, said=", ".join(SAID[: 1 + n % 4])) for n in range(60)]
    assert list(read("\n".join([header, *rows]).encode()).table.columns) == names


def test_excels_own_separator_line_is_not_a_row() -> None:
    batch = read(b"sep=;\r\ndescription;id\r\nHe stared, twice;1\r\n")
    assert batch.table.to_dict("list") == {"description": ["He stared, twice"], "id": ["1"]}


def test_blank_lines_keep_the_numbers_of_the_rows_after_them() -> None:
    batch = read(b"id,description\n1,He stared\n\n3,She left\n\n\n")
    assert batch.table.index.tolist() == [1, 3]
    assert read(b"description\nHe stared\n\nShe left\n\n").rejected.values.tolist() == [[2, EMPTY]]


@pytest.mark.parametrize(
    ("separator", "blank"),
    [
        (",", ",,"), (",", ' , ," "'), (",", ",,,,"), (",", ","), (",", "  "), (";", ";;"),
        ("\t", "\t\t"),
    ],
)  # fmt: skip
def test_a_row_of_blank_cells_is_rejected_as_empty_and_comes_back(
    separator: str, blank: str
) -> None:
    rows = ["id,description,town", "1,He stared,X", "2,She left,Y"]
    head, first, last = (row.replace(",", separator) for row in rows)
    batch = read("\n".join([head, first, blank, last]).encode())
    assert batch.rejected.values.tolist() == [[2, EMPTY]]
    assert batch.table.index.tolist() == [1, 2, 3]
    assert batch.texts.tolist() == ["He stared", "She left"]


def test_a_source_that_writes_mostly_blank_rows_is_seen_in_the_rejected_rows() -> None:
    content = b"id,description,received_at,Ogling label\n" + b",,,,\n" * 40
    batch = read(content + b"1,He stared,2024-01-01,1\n" * 10, categories=CATEGORIES)
    assert (len(batch.table), len(batch.rejected), len(batch.texts)) == (50, 40, 10)
    assert set(batch.rejected["reason"]) == {EMPTY}
    assert (batch.columns.time, batch.columns.labels) == ("received_at", {"Ogling": "Ogling label"})


def test_blank_rows_that_are_too_wide_do_not_widen_the_table() -> None:
    content = b"id,description\n1,He stared\n" + b",,\n" * 9 + b"2,She left,then ran\n3,She ran\n"
    batch = read(content)
    assert batch.texts.tolist() == ["He stared", "She ran"]
    assert batch.rejected["reason"].tolist() == [*[EMPTY] * 9, WRONG_WIDTH]


def test_blank_rows_at_the_end_of_a_file_are_left_out() -> None:
    for end in (b",\n,\n", b"\n\n", b" , \n\n,\n", b""):
        batch = read(b"id,description\n1,He stared\n,\n2,She left\n" + end)
        assert batch.table.index.tolist() == [1, 2, 3]
        assert batch.rejected.values.tolist() == [[2, EMPTY]]


def test_row_numbers_written_by_r_do_not_shift_the_columns() -> None:
    batch = read(b'"description","city"\n"1","He stared at me","X"\n"2","She left us","Y"\n')
    assert batch.texts.tolist() == ["He stared at me", "She left us"]
    assert batch.table["city"].tolist() == ["X", "Y"]


def test_double_and_blank_column_names_are_made_unique() -> None:
    batch = read(b"text,text,,text (2)\nHe stared at me,b,c,d\n")
    assert list(batch.table.columns) == ["text", "text (3)", "column 3", "text (2)"]
    assert len(set(unique_names(["a", "a", "a (2)", "", "column 4"]))) == 5


def test_a_file_without_header_is_read_from_its_first_line() -> None:
    one = read(b"He stared at me, twice.\nShe ran, then hid.\n")
    assert one.texts.tolist() == ["He stared at me, twice.", "She ran, then hid."]
    two = read(b"2024-05-01,He stared at me for long.\n2024-05-02,She ran and then hid.\n")
    assert len(two.texts) == 2
    assert two.columns.description == "column 2"
    assert "No column names" in two.notes[1]


def test_a_forms_long_question_is_a_header() -> None:
    batch = read(
        b"Timestamp,Can you tell us in your own words what happened that day?\n"
        b"2024-05-01 10:00,He stared at me for long\n"
    )
    assert batch.texts.tolist() == ["He stared at me for long"]
    assert batch.columns.time == "Timestamp"


# ---- other formats --------------------------------------------------------------------------


def test_parquet_excel_and_json_give_the_same_texts_as_csv() -> None:
    frame = pd.DataFrame({"id": [7, 8, 9], "description": TEXTS})
    rows = [list(frame.columns), *frame.to_numpy().tolist()]
    lines = frame.to_json(orient="records", lines=True).encode()
    for content in (
        csv_bytes(rows),
        parquet_bytes(frame),
        xlsx_bytes(rows),
        lines,
        frame.to_json(orient="records").encode(),
        json.dumps({"data": frame.to_dict("records")}, indent=1).encode("utf-16"),
        frame.set_axis([1, 2, 3], axis=0),
    ):
        batch = read(content)
        assert batch.texts.tolist() == TEXTS
        assert batch.table["id"].astype(int).tolist() == [7, 8, 9]
        assert batch.table.index.tolist() == [1, 2, 3]


BIG = 2**53 + 1


def test_long_whole_numbers_beside_a_gap_stay_what_they_are_in_every_format() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = ["He stared at me"] * 3
    columns = {
        "signed": pa.array([BIG, None, BIG + 1]),
        "unsigned": pa.array([2**64 - 1, None, 2**64 - 2], pa.uint64()),
        "listed": pa.array([BIG, None, BIG + 1]).dictionary_encode(),
    }
    out = io.BytesIO()
    pq.write_table(pa.table({"text": text, **columns}), out)
    table = read(out.getvalue()).table
    for name, column in columns.items():
        wanted = column.to_pylist()
        assert [None if pd.isna(v) else int(v) for v in table[name]] == wanted
        assert table[name].dropna().map(str).tolist() == [str(wanted[0]), str(wanted[2])]
    lines = "".join(f'{{"text": "He left", "id": {n}}}\n' for n in (BIG, "null", BIG + 1))
    assert read(lines.encode()).table["id"].tolist() == [BIG, None, BIG + 1]
    numbers = [BIG, None, BIG + 1]
    for ids in (pd.array(numbers, "Int64"), pd.Series(numbers, dtype=object)):
        found = read(pd.DataFrame({"text": text, "id": ids})).table["id"]
        assert [None if pd.isna(v) else v for v in found] == [BIG, None, BIG + 1]


def test_times_and_labels_beside_a_gap_are_understood_as_whole_numbers() -> None:
    frame = pd.DataFrame(
        {
            "text": ["He stared at me"] * 3,
            "received": pd.array([1_700_000_000, None, 1_700_000_100], "Int64"),
            "Ogling label": pd.array([1, None, 0], "Int64"),
        }
    )
    batch = read(parquet_bytes(frame), categories=CATEGORIES)
    assert (batch.columns.time, batch.columns.labels) == ("received", {"Ogling": "Ogling label"})
    assert parse_shares(batch.table["Ogling label"]).tolist()[::2] == [1.0, 0.0]
    assert batch.times.notna().tolist() == [True, False, True]


def test_content_goes_before_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    path.write_bytes(parquet_bytes(pd.DataFrame({"text": TEXTS})))
    assert read(path).notes == ("The file is Parquet.",)
    upload = io.BytesIO(b"text\tid\nHe stared at me\t1\n")
    upload.name = "reports.xlsx"
    upload.read()  # a page may have looked into it
    batch = read(upload)
    assert (batch.name, batch.texts.tolist()) == ("reports.xlsx", ["He stared at me"])


def test_a_sheet_is_read_below_its_title_and_past_empty_sheets() -> None:
    rows = [["Reports of May"], [], ["Date", "Description"], [45_000, "He stared at me, twice"]]
    batch = read(xlsx_bytes([], rows))
    assert batch.texts.tolist() == ["He stared at me, twice"]
    assert batch.notes == (
        "The file is an Excel workbook.",
        "Sheet 2 of 2 was read.",
        "The columns' names stand in row 3; 1 row above them was left out.",
    )


def test_numbers_in_a_sheet_are_not_descriptions() -> None:
    rows = [["description", "n"], ["He stared at me", 1], [12, 2], ["NA", 3], [None, 4], ["", 5]]
    batch = read(xlsx_bytes(rows))
    assert batch.rejected.values.tolist() == [[2, NOT_TEXT], [3, EMPTY], [4, EMPTY], [5, EMPTY]]
    assert batch.table["n"].tolist() == [1, 2, 3, 4, 5]


def test_a_blank_row_within_a_sheet_is_rejected_and_those_at_its_end_are_left_out() -> None:
    rows = [["description", "n"], ["He stared", 1], [], ["", None], ["She left", 2], [], ["", ""]]
    batch = read(xlsx_bytes(rows))
    assert batch.rejected.values.tolist() == [[2, EMPTY], [3, EMPTY]]
    assert batch.texts.tolist() == ["He stared", "She left"]
    assert batch.table["n"].tolist() == [1, None, None, 2]
    single = read(xlsx_bytes([["description"], ["He stared"], [], ["She left"], []]))
    assert single.rejected.values.tolist() == [[2, EMPTY]]


def test_json_objects_without_values_are_rejected_as_empty() -> None:
    lines = read(b'{"text": "He stared"}\n{}\n{"text": "She left"}\n{"text": null}\n{}\n')
    assert lines.rejected.values.tolist() == [[2, EMPTY], [4, EMPTY], [5, EMPTY]]
    whole = read(b'[{"text": "He stared"}, {}, {"text": "She left"}]')
    assert whole.rejected.values.tolist() == [[2, EMPTY]]


def test_broken_json_lines_are_rejected_one_by_one() -> None:
    batch = read(b'{"text": "He stared at me"}\n{"text": \n{"text": "She left"}\n[1]\n{"x": 1}\n')
    assert batch.rejected.values.tolist() == [[2, UNREADABLE], [4, UNREADABLE], [5, EMPTY]]


def test_lists_of_strings_are_descriptions() -> None:
    assert read(json.dumps(TEXTS).encode()).texts.tolist() == TEXTS


def test_lone_surrogates_are_replaced_wherever_they_come_from() -> None:
    lines = b'{"text": "He stared \\ud83d at me, and then left", "x\\ud800": "\\udfff"}\n'
    frame = pd.DataFrame({"text": pd.Series(["He stared \ud83d at me, and left"], dtype=object)})
    for source in (lines, frame):
        batch = read(source)
        assert batch.texts.iloc[0].startswith("He stared \ufffd at me")
        batch.table.to_parquet(io.BytesIO())


def test_a_table_in_memory_is_not_changed_and_named_indexes_stay() -> None:
    frame = pd.DataFrame({"text": ["He stared at me", None]}, index=pd.Index([5, 6], name="case"))
    before = frame.copy()
    batch = read(frame)
    assert batch.table["case"].tolist() == [5, 6]
    assert batch.rejected.values.tolist() == [[2, EMPTY]]
    pd.testing.assert_frame_equal(frame, before)


# ---- limits and what is no table ------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"description,time\n", "no rows"),
        (b"description", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\n<!DOCTYPE html><table><tr><td>x", "web page"),
        (b"\x1f\x8b\x08\0\0", "compressed"),
        (b"PK\x03\x04 damaged", "damaged"),
        (b"PAR1 damaged PAR1", "damaged"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0 damaged", "damaged"),
        (np.random.default_rng(3).bytes(4_000), "not a table"),
        (xlsx_bytes([]), "empty"),
        (parquet_bytes(pd.DataFrame({"text": []})), "no rows"),
    ],
)
def test_what_is_no_table_gives_one_sentence_that_helps(content, word: str) -> None:
    with pytest.raises(BatchError, match=word) as caught:
        read(content)
    assert str(caught.value).endswith(".")
    assert caught.value.__context__ is None


def test_json_that_is_no_table_is_said_to_be_so() -> None:
    for content in (b"{", b"[1, 2", b'{"a": {"b": 1}}'):
        with pytest.raises(BatchError, match="one object per line"):
            read(content, name="x.json")


def test_a_missing_file_and_a_wrong_argument_are_explained() -> None:
    for path in ("nowhere.csv", "", "a\0b", "x" * 5_000, Path(__file__).parent):
        with pytest.raises(BatchError, match="no such file"):
            read(path)
    for odd in (None, 7, object(), {"He stared"}):
        with pytest.raises(BatchError, match="give a path"):
            read(odd)


def test_more_rows_than_allowed_are_refused_in_every_format() -> None:
    frame = pd.DataFrame({"description": ["He stared at me"] * 51})
    lines = frame.to_json(orient="records", lines=True).encode()
    whole = frame.to_json(orient="records").encode()
    sheet = xlsx_bytes([["description"], *frame.to_numpy().tolist()])
    for source in (
        frame,
        csv_bytes([["text"], *frame.to_numpy()]),
        parquet_bytes(frame),
        lines,
        whole,
        sheet,
    ):
        with pytest.raises(BatchError, match="more than 50 rows"):
            read(source, settings=LIMITS)
    assert len(read(frame.head(50), settings=LIMITS).table) == 50


def test_a_file_over_the_limit_is_refused_without_reading_it_all() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.taken += size
            return b"x" * size

    source = Endless()
    with pytest.raises(BatchError, match="larger than 1 MB"):
        read(source, settings=LIMITS)
    assert source.taken <= 1_000_001


@pytest.mark.whole
def test_packed_files_that_would_fill_the_memory_are_refused() -> None:
    bomb = xlsx_bytes([["description"], ["He stared at me " + "x" * 11_000_000]])
    assert len(bomb) < 1_000_000
    with pytest.raises(BatchError, match="unpacks to more than 10 MB"):
        read(bomb, settings=LIMITS)
    stray = xlsx_bytes([["text"], ["a b"]], dimension='<dimension ref="A1:XFD1048576"/>')
    with pytest.raises(BatchError, match="far outside"):
        read(stray)
    wide = parquet_bytes(
        pd.DataFrame({"text": ["x" * 11_000_000]}), compression="zstd", use_dictionary=False
    )
    with pytest.raises(BatchError, match="come to more than 10 MB"):
        read(wide, settings=LIMITS)


def test_thousands_of_columns_are_refused() -> None:
    with pytest.raises(BatchError, match="more than 1,000 columns"):
        read(b",".join([b"a"] * 1_500) + b"\n" + b",".join([b"b"] * 1_500))


def test_an_archive_and_a_text_document_are_not_sheets() -> None:
    for name, word in (("a.png", "archive"), ("word/document.xml", "text document")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(BatchError, match=word):
            read(out.getvalue())


def test_scored_rows_are_not_descriptions() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    about = {b"afterword": b'{"kind":"scored rows","sample":true}'}
    pq.write_table(pa.table({"words": [3.0]}).replace_schema_metadata(about), out)
    with pytest.raises(BatchError, match="scored rows"):
        read(out.getvalue())


# ---- rows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", EMPTY), ("  \n\t", EMPTY), ("...!?", EMPTY), ("\u200b\ufeff", EMPTY),
        ("\u3164\u2800", EMPTY), ("n/a", EMPTY), ("-", EMPTY), ("NULL", EMPTY), (None, EMPTY),
        (float("nan"), EMPTY), (pd.NA, EMPTY), (pd.NaT, EMPTY), ("None.", EMPTY), ("+++", EMPTY),
        (7, NOT_TEXT), (True, NOT_TEXT), (b"He stared", NOT_TEXT), (["He"], NOT_TEXT),
        (np.array([1, 2]), NOT_TEXT), (1.5, NOT_TEXT),
        ("\x00\x01\x02ab", UNREADABLE), ("\ufffd\ufffd\ufffda", UNREADABLE),
        ("x" * 21, "longer than 20 characters"),
        ("He stared", ""), ("\U0001f621\U0001f621", ""), ("घूरना", ""), ("盯着我看", ""), ("5", ""),
        ("no", ""), ("He left\x0b me", ""),
    ],
)  # fmt: skip
def test_cells_are_rejected_for_one_of_a_few_reasons(cell, reason) -> None:
    assert reason_to_reject(cell, 20) == reason


@pytest.mark.parametrize("size", [1, 9, 10, 100])
def test_texts_in_parts_are_the_texts(size: int) -> None:
    texts = bytes_of(pd.Series(["", "He left.", "", "é", None, "She hid in a shop.", ""])[1:])
    assert texts is not None
    parts = list(texts.parts(size))
    assert all(len(part.content) <= size or len(part.sizes) == 1 for part in parts)
    assert np.concatenate([part.sizes for part in parts]).tolist() == [8, 0, 2, 0, 18, 0]
    wide = np.concatenate([part.holds(part.content > 127) for part in parts])
    assert wide.tolist() == [False, False, True, False, False, False]


@without_deadline
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(st.sampled_from("aZ /.9\x7f\t\né\u200b\ufffd😡"), min_size=15, max_size=45),
            st.sampled_from(["", "n/a", "He stared at me, all the way home."]),
        ),
        max_size=20,
    )
)
def test_a_column_of_texts_is_rejected_as_its_cells_are(cells) -> None:
    frames = (pd.DataFrame({"text": pd.Series(cells, dtype=kind)}) for kind in ("str", object))
    at_once, singly = (rejections(Table(frame, {1: "fault"}), "text", 40) for frame in frames)
    pd.testing.assert_frame_equal(at_once, singly)


def test_every_row_comes_back_with_the_columns_it_came_with() -> None:
    rows = [["Extra", "description", "When"], ["=1+1", "He stared", "x"], ["b", "", ""]]
    batch = read(csv_bytes(rows))
    assert [list(batch.table.columns), *batch.table.to_numpy().tolist()] == rows
    assert len(batch.rows) == 1


# ---- which column holds what ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["description", "Description", " TEXT ", "review_text", "reviewText", "Comment", "message_1",
     "Incident Description (en)", "STORY", "What happened?", "user report"],
)  # fmt: skip
def test_the_description_column_is_found_by_its_name(name: str) -> None:
    longer = "a much longer text of another kind, which is not the one that is meant here"
    frame = pd.DataFrame({"notes": [longer], name: ["He stared at me"], "report_id": ["r 1"]})
    assert read(frame).columns.description == name


def test_without_a_telling_name_the_longest_texts_are_the_descriptions() -> None:
    frame = pd.DataFrame(
        {
            "link": ["https://example.org/a/very/long/address/that/says/nothing/at/all"] * 2,
            "town": ["New Town", "Old Town"],
            "c": ["He stared at me for long", "She left the bus early"],
        }
    )
    assert read(frame).columns.description == "c"


def test_two_columns_alike_are_a_persons_choice() -> None:
    frame = pd.DataFrame({"a": ["He stared at me"], "b": ["She left the bus"]})
    with pytest.raises(ColumnError, match="cannot be told from the others") as caught:
        read(frame)
    assert read(frame, description="B").columns.description == "b"
    with pytest.raises(BatchError, match="choose one of its columns"):
        read(frame, description="c")
    assert caught.value.columns == ("a", "b")


def test_a_report_number_is_not_the_report() -> None:
    frame = pd.DataFrame({"report": [1, 2], "words": ["He stared at me", "She left the bus"]})
    assert read(frame).columns.description == "words"


@pytest.mark.parametrize(
    ("header", "value", "kind"),
    [
        ("Groping probability", "0.35", "predictions"),
        ("groping_pred", "1", "predictions"),
        ("predicted Groping", "yes", "predictions"),
        ("Touching /Groping score", "35 %", "predictions"),
        ("y_pred_groping", "0", "predictions"),
        ("Groping label", "1", "labels"),
        ("true_groping", "no", "labels"),
        ("Touching /Groping", "0", "labels"),
        ("GROPING", "TRUE", "labels"),
        ("Groping unsure", "1", None),
        ("Groping", "in the crowd", None),
        ("Groping comments", "1", None),
        ("Groping label", "0.5", None),
        ("Groping probability", "high", None),
    ],
)
def test_predictions_and_labels_are_found_by_the_categorys_name(
    header: str, value: str, kind: str | None
) -> None:
    batch = read(
        csv_bytes([["description", header], ["He stared at me, twice", value]]),
        categories=CATEGORIES,
    )
    found = {"predictions": batch.columns.predictions, "labels": batch.columns.labels}
    for name, columns in found.items():
        assert columns == ({"Groping": header} if name == kind else {})


def test_what_classify_writes_is_read_as_predictions_and_the_probability_goes_first() -> None:
    names = [f"{c} {what}" for c in CATEGORIES for what in ("decision", "unsure", "probability")]
    rows = [["description", *names], ["He stared at me", *["1", "0", "0.9"] * 3]]
    columns = read(csv_bytes(rows), categories=CATEGORIES).columns
    assert columns.predictions == {c: f"{c} probability" for c in CATEGORIES}
    assert columns.labels == {}


def test_the_training_datas_own_columns_are_labels() -> None:
    header = ["Description", *CATEGORIES.values()]
    columns = read(csv_bytes([header, ["He stared at me", 0, 1, 0]]), categories=CATEGORIES).columns
    assert columns.labels == CATEGORIES


def test_labels_that_are_no_labels_are_named_in_a_note() -> None:
    content = csv_bytes([["text", "Ogling label"], ["He stared at me", "perhaps"]])
    note = read(content, categories=CATEGORIES).notes[-1]
    assert "Ogling was not read" in note
    assert "values other than 0 and 1" in note


def test_without_categories_those_of_the_model_are_used(tmp_path: Path) -> None:
    content = csv_bytes([["text", "Ogling label"], ["He stared at me", "1"]])
    bare = Settings(model_dir=tmp_path)
    assert read_batch(content, settings=bare).columns.labels == {}
    manifest = {
        "artefact_sha256": "", "reference_sha256": "", "tables_sha256": "",
        "categories": ["Ogling"], "columns": {"Ogling": "Staring"}, "thresholds": {},
        "versions": {}, "data_sha256": "", "rows": 1, "trained_at": "",
        "training_seconds": 1.0, "metrics": {},
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert read_batch(content, settings=bare).columns.labels == {"Ogling": "Ogling label"}


def test_a_time_column_is_found_by_name_and_values() -> None:
    rows = [["time of day", "date", "received_at", "text"]]
    rows += [["noon", f"2024-01-0{n}", f"0{n}/12/2024 10:00", "He stared at me"] for n in (1, 2)]
    batch = read(csv_bytes(rows))
    assert batch.columns.time == "received_at"
    assert read(csv_bytes([["date", "text"], ["soon", "He stared at me"]])).columns.time is None


@pytest.mark.parametrize(
    "value",
    ["2024-12-31", "2024-12-31T00:00:00Z", "31/12/2024", "12/31/2024", "31.12.2024 00:00",
     "Dec 31, 2024", "1735603200", 1735603200000, pd.Timestamp("2024-12-31")],
)  # fmt: skip
def test_times_are_parsed_in_the_usual_forms(value) -> None:
    assert understand(pd.Series([value])).values[0] == pd.Timestamp("2024-12-31", tz="UTC")


def test_what_is_no_time_or_no_share_becomes_a_gap() -> None:
    assert understand(pd.Series(["soon", None, "x"])).values.isna().all()
    assert understand(pd.Series([5, 7])).values.isna().all()
    assert parse_shares(pd.Series([2, -1, 0.5])).tolist()[2] == 0.5
    assert parse_shares(pd.Series([2, -1])).isna().all()


# ---- the template, care, speed --------------------------------------------------------------


def test_the_template_reads_back_without_a_rejection() -> None:
    batch = read(template(tuple(CATEGORIES)), categories=CATEGORIES)
    assert len(batch.rejected) == 0
    assert len(batch.texts) == 2
    assert batch.columns.time == "received_at"
    assert set(batch.columns.predictions) == set(batch.columns.labels) == set(CATEGORIES)
    assert read(template()).columns.description == "description"


def secret_sources():
    text = f"He said {SECRET} to me and {SECRET} again."
    yield text.encode()
    yield f"{text},{text}\n{text},{text}\n".encode()
    yield f"a,b\n{text},{text}\n".encode()
    yield f"{SECRET} and me,{SECRET} x\n{text},{text}\n".encode()[:60]
    yield f'id,description\n1,"{text}\n2,{text}\n'.encode()
    yield f'[{{"text": "{text}"}}'.encode()
    yield b"PAR1" + text.encode()
    yield b"PK\x03\x04" + text.encode()
    yield b"\xd0\xcf\x11\xe0" + text.encode()
    yield b"%PDF" + text.encode()
    yield text.encode() + bytes(range(1, 9)) * 40
    yield pd.DataFrame({text: [text], "b": [text]})
    yield pd.DataFrame({"date": [text], "Ogling label": [text], "a": [text]})
    yield pd.DataFrame({"text": [text.encode(), 5]})


@pytest.mark.parametrize("source", list(secret_sources()))
def test_no_error_note_reason_or_log_holds_text_of_a_row(
    source, caplog: pytest.LogCaptureFixture
) -> None:
    for options in ({}, {"description": "nothing"}, {"name": "x.json"}):
        chain: tuple[BaseException | None, ...] = (None, None)
        try:
            batch = read(source, **{"categories": CATEGORIES, **options})
            told = [*batch.notes, *batch.rejected["reason"], repr(batch)]
        except BatchError as error:
            chain = (error.__cause__, error.__context__)
            told = traceback.format_exception(error)
        assert chain == (None, None)
        assert SECRET not in " ".join(told)
    assert SECRET not in caplog.text


def test_names_that_may_be_texts_or_markup_are_not_quoted() -> None:
    names = ["id", "He stared at me for hours.", "<script>alert(1)</script>", "a@b.org", "x" * 99]
    assert quotable(names) == "id, column 2, column 3, column 4, column 5"


def test_script_tags_in_headers_and_cells_are_only_text() -> None:
    tag = "</script><script>alert(1)</script>"
    batch = read(csv_bytes([["description", tag], [f"He stared {tag}", tag]]))
    assert batch.table[tag].tolist() == [tag]
    assert batch.texts.tolist() == [f"He stared {tag}"]


@pytest.mark.whole
def test_a_hundred_thousand_rows_are_read() -> None:
    line = "He stared at me on the bus; then, near the stop, he left,2024-01-01 10:00,0.5"
    quoted = line.replace("He", '"He', 1).replace("left,", 'left",')
    content = ("description,received_at,Ogling probability\n" + f"{quoted}\n" * 100_000).encode()
    batch = read(content, categories=CATEGORIES)
    assert (len(batch.table), len(batch.rejected)) == (100_000, 0)
    assert batch.columns.predictions == {"Ogling": "Ogling probability"}


@pytest.mark.whole
def test_importing_the_reader_does_not_import_pandas() -> None:
    code = "import afterword.files.reading, afterword.files.exports, sys; "
    code += "sys.exit('pandas' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_every_supported_extension_is_plain() -> None:
    assert all(extension.isalnum() and extension.islower() for extension in SUPPORTED)


def test_an_index_that_is_a_column_as_well_is_read_once() -> None:
    frame = pd.DataFrame({"id": [7, 9], "text": ["She was stared at", "He whistled at me"]})
    frame = frame.set_index("id", drop=False)
    batch = read_batch(frame, categories=())
    assert list(batch.table.columns) == ["id", "text"]
    assert batch.table.index.equals(frame.index)
    several = read_batch(frame.set_index("text", append=True, drop=False), categories=())
    assert list(several.table.columns) == ["id", "text"]


@pytest.mark.parametrize("separator", ["^", "~", "¦"])
def test_a_separator_that_the_file_names_is_obeyed(separator: str) -> None:
    rows = [["id", "text"], *([str(n), f"He stared, at {n}; me."] for n in range(4))]
    content = "\n".join([f"sep={separator}", *map(separator.join, rows)]).encode()
    batch = read_batch(content, categories=())
    assert batch.texts.tolist() == [text for _, text in rows[1:]]
    assert batch.reading["separator"].value == separator


# ---------------------------------------------------------------- texts that no name tells apart

LONG = "He stared at me all the way home from the station."


def _three(first: str, second: str, other: str) -> bytes:
    rows = (f"{n},{LONG} {n},{other} {n}\n" for n in range(8))
    return f"id,{first},{second}\n{''.join(rows)}".encode()


@pytest.mark.parametrize(("first", "second"), [("Q1", "Q2"), ("Incident text", "Staff comment")])
def test_the_longest_texts_are_doubtful_where_another_column_has_some_too(
    first: str, second: str
) -> None:
    content = _three(first, second, "near the old bus stop")
    choice = read_batch(content, categories=()).reading["description"]
    assert (choice.value, choice.doubtful, choice.others) == (first, True, (second,))
    assert "because they are the longest" in choice.sentence
    assert LONG not in choice.sentence
    chosen = read_batch(content, categories=(), description=second)
    assert (chosen.columns.description, chosen.reading.doubtful) == (second, ())
    with pytest.raises(BatchError, match="because they are the longest"):
        read_batch(content, categories=(), strict=True)


@pytest.mark.parametrize(
    ("first", "second", "other"),
    [
        ("Q1", "Q2", "Old Town"),
        ("Q1", "location", "near the old bus stop"),
        ("description", "Q2", "near the old bus stop"),
    ],
)
def test_the_longest_texts_are_sure_where_no_other_column_could_be_meant(
    first: str, second: str, other: str
) -> None:
    choice = read_batch(_three(first, second, other), categories=()).reading["description"]
    assert (choice.value, choice.doubtful, choice.others) == (first, False, ())


# ---------------------------------------------------------------- one id, whatever file it is in

IDS = [*range(12345, 12360), None, 7]


def _files_of_ids() -> dict[str, bytes]:
    told = [f"He stared at me near stop {n}." for n in range(len(IDS))]
    frame = pd.DataFrame({"id": pd.array(IDS, "Int64"), "text": told})
    floats = frame.assign(id=frame["id"].astype("float64"))
    out = [io.BytesIO() for _ in range(2)]
    frame.to_parquet(out[0])
    floats.to_parquet(out[1])
    rows = [
        {"id": n if n is None else float(n), "text": text}
        for n, text in zip(IDS, told, strict=True)
    ]
    return {
        "CSV": frame.to_csv(index=False).encode(),
        "Excel": xlsx_bytes(
            [["id", "text"], *([n, text] for n, text in zip(IDS, told, strict=True))]
        ),
        "Excel with decimals": xlsx_bytes([["id", "text"], *map(list, map(dict.values, rows))]),
        "Parquet": out[0].getvalue(),
        "Parquet with decimals": out[1].getvalue(),
        "JSON with decimals": json.dumps(rows).encode(),
    }


@pytest.mark.parametrize("kind", _files_of_ids())
def test_an_id_is_the_same_text_whatever_file_it_is_in(kind: str) -> None:
    batch = read_batch(_files_of_ids()[kind], categories=())
    assert batch.columns.id == "id"
    ids = [str(one) for one in batch.table["id"] if not (pd.isna(one) or one == "")]
    assert ids == [str(one) for one in IDS if one is not None]


@pytest.mark.parametrize(
    "ids", [["00123", "00124"], ["1.0", "2.0"], [1.5, 2.5], [2.0**60, 2.0**61]]
)
def test_an_id_that_is_no_whole_number_stays_what_it_is(ids: list[object]) -> None:
    frame = pd.DataFrame({"id": ids, "text": ["He stared at me.", "He waved to me."]})
    assert read_batch(frame, categories=()).table["id"].tolist() == ids


def test_a_callers_own_table_is_left_as_it_is() -> None:
    frame = pd.DataFrame({"id": [1.0, None, 2.0], "text": ["He stared.", "He waved.", "He left."]})
    before = frame.copy(deep=True)
    read_batch(frame, categories=())
    pd.testing.assert_frame_equal(frame, before)
