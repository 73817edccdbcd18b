"""How long reading a file takes: here, by the process that reads, and by pandas, in one run.

    python benchmarks/reading.py

The process that reads is warm, as it is beside a server. What it adds to a file of 1,000 rows is
to stay below 50 ms. pandas reads the same bytes and judges nothing in them.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROWS = (1_000, 100_000)
WORDS = (
    "he she looked at me the whole way on train near market and whistled then shouted remarks "
    "about my clothes while it rained"
).split()


def main() -> None:
    """Print a line for each kind and size."""
    import pandas as pd

    import afterword
    from afterword.files.options import NO_OPTIONS
    from afterword.files.reading import known_categories, read_content
    from afterword.settings import get_settings

    settings = get_settings()
    categories = known_categories(None, settings)
    peers: dict[str, Callable[[io.BytesIO], Any]] = {
        "csv": pd.read_csv,
        "jsonl": lambda content: pd.read_json(content, lines=True),
        "parquet": pd.read_parquet,
        "xlsx": lambda content: pd.read_excel(content, engine="calamine"),
    }
    afterword.read_batch(b"description\nHe whistled at me.\n")  # the process is warm from here on
    print(f"{'':22}{'MB':>6}{'here':>9}{'process':>9}{'adds':>9}{'pandas':>9}{'ratio':>7}   (ms)")
    for rows in ROWS:
        for kind, peer in peers.items():
            content = made(rows, kind)
            tries = 9 if rows <= 1_000 else 3
            arguments = (content, kind, NO_OPTIONS, categories, settings)
            here = median(partial(read_content, *arguments), tries)
            apart = median(partial(afterword.read_batch, content, name=f"week.{kind}"), tries)
            plain = median(partial(_as_new, peer, content), tries)
            print(
                f"{rows:>9,} rows, {kind:<7}{len(content) / 1e6:>6.2f}{here:>9.1f}{apart:>9.1f}"
                f"{apart - here:>+9.1f}{plain:>9.1f}{apart / plain:>7.1f}"
            )


def _as_new(read: Callable[[io.BytesIO], Any], content: bytes) -> Any:
    return read(io.BytesIO(content))


def median(call: Callable[[], object], tries: int) -> float:
    """Milliseconds of a call, after one that is not counted."""
    call()
    took = []
    for _ in range(tries):
        began = time.perf_counter()
        call()
        took.append(1_000 * (time.perf_counter() - began))
    return statistics.median(took)


def made(rows: int, kind: str) -> bytes:
    """A file of invented descriptions, with a number, a time and a channel for each."""
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": range(rows),
            "received_at": pd.date_range("2024-05-06", periods=rows, freq="min").astype(str),
            "description": [" ".join(chance.choice(WORDS, 25)) for _ in range(rows)],
            "channel": chance.choice(("web", "app"), rows),
        }
    )
    out = io.BytesIO()
    if kind == "csv":
        frame.to_csv(out, index=False)
    elif kind == "jsonl":
        frame.to_json(out, orient="records", lines=True)
    elif kind == "parquet":
        frame.to_parquet(out)
    else:
        _write_workbook(frame, out)
    return out.getvalue()


def _write_workbook(frame: Any, out: io.BytesIO) -> None:
    """The parts that a workbook needs, with its texts in the cells."""
    office = "http://schemas.openxmlformats.org"
    lines = [tuple(frame.columns), *frame.itertuples(index=False)]
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{column}{number}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{column}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in zip("ABCD", line, strict=True)
        )
        + "</row>"
        for number, line in enumerate(lines, start=1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="r" Type="{office}/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{office}/spreadsheetml/2006/main" '
        f'xmlns:r="{office}/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Week" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{office}/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


if __name__ == "__main__":
    main()
