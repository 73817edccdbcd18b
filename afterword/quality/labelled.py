"""The labels of a batch, and the tests whether quality fell: inside the check's false alarms.

Where there are labels, a part of the check's chance of a false alarm, :data:`PART`, is theirs: a
quarter of it is label accuracy's, a quarter is shared by the F1 of every category, and half by the
tests whether labels of a category are missing or added (Bonferroni); these are exact where few
labels are expected (:mod:`afterword.quality.label_tests`). Another mix has other figures, and right
labels of it are no alarm. So accuracy is tested against what the mix of these rows lets expect
(:mod:`afterword.quality.same_mix`), and must lie below training's too; F1 has an exact test against
training, and must lie below what the mix lets expect. What is below its floor does not count.

A file of labels may say how likely each labelled row was drawn, as files of earlier reviews do, and
its rows are weighed accordingly. Such a weight can do harm: where these chances do not fit the
file, because rows were added, taken out or edited, nothing is judged. Nor are labels that belong to
other rows or columns (:mod:`afterword.quality.belonging`); their part of the chance then stays with
the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import scipy

from afterword.measures.answers import UNKNOWN_LABEL
from afterword.measures.definitions import FALL, QUALITY, RISE, Measure
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.model.outcomes import CENTS
from afterword.quality import label_tests, wording
from afterword.quality.belonging import find_belonging
from afterword.quality.estimates import Assessed
from afterword.quality.label_tests import Found
from afterword.quality.review import LEAST, Assessment, assess
from afterword.quality.same_mix import Apart, SameMix, compare
from afterword.quality.worth import at_worth, worth_of

PART: Final = 0.4
"""Part of the chance of a false alarm that quality may have, where there are labels."""
FLOOR: Final = 0.02
"""Smallest fall that matters: two points."""
ACCURACY_PART: Final = 0.25
"""Part of the labels' chance of a false alarm that label accuracy has; all F1 have as much."""
BELOW_TRAINED: Final = 0.05
"""Level at which accuracy must lie below training's, beside its test against the mix."""
BELOW_MIX: Final = 0.01
"""Level at which F1 must lie below what the mix lets expect, beside its test against training."""
MISSING_FLOOR: Final = 0.05
"""Smallest share of a category's labels that are missing that matters."""
ADDED_FLOOR: Final = 0.02
"""Smallest share of the other descriptions having a category's label that matters."""
LEAST_CHANCE: Final = 0.1
"""Reviews drew every row with at least half of the uniform rate; far below, it is no review's."""
MOST_OFF: Final = 4.0
"""Standard errors by which the rows that the chances stand for may miss those that there are."""
ACCURACY: Final = "label_accuracy"
ALL: Final = "all"


def f1_name(category: str) -> str:
    """Name of the measure that judges a category's F1."""
    return f"{category} f1"


def missing_name(category: str) -> str:
    """Name of the measure that judges whether a category's labels are missing."""
    return f"{category} labels missing"


def added_name(category: str) -> str:
    """Name of the measure that judges whether there are too many labels of a category."""
    return f"{category} labels added"


@dataclass(frozen=True, eq=False)
class Labels:
    """The rows of a batch, those first whose labels can be used.

    Attributes
    ----------
    probabilities : (n, k) of all rows.
    places : (m,) of the rows with a label of every category.
    inclusion : (m,) probability in (0, 1] with which each was drawn to be labelled.
    values : (m, k) of 0 and 1.
    drawn : whether these probabilities came with the file.
    worth : rows that were sent once of which one labelled row tells as much.
    """

    probabilities: np.ndarray
    places: np.ndarray
    inclusion: np.ndarray
    values: np.ndarray
    drawn: bool
    worth: float = 1.0


