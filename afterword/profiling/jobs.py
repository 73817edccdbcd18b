"""Parts are read, scored and added up: in this process, or by several.

Parts are jobs of joblib, and what they give is joined as it comes. A process that dies costs its
parts a second try; a part that ends two processes is given up, and told.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final, Self

import numpy as np

from afterword.errors import BatchError, ModelError
from afterword.files.blocks import LOST, read_block
from afterword.measures.drawn_rows import DrawnRows
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile, join, profile_of
from afterword.measures.wording import COUNTED_APART
from afterword.model.registry import load_model, version_of
from afterword.model.scored import Scored
from afterword.model.scoring import score
from afterword.profiling import wording
from afterword.profiling.sources import Part, Unread
from afterword.profiling.splitting import split
from afterword.records import Batch
from afterword.settings import get_settings
from afterword.text.distinct import DistinctTexts, Joining, joined

MOST_KEPT: Final = 100_000
"""Different texts up to which a profile can be joined exactly with any other of its process."""
_AT_ONCE: Final = 16
"""Profiles that are joined at once: the counts of each are sorted with those of all before it."""
_SMALL: Final = 2_000
"""Texts up to which pieces of a job are joined as they come."""
_MOST_WAITING: Final = 8
"""Larger pieces that wait, a megabyte each."""
_COUNTS: Final = ("lost", "rows", "size", "seconds")
_LIMITS: Final = ("max_characters", "max_rows", "max_upload_mb")


@dataclass(frozen=True)
class Task:
    """What every part of one job needs.

    Attributes
    ----------
    model_dir : folder of the model; the one in service if None.
    model : its version, which each worker has to have.
    key : of the digests by which texts are found again in other parts.
    drawn : rows of the sample from which reports are drawn.
    limits : settings that say what is read; those of the machine that began the job hold for all.
    by : column whose values make segments; "" for none.
    """

    model_dir: str | None
    model: str
    key: bytes = field(repr=False)
    drawn: int
    limits: Mapping[str, int] = field(default_factory=lambda: limits())
    by: str = ""


def limits() -> dict[str, int]:
    """The settings of this process that say what is read."""
    settings = get_settings()
    return {name: getattr(settings, name) for name in _LIMITS}


@dataclass(frozen=True, eq=False)
class Result:
    """What a part came to.

    Attributes
    ----------
    part : its number.
    profile : None where it could not be read.
    problem : why, in a sentence.
    lines : of a part that could not be read.
    size : bytes of the source that it took.
    segments : value → profile, where the job is by a column.
    """

    part: int
    profile: Profile | None
    problem: str
    lines: int
    size: int
    segments: Mapping[str, Profile] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    rows : that were read.
    seconds : since it began.
    share : of the source's bytes that is done, in [0, 1]; None where that is not known.
    """

    rows: int
    seconds: float
    share: float | None

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / max(self.seconds, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds that are left, about."""
        if not self.share:
            return None
        return self.seconds * (1 - self.share) / self.share


def profile_part(part: Part, task: Task, below: int) -> Result:
    """Read, score and add up one part.

    Parameters
    ----------
    part : of the source.
    task : of the job.
    below : only rows with a smaller random number can still be drawn.
    """
    with _uncollected():
        return _result_of(part, task, below)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage that refers to itself until the end.

    A part makes some hundred thousand lists and tuples, for which Python looks through all objects
    of the process several times to find such garbage; there is hardly any.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _result_of(part: Part, task: Task, below: int) -> Result:
    if version_of(task.model_dir) != task.model:
        raise ModelError(wording.OTHER_MODEL)
    if isinstance(part.content, Unread):
        return lost(part, part.content.problem)
    settings = get_settings().model_copy(update=dict(task.limits))
    try:
        rows = part.content
        if part.how is not None and not hasattr(rows, "accepted"):
            rows = read_block(rows, part.how, settings)
        if not task.by:
            return Result(part.number, _profile_of(rows, task, below), "", 0, part.size)
        if isinstance(rows, Scored):
            raise BatchError(wording.BY_SCORED)
        segments = {value: _profile_of(own, task, 2**64 - 1) for value, own in split(rows, task.by)}
    except BatchError as error:
        return lost(part, str(error))
    whole = reduce(operator.add, segments.values())
    return Result(part.number, whole, "", 0, part.size, segments)


def _profile_of(rows: Batch | Scored, task: Task, below: int) -> Profile:
    if not isinstance(rows, Scored):
        rows = score(rows, load_model(task.model_dir), key=task.key)
    found = profile_of(rows, load_tables(task.model_dir).rules, task.model)
    return replace(found, drawn=DrawnRows.of(rows.frame, task.drawn).below(below))


def lost(part: Part, sentence: str) -> Result:
    """What a part comes to that cannot be read.

    Parameters
    ----------
    part : of the source.
    sentence : why.
    """
    lines, of = 0, "lines"
    if isinstance(part.content, bytes):
        lines = part.content.count(b"\n")
    elif isinstance(part.content, int):  # of a table that is damaged from there on
        lines, of = part.content, "rows"
    told = wording.lost(part.place, sentence, lines, of)
    return Result(part.number, None, told, lines, part.size)


class Total:
    """What the parts of a job come to, joined as they come.

    Attributes
    ----------
    drawn : rows of the sample from which reports are drawn.
    notes : why parts could not be read.
    lost : lines of these.
    done : numbers of the parts that were added.
    rows : that were read.
    size : bytes of the source that were read.
    seconds : that it took, those before an interruption included.
    torn : whether an addition was interrupted midway, so that nothing here can be relied on.
    """

    def __init__(self, drawn: int) -> None:
        self.drawn = drawn
        self._joining = Joining()
        self._whole = True
        self._few: list[DistinctTexts] = []
        self._many = False
        self._waiting: list[Profile] = []
        self.notes: list[str] = []
        self.lost = 0
        self.done: set[int] = set()
        self.rows = 0
        self.size = 0
        self.seconds = 0.0
        self.torn = False

    def state(self) -> dict[str, Any]:
        """All of it, to go on from later."""
        if self._waiting:
            # One profile is written in place of many.
            self._waiting = [self._joined()]
        return {
            "drawn": self.drawn,
            "many": self._joining.result() if self._many else None,
            "few": joined(self._few) if self._few else None,
            "known": self._whole,
            "waiting": tuple(self._waiting),
            "notes": tuple(self.notes),
            "done": np.array(sorted(self.done), np.int64),
            **{name: getattr(self, name) for name in _COUNTS},
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """Go on from what :meth:`state` gave.

        Raises
        ------
        KeyError, TypeError, ValueError
            It is something else.
        """
        total = cls(int(state["drawn"]))
        total._go_on(state)
        return total

    def _go_on(self, state: Mapping[str, Any]) -> None:
        """Become what :meth:`state` gave."""
        self._many = state["many"] is not None
        self._few = [] if state["few"] is None else [state["few"]]
        if self._many:
            self._joining = Joining.after(state["many"])
        self._whole, self._waiting = bool(state["known"]), list(state["waiting"])
        self.notes, self.done = list(state["notes"]), set(state["done"].tolist())
        for name in _COUNTS:
            setattr(self, name, state[name])

    @property
    def below(self) -> int:
        """Random number from which a row cannot be drawn any more."""
        first = self._waiting[0].drawn if self._waiting else None
        if first is None or len(first.numbers) < self.drawn:
            return 2**64 - 1
        return int(first.numbers[-1])

    def add(self, result: Result) -> None:
        """Join what a part came to; a part that was counted before is not counted again."""
        if result.part in self.done:
            return
        self.torn = True
        self._add(result)
        self.done.add(result.part)
        self.torn = False

    def _add(self, result: Result) -> None:
        self.size += result.size
        if result.profile is None:
            self.notes.append(result.problem)
            self.lost += result.lines
            self.rows += result.lines
            return
        self.rows += result.profile.rows
        if result.profile.pieces is None:
            self._whole = False
        elif self._whole:
            self._join_texts(result.profile.pieces)
        self._waiting.append(replace(result.profile, pieces=None))
        if len(self._waiting) >= _AT_ONCE:
            self._waiting = [self._joined()]

    def _join_texts(self, piece: DistinctTexts) -> None:
        """Few texts are joined so that what each added stays known; of many it is forgotten."""
        few = self._few
        few.append(piece)
        # Small pieces are joined with those of like size; large ones wait, to be sorted once.
        while len(few) > 1 and len(few[-2].forms) <= 2 * len(few[-1].forms) <= _SMALL:
            few[-2:] = [joined(few[-2:])]
        size = sum(len(each.forms) for each in few)
        if size <= MOST_KEPT and len(few) < _MOST_WAITING and not self._many:
            return
        whole, self._few = joined(few), []
        if len(whole.forms) <= MOST_KEPT and not self._many:
            self._few = [whole]
        else:
            self._many = True
            self._joining.add(whole)

    def _joined(self) -> Profile:
        return self._waiting[0] if len(self._waiting) == 1 else join(self._waiting)

    def _apart(self, found: Profile) -> list[str]:
        """What is told where no text of one part is known in another."""
        is_apart = not self._whole and len(self.done) > 1 and found.texts is not None
        return [COUNTED_APART] if is_apart else []

    def profile(self) -> Profile:
        """All parts together.

        Raises
        ------
        BatchError
            None could be read.
        """
        if not self._waiting:
            raise BatchError(self.notes[0] if self.notes else wording.NO_FILE)
        found = self._joined()
        rejections = dict(found.rejections)
        if self.lost:
            rejections[LOST] = self.lost
        pieces = None
        if self._whole:
            pieces = self._joining.result() if self._many else joined(self._few)
        return replace(
            found,
            texts=pieces.closed() if pieces else found.texts,
            pieces=pieces,
            rejections=rejections,
            notes=tuple(sorted({*found.notes, *self.notes, *self._apart(found)})),
        )


def run(
    parts: Iterator[Part],
    task: Task,
    total: Total,
    *,
    workers: int = 1,
    step: Callable[[], object] = lambda: None,
) -> None:
    """Have all parts added up.

    Parameters
    ----------
    parts : of the source.
    task : of the job.
    total : to which they are added.
    workers : processes; 1 for this one alone.
    step : called after each part.
    """
    if workers == 1:
        for part in parts:
            total.add(profile_part(part, task, total.below))
            step()
        return
    ahead: dict[int, Part] = {}
    died = True
    while died:
        died = False
        try:
            _run_apart(parts, task, total, workers, ahead, step)
        except _died():
            died = True
        # One of them ended its process, and took the others' along: now each has one alone. What a
        # thread of joblib took meanwhile, and nobody did, is there as well.
        for number in list(ahead):
            _run_alone(ahead.pop(number), task, total, workers, step)


def _run_alone(
    part: Part, task: Task, total: Total, workers: int, step: Callable[[], object]
) -> None:
    try:
        _run_apart(iter([part]), task, total, workers, {}, step)
    except _died():
        total.add(lost(part, wording.ENDED))
        step()


def _run_apart(
    parts: Iterator[Part],
    task: Task,
    total: Total,
    workers: int,
    ahead: dict[int, Part],
    step: Callable[[], object],
) -> None:
    import joblib

    def jobs() -> Iterator[Any]:
        for part in parts:
            ahead[part.number] = part
            yield joblib.delayed(profile_part)(part, task, total.below)

    parallel = joblib.Parallel(
        n_jobs=workers, return_as="generator_unordered", pre_dispatch=2 * workers, batch_size=1
    )
    # Closed at once where something ends it, or the processes would go on until it is forgotten.
    with closing(parallel(jobs())) as results:
        for result in results:
            ahead.pop(result.part, None)
            total.add(result)
            step()


def _died() -> tuple[type[Exception], ...]:
    from joblib.externals.loky.process_executor import BrokenProcessPool, TerminatedWorkerError

    return BrokenProcessPool, TerminatedWorkerError
