"""A promise for the year: which periods of a stream alarm, by what, and since when.

The chance of any false alarm in 52 periods is at most 5 %, over all measures and however often
somebody looks. docs/year.md says how that is held.

>>> year = judge_year(profiles, columns, tables)                            # doctest: +SKIP
>>> year.periods[-1].alarm, year.since().period                             # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.columns import Column
from afterword.measures.definitions import Measure
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.measures.year_levels import YearLevels
from afterword.measures.year_speeds import SPANS, Periods, slow_places, weights_of
from afterword.measures.year_tails import Tails
from afterword.streams.since import Since, since_when
from afterword.streams.year_judging import RATE, Judged, judge_periods
from afterword.streams.year_periods import periods_of
from afterword.streams.year_reference import levels_of

ALONE, LASTING = "this period", "lasting"
"""Names of speeds; a pooled window is named by its periods, such as "8 periods"."""
SPEED_NAMES: Final = tuple(LASTING if not span else f"{span} periods" for span in SPANS)


@dataclass(frozen=True)
class Finding:
    """One measure that alarms in a period.

    Attributes
    ----------
    measure : its name.
    speed : "this period"; "lasting", of the mean that forgets; or "2 periods" to "52 periods".
    score : how far it lies from the reference, in the standard error of that look; of a mean,
        below 0 where it fell. Of a measure of this period alone, its distance over the same unit.
    limit : of the score, above which it alarms in either direction.
    """

    measure: str
    speed: str
    score: float
    limit: float

    @property
    def excess(self) -> float:
        """How many times its limit it is."""
        return abs(self.score) / self.limit


@dataclass(frozen=True)
class YearPeriod:
    """What the promise says of a period.

    Attributes
    ----------
    judged : whether there were enough rows to say anything.
    findings : what alarms, largest excess first; empty while nothing does.
    measures : of this period alone, with the year's thresholds; empty without data.
    """

    judged: bool
    findings: tuple[Finding, ...]
    measures: tuple[Measure, ...]

    @property
    def alarm(self) -> bool:
        """Whether the year's alarm is on."""
        return bool(self.findings)


@dataclass(frozen=True)
class Line:
    """One measure over T periods, for a chart.

    Attributes
    ----------
    scores, limits : (T,) in standard errors; NaN where the measure was not judged, and infinite
        limits where it never alarms.
    """

    scores: Floats
    limits: Floats


@dataclass(frozen=True, eq=False)
class Year:
    """A stream since its promise began.

    Attributes
    ----------
    begun : place of the first period of the promise among those that were given.
    periods : of all that were given; those before it are not judged.
    rate : chance of any false alarm in 52 periods.
    """

    begun: int
    periods: tuple[YearPeriod, ...]
    rate: float
    tables: NullTables
    numbers: Periods
    judged: Judged

    @property
    def alarm(self) -> bool:
        """Whether the alarm is on in the last period that was judged."""
        return next((each.alarm for each in reversed(self.periods) if each.judged), False)

    def line(self, measure: str, speed: str = ALONE) -> Line:
        """A measure's course.

        Parameters
        ----------
        measure : name of a measure.
        speed : as in a :class:`Finding`; those but the first are only there for categories, no
            category, unsure answers, content and new words.

        Raises
        ------
        ValueError
            There is no such measure at this speed.
        """
        at = [each.name for each in self.tables.definitions].index(measure)
        if speed == ALONE:
            unit = _unit(self.numbers, self.tables.rows)[:, at]
            scores, limits = self.numbers.gaps[:, at] / unit, self.judged.limits[:, at] / unit
        else:
            place = self._slow.index(at)
            look = SPEED_NAMES.index(speed)
            limits = self.judged.slow_limits[look, :, place]
            scores = np.where(np.isnan(limits), np.nan, self.judged.looks.scores[look, :, place])
        before = np.full(self.begun, math.nan)
        return Line(np.concatenate([before, scores]), np.concatenate([before, limits]))

    def since(self, place: int | None = None) -> Since | None:
        """Since when what alarms has been there, by the dates of the data.

        Parameters
        ----------
        place : of a period that alarms, up to which the data are looked at; the last one if None.

        Returns
        -------
        Since
            With places among the periods that were given; None where nothing alarms.
        """
        alarms = [at for at, each in enumerate(self.periods) if each.alarm]
        place = place if place is not None else max(alarms, default=None)
        if place is None or not self.periods[place].alarm:
            return None
        values, rows, between = self._series(self.periods[place].findings[0], place - self.begun)
        found = since_when(values, rows, self.tables.rows, between)
        return replace(
            found,
            period=found.period + self.begun,
            earliest=found.earliest + self.begun,
            latest=found.latest + self.begun,
        )

    @property
    def _slow(self) -> list[int]:
        return slow_places(self.tables.definitions)

    def _series(self, finding: Finding, last: int) -> tuple[Floats, Floats, float]:
        """What is alarming, period by period in a row's deviations; its rows; and τ²."""
        numbers, names = self.numbers, [each.name for each in self.tables.definitions]
        at, until = names.index(finding.measure), slice(last + 1)
        between = self.judged.between[last]
        place = self._slow.index(at) if at in self._slow else -1
        plain = numbers.means.shape[1]
        if 0 <= place < plain:
            return numbers.means[until, place], numbers.worth[until], float(between[place])
        rows = numbers.sizes[until, at] * (numbers.worth[until] > 0)
        if place == plain:
            return self._content(finding, last), rows, float(between[-1])
        if place == plain + 1 and numbers.new.shape[1]:
            counts = numbers.new[until]
            word = int((weights_of(last + 1)[0, last] @ counts).argmax())
            share = counts[:, word] / np.maximum(numbers.distinct[until], 1)
            return 2 * np.arcsin(np.sqrt(share.clip(0, 1))), rows, 0.0
        # Of a distance, what lies beyond its median by chance.
        usual = [
            Tails(self.tables, max(int(each), 1)).standard(np.array([0.5]))[0, at] for each in rows
        ]
        unit = _unit(numbers, self.tables.rows)[until, at]
        return numbers.gaps[until, at] - np.array(usual) * unit, rows, 0.0

    def _content(self, finding: Finding, last: int) -> Floats:
        """The content, in the direction in which it lies now."""
        told = np.nan_to_num(self.numbers.content[: last + 1])
        look = SPEED_NAMES.index(finding.speed) if finding.speed in SPEED_NAMES else 1
        weights = weights_of(last + 1)[look, last] * self.numbers.worth[: last + 1]
        if finding.speed == ALONE:
            weights = np.eye(last + 1)[last]
        now = weights @ told
        found: Floats = told @ now / max(float(np.linalg.norm(now)), 1e-12)
        return found


