"""What one cell of a column of times says, before its column tells how day and month are ordered.

>>> read_cell("2024-05-06T00:30:00+05:30")
Cell(kind='iso', parts=(2024, 5, 6), clock=1800000000, zone='+05:30')
>>> read_cell("6.5.24 8:15 PM")
Cell(kind='dots', parts=(6, 5, -76), clock=72900000000, zone='')
>>> read_cell("soon") is None
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

SECOND: Final = 1_000_000
"""Microseconds in a second, the unit in which clocks are counted."""
DAY: Final = 86_400 * SECOND

ISO, SLASHED, COMPACT, WEEK, MONTH, NAMED = "iso", "slashed", "compact", "week", "month", "named"
DOTS, STROKES = "dots", "strokes"
SERIAL, SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS = "serial", "s", "ms", "us", "ns"
VALUE, STAND_IN = "value", "stand-in"
NO_DAY: Final = (1, 1, 1)
"""Parts of a stand-in that is no number: it stands for no time in any column."""

NUMERIC: Final = (DOTS, STROKES)
"""Kinds whose parts are two numbers and a year: which is the day, the column tells."""
EPOCHS: Final = (SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS)

SHORT: Final = 100
"""What a year of two digits is less by in a cell's parts, so that 01 and 0001 are told apart."""

LONGEST: Final = 100
"""Characters of the longest cell that is looked at; the longest form has fewer than 80."""

NAMES: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero ene jaenner janner gennaio gen januari janeiro",
            "feb february februar fevrier fevr fev febrero feber febbraio februari fevereiro",
            "mar march marz maerz mrz mars marzo maart mrt marco",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august aout agosto ago augustus",
            "sep sept september septembre septiembre set setiembre settembre setembro",
            "oct october oktober okt octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez decembre diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in English, German, French, Spanish, Italian, Dutch and Portuguese, without
accents."""

OFFSETS: Final = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "mez": 60,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360,
    "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480,
    "hst": -600, "jst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "wat": 60,
    "cat": 120, "sast": 120, "eat": 180, "pkt": 300, "npt": 345,
}  # fmt: skip
"""Minutes east of UTC of the short names that RFC 2822 defines, or that one zone alone has."""
SEVERAL: Final = frozenset({"ist", "bst", "ast", "sst", "gst"})
"""Short names that zones of several offsets have, as India, Ireland and Israel have IST."""

NO_OFFSET: Final = "?"
"""Mark before a short name of a zone that tells no offset."""

_CLOCK: Final = r"""
    (?:(?:(?P<joint>T)|,?[ ](?:at[ ]|um[ ]|à[ ]|a[ ]las[ ]|[-·|][ ])?|[,:])
      (?P<hour>[0-9]{1,2})
      (?:(?P<colon>[:.h]?)(?P<minute>[0-9]{2})
        (?:(?P=colon)(?P<second>[0-9]{2})(?:[.,:](?P<fraction>[0-9]{1,9}))?)?
      )?
      (?:[ ]?(?P<half>[ap])[.]?[ ]?m\b[.]?)?
    )?
