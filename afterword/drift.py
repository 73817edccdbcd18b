"""The check: has a batch moved away from the reference, and in which measures?

Whether a measure drifted is decided here and nowhere else; pages, Evidently's reports, JSON and
command line repeat this decision.

Every measure that is a column is compared by the two-sample Kolmogorov–Smirnov distance D, the
largest gap between the two distribution functions. Its threshold is the larger of a practical
floor and the distance that chance alone exceeds with probability α, shared among the measures by
Bonferroni. The asymptotic critical value holds for any continuous distribution and is
conservative for rounded values [1]_ [2]_.

References
----------
.. [1] Smirnov, N. (1948). Table for estimating the goodness of fit of empirical distributions.
   Annals of Mathematical Statistics 19(2), 279–281.
.. [2] Noether, G. E. (1963). Note on the Kolmogorov statistic in the discrete case.
   Metrika 7, 115–116.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.descriptors import DESCRIPTORS
from afterword.errors import CheckError
from afterword.reference import CONFIDENCE, NUMBER, probability_column
from afterword.registry import load_reference
from afterword.schema import Batch, Scored
from afterword.scoring import score

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
"""Chance of any false alarm in a check of rows that come from where the training rows came."""
FLOOR = 0.05
"""Smallest distance that matters in practice: one description in twenty moved."""
MIN_ROWS = 30
"""Accepted rows below which a check does not say whether anything moved."""
REJECTED = "rejected_rows"
REJECTED_FLOOR = 0.02
ORDINARY_REJECTED = 0.01
"""Share of rejected rows that every feed has."""

MOST_REASONS = 3

OTHER_SPREAD = "other spread"
INPUT, OUTPUT, FEED = "input", "output", "feed"


@dataclass(frozen=True)
class Measure:
    """One compared column, or one count that is no column.

    Attributes
    ----------
    name : of the column in scored rows; ``rejected_rows`` is none.
    label : for people.
    group : "input", "output" or "feed".
    unit : of the two typical values.
    reference, batch : what is typical of either, NaN where it is not known: the mean, and of
        counts of characters and words the geometric mean, which a few very long texts do not
        carry away.
    distance : in [0, 1].
    threshold : distance from which the measure counts as drifted; NaN if there are too few rows.
    drifted : ``distance >= threshold``.
    direction : "higher", "lower" or "other spread"; "" where nothing can be said.
    """

    name: str
    label: str
    group: str
    unit: str
    reference: float
    batch: float
    distance: float
    threshold: float
    drifted: bool
    direction: str

    @property
    def excess(self) -> float:
        """Distance over threshold: 1 or more where the measure drifted; 0 without threshold."""
        return 0.0 if math.isnan(self.threshold) else self.distance / self.threshold

    def typical(self, value: float) -> str:
        """``reference`` or ``batch`` as a person reads it."""
        return describe_value(value, self.unit)


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    level : "stable", "changed" or "too_few".
    headline : one sentence.
    reasons : at most three sentences, what moved most first.
    actions : what to do, in order.
    measures : DataFrame, one line per :class:`Measure`: measure, label, group, unit, reference,
        batch, distance, threshold, drifted, direction.
    scored : the batch that was checked, as numbers.
    reference : what it was compared with; has the columns of ``scored.frame``.
    """

    level: str
    headline: str
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    measures: pd.DataFrame
    scored: Scored
    reference: pd.DataFrame

    @property
    def alarm(self) -> bool:
        """Whether somebody has to look."""
        return self.level == "changed"

    @property
    def comparable(self) -> bool:
        """Whether enough rows are left to compare; only the feed is judged otherwise."""
        return len(self.scored.frame) >= MIN_ROWS

    def ranked(self, *groups: str) -> list[Measure]:
        """The measures of the named groups, or all, what moved most first."""
        measures = _each(self.measures)
        chosen = [measure for measure in measures if not groups or measure.group in groups]
        return sorted(chosen, key=lambda measure: -measure.excess)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the rows, ready for JSON; there is no text in it."""
        measures = self.measures.astype(object).where(self.measures.notna(), None)
        return {
            "level": self.level,
            "alarm": self.alarm,
            "calibrated": False,
            "headline": self.headline,
            "reasons": list(self.reasons),
            "actions": list(self.actions),
            "rows": self.scored.rows,
            "accepted": len(self.scored.frame),
            "rejections": dict(self.scored.rejections),
            "period": [moment.isoformat() for moment in self.scored.period or ()] or None,
            "measures": measures.to_dict(orient="records"),
        }


def check(source: Batch | Scored, *, reference: pd.DataFrame | None = None) -> CheckResult:
    """Compare a batch with the reference.

    Parameters
    ----------
    source : a batch, which the model in service scores first, or scored rows.
    reference : the reference of the model in service if None.

    Raises
    ------
    CheckError
        The scored rows were made by a model with other categories, or have gaps.
    """
    import pandas as pd

    scored = score(source) if isinstance(source, Batch) else source
    reference = load_reference() if reference is None else reference
    columns = [*scored.descriptors, *scored.outputs]
    missing = [name for name in columns if name not in reference or name not in scored.frame]
    if missing:
        raise CheckError(
            "These rows were scored by a model with other categories or another version. "
            "Score the descriptions again with the model in service."
        )
    if not np.isfinite(scored.frame[columns].to_numpy(dtype=float)).all():
        raise CheckError(
            "These scored rows have gaps or infinite values. Score the descriptions again."
        )
    enough = len(scored.frame) >= MIN_ROWS
    compared = len(columns) + 1
    measures = [
        *(_column_measure(name, scored, reference, ALPHA / compared, enough) for name in columns),
        _rejected_measure(scored, ALPHA / compared),
    ]
    table = pd.DataFrame([vars(measure) for measure in measures])
    table = table.rename(columns={"name": "measure"})
    moved = [measure for measure in measures if measure.drifted]
    # A feed whose rows are rejected is an alarm, however few are left to compare.
    level = "changed" if moved else "stable" if enough else "too_few"
    return CheckResult(
        level=level,
        headline=_headline(level, measures, scored),
        reasons=_reasons(moved),
        actions=_actions(level, {measure.group for measure in moved}),
        measures=table,
        scored=scored,
        reference=reference,
    )


def distance(reference: np.ndarray, batch: np.ndarray) -> float:
    """Two-sample Kolmogorov–Smirnov distance, in [0, 1]; NaN values are left out.

    Parameters
    ----------
    reference, batch : (N,) and (n,) numbers.

    Returns
    -------
    float
        0 if either side is empty.

    Examples
    --------
    >>> distance(np.array([1, 2, 3, 4]), np.array([3, 4]))
    0.5
    """
    first, second = (np.sort(side[~np.isnan(side)]) for side in map(_floats, (reference, batch)))
    if not (len(first) and len(second)):
        return 0.0
    points = np.union1d(first, second)
    gaps = np.searchsorted(first, points, "right") / len(first) - np.searchsorted(
        second, points, "right"
    ) / len(second)
    return float(np.abs(gaps).max())


def critical_distance(batch_rows: int, reference_rows: int, alpha: float) -> float:
    """Distance that two samples of one distribution exceed with probability ``alpha`` at most.

    Parameters
    ----------
    batch_rows, reference_rows : sizes of the two samples, at least 1.
    alpha : in (0, 1).

    Examples
    --------
    >>> round(critical_distance(1_000, 8_000, 0.05), 4)
    0.0456
    """
    spread = math.sqrt((batch_rows + reference_rows) / (batch_rows * reference_rows))
    return math.sqrt(-0.5 * math.log(alpha / 2)) * spread


def _floats(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=float)


def _labels(categories: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Column → label and unit."""
    return (
        {descriptor.name: (descriptor.label, descriptor.unit) for descriptor in DESCRIPTORS}
        | {probability_column(name): (f"Probability of {name}", "") for name in categories}
        | {
            NUMBER: ("Categories per description", "categories"),
            CONFIDENCE: ("Confidence of the answers", ""),
        }
    )


