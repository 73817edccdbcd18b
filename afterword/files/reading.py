"""Reading a file of production inputs: which rows can be used, which cannot, and why.

Nothing here repairs a text; only `json_values` puts letters together that a whole file writes as
single bytes, and says so. Every row comes back with the columns it came with; what is wrong
with it is said beside it, in one of a few fixed reasons. No message, note or reason ever holds
text of a row, and neither does the chain of an exception.

>>> batch = read_batch(b"description,channel\\nHe whistled at me.,web\\n-,app\\n", categories=())
>>> batch.rejected.to_dict("records")
[{'row': 2, 'reason': 'empty'}]
>>> batch.notes
('The file is CSV in UTF-8, separated by commas.',)
"""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

from afterword.deployment import WORDS
from afterword.errors import BatchError, ModelError, is_panic, place_of
from afterword.files import reading_wording, wording
from afterword.files.columns import as_whole, find_columns
from afterword.files.header import WRONG_WIDTH, Table, number_rows
from afterword.files.inputs import frame_of, is_pandas
from afterword.files.isolation import Wait, read_apart
from afterword.files.options import ReadOptions
from afterword.files.received import read_times
from afterword.files.shares import parse_shares
from afterword.files.tables import SUPPORTED, UNREADABLE, read_table
from afterword.files.text_bytes import TextBytes, bytes_of
from afterword.records import Batch, Choice, Manifest, Reading
from afterword.settings import Settings, get_settings
from afterword.text.placeholders import EMPTY_TEXTS, NULL
from afterword.workers import Job

__all__ = [
    "EMPTY", "NOT_TEXT", "SUPPORTED", "TOO_LONG", "UNREADABLE", "WRONG_WIDTH",
    "parse_shares", "read_batch", "template",
]  # fmt: skip

EMPTY = "empty"
NOT_TEXT = "not text"
TOO_LONG = "longer than {:,} characters"
"""The reason's form; the number is the setting ``max_characters``."""

LONGEST_EMPTY = 24
"""Characters up to which a text may be one that stands for nothing."""

LONGEST_CHARACTER = 4
"""Bytes of one in UTF-8."""

AT_ONCE = 4_000_000
"""Bytes of texts that are looked at in one step, which takes some times as much memory."""

MOSTLY = 0.1
"""Share of control or damaged characters from which a text is not readable."""

