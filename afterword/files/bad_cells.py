"""Cells of an .xlsx for which its reader refuses the whole file, left empty instead.

The reader knows the errors of older programs, such as ``#DIV/0!``, which it leaves empty. A newer
one, such as ``#SPILL!``, or a text that is not in the list of texts, ends its reading.
"""

from __future__ import annotations

import io
import re
import zipfile

KNOWN = frozenset({
    b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!",
})  # fmt: skip
"""Errors that the reader knows."""

_CELL = re.compile(
    rb"""(<(?:[\w.-]+:)?c\b[^<>]*?\bt\s*=\s*["'])([es])(["'][^<>]*>\s*
    (?:<(?:[\w.-]+:)?f\b[^<>]*(?:/>|>[^<]*</[^<>]*>)\s*)?
    <(?:[\w.-]+:)?v\b[^<>]*>)([^<]*)(?=<)""",
    re.VERBOSE,
)
"""An error, or a cell that refers to a shared text: its beginning, its type, and its value."""
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si\b")


def without_bad_cells(data: bytes) -> tuple[bytes, int]:
    """Return a workbook in which the cells that its reader refuses are empty, and their number.

    Parameters
    ----------
    data : an .xlsx that was looked through.
    """
    out = io.BytesIO()
    texts = count = 0

    def emptied(cell: re.Match[bytes]) -> bytes:
        nonlocal count
        before, kind, after, value = cell.groups()
        if value.strip() in KNOWN if kind == b"e" else value.isdigit() and int(value) < texts:
            return cell[0]
        count += 1
        return before + b"str" + after

    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        # The shared texts come first: they were written so.
        for part in archive.infolist():
            content = archive.read(part)
            if "sharedstrings" in part.filename.lower():
                texts += sum(1 for _ in _TEXT.finditer(content))
            elif "sheet" in part.filename.lower():
                content = _CELL.sub(emptied, content)
            copy.writestr(part.filename, content)
    return out.getvalue(), count
