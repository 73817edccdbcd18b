"""Files are added to a stream: their rows by days, whole or not at all, and none of them twice.

A file is read in blocks, and what its rows add up to waits in memory, day by day. In the end all
of it is written in one transaction, with a digest of the file and of its rows' ids. So a process
that ends at any moment leaves nothing of it, or all; and what is added again is known.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

from afterword.errors import BatchError, StreamError
from afterword.files.blocks import read_block
from afterword.model.registry import version_of
from afterword.profiling.jobs import Progress, lost
from afterword.profiling.sources import Part, Source, Unread, source_of
from afterword.records import Batch
from afterword.settings import get_settings
from afterword.store import Store, get_store
from afterword.store.moments import DAY, midnight, moment_of, seconds_of
from afterword.store.stream_records import Stream
from afterword.store.streams import AddedFile
from afterword.streams import wording
from afterword.streams.cadence import parse, parse_day, period_of, today_in
from afterword.streams.day_rows import MOST_WORDS, DayRows, fewer_words, moved, with_neighbours
from afterword.streams.file_rows import NO_DAY, Found, How, Rows, look, tell_apart
from afterword.streams.written import write_days

MOST_WAITING: Final = 3 * MOST_WORDS
"""Unknown words, day by day, that wait in memory for the end of a file."""
SOONEST: Final = timedelta(days=1)
"""Beyond today, as zones differ: what lies later is a slip of a pen."""


@dataclass(frozen=True)
class Added:
    """What became of files that were added to a stream.

    Attributes
    ----------
    stream : its name.
    rows : that are counted now.
    first, last : their days; None where none is counted.
    periods : labels of the periods in which they lie.
    rejected : rows that cannot be used.
    known : rows whose ids were counted before.
    undated, later : rows that tell no time, and rows dated after tomorrow; neither is counted.
    left_out : day → rows that are not counted, because their period has fewer than 20 different
        descriptions.
    files, known_files : how many files were read, and of these, counted before.
    id_column : by which rows are told apart; "" where nothing tells them apart.
    notes : all of this that a person should know, in sentences.
    """

    stream: str
    rows: int
    first: date | None
    last: date | None
    periods: tuple[str, ...]
    rejected: int
    known: int
    undated: int
    later: int
    left_out: dict[date, int]
    files: int
    known_files: int
    id_column: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        days = {day.isoformat(): rows for day, rows in self.left_out.items()}
        edges = {
            name: None if day is None else day.isoformat()
            for name, day in (("first", self.first), ("last", self.last))
        }
        lists = {"periods": list(self.periods), "notes": list(self.notes), "left_out": days}
        return {**vars(self), **edges, **lists}


@dataclass
class _File:
    """What one file has come to so far."""

    number: int
    days: dict[int, DayRows] = field(default_factory=dict)
    digest: int = 0
    read: int = 0
    undated: int = 0
    later: int = 0
    rejected: int = 0
    known: int = 0
    id_column: str = ""
    forgotten: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the file is known by."""
        return f"{self.digest:032x}{self.read:032x}"


def add(
    source: Any,
    *,
    stream: str,
    day: str | None = None,
    period: str | None = None,
    id: str | None = None,
    progress: Callable[[Progress], object] | None = None,
    store: Store | None = None,
    now: datetime | None = None,
    **options: Any,
) -> Added:
    """Add files to a stream: their rows by days, whole or not at all, and none of them twice.

    Parameters
    ----------
    source : files, folders, patterns, addresses or tables, as :func:`afterword.profile` takes.
    stream : its name.
    day, period : "2026-11-24" or "2026-W47", of which all rows are; by default their times tell.
    id : column by which rows are told apart; by default the file's own, if it has one.
    progress : called after each block.
    store, now : this process's, and the present, if None.
    options : what is known of the files, as of :func:`afterword.read_batch`; ``zone``, of times
        that name none, is that of the stream by default.

    Returns
    -------
    Added
        Rows that are counted, rows that were counted before, and what is not counted and why.

    Raises
    ------
    BatchError
        A file cannot be read, or tells no times.
    StreamError
        There is no such stream, or the day is none; or another program added to it meanwhile.
    StoreError
        The store cannot be read or written.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"text": ["He stared."], "received at": ["2026-03-02 08:15"]})
    >>> add(table, stream="service").left_out
    {datetime.date(2026, 3, 2): 1}
    """
    store = store or get_store()
    kept, how = prepare(store, stream, day=day, period=period, id=id)
    options["zone"] = options.get("zone") or kept.zone
    adding = _Adding(store, kept, how, progress, now or datetime.now(UTC))
    for one in _each(source_of(source, **options)):
        adding.read(one)
    return adding.finish()