def usable(profile: Profile) -> Labels | str | None:
    """The labels that can be used, or a sentence why none can; None if the batch has none.

    Parameters
    ----------
    profile : of the batch; its labels may have gaps.

    Returns
    -------
    Labels, str or None
        Only rows with a label of every category count. Without chances, or where these are equal,
        they count as drawn at random; where all rows were labelled in the end, some without a
        chance, all count alike.
    """
    if profile.labelled is None:
        return profile.label_doubt or None
    some = profile.labelled
    known = some.labels != UNKNOWN_LABEL
    whole = some.take(np.flatnonzero(known.all(axis=1)))
    size, found = profile.accepted, whole.rows
    lacking = [
        name
        for name, any_known in zip(profile.categories, known.any(axis=0), strict=True)
        if not any_known
    ]
    if lacking:
        return wording.lacking(lacking)
    if found < LEAST:
        return wording.too_few_labels(found, size, LEAST)
    own, values, chances = whole.repeated()
    probabilities = np.concatenate([own, profile.answers.without(whole.answers).repeated()])
    rows = probabilities, np.arange(found)
    unknown = np.isnan(chances)
    alike = unknown.all() or np.nanmin(chances) == np.nanmax(chances)
    if alike or (found == size and unknown.any()):
        return Labels(*rows, np.full(found, found / size), values, False)
    if unknown.any() or chances.min() < LEAST_CHANCE * found / size:
        return wording.NOT_WHOLE
    # Horvitz and Thompson: the rows that the drawn ones stand for are all that there are.
    weights = 1 / chances
    error = math.sqrt(float(((1 - chances) * weights**2).sum()))
    if abs(float(weights.sum()) - size) > MOST_OFF * error + 1:
        return wording.NOT_WHOLE
    return Labels(*rows, chances, values, True)


@dataclass(frozen=True, eq=False)
class Judged:
    """Labels assessed, and the measures by which the check judges them.

    Attributes
    ----------
    labels, assessment : what was labelled, and what it says of the batch.
    measures : of label accuracy, then of each category.
    counts : of each category.
    mix : the labels beside what their mix lets expect.
    """

    labels: Labels
    assessment: Assessment
    measures: tuple[Measure, ...]
    counts: tuple[Counts, ...]
    mix: SameMix


@dataclass(frozen=True)
class Counts:
    """What the labelled rows say of one category, and what its tests need.

    Attributes
    ----------
    category : its name.
    positives, alerts, hits : labelled rows that have it, that were given it, and both.
    expected, expected_hits : positives and hits that the probabilities let expect.
    cases : rows that have it or were given it; so many equal ones where a review's chances differ.
    needed : cases from which on a fall of F1 could be seen.
    mixed : whether F1 is below training's beyond chance, and not below what the mix lets expect.
    missing, added : what the tests of its labels found.
    """

    category: str
    positives: int
    alerts: int
    hits: int
    expected: float
    expected_hits: float
    cases: float
    needed: int
    mixed: bool
    missing: Found
    added: Found

    @property
    def f1(self) -> float:
        """F1 of these rows; NaN where none has the category or was given it."""
        both = self.alerts + self.positives
        return 2 * self.hits / both if both else math.nan


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a check makes of a batch's labels.

    Attributes
    ----------
    judged : what they say; None where there are none, or none that can be used.
    reason : a sentence why they cannot be used; "" where they can, or where there are none.
    drift_alpha : chance of a false alarm that is left to everything else.
    elsewhere : whether the reason is that they belong to other rows or columns.
    """

    judged: Judged | None
    reason: str
    drift_alpha: float
    elsewhere: bool = False

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Measures of quality; none where nothing was judged."""
        return () if self.judged is None else self.judged.measures


def judge_labels(profile: Profile, tables: NullTables, alpha: float) -> Judgement:
    """Judge a batch's labels, if it has any, inside the check's chance of a false alarm.

    Parameters
    ----------
    profile : of the batch.
    tables : of the model that scored it.
    alpha : chance of any false alarm of the whole check.
    """
    labels = usable(profile)
    if not isinstance(labels, Labels):
        return Judgement(None, labels or "", alpha)
    rows = len(labels.places)
    labels = replace(labels, worth=worth_of(rows, profile, tables))
    if (once := round(labels.worth * rows)) < LEAST:
        return Judgement(None, wording.too_few_once(rows, once, LEAST), alpha)
    if elsewhere := _elsewhere(labels, tables):
        return Judgement(None, elsewhere, alpha, elsewhere=True)
    return Judgement(judge_rows(labels, tables, PART * alpha), "", (1 - PART) * alpha)