"""
_WEEKDAY: Final = r"(?:[^\W\d_]{2,12}[.]?,?[ ])?"
_FLAGS: Final = re.VERBOSE | re.IGNORECASE

_NUMERIC: Final = re.compile(
    rf"""{_WEEKDAY}(?:
      (?P<year>[0-9]{{4}})(?P<first>[-/.])[ ]?(?P<month>[0-9]{{1,2}})
        (?P=first)[ ]?(?P<day>[0-9]{{1,2}})[.]?
    | (?P<one>[0-9]{{1,2}})(?P<mark>[-/.])[ ]?(?P<two>[0-9]{{1,2}})
        (?P=mark)[ ]?(?P<last>[0-9]{{4}}|[0-9]{{2}})(?![0-9]|[:][0-9])
    ){_CLOCK}""",
    _FLAGS,
)
_NAMED: Final = re.compile(
    rf"""{_WEEKDAY}(?:
      (?P<day1>[0-9]{{1,2}})(?:st|nd|rd|th|er)?[-/., ]{{0,2}}(?:(?:de|of)[ ])?
        (?P<name1>[^\W\d_]{{3,12}})[-/., ]{{0,2}}(?:(?:de|del|of)[ ])?
        (?P<year1>[0-9]{{4}}|[0-9]{{2}}(?![0-9:]))
    | (?P<name2>[^\W\d_]{{3,12}})[-/., ]{{1,2}}(?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?
        (?:[-/, ]{{1,2}}(?P<year2>[0-9]{{4}})(?![0-9:]))?
    | (?P<year3>[0-9]{{4}})[-/ ](?P<name3>[^\W\d_]{{3,12}})[-/ ](?P<day3>[0-9]{{1,2}})
    ){_CLOCK}""",
    _FLAGS,
)
_COMPACT: Final = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:[T _]?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?",
    re.IGNORECASE,
)
_WEEK: Final = re.compile(
    rf"(?P<year>[0-9]{{4}})-?W(?P<week>[0-9]{{2}})(?:-?(?P<weekday>[1-7]))?{_CLOCK}", _FLAGS
)
_MONTH: Final = re.compile(
    r"""(?P<year1>(?:19|20)[0-9]{2})(?:[-/](?P<month1>[0-9]{1,2})|[.](?P<month2>[0-9]{2}))
    | (?:(?P<month3>[0-9]{1,2})[-/]|(?P<month4>[0-9]{2})[.])[ ]?(?P<year2>(?:19|20)[0-9]{2})
    | (?P<name1>[^\W\d_]{3,12})[.]?[-/, ]{0,2}(?:(?:de|del|of)[ ])?(?P<year3>(?:19|20)[0-9]{2})
    | (?P<name2>[^\W\d_]{3,12})[.]?(?:-|[ ]?['’])(?P<year4>[0-9]{2})
    | (?P<year5>(?:19|20)[0-9]{2})[-/, ]{1,2}(?P<name3>[^\W\d_]{3,12})[.]?""",
    _FLAGS,
)
"""A month without a day: May-24 is one as spreadsheets show it, and May 24 is a day."""
_DIGIT: Final = re.compile("[0-9]")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:[.,][0-9]{1,20})?")
_ZONE: Final = re.compile(
    r"""(?P<name>[a-z_]{1,40}(?:/[a-z_+\-0-9]{1,40}){0,2}+)?[ ]?
    (?:(?P<sign>[-+−])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?(?::00)?
      (?:[ ][a-z]{3,5})?)?
    (?:[ ]?[\[(](?P<region>[^\])]{0,60})[\])])?""",
    _FLAGS,
)
_EMPTY_DAY: Final = re.compile(
    r"(?:0000[-/.]00[-/.]00|00?[-/.]00?[-/.](?:0000|1900)|1900-01-00|1/0/(?:1900|00))"
    r"(?:[T\s][0:.]{4,15}|\s12:00(?::00)?\sAM)?"
)
"""What MySQL and Excel write for a day that is none."""
_YEAR_AT_END: Final = re.compile(r"(?P<zone>.{0,60})[ ](?P<year>[0-9]{4})")

_READ: dict[str, str] = {}
"""Short zones that were read, as most cells of a column have the same; no other part of a cell."""
LONGEST_KEPT: Final = 10

_STAND_INS: Final = frozenset({
    -1, 0, 1, 2, 2_958_465, 253_402_214_400, 253_402_300_799, 253_402_214_400_000,
    253_402_300_799_000, 253_402_300_799_999, 4_102_444_800, 4_102_444_800_000,
    -2_208_988_800, -2_208_988_800_000, -62_135_596_800, -62_135_596_800_000,
})  # fmt: skip
"""Numbers that stand for no time, as days, seconds and milliseconds: where the systems begin, 1900,
2100 and the end of the year 9999."""

_SCALES: Final = ((SECONDS, 1), (MILLISECONDS, 10**3), (MICROSECONDS, 10**6), (NANOSECONDS, 10**9))
_FIRST, _LAST = 631_152_000, 4_102_444_800
"""1990 and 2100 as seconds: a number is a time from the one to the other."""
_EXCEL_DAY_0: Final = 25_569
"""Excel's serial day of 1970-01-01, in the system that begins in 1900."""
_PIVOT: Final = 69
"""Years of two digits from here on are of the 20th century, as POSIX has it."""


class Cell(NamedTuple):
    """What a cell says.

    Parameters
    ----------
    kind : one of the module's names of kinds.
    parts : year, month and day; or, of a kind of :data:`NUMERIC`, the three as they are written,
        a year of two digits less :data:`SHORT`.
    clock : microseconds since the day began; since 1970 if the parts are 1970-01-01.
    zone : offset as ``+05:30``, name of a region, short name after :data:`NO_OFFSET`, or "".
    """

    kind: str
    parts: tuple[int, int, int]
    clock: int
    zone: str


def read_cell(value: object) -> Cell | None:
    """Return what a cell says; None if that is no time."""
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, (datetime, date)):
        return _read_moment(value)
    if isinstance(value, bool):
        return None
    if hasattr(value, "start_time"):  # a pandas Period
        return _read_moment(value.start_time)
    return _read_value(value)


