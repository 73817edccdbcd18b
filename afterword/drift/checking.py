"""The check: has a batch moved away from the reference, in what, and what does that mean?

Whether a measure drifted is decided here and nowhere else; pages, Evidently's reports, JSON and
command line repeat this decision. Distances are those of :mod:`afterword.measures.distances`;
thresholds, which hold the rate of false alarms over all measures together, those of
:mod:`afterword.measures.thresholds`; words for what was found, those of
:mod:`afterword.drift.verdict`. docs/how-the-verdict-works.md has the whole of it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from afterword.drift.verdict import (
    OTHER_SPREAD,
    Detectable,
    decide,
    detectable_sentence,
    false_alarm_sentence,
)
from afterword.errors import CheckError
from afterword.measures.definitions import (
    CONTENT,
    DEPLOYED,
    EQUAL_LENGTHS,
    FEED,
    FLAGS,
    INPUT,
    KNOWN_WORDS,
    MOSTLY_UNKNOWN,
    NEW_WORDS,
    NO_CAPITALS,
    NOT_ENGLISH,
    OUTPUT,
    QUALITY,
    REJECTED,
    REPEATS,
    SAME_ANSWER,
    SHARE,
    Definition,
    Measure,
    describe_value,
)
from afterword.measures.distances import cohens_h, column_distance, distances, known_words_moved
from afterword.measures.null_tables import NullTables, load_tables, totals_of
from afterword.measures.thresholds import ORDINARY_REJECTED, rejected_threshold
from afterword.measures.totals import Totals
from afterword.measures.word_changes import WORD_FIELDS, WordChange, changed_words
from afterword.model.outcomes import Outcomes
from afterword.model.reference import probability_column
from afterword.model.registry import load_model, load_reference
from afterword.model.scoring import read, score
from afterword.quality import findings as quality
from afterword.quality import labelled
from afterword.quality.expected import QualityEstimate, estimate_quality
from afterword.quality.findings import Quality
from afterword.records import Batch, Profile, Scored
from afterword.settings import get_settings

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = ["CONTENT", "FEED", "INPUT", "MIN_ROWS", "OUTPUT", "CheckResult", "Measure", "check"]

MIN_ROWS: Final = 30
"""Accepted rows below which a check does not say whether anything moved."""
AFTER_ALARM: Final = 0.005
"""Chance at which a fault counts once there is an alarm, or the rows are too few for one."""
STRANGE: Final = frozenset({MOSTLY_UNKNOWN, NOT_ENGLISH})
GROSS: Final = 0.6
"""Distance of equal lengths that no other language explains: about a fifth of the texts."""
LEAST_FAULTY: Final = 3
"""Rows below which not even a fault is seen."""
LEAST_REPEATS: Final = 5
"""Rows from which it is a fault that all of them but one are the same text."""
MOST_WORDS: Final = 3
"""New words that a reason names."""
POWER_DEVIATE: Final = 0.84
"""Standard normal quantile of the power, 80 %, with which a change must be seen."""


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    level : "stable", "changed" (the world moved), "faulty" (the feed looks broken) or "too_few".
    headline : one sentence.
    reasons : at most three sentences, largest first.
    actions : what to do, in order.
    measures : DataFrame, one line per :class:`Measure`: measure, label, group, unit, kind,
        reference, batch, distance, threshold, floor, drifted, direction, column, fault.
    words : DataFrame of the words that changed, one line per
        :class:`~afterword.measures.word_changes.WordChange`, largest change first.
    detectable : what this number of rows could have shown, per category.
    missing : labels of measures that scored rows without a profile cannot have.
    alpha : chance of a false alarm that the thresholds hold.
    scored : the batch that was checked, as numbers.
    reference : what it was compared with; has the columns of ``scored.frame``.
    estimate : what the probabilities let expect of the decisions, without any label.
    quality : what the labels say of the decisions; None where there are none, or too few.
    outcomes : how labels and probabilities went together in training; None in a check that was
        kept.
    thresholds : (k,) from which the categories are predicted, balanced; None likewise.
    """

    level: str
    headline: str
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    measures: pd.DataFrame
    words: pd.DataFrame
    detectable: tuple[Detectable, ...]
    missing: tuple[str, ...]
    alpha: float
    scored: Scored
    reference: pd.DataFrame
    estimate: QualityEstimate | None = None
    quality: Quality | None = None
    outcomes: Outcomes | None = None
    thresholds: np.ndarray | None = None

    @property
    def alarm(self) -> bool:
        """Whether somebody has to look."""
        return self.level in ("changed", "faulty")

    @property
    def comparable(self) -> bool:
        """Whether enough rows are left to compare; only the feed is judged otherwise."""
        return len(self.scored.frame) >= MIN_ROWS

    @property
    def limits(self) -> tuple[str, ...]:
        """What the check could have seen, and how often it is wrong: a sentence each."""
        if not self.comparable:
            return ()
        seen = detectable_sentence(self.detectable, len(self.scored.frame))
        return (*([seen] if seen else []), false_alarm_sentence(self.alpha))

    def ranked(self, *groups: str) -> list[Measure]:
        """The measures of the named groups, or all, what moved most first."""
        measures = _each(self.measures)
        chosen = [measure for measure in measures if not groups or measure.group in groups]
        return sorted(chosen, key=lambda measure: -measure.excess)

    def changed_words(self) -> list[WordChange]:
        """The words that changed, largest change first."""
        records = self.words.to_dict(orient="records")
        return [WordChange(**{str(key): value for key, value in row.items()}) for row in records]

    def figure(self, kind: Literal["measures", "words"] = "measures") -> go.Figure:
        """Draw the measures beside their thresholds, or the words that changed.

        Needs no Streamlit: a notebook shows what the page shows.
        """
        from afterword.drift import figures

        if kind == "words":
            return figures.words(self.changed_words())
        return figures.measures(self.ranked())

    def to_dict(self) -> dict[str, Any]:
        """Everything but the rows, ready for JSON; there is no text in it."""
        measures = self.measures.astype(object).where(self.measures.notna(), None)
        return {
            "level": self.level,
            "alarm": self.alarm,
            "alpha": self.alpha,
            "headline": self.headline,
            "reasons": list(self.reasons),
            "actions": list(self.actions),
            "limits": list(self.limits),
            "rows": self.scored.rows,
            "accepted": len(self.scored.frame),
            "rejections": dict(self.scored.rejections),
            "period": [moment.isoformat() for moment in self.scored.period or ()] or None,
            "measures": measures.to_dict(orient="records"),
            "words": self.words.to_dict(orient="records"),
            "detectable": [asdict(each) for each in self.detectable],
            "missing": list(self.missing),
            "estimate": self.estimate.to_dict() if self.estimate else None,
            "quality": self.quality.to_dict() if self.quality else None,
        }