def _column_measure(
    name: str, scored: Scored, reference: pd.DataFrame, alpha: float, enough: bool
) -> Measure:
    label, unit = _labels(scored.categories)[name]
    before, now = _floats(reference[name].to_numpy()), _floats(scored.frame[name].to_numpy())
    gap = distance(before, now)
    threshold = max(FLOOR, critical_distance(len(now), len(before), alpha)) if enough else math.nan
    typical = _typical_length if unit in ("characters", "words") else _mean
    typical_before, typical_now = typical(before), typical(now)
    drifted = enough and gap >= threshold
    direction = _direction(before, now, typical_now - typical_before) if enough and gap else ""
    if direction and describe_value(typical_before, unit) == describe_value(typical_now, unit):
        # People see the rounded values: "higher" beside two equal numbers is a riddle.
        direction = OTHER_SPREAD
    return Measure(
        name=name,
        label=label,
        group=OUTPUT if name in scored.outputs else INPUT,
        unit=unit,
        reference=typical_before,
        batch=typical_now,
        distance=gap,
        threshold=threshold,
        drifted=drifted,
        direction=direction,
    )


def _rejected_measure(scored: Scored, alpha: float) -> Measure:
    """Share of rejected rows, against what every feed has (an exact binomial test)."""
    from scipy.special import bdtrc

    rows = scored.rows
    share = scored.rejected / rows if rows else 0.0
    threshold = math.nan
    if rows >= MIN_ROWS:
        counts = np.arange(rows + 1)
        rare = bdtrc(counts - 1.0, rows, ORDINARY_REJECTED)[1:] <= alpha
        threshold = max(REJECTED_FLOOR, (1 + int(np.argmax(rare))) / rows)
    return Measure(
        name=REJECTED,
        label="Rejected rows",
        group=FEED,
        unit="share",
        reference=math.nan,
        batch=share,
        distance=share,
        threshold=threshold,
        drifted=bool(share >= threshold),
        direction="higher" if share > 0 else "",
    )


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


