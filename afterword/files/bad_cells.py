"""Cells of an .xlsx for which its reader refuses the whole file, left empty instead.

The reader knows the errors of older programs, such as ``#DIV/0!``, which it leaves empty. A newer
one, such as ``#SPILL!``, a text that is not in the list of texts, a number that is none or a cell
of an unknown type ends its reading.
"""

from __future__ import annotations

import io
import re
import zipfile

KNOWN = frozenset({
    b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!",
})  # fmt: skip
"""Errors that the reader knows."""
TRUTHS = frozenset({b"0", b"1", b"true", b"false"})
PLAIN = frozenset({b"str", b"inlineStr", b"d"})
"""Types of cells that hold what they like."""
LONGEST_NUMBER = 100

_CELL = re.compile(
    rb"""(<(?:[\w.-]+:)?c\b[^<>]*?\bt\s*=\s*["'])(\w*)(["'][^<>]*>\s*
    (?:<(?:[\w.-]+:)?f\b[^<>]*(?:/>|>[^<]*</[^<>]*>)\s*)?
    <(?:[\w.-]+:)?v\b[^<>]*>)([^<]*)(?=<)""",
    re.VERBOSE,
)
"""A cell that says of which type it is: its beginning, its type, and its value."""
_NUMBER = re.compile(rb"[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?")
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si\b")


def _is_good(kind: bytes, value: bytes, texts: int) -> bool:
    """Tell whether the reader takes a value of a cell of some type."""
    if kind == b"e":
        return value in KNOWN
    if kind == b"b":
        return value in TRUTHS
    if kind == b"s":
        return value.isdigit() and len(value) < LONGEST_NUMBER and int(value) < texts
    if kind == b"n":
        return bool(_NUMBER.fullmatch(value))
    return kind in PLAIN


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
        if _is_good(kind, value.strip(), texts):
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