def check(source: Any, *, model_dir: str | os.PathLike[str] | None = None) -> CheckResult:
    """Compare a batch with the reference.

    Parameters
    ----------
    source : scored rows; or a batch, which the model scores first; or what
        :func:`afterword.read` takes: a path, bytes, a buffer, a DataFrame, a Series, a list of
        texts.
    model_dir : folder of the model whose reference to compare with; the one in service if None.

    Raises
    ------
    CheckError
        The scored rows were made by a model with other categories, or have gaps.
    ModelError
        The model or what belongs to it is missing or damaged.
    """
    settings = get_settings()
    if not isinstance(source, Batch | Scored):
        source = read(source)
    scored = score(source, load_model(model_dir)) if isinstance(source, Batch) else source
    return compare(
        scored,
        load_reference(model_dir),
        load_tables(model_dir),
        alpha=settings.alpha,
        floors=settings.floors,
    )


def compare(
    scored: Scored,
    reference: pd.DataFrame,
    tables: NullTables,
    *,
    alpha: float = 0.05,
    floors: Mapping[str, float] | None = None,
) -> CheckResult:
    """Compare scored rows with a reference that is at hand.

    Parameters
    ----------
    scored : the batch as numbers.
    reference : the training set's columns.
    tables : that belong to the reference.
    alpha : chance of any false alarm that is held, 0.01 to 0.2.
    floors : measure → smallest distance that matters, where another one than its own is wanted.

    Raises
    ------
    CheckError
        As :func:`check`; or a floor was set for a measure that is not there.
    """
    import pandas as pd

    floors = dict(floors or {})
    _refuse(scored, reference, tables, floors)
    profile = scored.profile
    if profile is not None and (
        profile.rows != len(scored.frame)
        or (profile.whole and len(profile.words) != len(tables.words))
        or (profile.whole and len(profile.content) != len(tables.scale.content))
    ):
        profile = None
    counted = profile if profile is not None and profile.whole else None
    rows = len(scored.frame)
    batch = totals_of(scored.frame, profile, tables)
    gaps = distances(batch, tables.totals, tables.scale, tables.categories) if rows else {}
    labels = labelled.usable(scored)
    judged = (
        labelled.judge(labels, scored, tables, labelled.PART * alpha)
        if isinstance(labels, labelled.Labels)
        else None
    )
    # Where labels are judged too, both share the rate.
    drift_alpha = alpha if judged is None else (1 - labelled.PART) * alpha
    thresholds = _thresholds(tables, scored, drift_alpha, floors)
    lenient = tables.at_level(rows, AFTER_ALARM) if rows else np.full(len(thresholds), np.nan)
    least = tables.floors(floors)
    measures, faults = [], []
    for definition, threshold, floor, mild in zip(
        tables.definitions, thresholds, least, lenient, strict=True
    ):
        measure = _measure(
            definition, scored, reference, tables, batch, gaps, float(threshold), float(floor)
        )
        measure = replace(measure, detail=_detail(definition.name, counted, tables, batch))
        measures.append(measure)
        if definition.fault and (
            measure.drifted or measure.distance >= max(float(mild), measure.floor)
        ):
            faults.append(measure)
    if any(one.drifted and one.direction == "higher" for one in measures if one.name in STRANGE):
        # Another language or source gets one answer, and has other lengths and capitals: that is
        # no fault of the feed.
        faults = [
            fault
            for fault in faults
            if fault.name not in (SAME_ANSWER, NO_CAPITALS)
            and not (fault.name == EQUAL_LENGTHS and fault.distance < GROSS)
        ]
    measures += () if judged is None else judged.measures
    found = (
        changed_words(
            tables.words,
            counted.words,
            tables.totals.words[0],
            counted.new_words,
            descriptions=counted.distinct,
            reference_descriptions=int(tables.totals.distinct[0]),
            private=tables.private_words,
        )
        if counted is not None and rows >= MIN_ROWS
        else []
    )
    # Of what is faulty nothing can be expected; and a level is decided with what the labels say.
    estimate = estimate_quality(
        scored, tables, measures, faulty=any(one.drifted for one in measures) and bool(faults)
    )
    said = quality.not_judged(scored, labels) if isinstance(labels, str) else None
    if judged is not None:
        said = quality.describe(judged, scored, tables, estimate)
    verdict = decide(measures, faults, rows, MIN_ROWS, said)
    return CheckResult(
        level=verdict.level,
        headline=verdict.headline,
        reasons=verdict.reasons,
        actions=verdict.actions,
        measures=pd.DataFrame([vars(each) for each in measures]).rename(
            columns={"name": "measure"}
        ),
        words=pd.DataFrame([asdict(word) for word in found], columns=list(WORD_FIELDS)),
        detectable=_detectable(tables, thresholds, rows) if rows >= MIN_ROWS else (),
        missing=tuple(
            each.label
            for each in measures
            if rows
            and math.isnan(each.distance)
            and each.name != DEPLOYED
            and each.group != QUALITY
        ),
        alpha=alpha,
        scored=scored,
        reference=reference,
        estimate=estimate if rows >= MIN_ROWS else None,
        quality=said,
        outcomes=tables.outcomes,
        thresholds=tables.rules.thresholds,
    )