def _elsewhere(labels: Labels, tables: NullTables) -> str:
    """Why labels do not belong to these rows or columns, in a sentence; "" if they may."""
    cents = np.rint(labels.probabilities[labels.places] * (CENTS - 1)).astype(np.int64)
    found = find_belonging(cents, labels.values, tables.outcomes, labels.worth)
    if found.rows_off:
        return wording.ROWS_OFF
    if not found.moved:
        return ""
    names = tables.categories
    return wording.columns_moved(
        [(names[one.column], names[one.category], one.inverted) for one in found.moved]
    )


def judge_rows(labels: Labels, tables: NullTables, alpha: float) -> Judged:
    """Assess a batch's labels, and test whether quality fell.

    Parameters
    ----------
    labels : of the batch.
    tables : of the model that scored it.
    alpha : chance of any false alarm among the measures that come back.
    """
    cut, rows = tables.rules.thresholds, (labels.places, labels.inclusion, labels.values)
    assessment = assess(labels.probabilities, cut, tables.categories, *rows)
    assessment = at_worth(assessment, labels.worth)
    k = len(tables.categories)
    mix = compare(
        labels.probabilities[labels.places],
        labels.values,
        1 / labels.inclusion,
        tables.rules.thresholds,
        tables.outcomes.cells,
        np.array([_trained_hits(tables, j)[1] for j in range(k)]),
        labels.worth,
    )
    accuracy, before = assessment.accuracy, trained_figures(tables)[ALL, "accuracy"]
    level = ACCURACY_PART * alpha
    measures = [_accuracy(accuracy, before, mix.accuracy, level, len(labels.places))]
    counts = []
    for j in range(k):
        found, counted = _category(
            labels, tables, j, mix.hits[j], (level / k, (1 - 2 * ACCURACY_PART) * alpha / k)
        )
        measures += found
        counts.append(counted)
    return Judged(labels, assessment, tuple(measures), tuple(counts), mix)


def trained_figures(tables: NullTables) -> dict[tuple[str, str], tuple[float, float]]:
    """Quality in training, out of fold, at the balanced thresholds.

    Returns
    -------
    (scope, name) → (value, standard error), for "accuracy", "exact_match" and "micro_f1" of
    "all", and "accuracy", "precision", "recall", "f1" of each category; the error is that over
    groups of repeats, NaN where no test needs it.
    """
    outcomes, rows = tables.outcomes, tables.outcomes.rows
    hits, alerts, positives = outcomes.sums(tables.rules.thresholds)
    wrong = alerts + positives - 2 * hits
    found = {
        (ALL, "accuracy"): (
            1 - float(wrong.sum()) / (rows * len(hits)),
            float(outcomes.errors[0]),
        ),
        (ALL, "exact_match"): (outcomes.exact, math.nan),
        (ALL, "micro_f1"): (float(2 * hits.sum() / (alerts + positives).sum()), math.nan),
    }
    for j, category in enumerate(tables.categories):
        h, a, p = float(hits[j]), float(alerts[j]), float(positives[j])
        f1 = 2 * h / max(a + p, 1.0)
        found |= {
            (category, "accuracy"): (1 - float(wrong[j]) / rows, math.nan),
            (category, "precision"): (h / max(a, 1.0), math.nan),
            (category, "recall"): (h / max(p, 1.0), math.nan),
            (category, "f1"): (f1, float(outcomes.errors[1 + j])),
        }
    return found


def _accuracy(
    found: Assessed, before: tuple[float, float], mix: Apart, level: float, labelled: int
) -> Measure:
    """Test a fall of label accuracy; where it is withheld it could not have moved."""
    trained, error = before
    threshold = math.nan
    if not found.withheld:
        below = -float(scipy.special.stdtrit(labelled - 1, BELOW_TRAINED))
        least = mix.expected + float(scipy.special.stdtrit(labelled - 1, level)) * mix.error
        threshold = max(below * math.hypot(found.process_error, error), trained - least)
    return _measure(
        ACCURACY, "Decisions that are right", trained, found.value, threshold, FLOOR, falls=True
    )