def prepare(
    store: Store, stream: str, *, day: str | None, period: str | None, id: str | None
) -> tuple[Stream, How]:
    """The stream to which rows are added, and how they are counted; raises as :func:`add`."""
    if not get_settings().recording:
        raise StreamError(wording.NOT_RECORDING)
    kept = store.streams.get(stream)
    of = f"{kept.id} {version_of()}"
    return kept, How(of, kept.zone, store.hashing, _day_of(kept, day, period), id)


def add_looked(
    rows: Rows, found: Found, *, stream: Stream, how: How, store: Store, now: datetime | None = None
) -> Added:
    """Add the rows of one file that another process has read and looked through.

    Parameters
    ----------
    rows, found : of the file; all of its rows that can be used were looked through.
    stream, how : as of :func:`prepare`.
    store, now : where, and the present; that of the clock if None.

    Raises
    ------
    BatchError, StreamError, StoreError
        As :func:`add`.
    """
    adding = _Adding(store, stream, how, None, now or datetime.now(UTC))
    adding.read_rows(rows, found)
    return adding.finish()


def _day_of(stream: Stream, day: str | None, period: str | None) -> int | None:
    """First second of the day that all rows are of, if the caller says one."""
    if day is None and period is None:
        return None
    if day is not None and period is not None:
        raise StreamError(wording.DAY_OR_PERIOD)
    if day is not None:
        return seconds_of(midnight(parse_day(day)))
    found = parse(period or "")
    if found.cadence != "day" and period_of(found.first, stream.cadence).last < found.last:
        raise StreamError(wording.period_too_long(stream.cadence))
    return seconds_of(midnight(found.first))


def _each(source: Source) -> Iterator[Source]:
    """Every file of a source by itself."""
    for file in source.files:
        yield replace(source, files=(file,), items=(), to_the_end=True)
    for item in source.items:
        yield replace(source, files=(), items=(item,))