_WORD = re.compile(r"[^\W_]")
_NO_WORD = re.compile(r"[\W_]++")
_DAMAGED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and symbols by their category that show nothing."""

_log = logging.getLogger(__name__)

Read = TypeVar("Read")


def read_batch(
    source: Any,
    *,
    name: str | None = None,
    categories: Mapping[str, str] | Sequence[str] | None = None,
    settings: Settings | None = None,
    wait: Wait = Job.result,
    **options: Any,
) -> Batch:
    """Read descriptions from a file or table and say which rows can be used.

    A file is read by another process, so that none can harm this one; a table in memory is not.

    Parameters
    ----------
    source : a path, the bytes of a file or a binary buffer: CSV (any usual encoding and
        separator), Excel, OpenDocument, Parquet and JSON are told apart by their content. Or a
        DataFrame, a Series, a list of texts or of dictionaries, or what else
        :func:`afterword.files.inputs.frame_of` takes; a str is always a path.
    name : the file's name; by default that of the path or buffer.
    categories : display names of the categories, or display name → the training data's
        column, by which predictions and labels are found; by default those of the model
        in service.
    settings : limits of size; by default those of the process.
    wait : waits for the process that reads; by default until it is done.
    options : what the caller knows of the file, as of :class:`afterword.files.options.ReadOptions`:
        ``description``, ``time``, ``sheet``, ``header_row``, ``date_order``, ``zone``, ``labels``,
        ``strict``. What is left out is found; :attr:`afterword.records.Batch.reading` tells how.

    Returns
    -------
    The batch: every row, the rejected ones with reasons, what the columns hold. A DataFrame or
    Series keeps its index, so that what is made of the rows can be set beside it; of an index
    with a label twice pandas refuses that, but for :func:`afterword.classify`'s table, which has
    every row in its order.

    Raises
    ------
    BatchError
        The source is no table, is empty or too large, takes too much time or memory, or its
        column of descriptions cannot be told.

    >>> read_batch(b"text;id\\nShe was stared at, all the way home;7", categories=()).columns.time
    """
    settings = settings or get_settings()
    known, named = ReadOptions(**options), known_categories(categories, settings)
    frame = frame_of(source)
    if frame is not None:
        index = getattr(source, "index", None) if is_pandas(source) else None
        return guarded(lambda: _from_frame(frame, index, known, named, settings))
    content, found = load(source, settings)
    name = name or found
    arguments = (extension_of(name), known, named, settings)
    batch: Batch = read_apart(read_content, content, *arguments, settings=settings, wait=wait)
    return replace(batch, name=name)


def guarded(read: Callable[[], Read]) -> Read:
    """Return what was read; an error that is none of ours becomes one, without what it quotes.

    Raises
    ------
    BatchError
        What was read cannot be.
    """
    try:
        return read()
    except BatchError as error:
        problem: BatchError = error.with_traceback(None)
    except MemoryError:
        raise
    except BaseException as error:
        if not (isinstance(error, Exception) or is_panic(error)):
            raise
        # Libraries quote cells in their messages; the place in the code is all that is told.
        _log.warning(wording.NOT_READ, place_of(error))
        problem = BatchError(wording.DAMAGED)
    # Raised here and not above, because an exception keeps the one it was raised from.
    problem.__context__ = None
    raise problem


def read_content(
    content: bytes,
    extension: str,
    options: ReadOptions,
    categories: Mapping[str, str],
    settings: Settings,
) -> Batch:
    """Read a file's content in this process, which that can end.

    Parameters
    ----------
    content : of the file.
    extension : of its name, without the dot, lower case.
    options, categories, settings : as of :func:`read_batch`.
    """
    return guarded(
        lambda: _batch(
            read_table(bytes(content), extension, settings, options), options, categories, settings
        )
    )


def _from_frame(
    frame: pd.DataFrame,
    index: pd.Index | None,
    options: ReadOptions,
    categories: Mapping[str, str],
    settings: Settings,
) -> Batch:
    if not len(frame) or not len(frame.columns):
        raise BatchError(wording.EMPTY_TABLE)
    if len(frame) > settings.max_rows:
        raise BatchError(wording.table_too_long(settings.max_rows))
    table = Table(number_rows(frame), {}, (Choice("format", "table", reading_wording.IN_MEMORY),))
    batch = _batch(table, options, categories, settings)
    if index is None:
        return batch
    rejected = batch.rejected.set_axis(index[batch.rejected["row"].to_numpy() - 1], axis=0)
    read = batch.table.set_axis(index, axis=0)
    numbers = batch.table.index
    if batch.times is not None and batch.clock is not None:
        batch = replace(batch, times=batch.times.set_axis(index), clock=batch.clock.set_axis(index))
    return replace(batch, table=read, rejected=rejected, numbers=numbers)


def _batch(
    table: Table, options: ReadOptions, categories: Mapping[str, str], settings: Settings
) -> Batch:
    if options.header_row is not None and all(each.of != "header" for each in table.choices):
        raise BatchError(reading_wording.NO_HEADER_TO_CHOOSE)
    columns, choices = find_columns(table.frame, options, categories)
    frame = table.frame
    if columns.id is not None:
        frame = frame.assign(**{columns.id: as_whole(frame[columns.id])})
    rejected = rejections(table, columns.description, settings.max_characters)
    times = None
    if columns.time is not None:
        times, said = read_times(table.frame, columns.time, options)
        choices += said
    reading = Reading((*table.choices, *choices))
    if options.strict and reading.doubtful:
        raise BatchError(wording.doubtful(reading.doubtful))
    batch = Batch(frame, rejected, columns, reading=reading)
    return replace(batch, times=times.values, clock=times.local) if times else batch


def load(source: Any, settings: Settings) -> tuple[bytes, str]:
    """Return the bytes of a source and its name, reading no more than may be read.

    Parameters
    ----------
    source : a path, bytes or a binary buffer.

    Raises
    ------
    BatchError
        There is no such file, it is too large, or the source is none of these.
    """
    limit = settings.max_upload_mb * 1_000_000
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = bytes(source), ""
    elif isinstance(source, (str, Path)):
        try:
            with open(source, "rb") as file:
                data = file.read(limit + 1)
        except (OSError, ValueError):
            raise BatchError(wording.NO_FILE) from None
        name = Path(source).name
    elif hasattr(source, "read"):
        with contextlib.suppress(AttributeError, OSError):  # a pipe cannot go back
            source.seek(0)  # a page may have looked into the upload before
        content = source.read(limit + 1)
        data = content.encode("utf-8", "replace") if isinstance(content, str) else bytes(content)
        name = Path(str(getattr(source, "name", ""))).name
    else:
        raise BatchError(wording.NO_SOURCE)
    if len(data) > limit:
        raise BatchError(wording.too_large(settings.max_upload_mb))
    return data, name


def extension_of(name: str) -> str:
    """The ending of a file's name, without the dot, in lower case.

    >>> extension_of("Week 19.CSV")
    'csv'
    """
    return Path(name).suffix.lower().removeprefix(".")


def known_categories(
    categories: Mapping[str, str] | Sequence[str] | None, settings: Settings
) -> Mapping[str, str]:
    """Display name → the training data's column, of what a caller gave or of the model."""
    if isinstance(categories, Mapping):
        return dict(categories)
    if categories is not None:
        names = (categories,) if isinstance(categories, str) else categories
        return {name: name for name in names}
    try:
        manifest = Manifest.read(settings.model_dir)
    except ModelError:
        return {}  # a file can be read before there is a model
    return {category: manifest.columns.get(category, category) for category in manifest.categories}