def _refuse(
    scored: Scored, reference: pd.DataFrame, tables: NullTables, floors: Mapping[str, float]
) -> None:
    """Raise CheckError where rows, reference and settings do not fit each other."""
    columns = [*scored.descriptors, *scored.outputs]
    missing = [name for name in columns if name not in reference or name not in scored.frame]
    if missing or scored.categories != tables.categories:
        raise CheckError(
            "These rows were scored by a model with other categories or another version. "
            "Score the descriptions again with the model in service."
        )
    if not np.isfinite(scored.frame[columns].to_numpy(dtype=float)).all():
        raise CheckError(
            "These scored rows have gaps or infinite values. Score the descriptions again."
        )
    names = [each.name for each in tables.definitions]
    unknown = [name for name in floors if name not in names]
    if unknown:
        raise CheckError(
            f"The setting AFTERWORD_FLOORS names a measure that there is not: {unknown[0]!r}. "
            "docs/how-the-verdict-works.md lists them."
        )


def _thresholds(
    tables: NullTables, scored: Scored, alpha: float, floors: Mapping[str, float]
) -> np.ndarray:
    """Distance (m,) from which each measure counts as drifted; NaN where nothing can be said."""
    rows = len(scored.frame)
    if rows >= MIN_ROWS:
        found = tables.thresholds(rows, alpha, floors)
        level = tables.level(rows, alpha)
    else:
        # Too few for anything but what an export breaks, which is far from chance at once.
        level = AFTER_ALARM / 10
        fault = np.array([each.fault and each.name in FLAGS for each in tables.definitions])
        rare = tables.rare(rows, level, math.inf) if rows else np.full(len(fault), np.nan)
        found = np.where(fault, np.maximum(rare, tables.floors(floors)), np.nan)
        if scored.rows < LEAST_FAULTY:
            return np.full(len(found), np.nan)
        if rows >= LEAST_REPEATS:
            share = np.array(tables.totals.shares()[REPEATS])
            own = [each.name for each in tables.definitions].index(REPEATS)
            found[own] = cohens_h(np.array((rows - 1) / rows), share)
    at = [each.name for each in tables.definitions].index(REJECTED)
    if scored.rows:
        floor = tables.floors(floors)[at]
        found[at] = np.maximum(floor, rejected_threshold(scored.rows, level))
    return found


