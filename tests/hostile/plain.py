"""Text: separators, quotation marks, encodings and line ends that no export has."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile.case import GOOD, TEXT, Case

Made = Iterator[tuple[str, Callable[[], bytes]]]
LARGE = 49_000_000
ROWS = f"{TEXT}\n" * GOOD
HEAD = "description\n"


def _large() -> Made:
    for name, character in (
        ("line ends", "\n"), ("carriage returns", "\r"), ("commas", ","), ("semicolons", ";"),
        ("quotation marks", '"'), ("NULs", "\0"), ("tabs", "\t"),
    ):  # fmt: skip
        yield f"49 MB of {name}", partial(_repeated, character)
    yield "49 MB of “a,” and line ends", lambda: b"a,\n" * (LARGE // 3)
    yield "one cell of 49 MB", lambda: b"description\n" + b"a" * LARGE
    yield "one quoted cell of 49 MB", lambda: b'description\n"' + b"a " * (LARGE // 2) + b'"\n'
    yield "a header of 49 MB", lambda: b"a," * (LARGE // 2)
    yield "49 MB of a letter that is none", lambda: HEAD.encode() + b"\xff" * LARGE


def _repeated(character: str) -> bytes:
    return character.encode() * LARGE


def _quotes() -> Made:
    yield "the beginning of a quotation 20,000 times", lambda: (HEAD + 'x","' * 20_000).encode()
    yield "such lines", lambda: (HEAD + 'x","\n' * 20_000).encode()
    yield "a quotation that ends wrongly in each line", lambda: (HEAD + '"a"b\n' * 50_000).encode()
    yield (
        "a quotation that is open to the end, of 20 MB",
        lambda: (HEAD + '"' + f"{TEXT}\n" * 500_000).encode(),
    )
    yield "a quotation that opens in each line", lambda: (HEAD + '"a\n' * 100_001).encode()
    yield "marks in marks", lambda: (HEAD + '"' * 100_001 + "\n" + ROWS).encode()
    yield "backslashes before marks", lambda: (HEAD + '"\\"\\\\"\\"\n' * 30_000).encode()
    yield "spaces before marks", lambda: ("description,b\n" + 'x, "a"b, "\n' * 30_000).encode()
    yield "4,000,000 marks that end wrongly", lambda: ("a,b\n" + '"x"y,1\n' * 4_000_000).encode()
    yield "typographic marks", lambda: (HEAD + "“a,“b”\n" * 1_000).encode()


def _widths() -> Made:
    yield "1,000,000 columns in the header", lambda: ("a," * 1_000_000 + "\n" + ROWS).encode()
    yield (
        "100,000 columns of one name",
        lambda: (",".join(["description"] * 100_000) + "\n").encode(),
    )
    yield (
        "1,000 columns of one name",
        lambda: (",".join(["description"] * 1_000) + "\n" + ",".join([TEXT] * 1_000)).encode(),
    )
    yield "a header of 1 MB", lambda: ("description" * 90_000 + "\n" + ROWS).encode()
    yield (
        "rows of 0 to 5,000 cells",
        lambda: ("description,b\n" + "".join("x," * n + "\n" for n in range(0, 5_000, 7))).encode(),
    )
    yield "one row of 1,000,000 cells", lambda: (HEAD + ROWS + "x," * 1_000_000).encode()
    yield (
        "1,000 columns and 40,000 rows",
        lambda: ("description" + ",a" * 999 + "\n" + ("x" + "," * 999 + "\n") * 40_000).encode(),
    )
    yield (
        "100 columns of one category and 60,000 rows",
        partial(_wide, "Ogling", " label", 100, 60_000),
    )
    yield "1,000 columns and 4,900 rows of prose", partial(_wide, "at", " c", 1_000, 4_900)
    yield "a header and nothing", lambda: HEAD.encode()
    yield "100,001 rows", lambda: (HEAD + "He waved.\n" * 100_001).encode()
    yield "100,000 rows of blank cells", lambda: (HEAD + '" "\n' * 100_000).encode()
    for said in (",", "\t", '"', "\n", "\0", "é", "a", " ", "sep="):
        yield f"sep={said!r}", partial(_declared, said)
    yield "sep= alone", lambda: b"sep="
    yield "sep= 10,000 times", lambda: b"sep=,\n" * 10_000 + HEAD.encode()


def _wide(name: str, more: str, columns: int, rows: int) -> bytes:
    """Columns whose names begin alike, and cells that differ from row to row."""
    head = ",".join(["description", *(name + more * n for n in range(1, columns))])
    return "\n".join(
        [head, *(f"{TEXT},{',x y'.join(map(str, [n] * (columns - 1)))}" for n in range(rows))]
    ).encode()[:LARGE]


def _declared(said: str) -> bytes:
    return f"sep={said}\n{HEAD}{ROWS}".encode()


def _encodings() -> Made:
    table = HEAD + ROWS
    for encoding in (
        "utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-7", "cp037", "cp500", "shift_jis",
        "iso2022_jp", "hz",
    ):  # fmt: skip
        yield f"{encoding}", partial(table.encode, encoding)
    yield "UTF-16 cut in a character", lambda: table.encode("utf-16")[:-1]
    yield (
        "UTF-16 of halves of characters",
        lambda: b"\xff\xfe" + HEAD.encode("utf-16-le") + b"\x00\xd8" * 10_000,
    )
    yield (
        "UTF-32 of halves of characters",
        lambda: b"\xff\xfe\0\0" + HEAD.encode("utf-32-le") + b"\0\xd8\0\0" * 10_000,
    )
    yield (
        "UTF-32 beyond Unicode",
        lambda: b"\xff\xfe\0\0" + HEAD.encode("utf-32-le") + b"\xff\xff\xff\x7f" * 10_000,
    )
    yield "UTF-8 of halves of characters", lambda: HEAD.encode() + b"\xed\xa0\x80 \n" * 10_000
    yield "UTF-8 that is too long", lambda: HEAD.encode() + b"\xc0\xaf\xf8\x88 \n" * 10_000
    yield "UTF-8 cut in a character", lambda: (table + "é").encode()[:-1]
    yield "byte order marks in the middle", lambda: (HEAD + f"\ufeff{TEXT}\ufeff\n" * 20).encode()
    yield "a hundred byte order marks", lambda: ("\ufeff" * 100 + table).encode()
    yield "two kinds of byte order marks", lambda: b"\xff\xfe\xef\xbb\xbf" + table.encode()
    yield "NULs between letters", lambda: "\0".join(table).encode()
    yield "NULs at the end of each cell", lambda: (HEAD + f"{TEXT}{chr(0) * 500}\n" * 100).encode()
    for number in range(10):
        yield f"noise {number}", partial(_noise, number, 20_000)
        yield f"noise behind a header {number}", partial(_noise, number, 20_000, HEAD.encode())


def _noise(number: int, size: int, before: bytes = b"") -> bytes:
    return before + random.Random(number).randbytes(size)


def _characters() -> Made:
    made = {
        "lone carriage returns": f"{HEAD}{ROWS}".replace("\n", "\r"),
        "mixed line ends": HEAD + f"{TEXT}\r\n{TEXT}\n{TEXT}\r{TEXT}\r\r\n" * 5,
        "line ends of Unicode": HEAD + f"{TEXT}\u2028{TEXT}\u2029{TEXT}\x85{TEXT}\x0b\x0c\n" * 5,
        "letters that turn the direction": HEAD + f"\u202e\u2066{TEXT}\u202c\n" * 20,
        "20,000 marks on a letter": HEAD + f"{TEXT} a{chr(0x301) * 19_000}\n" * 20,
        "a letter that grows eighteen times": HEAD + "\ufdfa" * 20_000 + "\n",
        "20 rows of such letters": HEAD + ("\ufdfa" * 19_999 + "\n") * 20,
        "a longer letter than any": HEAD + "\u1e9b\u0323" * 10_000 + "\n",
        "formulas": HEAD + "=HYPERLINK(1)\n+1\n-1\n@SUM(1)\n=cmd|' /C calc'!A0\n" * 20,
        "control characters": HEAD + f"{TEXT}\x07\x1b[31m\x08\n" * 20,
        "nothing but control characters": HEAD + "\x07\x1b\x08\n" * 20,
        "emoji joined 10,000 times": HEAD + "👩\u200d" * 10_000 + "\n",
        "a Hangul filler in each cell": HEAD + "\u3164\n" * 20,
        "a column that is called as a category": "description,Ogling\n" + f"{TEXT},maybe\n" * 20,
        "a script as header": f"<script>alert(1)</script>,description\n1,{TEXT}\n",
        "a header of spaces": f" , \n{TEXT},{TEXT}\n",
        "numbers of 5,000 digits": "description,time\n" + f"{TEXT},{'9' * 5_000}\n" * 20,
        "times of all kinds": "description,time\n" + f"{TEXT},99/99/9999\n{TEXT},1e308\n" * 20,
        "times of one letter 20,000 times": f"description,time\n{TEXT},{'1' * 20_000}\n" * 20,
        "zones that are none": f"description,time\n{TEXT},2024-01-01T00:00:00+99:99\n" * 20,
        "a year of five digits": f"description,time\n{TEXT},12024-01-01\n" * 20,
        "shares of 20,000 digits": f"description,Ogling probability\n{TEXT},{'1' * 20_000}%\n" * 20,
        "shares of 1e-99999": f"description,Ogling probability\n{TEXT},1e-99999\n" * 20,
        "shares of commas": f"description;Ogling probability\n{TEXT};{',' * 20_000}\n" * 20,
        "words of 20,000 letters": HEAD + ("a" * 19_999 + "\n") * 50,
        "20,000 spaces in a cell": HEAD + f"{TEXT}{' ' * 19_000}x\n" * 50,
        "addresses without end": HEAD + f"{'a@' * 9_999}\n{'a.' * 9_999}\n" * 20,
        "digits with dashes": HEAD + f"{'1-' * 9_999}\n" * 20,
        "tags without end": HEAD + f"{'<a ' * 6_000}\n{'&#' * 9_000}\n" * 20,
    }
    for name, text in made.items():
        yield name, lambda text=text: text.encode()  # type: ignore[misc]


def texts() -> Iterator[Case]:
    """All files of this kind."""
    for name, make in _large():
        yield Case("csv", name, make, whole=True)
    for group in (_quotes, _widths, _encodings, _characters):
        for name, make in group():
            heavy = any(word in name for word in ("0,000", "20 MB", "1,000 columns"))
            yield Case("csv", name, make, whole=heavy or name[-1] in "3456789")
