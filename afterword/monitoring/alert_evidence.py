"""What an alert rests on, as figures with limits: of a check, of control charts, of one number.

Every figure has the form that pages have: its value with the interval, its limit, and training.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.alerts.evidence import Evidence, Figure
from afterword.alerts.rules import ABOVE, BELOW, Rule, metric_of
from afterword.drift.wording import FAULTY
from afterword.errors import CheckError
from afterword.measures.definitions import MEAN, RISING, SHARE, Measure, describe_value
from afterword.model.reference import category_of, probability_column
from afterword.monitoring import wording
from afterword.monitoring.history import measures_kept, shares_kept
from afterword.quality.category_shares import CategoryShare

if TYPE_CHECKING:
    from afterword.monitoring.windows import Watched
    from afterword.store.checks import KeptCheck

MOST_FIGURES: Final = 3
"""Charts that an alert names."""
NORMAL: Final = 1.96
"""Standard errors within which 95 % of the values lie by chance."""
_SHARES: Final = ("share", "")
_MOST_PLACES: Final = 6


def of_number(rule: Rule, value: float) -> Evidence:
    """What one number says that a rule watches."""
    metric = metric_of(rule.metric)
    now, limit = metric.both(value, rule.threshold)
    figure = Figure(
        label=metric.label,
        unit=metric.unit,
        said=wording.beside_limit(now, rule.direction, limit),
        value=value,
        limit=rule.threshold,
        direction=rule.direction,
    )
    return Evidence((figure,))


def of_check(kept: KeptCheck) -> Evidence:
    """What a check says: the figure that moved most, of which days, and its number.

    The limit is where the check would have begun to call it moved. For an estimated share it is
    the share that is as far from training's, in proportion, as the threshold of the category's
    mean probability; the check judges the latter.
    """
    content = kept.content
    days = kept.window or _days(content)
    figure = None
    with suppress(CheckError):
        figure = _figure_of(kept.level, measures_kept(content), shares_kept(content))
    return Evidence(
        figures=(figure,) if figure else (),
        since=days[0] if days else None,
        check=kept.id,
        period=wording.days(*days, whole=kept.window is not None) if days else "",
    )


def of_charts(charts: Sequence[Watched]) -> Evidence:
    """What control charts say that are beyond their red lines, those in front first."""
    since = [begun for one in charts if (begun := _since(one)) is not None]
    figures = tuple(_of_chart(one) for one in charts[:MOST_FIGURES])
    return Evidence(figures, since=min(since, default=None))


def _days(content: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """First and last moment of the data of a check, if it is known."""
    try:
        first, *_, last = (datetime.fromisoformat(one) for one in content.get("period") or ())
    except (TypeError, ValueError):
        return None
    return _utc(first), _utc(last)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _figure_of(
    level: str, measures: Sequence[Measure], shares: Sequence[CategoryShare]
) -> Figure | None:
    """The figure that moved most; of a faulty feed the fault, of a changed one a category first."""
    moved = sorted((one for one in measures if one.drifted), key=lambda one: -one.excess)
    if level == FAULTY:
        moved.sort(key=lambda one: not one.fault)
    else:
        by_name = {one.name: one for one in moved}
        for share in sorted(shares, key=lambda one: -one.moved):
            measure = by_name.get(probability_column(share.category))
            if share.moved and measure is not None:
                return _of_share(share, measure)
        moved.sort(key=lambda one: one.style)
    return _of_measure(moved[0]) if moved else None


def _of_share(share: CategoryShare, measure: Measure) -> Figure:
    assert share.value is not None
    assert share.low is not None
    assert share.high is not None
    above = share.value > share.trained
    limit = share.trained + (share.value - share.trained) / measure.excess
    direction = ABOVE if above else BELOW
    return Figure(
        label=share.category,
        unit="share",
        said=wording.estimated(share.figure, direction, describe_value(limit, "share")),
        value=share.value,
        low=share.low,
        high=share.high,
        limit=limit,
        direction=direction,
        training=share.trained,
    )


def _of_measure(measure: Measure) -> Figure:
    known = math.isfinite(measure.batch) and math.isfinite(measure.reference)
    limit = _limit(measure) if known else None
    training = measure.typical(measure.reference) if known else ""
    name = category_of(measure.name)
    label = wording.mean_probability(name) if name else measure.label
    if limit is None:
        now = measure.typical(measure.batch) if known else ""
        said = wording.times_limit(now, measure.excess)
    else:
        side = ABOVE if measure.batch >= measure.reference else BELOW
        now, line = _apart(measure.batch, limit, measure.unit)
        said = wording.beside_limit(now, side, line)
    sides = {"higher": ABOVE, "lower": BELOW}
    return Figure(
        label=f"{label}, {measure.detail}" if measure.detail else label,
        unit=measure.unit,
        said=wording.and_training(said, training),
        value=measure.batch if known else None,
        limit=limit,
        direction=sides.get(measure.direction, ""),
        training=measure.reference if known else None,
    )


def _apart(value: float, limit: float, unit: str) -> tuple[str, str]:
    """A value and its limit as people read them, with as many decimals as tell them apart.

    >>> _apart(0.47, 0.33, "share"), _apart(0.312, 0.309, "share"), _apart(9.34, 9.31, "words")
    (('47 %', '33 %'), ('31.2 %', '30.9 %'), ('9.34 words', '9.31 words'))
    """
    pair = describe_value(value, unit), describe_value(limit, unit)
    scale, word = (100, "%") if unit in _SHARES else (1, unit)
    for places in range(1, _MOST_PLACES):
        if pair[0] != pair[1]:
            break
        pair = (f"{scale * value:.{places}f} {word}", f"{scale * limit:.{places}f} {word}")
    return pair


def _limit(measure: Measure) -> float | None:
    """The value from which a measure counts as moved; None if its distance is of another kind."""
    side = 1 if measure.batch >= measure.reference else -1
    if measure.kind == MEAN and measure.excess:
        return measure.reference + (measure.batch - measure.reference) / measure.excess
    if measure.kind in (SHARE, RISING) and measure.unit in _SHARES:
        # Cohen's h, solved for the other share.
        angle = 2 * math.asin(math.sqrt(min(max(measure.reference, 0.0), 1.0)))
        moved = min(max(angle + side * measure.threshold, 0.0), math.pi)
        limit = math.sin(moved / 2) ** 2
        # Counts are compared with a correction; where that matters, there is no such value.
        return limit if side * (measure.batch - limit) >= 0 else None
    return None


def _of_chart(one: Watched) -> Figure:
    """The last judged period of a chart beside the red line that it is beyond."""
    chart = one.chart
    place = int(np.flatnonzero(chart.judged)[-1])
    jumped = bool(chart.jumped[place])
    value = float(chart.values[place] if jumped else chart.trend[place])
    low, high = (
        (chart.lower[place], chart.upper[place])
        if jumped
        else (chart.trend_lower[place], chart.trend_upper[place])
    )
    above = value > high
    limit = float(high if above else low)
    error = NORMAL * float(chart.errors[place]) if jumped else math.nan
    ends = (value - error, value + error) if math.isfinite(error) else None
    if ends and one.unit in _SHARES:
        ends = max(ends[0], 0.0), min(ends[1], 1.0)
    direction = ABOVE if above else BELOW
    now, line = _apart(value, limit, one.unit)
    said = wording.beside_limit(wording.within(now, ends, one.unit), direction, line)
    return Figure(
        label=one.label if jumped else wording.trend_of(one.label),
        unit=one.unit,
        said=wording.and_training(said, describe_value(one.training, one.unit)),
        value=value,
        low=ends[0] if ends else None,
        high=ends[1] if ends else None,
        limit=limit,
        direction=direction,
        training=one.training,
    )


def _since(one: Watched) -> datetime | None:
    """Start of the first period from which on a chart was beyond a red line, in a row."""
    since = None
    for place in np.flatnonzero(one.chart.judged)[::-1]:
        if not one.chart.crossed[place]:
            break
        since = one.times[place]
    return since
