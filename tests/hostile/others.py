"""Files of other kinds under a table's name, and files of hardly anything."""

from __future__ import annotations

import io
import json
import pickle
import sqlite3
import struct
from collections.abc import Iterator

from tests.hostile.case import MARK, TEXT, Case
from tests.workbooks import zipped

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 2**31 - 1, 2**31 - 1) + bytes(5)
HTML = f"<html><body><table><tr><td>description</td></tr><tr><td>{TEXT}</td></tr></table>"
NPY = b"\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (99999999999,)}"
PDF = b"%PDF-1.7\n" + b"1 0 obj<</Length 99999999999>>stream\n" * 1_000
NOTEBOOK = json.dumps({"cells": [{"source": [TEXT], "cell_type": "code"}], "nbformat": 4}).encode()


class _Opens:
    """Unpickling it makes a file in the current folder, which the watch on files finds."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (f"{MARK}-unpickled", "w")


def _database() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("create table a (description)")
        return database.serialize()


def _contents() -> dict[str, bytes]:
    return {
        "empty": b"",
        "one byte": b"a",
        "one NUL": b"\0",
        "one line end": b"\n",
        "one space": b" ",
        "a byte order mark": b"\xef\xbb\xbf",
        "a byte order mark of UTF-16": b"\xff\xfe",
        "a byte order mark of UTF-32": b"\xff\xfe\0\0",
        "1,000 line ends": b"\r\n" * 1_000,
        "PK": b"PK\x03\x04",
        "PAR1": b"PAR1",
        "PAR1PAR1": b"PAR1PAR1",
        "a picture": PNG + bytes(1_000),
        "a photograph": b"\xff\xd8\xff\xe0" + bytes(1_000),
        "a moving picture": b"GIF89a" + b"\xff" * 1_000,
        "a picture of the web": b"RIFF\xff\xff\xff\xffWEBP" + bytes(1_000),
        "a PDF": PDF,
        "a program": b"\x7fELF\x02\x01\x01" + bytes(10_000),
        "a program of Windows": b"MZ\x90\0" + bytes(10_000),
        "a program of Java": b"\xca\xfe\xba\xbe" + bytes(1_000),
        "a web page": HTML.encode(),
        "a web page behind spaces": b" " * 5_000 + HTML.encode(),
        "a web page behind a comment": b"<!-- a -->" + HTML.encode(),
        "XML": b'<?xml version="1.0"?><a>' + b"<b>" * 100_000,
        "XML of a workbook": b'<?xml version="1.0"?><Workbook><Worksheet/></Workbook>',
        "RTF": b"{\\rtf1" + b"{" * 100_000,
        "a database": _database(),
        "a text document": zipped({"word/document.xml": "<x/>", "[Content_Types].xml": ""}),
        "slides": zipped({"ppt/presentation.xml": "<x/>"}),
        "a Java archive": zipped({"META-INF/MANIFEST.MF": "a"}),
        "a notebook": NOTEBOOK,
        "a pickle": pickle.dumps(_Opens()),
        "a pickle of the first kind": pickle.dumps(_Opens(), 0),
        "joblib": b"\x80\x04\x95" + pickle.dumps(_Opens()),
        "a pickle that is packed": zipped({"archive/data.pkl": pickle.dumps(_Opens())}),
        "an array": NPY.ljust(200_000, b"\0"),
        "arrays": zipped({"a.npy": NPY}),
        "SPSS": b"$FL2@(#) SPSS DATA FILE" + b"\xff" * 5_000,
        "Stata": b"<stata_dta><header><release>118</release>" + b"\xff" * 5_000,
        "Stata, old": b"\x72\x02\x01\x00" + b"\xff" * 5_000,
        "SAS": bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c") + bytes(5_000),
        "HDF5": b"\x89HDF\r\n\x1a\n" + b"\xff" * 5_000,
        "Avro": b"Obj\x01" + b"\xff" * 5_000,
        "ORC": b"ORC" + b"\xff" * 5_000,
        "Arrow": b"ARROW1\0\0" + b"\xff" * 5_000,
        "an encrypted Parquet file": b"PARE" + b"\xff" * 5_000 + b"PARE",
        "a mail": b"From: a@example.org\nSubject: b\n\nHello.\n" * 100,
        "a certificate": b"-----BEGIN CERTIFICATE-----\n" + b"QUFB" * 1_000,
        "a script": b"#!/bin/sh\nrm -rf /\n" * 100,
        "a log": b"2024-01-01 00:00:00 INFO started\n" * 1_000,
        "statements": b"INSERT INTO a VALUES ('b', 1);\n" * 1_000,
        "YAML": b"a: &a [*a, *a]\n" * 1_000,
        "a settings file": b"[a]\nb = 1\n" * 1_000,
        "Markdown": b"| description |\n|---|\n| a b |\n" * 100,
    }


def others() -> Iterator[Case]:
    """All files of these kinds; each under a name that it does not deserve."""
    endings = ("csv", "xls", "xlsx", "parquet", "json", "ods", "txt", "", "exe")
    for number, (name, content) in enumerate(_contents().items()):
        ending = endings[number % len(endings)]
        yield Case("other", name, io.BytesIO(content).getvalue, ending or "bin")
    for title, content in (("a pickle", pickle.dumps(_Opens())), ("a web page", HTML.encode())):
        for ending in ("csv", "parquet", "xls", "pkl", "joblib"):
            yield Case("other", f"{title} called .{ending}", io.BytesIO(content).getvalue, ending)
