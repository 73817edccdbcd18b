"""What is seen of a window of time: the records that monitoring gives and the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import AfterwordError
from afterword.monitoring import wording
from afterword.store.moments import DAY

if TYPE_CHECKING:
    from afterword.monitoring.control_charts import Chart
    from afterword.quality.category_shares import CategoryShare

HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
NAMES: Final = ("day", "week", "month", "custom")
WEEKLY_FROM: Final = 120
"""Days from which a window is drawn by weeks."""
MOST_DAYS: Final = 3_660
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


class WindowError(AfterwordError):
    """A window that cannot be shown."""


@dataclass(frozen=True)
class Window:
    """A stretch of time, cut into periods.

    Attributes
    ----------
    name : "day", "week", "month" or "custom".
    start, end : UTC; the end is not in it.
    period : length of a period; the whole window is a multiple of it.
    """

    name: str
    start: datetime
    end: datetime
    period: timedelta

    @property
    def before(self) -> Window:
        """The window of the same length that ends where this one starts."""
        return Window(self.name, self.start - (self.end - self.start), self.start, self.period)

    @property
    def times(self) -> tuple[datetime, ...]:
        """Start of each period."""
        count = round((self.end - self.start) / self.period)
        return tuple(self.start + place * self.period for place in range(count))


def window_of(
    name: str,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    now: datetime | None = None,
) -> Window:
    """Make a window.

    Parameters
    ----------
    name : "day" (the last 24 whole hours and the current one), "week" or "month" (the last 7 or
        30 days, today included) or "custom".
    start, end : first and last day of a custom window, both in it; by days up to 120 days, by
        whole weeks beyond.
    now : the present, UTC; that of the clock if None.

    Raises
    ------
    WindowError
        The name is unknown, or a custom window has no days, ends before it starts, or is longer
        than ten years.
    """
    now = now or datetime.now(UTC)
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    if name == "day":
        last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
        return Window(name, last - DAY, last, HOUR)
    if name in ("week", "month"):
        return Window(name, tomorrow - (7 if name == "week" else 30) * DAY, tomorrow, DAY)
    if name != "custom" or start is None or end is None:
        raise WindowError(wording.NO_WINDOW)
    first, last = (
        datetime(moment.year, moment.month, moment.day, tzinfo=UTC) for moment in (start, end)
    )
    if first < _EARLIEST or last >= tomorrow:
        raise WindowError(wording.NO_SUCH_DAYS)
    days = (last - first).days + 1
    if days < 1:
        raise WindowError(wording.ENDS_TOO_EARLY)
    if days > MOST_DAYS:
        raise WindowError(wording.TOO_LONG)
    if days > WEEKLY_FROM:
        weeks = -(-days // 7)
        return Window(name, last + DAY - weeks * WEEK, last + DAY, WEEK)
    return Window(name, first, last + DAY, DAY)


@dataclass(frozen=True)
class Line:
    """A number of the software over time.

    Attributes
    ----------
    name, label, unit : "requests", "Requests", "calls".
    times : start of each period.
    values : (t,) NaN where there is none.
    now, before : over the whole window, and over the one before; NaN where there is none.
    """

    name: str
    label: str
    unit: str
    times: tuple[datetime, ...]
    values: np.ndarray
    now: float
    before: float


@dataclass(frozen=True)
class Watched:
    """A number of the inputs or outputs over time, with its control chart.

    Attributes
    ----------
    name, label, unit : as of the measure; "share" and "" are between 0 and 1.
    group : "input" or "output".
    times : start of each period of the chart, which begins before the window: limits learn from
        what came before.
    shown : index of the window's first period in ``times``.
    chart : the control chart over ``times``.
    now, error : mean or share over the window, and its standard error; NaN where there is none.
    before : the same over the window before.
    training : centre.
    training_range : what 95 % of windows of this size would show if nothing had changed.
    rows : descriptions in the window.
    enough : whether these are enough to say anything; grey otherwise.
    """

    name: str
    label: str
    unit: str
    group: str
    times: tuple[datetime, ...]
    shown: int
    chart: Chart
    now: float
    error: float
    before: float
    training: float
    training_range: tuple[float, float]
    rows: int
    enough: bool

    @property
    def alarms(self) -> tuple[datetime, ...]:
        """Periods of the window in which the chart newly crossed its red lines."""
        at = np.flatnonzero(self.chart.alarms)
        return tuple(self.times[place] for place in at if place >= self.shown)

    @property
    def crossed(self) -> bool:
        """Whether the last judged period of the window is beyond a red line."""
        judged = np.flatnonzero(self.chart.judged)
        judged = judged[judged >= self.shown]
        return bool(len(judged) and self.chart.crossed[judged[-1]])


@dataclass(frozen=True)
class Outside:
    """Share of descriptions outside the training range of one descriptor.

    Attributes
    ----------
    name, label : of the descriptor.
    now, low, high : share in the window with its exact 95 % interval; NaN without descriptions.
    training : share in training: at most 2 % by the range's definition.
    """

    name: str
    label: str
    now: float
    low: float
    high: float
    training: float


@dataclass(frozen=True)
class NewWord:
    """A word that training never had and that enough descriptions of the window hold."""

    word: str
    descriptions: int
    share: float
    first_day: datetime


@dataclass(frozen=True)
class Monitoring:
    """Everything that the page "Monitoring" shows of a window.

    Attributes
    ----------
    window : that was asked for.
    period : of the control charts, which may be longer than the window's.
    descriptions, calls : in the window.
    software, inputs, outputs : the three families.
    outside : one line per descriptor, farthest from training first.
    new_words : commonest first.
    hidden_words : unseen words that are in too few descriptions, or may be a name.
    promised : false alarms a year that all control charts together are expected to have.
    judged : periods of the window that were judged; 0 if there is too little data.
    waiting : descriptions of the window whose inputs are not counted in it.
    """

    window: Window
    period: timedelta
    descriptions: int
    calls: int
    software: tuple[Line, ...]
    inputs: tuple[Watched, ...]
    outputs: tuple[Watched, ...]
    outside: tuple[Outside, ...]
    new_words: tuple[NewWord, ...]
    hidden_words: int
    promised: float
    judged: int
    waiting: int = 0

    @property
    def crossed(self) -> tuple[Watched, ...]:
        """The charts that crossed within the window."""
        return tuple(one for one in (*self.outputs, *self.inputs) if one.alarms or one.crossed)


@dataclass(frozen=True)
class Number:
    """One of the four numbers of the overview, with its sparkline.

    Attributes
    ----------
    name, label, unit : what it is.
    value : over the last seven days; NaN if there is nothing.
    before : over the seven days before.
    times, values : (t,) per day, NaN where a day has nothing.
    """

    name: str
    label: str
    unit: str
    value: float
    before: float
    times: tuple[datetime, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Summary:
    """What the page "Overview" says.

    Attributes
    ----------
    level : of the last check that counts; "" if there is none, or another model made it.
    headline : its sentence.
    checked_at : when; None if never.
    check : its number.
    changed_at : when another model than the last check's was put in service, as far as is known:
        not before the last check. None if that check is of the model in service, or never was.
    since : since when the level is what it is; None if that is not known, as of a first check.
    rows : that were checked.
    changes : at most three sentences.
    action : the one thing to do.
    place : where to do it: "drift", "monitoring" or "classify".
    numbers : four.
    model, trained_at : version and time of training.
    open_alerts : that nobody has acknowledged.
    sample : whether all of this is of the loaded samples.
    shares : of each category how many descriptions of that check report it.
    """

    level: str
    headline: str
    checked_at: datetime | None
    since: datetime | None
    rows: int
    changes: tuple[str, ...]
    action: str
    place: str
    numbers: tuple[Number, ...]
    model: str
    trained_at: datetime
    open_alerts: int
    sample: bool
    check: int | None = None
    changed_at: datetime | None = None
    shares: tuple[CategoryShare, ...] = ()


Metrics = Mapping[str, float]