def _typical_length(values: np.ndarray) -> float:
    """Geometric mean of lengths, empty texts included as length 0."""
    finite = values[np.isfinite(values) & (values >= 0)]
    return float(np.expm1(np.log1p(finite).mean())) if len(finite) else math.nan


def _direction(before: np.ndarray, now: np.ndarray, difference: float) -> str:
    """Whether a value of the batch tends to be higher than one of the reference.

    Said only if P(now > before) − P(now < before) and the typical values point the same way;
    "other spread" where they do not.
    """
    order = np.sort(before[~np.isnan(before)])
    now = now[~np.isnan(now)]
    if not (len(order) and len(now)):
        return ""
    below = np.searchsorted(order, now, "left")
    above = len(order) - np.searchsorted(order, now, "right")
    tendency = float((below - above).mean())
    if tendency * difference <= 0:
        return OTHER_SPREAD
    return "higher" if tendency > 0 else "lower"


def _each(table: pd.DataFrame) -> list[Measure]:
    records = table.rename(columns={"measure": "name"}).to_dict(orient="records")
    return [Measure(**{str(key): value for key, value in row.items()}) for row in records]


def _headline(level: str, measures: Sequence[Measure], scored: Scored) -> str:
    if level == "too_few":
        return (
            f"Too few rows to tell: {len(scored.frame)} could be used, and a check needs "
            f"{MIN_ROWS}."
        )
    feed = [
        f"{measure.typical(measure.batch)} of the rows were rejected"
        for measure in measures
        if measure.group == FEED and measure.drifted
    ]
    if len(scored.frame) < MIN_ROWS:
        return f"{feed[0]}; too few are left to compare: {len(scored.frame)} of {scored.rows}."
    parts = []
    for group in (INPUT, OUTPUT):
        drifted = [measure.drifted for measure in measures if measure.group == group]
        parts.append(f"{sum(drifted)} of {len(drifted)} {group} measures")
    return "; ".join([f"{' and '.join(parts)} moved", *feed]) + "."


def describe_value(value: float, unit: str) -> str:
    """A typical value as a person reads it; "–" for NaN.

    Parameters
    ----------
    value : in ``unit``.
    unit : "share" and "" are written as per cent.

    Examples
    --------
    >>> describe_value(0.123, "share"), describe_value(88.4, "characters")
    ('12 %', '88 characters')
    """
    if math.isnan(value):
        return "–"
    if unit in ("share", ""):
        return f"{value:.1%}".replace("%", " %") if value < 0.1 else f"{value:.0%}"[:-1] + " %"
    digits = 0 if abs(value) >= 20 else 1
    return f"{value:.{digits}f} {unit}"


def _reasons(moved: Sequence[Measure]) -> tuple[str, ...]:
    """The largest of each group, then the largest of the rest; the largest of all first."""
    ranked = sorted(moved, key=lambda measure: -measure.excess)
    best = {measure.group: measure for measure in reversed(ranked)}.values()
    rest = [measure for measure in ranked if measure not in best]
    chosen = [*best, *rest][:MOST_REASONS]
    ranked = sorted(chosen, key=lambda measure: -measure.excess)
    return tuple(
        f"{measure.label}: {measure.typical(measure.batch)}, where "
        f"{measure.typical(measure.threshold)} would already count."
        if measure.group == FEED
        else f"{measure.label}: {measure.direction or 'moved'}, typically "
        f"{measure.typical(measure.batch)} against "
        f"{measure.typical(measure.reference)} in training."
        for measure in ranked
    )


def _actions(level: str, moved: Collection[str]) -> tuple[str, ...]:
    """What to do, in order, given the groups in which a measure moved."""
    if level == "too_few":
        return (f"Collect at least {MIN_ROWS} descriptions and check again.",)
    if level == "stable":
        return ("Nothing to do. Check the next batch as usual.",)
    actions = {
        FEED: "See the rejected rows and mend the export that wrote them.",
        INPUT: "Ask where these descriptions came from and what changed there.",
        OUTPUT: "Have a sample of them labelled before the answers are relied on.",
    }
    return tuple(action for group, action in actions.items() if group in moved)