class _Adding:
    """Files on the way into a stream."""

    def __init__(
        self,
        store: Store,
        stream: Stream,
        how: How,
        progress: Callable[[Progress], object] | None,
        now: datetime,
    ) -> None:
        self.store, self.stream, self.model, self.how = store, stream, version_of(), how
        self.progress, self.now = progress, now
        self.files: list[_File] = []
        self.again: list[AddedFile] = []
        self.twice = 0
        self._ids = np.zeros(0, np.int64)
        self._began = time.monotonic()
        self._rows = 0
        latest = today_in(stream.zone, now) + SOONEST
        self._latest = seconds_of(midnight(latest))

    def read(self, source: Source) -> None:
        """Read one file, and let its rows wait unless they are counted already."""
        file, before, done = _File(len(self.files) + len(self.again) + self.twice), self._ids, 0
        for part in source.parts():
            rows = self._rows_of(part, file)
            done += part.size
            if rows is not None:
                self._sort(rows, file)
            self._tell(min(done / source.size, 1.0) if source.size else None)
        self._take(file, before)

    def read_rows(self, rows: Rows, found: Found) -> None:
        """As :meth:`read`, of rows that were read and looked through elsewhere."""
        file, before = _File(0), self._ids
        self._sort(rows, file, found)
        self._take(file, before)

    def _take(self, file: _File, before: np.ndarray) -> None:
        """Let a file wait, unless it is counted already; then its ids are those of before."""
        if file.read and file.read == file.undated:
            raise BatchError(wording.NO_TIMES)
        if not file.read and file.problems:
            raise BatchError(file.problems[0])
        known = self.store.streams.added(self.stream.id, file.key)
        twice = any(file.key == other.key for other in self.files)
        if known or twice:
            self._ids, self.twice = before, self.twice + twice
            self.again += known[:1]
            return
        self.files.append(file)

    def _rows_of(self, part: Part, file: _File) -> Rows | None:
        """What a part holds; None where it cannot be read, which is told."""
        if isinstance(part.content, Unread):
            file.problems.append(lost(part, part.content.problem).problem)
            return None
        rows = part.content
        try:
            if part.how is not None and not isinstance(rows, Batch):
                rows = read_block(rows, part.how, get_settings())
        except BatchError as error:
            file.problems.append(lost(part, str(error)).problem)
            return None
        if not isinstance(rows, Batch):
            raise BatchError(wording.NO_TEXTS)
        return tell_apart(rows, self.how)

    def _sort(self, rows: Rows, file: _File, found: Found | None = None) -> None:
        """Let the rows of a block wait by their days."""
        file.digest = self.how.hashing.both(file.digest, rows.digest)
        file.read += int(rows.accepted.sum())
        file.id_column = rows.id_column or file.id_column
        undated, later = rows.days == NO_DAY, rows.days > self._latest
        known = self._known(rows, ~undated & ~later)
        counts = rows.accepted & ~undated & ~later & ~known
        rejected = ~rows.accepted & ~known
        self._rows += len(rows.days)
        file.rejected += int(rejected.sum())
        for name, own in (("undated", undated), ("later", later), ("known", known)):
            setattr(file, name, getattr(file, name) + int((own & rows.accepted).sum()))
        at, days = (np.cumsum(rows.accepted) - 1)[counts], rows.days[counts]
        if not len(days):
            return
        if found is None:
            found = look([rows.texts[place] for place in at.tolist()], self.how.hashing)
            at = np.arange(len(at))
        if found.model != self.model:
            raise StreamError(wording.MODEL_CHANGED_MEANWHILE)
        kept = rows.told & (counts | rejected)
        for day in np.unique(days).tolist():
            wrong = int((rejected & (rows.days == day)).sum())
            one = found.recording(at[days == day], day, wrong)
            own = rows.ids[kept & (rows.days == day)]
            file.days.setdefault(day, DayRows(day)).add(one, own, file.number)
        file.forgotten += fewer_words(file.days.values(), MOST_WAITING)

    def _known(self, rows: Rows, counts: np.ndarray) -> np.ndarray:
        """Which rows (n,) were counted before: of another file, or further up in this one."""
        ids, told = rows.ids, rows.told & counts
        if not told.any():
            return np.zeros(len(ids), bool)
        first = np.zeros(len(ids), bool)
        places = np.flatnonzero(told)
        first[places[np.unique(ids[places], return_index=True)[1]]] = True
        before = np.isin(ids, self._ids) | self.store.streams.known_ids(self.stream.id, ids)
        new = told & first & ~before
        self._ids = np.sort(np.concatenate([self._ids, ids[new]]), kind="stable")
        found: np.ndarray = told & ~new
        return found

    def _tell(self, share: float | None) -> None:
        if self.progress is not None:
            seconds = time.monotonic() - self._began
            self.progress(Progress(self._rows, seconds, share))

    def finish(self) -> Added:
        """Write all that waits, in one transaction, and tell what became of it."""
        days = [each for file in self.files for each in file.days.values()]
        forgotten = fewer_words(days) + sum(file.forgotten for file in self.files)
        written, left = with_neighbours(days, self.stream.cadence)
        overlaps = self._overlaps(written)
        counted = Counter[int]()
        for each in written:
            counted.update(each.files)
        if written:
            files = [
                (file.key, self._added(file, written, counted[file.number]))
                for file in self.files
                if counted[file.number]
            ]
            write_days(self.store, self.stream, self.model, written, files)
        return self._told(written, left, overlaps, forgotten)

    def _added(self, file: _File, written: Sequence[DayRows], rows: int) -> AddedFile:
        own = [day for each in written if each.files[file.number] for day in each.own]
        days = [day for day in own if day in file.days] or own
        first, last = moment_of(min(days)), moment_of(max(days))
        return AddedFile(self.now, rows, first, last, bool(file.id_column))

    def _overlaps(self, written: Sequence[DayRows]) -> list[AddedFile]:
        """Files that were added before and have days in common, where no ids tell rows apart."""
        days = {day for each in written for day in each.own}
        if not days:
            return []
        first, last = moment_of(min(days)), moment_of(max(days))
        told = all(file.id_column for file in self.files)
        return [
            one
            for one in self.store.streams.added(self.stream.id)
            if one.first_day <= last and one.last_day >= first and not (told and one.ids)
        ]

    def _told(
        self,
        written: Sequence[DayRows],
        left: Sequence[DayRows],
        overlaps: Sequence[AddedFile],
        forgotten: int,
    ) -> Added:
        days = sorted({moment_of(day).date() for each in written for day in each.own})
        labels = dict.fromkeys(period_of(day, self.stream.cadence).label for day in days)
        out: Counter[date] = Counter()
        for each in left:
            out.update({moment_of(day).date(): rows for day, rows in each.own.items()})
        found = Added(
            stream=self.stream.name,
            rows=sum(each.rows for each in written),
            first=days[0] if days else None,
            last=days[-1] if days else None,
            periods=tuple(labels),
            rejected=sum(file.rejected for file in self.files),
            known=sum(file.known for file in self.files),
            undated=sum(file.undated for file in self.files),
            later=sum(file.later for file in self.files),
            left_out=dict(sorted(out.items())),
            files=len(self.files) + len(self.again) + self.twice,
            known_files=len(self.again) + self.twice,
            id_column=next((file.id_column for file in self.files if file.id_column), ""),
            notes=(),
        )
        return replace(found, notes=tuple(self._notes(found, written, overlaps, forgotten)))

    def _notes(
        self,
        found: Added,
        written: Sequence[DayRows],
        overlaps: Sequence[AddedFile],
        forgotten: int,
    ) -> Iterator[str]:
        for each in self.again:
            yield wording.added_before(each.added, found.files)
        if self.twice:
            yield wording.twice(self.twice)
        if found.id_column:
            yield wording.told_apart(found.id_column)
        if found.known:
            yield wording.counted_before(found.known)
        if overlaps:
            yield wording.overlaps(overlaps[0].added, len(overlaps))
        if found.undated:
            yield wording.undated(found.undated)
        if found.later:
            yield wording.later(found.later)
        if found.left_out:
            yield wording.left_out(found.left_out)
        pairs = [(moment_of(day).date(), moment_of(to).date(), rows)
                 for (day, to), rows in sorted(moved(written).items())]  # fmt: skip
        if pairs:
            yield wording.moved(pairs)
        if forgotten:
            yield wording.forgotten_words(forgotten)
        yield from self._of_the_store(found)
        yield from (problem for file in self.files for problem in file.problems)

    def _of_the_store(self, found: Added) -> Iterator[str]:
        """What is told of the stream beside the files."""
        if found.first is None:
            return
        kept_from = self.now - timedelta(days=get_settings().retention_days)
        if found.first < kept_from.date():
            yield wording.too_old(get_settings().retention_days)
        own = self.store.streams.held(self.model).get(self.stream.id)
        every = self.store.streams.held().get(self.stream.id)
        if own and every and (every.first < own.first or every.last > own.last + DAY):
            yield wording.OTHER_MODEL