def _measure(
    definition: Definition,
    scored: Scored,
    reference: pd.DataFrame,
    tables: NullTables,
    batch: Totals,
    gaps: Mapping[str, np.ndarray],
    threshold: float,
    floor: float,
) -> Measure:
    """Compare one thing."""
    name = definition.name
    before, now = _typical(definition, scored, reference, tables, batch)
    direction = ""
    if name == REJECTED:
        share = np.array(now if scored.rows else 0.0)
        gap = max(0.0, float(cohens_h(share, np.array(ORDINARY_REJECTED))))
    elif name == DEPLOYED:
        gap = max(0.0, float(cohens_h(np.array(now), np.array(before))))
    elif not len(scored.frame):
        gap = math.nan
    elif definition.column:
        columns = reference[name].to_numpy(float), scored.frame[name].to_numpy(float)
        gap = column_distance(definition.distance, *columns)
        if gap and definition.distance != SHARE:
            direction = _direction(*columns, now - before)
    else:
        gap = float(gaps[name][0])
    if gap and not direction and not math.isnan(gap + now + before):
        direction = "higher" if now > before else "lower"
    unit = definition.unit
    if direction and describe_value(before, unit) == describe_value(now, unit):
        # People see the rounded values: "higher" beside two equal numbers is a riddle.
        direction = OTHER_SPREAD
    return Measure(
        name=name,
        label=definition.label,
        group=definition.group,
        unit=unit,
        kind=definition.distance,
        reference=before,
        batch=now,
        distance=gap,
        threshold=threshold,
        floor=floor,
        drifted=bool(gap >= threshold),
        direction=direction if not math.isnan(threshold) else "",
        column=definition.column,
        fault=definition.fault,
    )