def _read_value(value: Any) -> Cell | None:
    try:
        if hasattr(value, "astype") and value.dtype.kind == "M":
            import pandas as pd

            return _read_moment(pd.Timestamp(value))
        if hasattr(value, "dtype") and value.dtype.kind in "bm":
            return None  # numpy's truths and durations are whole numbers for Python
        whole = int(value)
        return _read_number(whole if whole == value else float(value))
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None


def _read_moment(value: Any) -> Cell | None:
    """Return what a date or a time in memory says."""
    if not isinstance(value, date):
        return None
    if not isinstance(value, datetime):
        return Cell(VALUE, (value.year, value.month, value.day), 0, "")
    clock = ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond
    offset = value.utcoffset()
    zone = "" if offset is None else _offset(round(offset.total_seconds() / 60))
    return Cell(VALUE, (value.year, value.month, value.day), clock, zone)


def _read_number(number: float) -> Cell | None:
    """Return what a number says: Excel's day, or seconds since 1970 or parts of them."""
    if number in _STAND_INS:
        return Cell(STAND_IN, (1970, 1, 1), 0, "")
    seconds_of_day = (number - _EXCEL_DAY_0) * 86_400
    if _FIRST <= seconds_of_day < _LAST:
        # Excel's days have about nine digits behind the point: whole milliseconds, and no more.
        return Cell(SERIAL, (1970, 1, 1), round(seconds_of_day * 1_000) * 1_000, "")
    for kind, scale in _SCALES:
        if _FIRST * scale <= number < _LAST * scale:
            exact = isinstance(number, int)
            clock = number * SECOND // scale if exact else round(number * SECOND / scale)
            return Cell(kind, (1970, 1, 1), int(clock), "")
    return _read_compact(str(number)) if isinstance(number, int) else None


def _read_text(value: str) -> Cell | None:
    if len(value) > LONGEST or not _DIGIT.search(value):
        return None
    text = " ".join(value.split()).strip("'\"")
    if text.startswith("[") and text.endswith("]"):  # as logs write it
        text = text[1:-1]
    if _EMPTY_DAY.fullmatch(text):
        return Cell(STAND_IN, NO_DAY, 0, "")
    if _NUMBER.fullmatch(text):
        short = text.replace(",", ".")
        return _read_number(float(short) if "." in short else int(short)) or _read_month(text)
    for read in _READERS:
        cell = read(text)
        if cell:
            return cell
    return None


def _read_compact(text: str) -> Cell | None:
    found = _COMPACT.match(text)
    if not found or not 1900 <= int(found["year"]) <= 2100:
        return None
    parts = (int(found["year"]), int(found["month"]), int(found["day"]))
    if not 1 <= parts[1] <= 12 or not 1 <= parts[2] <= 31:
        return None
    return _cell(COMPACT, parts, found, text[found.end() :], half=None)


def _read_numeric(text: str) -> Cell | None:
    found = _NUMERIC.match(text)
    if not found:
        return None
    half, rest = found["half"], text[found.end() :]
    if found["year"]:
        kind = ISO if found["first"] == "-" else SLASHED
        parts = (int(found["year"]), int(found["month"]), int(found["day"]))
        return _cell(kind, parts, found, rest, half)
    kind = DOTS if found["mark"] == "." else STROKES
    year = int(found["last"]) - (SHORT if len(found["last"]) == 2 else 0)
    return _cell(kind, (int(found["one"]), int(found["two"]), year), found, rest, half)


def _read_named(text: str) -> Cell | None:
    found = _NAMED.match(text)
    if not found:
        return None
    rest = text[found.end() :]
    month = _month(found["name1"] or found["name2"] or found["name3"])
    year = found["year1"] or found["year2"] or found["year3"]
    if year is None:  # "Mon May 06 08:15:00 +0000 2024"
        end = _YEAR_AT_END.fullmatch(rest)
        if not end:
            return None
        year, rest = end["year"], end["zone"]
    if month is None:
        return None
    number = full_year(int(year)) if len(year) == 2 else int(year)
    day = int(found["day1"] or found["day2"] or found["day3"])
    return _cell(NAMED, (number, month, day), found, rest, found["half"])


