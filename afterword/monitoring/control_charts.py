"""Control charts over time: which periods differ from training more than chance explains.

Every chart is judged by two tests, one for a jump and one for a slow drift, and all charts
together keep a promise: so many false alarms a year. The red lines allow for the period's own
number of descriptions, for the training set's own uncertainty and for what periods differ by
anyway; a period with too few descriptions is not judged. ``docs/control-chart.md`` gives the
method, its sources and what a simulation found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats
from afterword.errors import CheckError
from afterword.monitoring import wording
from afterword.monitoring.control_limits import Baselines, Judgement, judge_charts
from afterword.monitoring.control_tails import Bools, newly


@dataclass(frozen=True)
class Baseline:
    """What training says of one chart.

    Attributes
    ----------
    kind : "mean" of a value, or "share" of the descriptions.
    centre : mean or share in the training set.
    spread : standard deviation of one description's value; of no use for shares.
    skewness : skewness of one description's value; of no use for shares.
    rows : descriptions of the training set, N.
    """

    kind: Literal["mean", "share"]
    centre: float
    spread: float
    skewness: float
    rows: int


@dataclass(frozen=True)
class Chart:
    """One chart over T periods; every array has shape (T,), in the unit of the values.

    Attributes
    ----------
    values : means or shares, NaN where there are no descriptions.
    errors : standard error of each, by the spread in training.
    rows : descriptions.
    centre : the centre line.
    lower, upper : red lines of one period; beyond, not on, is an alarm. NaN where not judged.
    trend, trend_lower, trend_upper : weighted mean of the newest periods and its red lines, NaN
        where not judged.
    judged : whether the period is judged at all; the others are grey, not green.
    jumped : value beyond its red lines.
    drifted : trend beyond its red lines.
    """

    values: Floats
    errors: Floats
    rows: NDArray[np.int64]
    centre: float
    lower: Floats
    upper: Floats
    trend: Floats
    trend_lower: Floats
    trend_upper: Floats
    judged: Bools
    jumped: Bools
    drifted: Bools

    @property
    def crossed(self) -> Bools:
        """Periods beyond a red line, (T,)."""
        return self.jumped | self.drifted

    @property
    def alarms(self) -> Bools:
        """Periods that crossed a red line where the judged period before had not, (T,)."""
        return newly(self.crossed, self.judged)


@dataclass(frozen=True)
class ControlCharts:
    """All charts of one history.

    Attributes
    ----------
    charts : m charts, in the order of the baselines.
    promised : false alarms a year that all charts together are expected to give while nothing
        changes, counted over judged periods. Below what was asked for where charts cannot use
        their part: grey periods, and shares whose counts move in steps.
    """

    charts: tuple[Chart, ...]
    promised: float


def control_charts(
    baselines: Sequence[Baseline],
    values: Floats,
    rows: NDArray[np.int64],
    *,
    periods_per_year: float,
    alarms_per_year: float,
) -> ControlCharts:
    """Judge a history of m charts over T periods.

    Parameters
    ----------
    baselines : what training says of each of the m charts.
    values : (m, T), means or shares by period, oldest first, NaN where there are no rows.
    rows : (m, T) or (T,), descriptions of which each value is the mean.
    periods_per_year : 365.25 for days, 52.18 for weeks.
    alarms_per_year : false alarms a year that all charts together may give, above 0.

    Returns
    -------
    ControlCharts
        Charts with red lines, crossings, and the rate of false alarms that can be promised.

    Raises
    ------
    CheckError
        If shapes do not agree, a number is out of range, or a period with rows has no value.

    Examples
    --------
    >>> baseline = Baseline("mean", centre=0.7, spread=0.2, skewness=-0.5, rows=7_000)
    >>> values = 0.7 + 0.02 * np.array([[1, -1, 0, 1, -1, 0, 1, -1, -1, 1, 0, -6]])
    >>> charts = control_charts(
    ...     [baseline], values, np.full(12, 100), periods_per_year=52, alarms_per_year=1
    ... )
    >>> charts.charts[0].jumped.nonzero()[0]
    array([11])
    >>> charts.promised
    0.95
    """
    values, counts = _checked(len(baselines), values, rows, periods_per_year, alarms_per_year)
    ours = _arrays(baselines)
    found = judge_charts(
        ours,
        values[None],
        counts[None].astype(float),
        periods_per_year=periods_per_year,
        alarms_per_year=alarms_per_year,
    )
    with np.errstate(divide="ignore"):
        errors = np.where(counts > 0, ours.scale[0, :, None] / np.sqrt(counts), np.nan)
    charts = tuple(
        Chart(values[j], errors[j], counts[j], one.centre, *(line[0, j] for line in _lines(found)))
        for j, one in enumerate(baselines)
    )
    judged_periods = int(found.judged[0].any(axis=0).sum())
    promised = float(found.chance.sum()) * periods_per_year / max(judged_periods, 1)
    return ControlCharts(charts, promised)


def _lines(found: Judgement) -> tuple[NDArray[Any], ...]:
    """What a judgement says of each chart, in the order of :class:`Chart`."""
    limits = found.lower, found.upper, found.trend, found.trend_lower, found.trend_upper
    return *limits, found.judged, found.jumped, found.drifted


def _checked(
    charts: int,
    values: Floats,
    rows: NDArray[np.int64],
    periods_per_year: float,
    alarms_per_year: float,
) -> tuple[Floats, NDArray[np.int64]]:
    """Values and rows as (m, T), where they fit and nothing is out of range."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or len(values) != charts or not values.size:
        raise CheckError(wording.OTHER_CHARTS)
    if np.shape(rows) not in {values.shape, values.shape[1:]}:
        raise CheckError(wording.OTHER_ROWS)
    counts = np.broadcast_to(np.asarray(rows, dtype=np.int64), values.shape)
    if not (0 < alarms_per_year < math.inf and 1 <= periods_per_year < math.inf):
        raise CheckError(wording.NO_RATE)
    if (counts < 0).any() or not np.isfinite(values[counts > 0]).all():
        raise CheckError(wording.NO_VALUE)
    return values, counts


def _arrays(baselines: Sequence[Baseline]) -> Baselines:
    """One history's baselines."""
    return Baselines.make(
        np.array([one.kind == "share" for one in baselines]),
        np.array([[one.centre for one in baselines]], dtype=float),
        np.array([[one.spread for one in baselines]], dtype=float),
        np.array([[one.skewness for one in baselines]], dtype=float),
        np.array([[one.rows for one in baselines]], dtype=float),
    )