def _category(
    labels: Labels, tables: NullTables, j: int, mix: Apart, levels: tuple[float, float]
) -> tuple[list[Measure], Counts]:
    """Test a category's F1 for a fall, and whether its labels are missing or added.

    Parameters
    ----------
    labels : of the batch.
    tables : of the model.
    j : place of the category.
    mix : hits among those that have it or were given it, beside what the mix lets expect.
    levels : chances of a false alarm of F1, and of the other two together.
    """
    f1_level, level = levels
    category, own = tables.categories[j], labels.probabilities[:, j]
    given, has = own[labels.places] >= tables.rules.thresholds[j], labels.values[:, j] == 1
    weights = 1 / labels.inclusion
    cases, hits = weights * (given | has), weights * (given & has)
    # Kish: so many equal rows tell as much as these; without a review's chances, as many as are.
    size = labels.worth * float(cases.sum() ** 2 / max((cases**2).sum(), 1e-9))
    share = float(hits.sum() / max(cases.sum(), 1e-9))
    before, worth = _trained_hits(tables, j)
    exact = label_tests.least_share(size, worth * before[0], worth * before[1], f1_level)
    least = min(exact, max(mix.expected + scipy.special.ndtri(BELOW_MIX) * mix.error, 0.0))
    trained = label_tests.f1(before[0] / max(before[1], 1.0))
    now = label_tests.f1(share) if size else math.nan
    name = f1_name(category)
    lowest = trained - label_tests.f1(least)
    measures = [_measure(name, f"F1 of {category}", trained, now, lowest, FLOOR, falls=True)]
    cents = np.rint(own * (CENTS - 1)).astype(np.int64)
    here = cents[labels.places]
    tests = label_tests.missing_and_added(
        labels.worth * np.bincount(here, minlength=CENTS),
        labels.worth * np.bincount(here, has, minlength=CENTS),
        labels.worth * np.bincount(cents, minlength=CENTS),
        label_tests.rates_of(tables.outcomes.counts[j], worth),
        level / 2,
    )
    names = (
        (missing_name(category), f"Labels of {category} that are missing", MISSING_FLOOR),
        (added_name(category), f"Others that are labelled {category}", ADDED_FLOOR),
    )
    measures += [
        _measure(name, label, 0.0, one.value, one.threshold, floor, falls=False, detail=category)
        for (name, label, floor), one in zip(names, tests, strict=True)
    ]
    counted = Counts(
        category=category,
        positives=int(has.sum()),
        alerts=int(given.sum()),
        hits=int((given & has).sum()),
        expected=float(own[labels.places].sum()),
        expected_hits=float(own[labels.places][given].sum()),
        cases=size,
        needed=label_tests.cases_needed(worth * before[0], worth * before[1], f1_level),
        mixed=bool(share < exact and trained - now >= FLOOR and not measures[0].drifted),
        missing=tests[0],
        added=tests[1],
    )
    return measures, counted


def _trained_hits(tables: NullTables, j: int) -> tuple[tuple[float, float], float]:
    """Hits of a category in training and rows that have it or were given it, and their worth.

    Texts repeat, and repeats tell less than as many others: by the error of F1 over groups of
    repeats, each row is worth so much of an independent one.
    """
    hits, alerts, positives = (
        float(one[j]) for one in tables.outcomes.sums(tables.rules.thresholds)
    )
    cases = alerts + positives - hits
    share = hits / max(cases, 1.0)
    f1, error = label_tests.f1(share), float(tables.outcomes.errors[1 + j])
    if not 0 < share < 1 or not error > 0:
        return (hits, cases), 1.0
    error *= 2 / (2 - f1) ** 2
    return (hits, cases), min(1.0, share * (1 - share) / cases / error**2)


def _measure(
    name: str,
    label: str,
    trained: float,
    value: float,
    threshold: float,
    floor: float,
    *,
    falls: bool,
    detail: str = "",
) -> Measure:
    """A measure that alarms on one side; where its threshold is unknown nothing could be seen."""
    known = not math.isnan(value)
    threshold = max(floor, threshold) if known and not math.isnan(threshold) else math.nan
    distance = max(trained - value if falls else value - trained, 0.0) if known else math.nan
    shown = known and not math.isnan(threshold)
    return Measure(
        name=name,
        label=label,
        group=QUALITY,
        unit="share",
        kind=FALL if falls else RISE,
        reference=trained,
        batch=value if falls else max(value, 0.0),
        distance=distance,
        threshold=threshold,
        floor=floor,
        drifted=bool(distance >= threshold),
        direction=("lower" if value < trained else "higher") if shown else "",
        column=False,
        fault=False,
        detail=detail,
    )