def _read_week(text: str) -> Cell | None:
    found = _WEEK.match(text)
    if not found:
        return None
    try:
        day = date.fromisocalendar(
            int(found["year"]), int(found["week"]), int(found["weekday"] or 1)
        )
    except ValueError:
        return None
    parts = (day.year, day.month, day.day)
    return _cell(WEEK, parts, found, text[found.end() :], found["half"])


def _read_month(text: str) -> Cell | None:
    found = _MONTH.fullmatch(text)
    if not found:
        return None
    year = int(next(filter(None, map(found.group, ("year1", "year2", "year3", "year4", "year5")))))
    name = found["name1"] or found["name2"] or found["name3"]
    number = found["month1"] or found["month2"] or found["month3"] or found["month4"]
    month = _month(name) if name else int(number)
    if month is None or not 1 <= month <= 12:
        return None
    return Cell(MONTH, (full_year(year) if year < SHORT else year, month, 1), 0, "")


_READERS: Final[tuple[Callable[[str], Cell | None], ...]] = (
    _read_numeric, _read_named, _read_compact, _read_week, _read_month,
)  # fmt: skip


def _cell(
    kind: str, parts: tuple[int, int, int], found: re.Match[str], rest: str, half: str | None
) -> Cell | None:
    """Put a date, the clock that a pattern found and the rest, which is a zone, together."""
    zone = read_zone(rest)
    if kind != COMPACT and found["hour"] and not found["joint"]:
        if found["minute"] is None and not half:
            return None  # "6/5/2024 8" is no time of day
        if found["minute"] and not found["colon"]:
            return None  # nor is "6/5/2024 815"
    clock = _clock(found, half)
    if zone is None or clock is None:
        return None
    return Cell(kind, parts, clock, zone)


def _clock(found: re.Match[str], half: str | None) -> int | None:
    """Return the microseconds since midnight; None if no clock shows this."""
    hours, minutes, seconds, parts = found.group("hour", "minute", "second", "fraction")
    if hours is None:
        return 0
    hour, minute, second = int(hours), int(minutes or 0), int(seconds or 0)
    if half:
        if hour > 12 and half in "aA":
            return None
        hour = hour if hour > 12 else hour % 12 + (12 if half in "pP" else 0)
    if minute > 59 or second > 60 or (hour, minute, second) > (24, 0, 0):
        return None
    fraction = int((parts or "0").ljust(6, "0")[:6])
    return ((hour * 60 + minute) * 60 + second) * SECOND + fraction


def full_year(short: int) -> int:
    """Return the year that two digits stand for, from 1969 to 2068.

    >>> full_year(24), full_year(98)
    (2024, 1998)
    """
    return short + (2000 if short < _PIVOT else 1900)


def _month(name: str) -> int | None:
    letters = unicodedata.normalize("NFD", name.casefold())
    return NAMES.get("".join(one for one in letters if not unicodedata.combining(one)))


@lru_cache(maxsize=2_000)
def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def read_zone(text: str) -> str | None:
    """Return the zone that stands behind a time.

    Returns
    -------
    An offset, the name of a region, a short name after :data:`NO_OFFSET`, "" for none; None if
    the text is no zone.

    >>> read_zone(" GMT+2"), read_zone("CEST"), read_zone("[Europe/Berlin]"), read_zone("IST")
    ('+02:00', '+02:00', 'Europe/Berlin', '?IST')
    """
    if text and text not in _READ:
        zone = _read_zone(text.strip())
        if zone is None or len(text) > LONGEST_KEPT:
            return zone
        _READ[text] = zone
    return _READ[text] if text else ""


def _read_zone(text: str) -> str | None:
    if text.casefold() in ("", "uhr", "h", "hrs"):
        return ""
    found = _ZONE.fullmatch(text)
    if not found:
        return None
    if found["sign"]:
        return _read_offset((found["name"] or "").casefold(), found)
    name = (found["name"] or found["region"] or "").casefold()
    if name in OFFSETS:
        return _offset(OFFSETS[name])
    if name in SEVERAL:
        return NO_OFFSET + name.upper()
    return regions().get(name)


def _read_offset(name: str, found: re.Match[str]) -> str | None:
    if name not in ("", "gmt", "utc", "ut", "z"):
        return None
    minutes = int(found["hours"]) * 60 + int(found["minutes"] or 0)
    if minutes > 15 * 60 or int(found["minutes"] or 0) > 59:
        return None
    return _offset(-minutes if found["sign"] in "-−" else minutes)


@lru_cache(maxsize=1)
def regions() -> dict[str, str]:
    """Return the names of the zones that the system knows, by their lower-case form."""
    from zoneinfo import available_timezones

    return {name.casefold(): name for name in available_timezones()}
