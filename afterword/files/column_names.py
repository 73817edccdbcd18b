"""Names of columns: what they are compared by, and which of them a message may show.

A header is the only part of a file that a message may quote, and only while it looks like a
header: a file without one has a description where its header should be.

>>> key("Review_Text (en)")
'review text en'
>>> unique_names(["text", "text", ""])
['text', 'text (2)', 'column 3']
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from afterword.text.cleaning import unify

DESCRIPTION_NAMES = (
    "description", "descriptions", "text", "texts", "review text", "comment", "comments",
    "message", "messages", "story", "stories", "report", "reports", "narrative", "incident",
    "incident description", "details", "what happened", "experience", "statement", "complaint",
    "feedback", "body", "content",
)  # fmt: skip
"""Names of the description column, the most telling first."""

TIME_WORDS = (
    "received", "created", "submitted", "reported", "timestamp", "datetime", "time", "posted",
    "sent", "date", "when", "eingang", "zeitstempel", "datum", "horodateur", "fecha", "week",
    "month",
)  # fmt: skip
"""Words in the name of a time column; when a text came in goes before when it happened."""

PERIODS = frozenset({"week", "month"})
"""Of these words, those of columns that as often hold plain numbers, and then are no times."""

OTHER_WORDS = frozenset({
    "id", "uuid", "channel", "source", "category", "label", "language", "lang", "location",
    "city", "country", "place", "name", "age", "gender", "status", "type", "score", "prediction",
    "probability", "decision", "url", "user", "count", "length", "number", "code", "author",
})  # fmt: skip
"""Words that names of other columns often end with."""

PERSONAL_WORDS = frozenset({
    "i", "im", "me", "my", "he", "she", "him", "his", "her", "they", "them", "we", "us", "you",
    "was", "were",
})  # fmt: skip
"""Words of somebody who tells something; names of columns do without them, but for questions."""

ROW, INCLUSION = "row", "inclusion_probability"
"""Columns of a file of labels: a row's number, and the chance with which it was chosen to be
labelled. Neither is ever a category, whatever it holds."""

LONGEST_KEY = 1_000
"""Characters by which names are compared: what is longer is a text, of any length."""

LONGEST_NAME = 40
"""Characters of the longest column name that a message quotes; longer ones may be a text."""

_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[\W_]++")
_LETTER = re.compile(r"[^\W\d_]")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d")
_PHRASE_END = re.compile("[,;:|(\t]")
_DOUBLE = re.compile(r" \([0-9]++\)$")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def key(name: object) -> str:
    """Return a column's name as it is compared: lower case, words parted by one space."""
    plain = _NEW_WORD.sub(" ", unify(str(name)[:LONGEST_KEY])).casefold()
    return _NO_WORD.sub(" ", plain).strip()


def is_reserved(name: object) -> bool:
    """Tell whether a column is one of those that a file of labels has beside its categories.

    >>> is_reserved("Inclusion probability"), is_reserved("rowing")
    (True, False)
    """
    return key(name) in (key(ROW), key(INCLUSION))


def unique_names(names: Iterable[object]) -> list[str]:
    """Return the names as strings, blank ones filled and later doubles numbered.

    Parameters
    ----------
    names : names of columns as a file or table gives them.

    Returns
    -------
    As many names, each of them once.

    >>> unique_names(["a", "a", "a (2)"])
    ['a', 'a (3)', 'a (2)']
    """
    wanted = [as_unicode(str(name)) for name in names]
    wanted = [name if name.strip() else f"column {n}" for n, name in enumerate(wanted, start=1)]
    reserved, taken, result = set(wanted), set(), []
    number: dict[str, int] = {}
    for name in wanted:
        free = name
        while free in taken or (free != name and free in reserved):
            number[name] = number.get(name, 1) + 1
            free = f"{name} ({number[name]})"
        taken.add(free)
        result.append(free)
    return result


def doubles_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Name → the later columns of that name, as :func:`unique_names` numbers them.

    >>> doubles_of(["a", "a (2)", "b (2)"])
    {'a': ['a (2)']}
    """
    known = dict.fromkeys(names)
    found: dict[str, list[str]] = {}
    for name in known:
        number = _DOUBLE.search(name)
        if number and name[: number.start()] in known:
            found.setdefault(name[: number.start()], []).append(name)
    return found


def as_unicode(text: str) -> str:
    """Return the text with lone surrogates replaced: half a character breaks every writer.

    >>> as_unicode("a" + chr(0xD800))
    'a�'
    """
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub("\ufffd", text)


def is_known_name(cell: object) -> bool:
    """Tell whether a cell is surely a column's name and not a value."""
    if not isinstance(cell, str) or len(cell) > LONGEST_NAME:
        return False
    name = key(cell)
    words = name.split()
    if name in DESCRIPTION_NAMES or name in OTHER_WORDS or name in TIME_WORDS:
        return True
    return 2 <= len(words) <= 3 and (
        words[-1] in OTHER_WORDS
        or words[-1] in DESCRIPTION_NAMES
        or words[-1] in ("date", "time", "timestamp", "at")
    )


def looks_like_name(cell: object, words: int = 8) -> bool:
    """Tell whether a cell may be a column's name: short, or a question as forms have them."""
    if not isinstance(cell, str) or len(cell) > LONGEST_KEY or not cell.strip():
        return False
    text = cell.strip()
    if not _LETTER.search(text) or _DATE.match(text):
        return False
    if text.endswith(("?", ":")) and len(text) <= 200:
        return True
    return (
        len(text) <= 60
        and len(text.split()) <= words
        and not text.endswith((".", "!", "…"))
        and not PERSONAL_WORDS.intersection(key(text).split())
    )


def has_header(cells: Sequence[object]) -> bool:
    """Tell whether the first line of a table holds the columns' names.

    Parameters
    ----------
    cells : the cells of the first line.

    Returns
    -------
    False if one of them can only be a value: a number, a date or a sentence.
    """
    if any(is_known_name(cell) for cell in cells):
        return True
    filled = [cell for cell in cells if not (cell is None or str(cell).strip() == "")]
    if len(cells) == 1:
        # A lone sentence is more likely the first description than a long name, unless it begins
        # as one: "description, in your own words".
        return bool(filled) and (
            looks_like_name(filled[0], words=2)
            or (looks_like_name(filled[0]) and is_known_name(_PHRASE_END.split(str(filled[0]))[0]))
        )
    return bool(filled) and all(looks_like_name(cell) for cell in filled)


def quotable(names: Iterable[str]) -> str:
    """Return columns' names for a message; any but a usual header becomes a number.

    A header can be a person's name, or a text where a file has no header.

    >>> quotable(["id", "Quenby Zebrafinch", "He stood there and stared."])
    'id, column 2, column 3'
    """
    shown = [
        name if is_known_name(name) else f"column {number}"
        for number, name in enumerate(names, start=1)
    ]
    most = 12
    return ", ".join([*shown[:most], "…"] if len(shown) > most else shown)


def shown_name(names: Iterable[str], name: str) -> str:
    """Return one of the columns' names for a message, as :func:`quotable` has it.

    >>> shown_name(["text", "Quenby Zebrafinch"], "Quenby Zebrafinch")
    'column 2'
    """
    return name if is_known_name(name) else f"column {list(names).index(name) + 1}"