def rejections(table: Table, description: str, longest: int) -> pd.DataFrame:
    """Rows whose descriptions cannot be used, as :attr:`Batch.rejected` has them."""
    import pandas as pd

    texts, index, faults = table.frame[description], table.frame.index, table.faults
    looked_at = pd.Series(~_surely_used(texts, longest), index=index)
    looked_at[index.isin(list(faults))] = True
    reasons = {}
    for row, text in zip(index[looked_at].tolist(), texts[looked_at], strict=True):
        reason = faults.get(row) or reason_to_reject(text, longest)
        if reason:
            reasons[row] = reason
    return pd.DataFrame(
        {
            "row": pd.Series(list(reasons), dtype="int64"),
            "reason": pd.Series(list(reasons.values()), dtype="str"),
        }
    )


def _surely_used(column: pd.Series, longest: int) -> np.ndarray:
    """(n,) whether a cell is a description at first sight, as nearly every one is."""
    import numpy as np

    texts = bytes_of(column)
    if texts is None or not len(column):
        return np.zeros(len(column), dtype=bool)
    return np.concatenate([_are_used(part, longest) for part in texts.parts(AT_ONCE)])


def _are_used(texts: TextBytes, longest: int) -> np.ndarray:
    """(n,) whether a text begins with a letter or number of ASCII, is neither short nor long, and
    holds no character that could be damaged or shows nothing."""
    import numpy as np

    sizes, content = texts.sizes, texts.content
    begins = np.zeros(len(sizes), dtype=bool)
    if len(content) > max(longest, AT_ONCE):
        return begins  # one text, which is too long in most cases
    for place in (0, 1):  # the second one of a text in quotation marks
        first = texts.at(place)
        letter = first | np.uint8(0x20)  # in lower case, if it is one
        begins |= ((letter >= ord("a")) & (letter <= ord("z"))) | (
            (first >= ord("0")) & (first <= ord("9"))
        )
    # 0xC2 begins the controls above ASCII in UTF-8, and 0xEF what stands for no character.
    odd = (
        (content == 0x7F)
        | (content == 0xC2)
        | (content == 0xEF)
        | (
            (content < 0x20)
            & (content != ord("\n"))
            & (content != ord("\r"))
            & (content != ord("\t"))
        )
    )
    short = np.where(texts.holds(content > 0x7F), LONGEST_CHARACTER, 1) * LONGEST_EMPTY
    sure: np.ndarray = begins & (sizes > short) & (sizes <= longest) & ~texts.holds(odd)
    return sure


def reason_to_reject(text: object, longest: int) -> str:
    """Return why a cell is no description, "" if it is one.

    Parameters
    ----------
    text : the cell.
    longest : most characters that a description may have.

    >>> reason_to_reject("n/a", 20_000), reason_to_reject(7, 20_000), reason_to_reject("ok", 1)
    ('empty', 'not text', 'longer than 1 characters')
    """
    if not isinstance(text, str):
        return EMPTY if _is_missing(text) else NOT_TEXT
    if LONGEST_EMPTY < len(text) <= longest and (
        text[0].isalpha() and text.isascii() and text.isprintable()
    ):
        return ""  # nearly every description, at once
    if len(text) > longest:
        return EMPTY if not text.strip() else TOO_LONG.format(longest)
    if not text.isprintable() or "\ufffd" in text:
        damaged = len(_DAMAGED.findall(text))
        if damaged and damaged >= MOSTLY * len(text):
            return EMPTY if not _DAMAGED.sub("", text.replace("\0", "")) else UNREADABLE
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    if not _WORD.search(text) and all(map(_says_nothing, text)):
        return EMPTY
    if len(text) <= LONGEST_EMPTY:
        plain = _NO_WORD.sub(" ", text).strip().casefold()
        if plain in EMPTY_TEXTS or text.strip() == NULL:
            return EMPTY
    return ""


def _says_nothing(character: str) -> bool:
    """Tell whether a character is space, punctuation, a mark or invisible; an emoji is not."""
    category = unicodedata.category(character)
    return category[0] in "ZPCM" or category in ("Sm", "Sk", "Sc")


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def template(categories: Sequence[str] = ()) -> bytes:
    """Return a small CSV file to fill in, with the columns that a batch may have.

    Parameters
    ----------
    categories : display names; each gets a column of predictions and one of labels.

    Returns
    -------
    UTF-8 with byte order mark, so that Excel reads it; :func:`read_batch` does too.

    >>> read_batch(template(["Ogling"]), categories=["Ogling"]).columns.labels
    {'Ogling': 'Ogling label'}
    """
    shown = WORDS.template.rows
    header = [WORDS.template.column, "received_at"]
    rows = [[one.text, one.received_at] for one in shown]
    for category in categories:
        header += [f"{category} probability", f"{category} label"]
        for row, one in zip(rows, shown, strict=True):
            row += ["0.80", "1"] if category == one.category else ["0.10", "0"]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode("utf-8-sig")