def judge_year(
    profiles: Sequence[Profile | None],
    columns: Mapping[str, Column],
    tables: NullTables,
    *,
    rate: float = RATE,
    floors: Mapping[str, float] | None = None,
    begun: int = 0,
    known: Collection[str] = (),
) -> Year:
    """Judge the periods of a stream.

    Parameters
    ----------
    profiles : of T periods in order, none left out: None, or one without rows, where there is no
        data.
    columns : of the reference, counted: name → column.
    tables : of the reference: the model's, or a past period's as
        :func:`afterword.streams.year_reference.past_reference` makes them.
    rate : chance of any false alarm in 52 periods.
    floors : measure → smallest distance of a period alone that matters.
    begun : place of the period with which the promise began anew, because the reference is another
        one, or an alarm was acknowledged: nothing before it counts.
    known : words that the model does not know, and the reference held already.
    """
    numbers, measures = periods_of(profiles[begun:], columns, tables, known)
    year = year_of(numbers, tables, levels_of(tables), rate=rate, floors=floors)
    wanted = tables.floors(floors)
    told = [
        replace(
            each,
            measures=tuple(
                replace(one, threshold=float(limit), floor=float(floor), drifted=bool(now))
                for one, limit, floor, now in zip(
                    own, year.judged.limits[at], wanted, year.judged.now[at], strict=bool(own)
                )
            ),
        )
        for at, (each, own) in enumerate(zip(year.periods, measures, strict=True))
    ]
    before = [YearPeriod(False, (), ())] * min(begun, len(profiles))
    return replace(year, begun=begun, periods=(*before, *told))


def year_of(
    numbers: Periods,
    tables: NullTables,
    levels: YearLevels,
    *,
    rate: float = RATE,
    floors: Mapping[str, float] | None = None,
) -> Year:
    """Judge periods of which only the numbers are known; see :func:`judge_year`."""
    judged = judge_periods(numbers, tables, levels, rate=rate, floors=floors)
    unit = _unit(numbers, tables.rows)
    periods = tuple(
        YearPeriod(
            bool(np.isfinite(judged.limits[at]).any() or _seen_slowly(judged, at)),
            _findings(numbers, judged, tables, unit, at),
            (),
        )
        for at in range(len(numbers.worth))
    )
    return Year(0, periods, rate, tables, numbers, judged)


def _seen_slowly(judged: Judged, at: int) -> bool:
    return bool(np.isfinite(judged.slow_limits[:, at]).any())


def _findings(
    numbers: Periods, judged: Judged, tables: NullTables, unit: Floats, at: int
) -> tuple[Finding, ...]:
    """What alarms in one period, largest excess first."""
    names = [each.name for each in tables.definitions]
    found = [
        Finding(
            names[one],
            ALONE,
            float(numbers.gaps[at, one] / unit[at, one]),
            float(judged.limits[at, one] / unit[at, one]),
        )
        for one in np.flatnonzero(judged.now[at]).tolist()
    ]
    places = slow_places(tables.definitions)
    for look, one in np.argwhere(judged.lasting[:, at]).tolist():
        score = float(judged.looks.scores[look, at, one])
        limit = float(judged.slow_limits[look, at, one])
        found.append(Finding(names[places[one]], SPEED_NAMES[look], score, limit))
    return tuple(sorted(found, key=lambda one: (-one.excess, one.measure)))


def _unit(numbers: Periods, reference: int) -> Floats:
    """Standard errors (T, m) of distances; NaN where there are no rows."""
    sizes = np.where(numbers.sizes > 0, numbers.sizes, np.nan)
    found: Floats = np.sqrt(1 / sizes + 1 / reference)
    return found