def _detail(name: str, profile: Profile | None, tables: NullTables, batch: Totals) -> str:
    """Which word or length a measure is about, where it may be shown."""
    if profile is None:
        return ""
    if name == KNOWN_WORDS:
        word = tables.words[int(known_words_moved(batch, tables.totals)[0].argmax())]
        return "" if word in tables.private_words else f"“{word}”"
    if name == NEW_WORDS:
        ranked = sorted(profile.new_words, key=lambda word: -profile.new_words[word])
        if not ranked or profile.new_words[ranked[0]] < profile.new:
            return ""  # the commonest may be a name, and the share that is shown is its
        often = [word for word in ranked if 2 * profile.new_words[word] >= profile.new]
        return ", ".join(f"“{word}”" for word in often[:MOST_WORDS])
    if name == EQUAL_LENGTHS and profile.common_length:
        return f"{profile.common_length} characters"
    return ""


def _typical(
    definition: Definition,
    scored: Scored,
    reference: pd.DataFrame,
    tables: NullTables,
    batch: Totals,
) -> tuple[float, float]:
    """What is typical of the reference and of the batch; NaN where there is no such number."""
    name, whole = definition.name, tables.totals
    if name == REJECTED:
        share = scored.rejected / scored.rows if scored.rows else math.nan
        return ORDINARY_REJECTED, share
    if name == DEPLOYED:
        theirs, ours = scored.deployed or (math.nan, math.nan)
        return ours, theirs
    if not len(scored.frame):
        return math.nan, math.nan
    if name == NEW_WORDS:
        return 0.0, float(batch.new[0] / batch.distinct[0])
    if name == KNOWN_WORDS:
        if math.isnan(batch.distinct[0]):
            return math.nan, math.nan
        at = int(known_words_moved(batch, whole)[0].argmax())
        return (
            float(whole.words[0, at] / whole.distinct[0]),
            float(batch.words[0, at] / batch.distinct[0]),
        )
    if definition.column and definition.distance != SHARE:
        typical = _typical_length if definition.unit in ("characters", "words") else _mean
        return typical(reference[name].to_numpy(float)), typical(scored.frame[name].to_numpy(float))
    shares = [side.shares().get(name, math.nan) for side in (whole, batch)]
    return shares[0], shares[1]


def _detectable(tables: NullTables, thresholds: np.ndarray, rows: int) -> tuple[Detectable, ...]:
    """What this number of rows could have shown of each category.

    A category that grows from π to π + δ moves its mean probability by δ · (μ₁ − μ₀), the means
    of descriptions with and without it: less than δ, because the model does not separate them
    wholly. It is seen with a power of 80 % from threshold + 0.84 standard errors on.
    """
    error = math.sqrt(1 / rows + 1 / tables.rows)
    by_name = dict(zip((each.name for each in tables.definitions), thresholds, strict=True))
    found = []
    for place, category in enumerate(tables.categories):
        share = float(tables.totals.scores[0, place] / tables.rows)
        apart = float(tables.separation[place, 0] - tables.separation[place, 1])
        needed = by_name[probability_column(category)] + POWER_DEVIATE * error
        delta = needed * float(tables.scale.scores[place]) / max(apart, 1e-9)
        growth = delta / share if share > 0 and share + delta <= 1 else None
        found.append(Detectable(category, share, None if growth is None else float(growth)))
    return tuple(found)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _typical_length(values: np.ndarray) -> float:
    """Geometric mean of lengths, empty texts included as length 0."""
    return float(np.expm1(np.log1p(values).mean())) if len(values) else math.nan


def _direction(before: np.ndarray, now: np.ndarray, difference: float) -> str:
    """Whether a value of the batch tends to be higher than one of the reference.

    Said only if P(now > before) − P(now < before) and the typical values point the same way;
    "other spread" where they do not.
    """
    order = np.sort(before)
    below = np.searchsorted(order, now, "left")
    above = len(order) - np.searchsorted(order, now, "right")
    tendency = float((below - above).mean())
    if tendency * difference <= 0:
        return OTHER_SPREAD
    return "higher" if tendency > 0 else "lower"


def _each(table: pd.DataFrame) -> list[Measure]:
    records = table.rename(columns={"measure": "name"}).to_dict(orient="records")
    return [Measure(**{str(key): value for key, value in row.items()}) for row in records]
