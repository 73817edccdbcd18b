"""What benchmarks found, in files; documents show what stands in these, and no other figure.

    python benchmarks/record.py      # writes every figure of the documents again

A benchmark that was run whole writes ``results/NAME.json``: its tables, the command, and how long
it took. A document names a table where it shows it::

    <!-- results: shares/coverage -->
    (the table, written from the file)
    <!-- end -->

and a figure within a sentence likewise, with its row and column after the table:
``<!-- results: shares/coverage/200 rows/covered -->95.8 %<!-- end -->``. ``shares/minutes`` is how
long the run took. ``tests/test_results.py`` fails where a document says something else. While there
is no file of a benchmark, its places say that they are of the :data:`BEFORE`, or :data:`NOT_YET`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
BEFORE: Final = "release before"
NOT_YET: Final = "not measured yet"
PLACE: Final = re.compile(r"<!-- results: ([^>]+?) -->(.*?)<!-- end -->", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A figure that a run found.

    Attributes
    ----------
    value : NaN where there is none, because nothing could be counted.
    form : "%" for a share that is said in per cent, otherwise a format such as ".3f".
    low, high : 95 % interval; None where there is none.
    number : of batches, windows or reviews behind it; None where the row says it.

    Examples
    --------
    >>> str(Figure(0.052, low=0.042, high=0.061)), str(Figure(0.0281, ".3f")), str(Figure(math.nan))
    ('5.2 % [4.2, 6.1]', '0.028', '–')
    """

    value: float
    form: str = "%"
    low: float | None = None
    high: float | None = None
    number: int | None = None

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        factor, form, unit = (100, ".1f", " %") if self.form == "%" else (1, self.form, "")
        told = f"{factor * self.value:{form}}{unit}"
        if self.low is None or self.high is None:
            return told
        return f"{told} [{factor * self.low:{form}}, {factor * self.high:{form}}]"


def ratio(ours: Figure, peer: Figure) -> Figure:
    """Ours divided by a peer's of the same run; none where the peer has nothing, or found none."""
    return Figure(ours.value / peer.value if peer.value else math.nan, ".2f")


Cell = str | int | Figure


@dataclass(frozen=True)
class Table:
    """Figures in rows and columns.

    Attributes
    ----------
    columns : headings.
    rows : of cells.
    keys : how many cells at the start of a row say together which row it is.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: int = 1

    def __str__(self) -> str:
        """The table in Markdown."""
        lines = [self.columns, ("---",) * len(self.columns)]
        told = [[_text(cell) for cell in row] for row in self.rows]
        return "\n".join(
            [
                f"| {' | '.join(lines[0])} |",
                f"|{'|'.join(lines[1])}|",
                *(f"| {' | '.join(cells)} |" for cells in told),
            ]
        )

    def cell(self, row: str, column: str) -> str:
        """One cell as text.

        Raises
        ------
        KeyError : no row or no column is called so.
        """
        for cells in self.rows:
            if ", ".join(_text(cell) for cell in cells[: self.keys]) == row:
                return dict(zip(self.columns, map(_text, cells), strict=True))[column]
        raise KeyError(row)


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def arguments(described: str | None, quick: str) -> argparse.Namespace:
    """The options that every benchmark on the real rows has: where these are, and ``--quick``.

    Parameters
    ----------
    described : docstring of the benchmark; its first line is shown.
    quick : what ``--quick`` leaves out.
    """
    parser = argparse.ArgumentParser(description=(described or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFECITY_DIR"), help="with train, dev")
    parser.add_argument("--quick", action="store_true", help=f"{quick}; nothing is written")
    found = parser.parse_args()
    if not found.data:
        parser.error("Name the folder of train.csv and dev.csv with --data, or set SAFECITY_DIR.")
    found.began = time.perf_counter()
    return found


def finish(options: argparse.Namespace, tables: Mapping[str, Table], notes: Sequence[str]) -> None:
    """Print what a benchmark found; of a whole run, write its results and the documents too.

    Parameters
    ----------
    options : of :func:`arguments`.
    tables : by the names that documents use.
    notes : sentences on the run, such as which peer was missing.
    """
    minutes = (time.perf_counter() - options.began) / 60
    for name, table in tables.items():
        print(f"\n## {name}\n\n{table}")
    print("\n" + "\n".join([*notes, f"{minutes:.1f} minutes on {os.cpu_count()} cores"]))
    if options.quick:
        return
    script = Path(sys.argv[0]).name
    content = {
        "command": f"python benchmarks/{script}",
        "minutes": round(minutes, 1),
        "cores": os.cpu_count(),
        "notes": list(notes),
        "tables": {name: content_of(table) for name, table in tables.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{Path(script).stem.replace('_', '-')}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_documents()


def content_of(table: Table) -> dict[str, Any]:
    """A table ready for JSON."""

    def plain(cell: Cell) -> Any:
        if not isinstance(cell, Figure):
            return cell
        found = {name: value for name, value in vars(cell).items() if value is not None}
        return found | {"value": None if math.isnan(cell.value) else cell.value}

    rows = [[plain(cell) for cell in row] for row in table.rows]
    return {"columns": list(table.columns), "keys": table.keys, "rows": rows}


def load(name: str) -> dict[str, Any] | None:
    """What a benchmark's last whole run wrote; None if there is no file of it."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def table_of(name: str, title: str) -> Table:
    """One table of a benchmark's last whole run.

    Raises
    ------
    KeyError : there is none.
    """
    content = load(name)
    if content is None:
        raise KeyError(name)
    return table_from(content["tables"][title])


def table_from(content: Mapping[str, Any]) -> Table:
    """Make what :func:`content_of` gave."""

    def cell(told: Any) -> Cell:
        if not isinstance(told, dict):
            return told  # type: ignore[no-any-return]
        return Figure(**(told | {"value": math.nan if told["value"] is None else told["value"]}))

    rows = tuple(tuple(map(cell, row)) for row in content["rows"])
    return Table(tuple(content["columns"]), rows, content["keys"])


def shown(place: str) -> str | None:
    """What a document has to show at a place; None while there are no results of the benchmark.

    Parameters
    ----------
    place : ``NAME/TABLE``, ``NAME/TABLE/ROW/COLUMN``, or ``NAME/minutes``.

    Raises
    ------
    KeyError : the results have no such table, row or column.
    """
    name, title, *where = place.split("/", 3)
    content = load(name)
    if content is None:
        return None
    if title == "minutes":
        minutes = max(1, round(content[title]))
        return "one minute" if minutes == 1 else f"{minutes} minutes"
    table = table_from(content["tables"][title])
    return table.cell(*where) if where else f"\n{table}\n"


def filled(text: str) -> str:
    """A document's text with every place that has results written from them."""

    def written(found: re.Match[str]) -> str:
        told = shown(found[1])
        return found[0] if told is None else f"<!-- results: {found[1]} -->{told}<!-- end -->"

    return PLACE.sub(written, text)


def documents() -> list[Path]:
    """The documents that may show results."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def write_documents() -> None:
    """Write every figure of the documents from the results."""
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    write_documents()
