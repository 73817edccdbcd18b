"""Quality with labels: is the model as good as in training, and if not, what has changed?

A batch whose rows have true labels, all of them or a sample, gets the figures that training has:
label accuracy, exact match, micro-F1, and per category accuracy, precision, recall and F1.
Whether they fell, and whether labels are missing or too many, is tested in
:mod:`afterword.quality.labelled`.

A fall that the mix of what came in explains is none. So a fall means that the same descriptions now
have other labels, P(Y|X), unless other things came in than the calibration saw: then nobody can
tell. Beside each figure stands the smallest fall that so many labels could have shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import TypeAdapter

from afterword.deployment import FINDINGS, TEXTS
from afterword.measures.answers import UNKNOWN_LABEL
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.model.evaluation import (
    BINS,
    LEVEL,
    Estimate,
    bins_of,
    expected_calibration_error,
)
from afterword.model.outcomes import Outcomes
from afterword.quality import wording
from afterword.quality.estimates import Assessed, interval
from afterword.quality.expected import QualityEstimate
from afterword.quality.labelled import (
    ALL,
    Counts,
    Judged,
    Judgement,
    trained_figures,
)
from afterword.quality.smallest_falls import smallest_falls
from afterword.quality.verdict import ELSEWHERE, OPEN, tell

if TYPE_CHECKING:
    import pandas as pd

FIGURES: Final = {
    "accuracy": "right decisions",
    "exact_match": f"{TEXTS} with every category right",
    "micro_f1": "F1 of all labels (precision and recall in one number)",
    "precision": "alerts that are right (precision)",
    "recall": f"{FINDINGS} that are found (recall)",
    "f1": "F1 (precision and recall in one number)",
    "missing": "labels that are missing, by the probabilities",
    "added": f"other {TEXTS} with the label, beyond what the probabilities expect",
    "ece": "calibration error (ECE, 10 bins)",
}
"""What each figure is called."""
NAMES: Final = ("accuracy", "precision", "recall", "f1")
_LABELS: Final = ("missing", "added")
ECE_DRAWS: Final = 500


@dataclass(frozen=True)
class Figure:
    """One figure of quality, beside training's.

    Attributes
    ----------
    scope : "all", or a category's name.
    name : "accuracy", "exact_match", "micro_f1", "precision", "recall", "f1",
        "missing", "added" or "ece".
    value, low, high : with its 95 % interval as a figure of where the batch came from; NaN where
        it is withheld.
    trained : the same on the training set, out of fold.
    expected : what the probabilities let expect of this batch; None where that is not known.
    withheld : why there is no value; "" if there is one.
    smallest_fall : from training, that so many labels would show in four batches of five; NaN where
        none would be seen, or where it is not known.
    """

    scope: str
    name: str
    value: float
    low: float
    high: float
    trained: float
    expected: Estimate | None
    withheld: str = ""
    smallest_fall: float = math.nan

    @property
    def fall_in_words(self) -> str:
        """The smallest fall that would be seen, as people read it; "–" for what cannot fall."""
        if self.name in (*_LABELS, "ece"):
            return "–"
        return wording.smallest_fall(self.smallest_fall)


def figure_name(scope: str, name: str) -> str:
    """What a figure is called, with what it is of.

    >>> figure_name("Ogling", "recall")
    'Ogling: reports that are found (recall)'
    """
    said = FIGURES[name]
    if scope != ALL:
        return f"{scope}: {said}"
    return "Decisions that are right" if name == "accuracy" else said[:1].upper() + said[1:]


@dataclass(frozen=True)
class Quality:
    """What the labels of a batch say.

    Attributes
    ----------
    rows : accepted rows of the batch.
    labelled : of these, with labels.
    drawn : whether they were drawn with known probabilities, as a review does.
    incomplete : rows with labels of some categories only, which do not count.
    figures : each overall and per category; none where the labels cannot be used.
    level : "fell" (or labels are missing, or too many), "held" (a fall of five points would have
        been seen, and of every category that all answers are wrong) or "open" (cannot be told, or
        the labels belong elsewhere).
    cause : where it fell, "answers" (the same descriptions have other labels now) or "unknown";
        where a figure is lower and did not fall, "mix" (what came in explains it); where labels
        belong to other rows or columns, "elsewhere"; "" otherwise.
    sentence : all of that in plain words.
    """

    rows: int
    labelled: int
    drawn: bool
    figures: tuple[Figure, ...]
    level: str
    cause: str
    sentence: str
    incomplete: int = 0

    def figure(self, name: str, scope: str = ALL) -> Figure:
        """One of the figures.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        for one in self.figures:
            if (one.name, one.scope) == (name, scope):
                return one
        raise KeyError(name)

    def table(self) -> pd.DataFrame:
        """The figures as a table, with a column for each attribute of :class:`Figure`."""
        import pandas as pd

        lines = [
            vars(one) | {"expected": one.expected.value if one.expected else math.nan}
            for one in self.figures
        ]
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; None where a figure is withheld."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: plain(one) for key, one in value.items()}
            if isinstance(value, list | tuple):
                return [plain(one) for one in value]
            return None if isinstance(value, float) and not math.isfinite(value) else value

        found: dict[str, Any] = plain(asdict(self))
        return found

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Quality:
        """Make what :meth:`to_dict` gave.

        Raises
        ------
        KeyError, ValueError
            Something is missing, or is not what it should be.
        """
        figures = [
            {
                key: math.nan if value is None and key != "expected" else value
                for key, value in one.items()
            }
            for one in content["figures"]
        ]
        return TypeAdapter(cls).validate_python({**content, "figures": figures})


def tell_quality(
    labels: Judgement, profile: Profile, tables: NullTables, estimate: QualityEstimate
) -> Quality | None:
    """Say what a batch's labels tell, or why they tell nothing; None where it has none.

    Parameters
    ----------
    labels : as :func:`~afterword.quality.labelled.judge_labels` gives them.
    profile, tables : the same.
    estimate : of the same batch without its labels.
    """
    if labels.judged is not None:
        return describe(labels.judged, profile, tables, estimate)
    if not labels.reason:
        return None
    return not_judged(profile, labels.reason, ELSEWHERE if labels.elsewhere else "")


def describe(
    judged: Judged, profile: Profile, tables: NullTables, estimate: QualityEstimate
) -> Quality:
    """Put what the labels say beside training and beside what was to be expected.

    Parameters
    ----------
    judged : what :func:`~afterword.quality.labelled.judge_rows` found.
    profile, tables : the same.
    estimate : of the same batch without its labels.
    """
    trained, expected = trained_figures(tables), _expected(estimate)
    assessment, freedom = judged.assessment, judged.assessment.labelled - 1
    counted, falls = _counted(judged, tables), smallest_falls(judged, tables)

    def figure(scope: str, name: str, found: Assessed) -> Figure:
        key = (scope, name)
        low, high = _bounds(found, freedom, counted[key])
        before = trained.get(key, (math.nan, 0.0))[0]
        return Figure(
            scope,
            name,
            found.value,
            low,
            high,
            before,
            expected.get(key),
            found.withheld,
            falls[key],
        )

    figures = [
        figure(ALL, name, getattr(assessment, name))
        for name in ("accuracy", "exact_match", "micro_f1")
    ]
    for j, each in enumerate(assessment.categories):
        figures += [figure(each.category, name, getattr(each, name)) for name in NAMES]
        figures += _odd_labels(judged.counts[j])
        figures.append(_calibration(judged, tables, j))
    level, cause, sentence = tell(judged, tables, estimate)
    return Quality(
        rows=profile.accepted,
        labelled=assessment.labelled,
        drawn=judged.labels.drawn,
        figures=tuple(figures),
        level=level,
        cause=cause,
        sentence=sentence,
        incomplete=_incomplete(profile),
    )


def _counted(judged: Judged, tables: NullTables) -> dict[tuple[str, str], int]:
    """Of how many cases each figure is."""
    labels = judged.labels.values
    decided = judged.labels.probabilities[judged.labels.places] >= tables.rules.thresholds
    rows = len(labels)
    counted = {
        (ALL, "accuracy"): rows,
        (ALL, "exact_match"): rows,
        (ALL, "micro_f1"): int((labels.sum() + decided.sum()) // 2),
    }
    for j, category in enumerate(tables.categories):
        counted |= {
            (category, "accuracy"): rows,
            (category, "precision"): int(decided[:, j].sum()),
            (category, "recall"): int(labels[:, j].sum()),
            (category, "f1"): int((labels[:, j].sum() + decided[:, j].sum()) // 2),
        }
    return {key: max(round(judged.labels.worth * cases), 1) for key, cases in counted.items()}


def _odd_labels(counts: Counts) -> list[Figure]:
    """Labels of a category that are missing, and that are too many, where that can be told."""
    return [
        Figure(counts.category, name, min(max(one.value, 0.0), 1.0), one.low, one.high, 0.0, None)
        for name, one in zip(_LABELS, (counts.missing, counts.added), strict=True)
        if not math.isnan(one.value)
    ]


def _bounds(found: Assessed, freedom: int, counted: int) -> tuple[float, float]:
    """95 % interval as a figure of where the batch came from.

    Where all of the counted cases say the same there is no variance to be seen: then it is the
    exact one (Clopper and Pearson 1934).
    """
    if found.withheld:
        return math.nan, math.nan
    value = round(found.value, 9)  # a weighted mean of ones may lie a last digit below 1
    if value in (0.0, 1.0):
        edge = (1 - LEVEL) / 2
        reach = 1 - edge ** (1 / max(counted, 1))
        return (1 - reach, 1.0) if value else (0.0, reach)
    return interval(found.value, found.process_error, freedom)


def _expected(estimate: QualityEstimate) -> dict[tuple[str, str], Estimate]:
    if estimate.withheld:
        return {}
    found = {(ALL, "accuracy"): estimate.accuracy, (ALL, "micro_f1"): estimate.micro_f1}
    for each in estimate.categories:
        found |= {(each.category, name): getattr(each, name, None) for name in NAMES}
    return {key: one for key, one in found.items() if one is not None}


def _calibration(judged: Judged, tables: NullTables, j: int) -> Figure:
    """A category's calibration error, where rows count alike."""
    category = tables.categories[j]
    own = judged.labels.probabilities[judged.labels.places, j]
    truth = judged.labels.values[:, j].astype(float)
    before = _trained_ece(tables.outcomes, j)
    if judged.labels.drawn:
        return Figure(
            category, "ece", math.nan, math.nan, math.nan, before, None, wording.DRAWN_ROWS
        )
    value = expected_calibration_error(truth, own)
    # Rows that are alike are drawn together: as many of each kind as drawing rows would give.
    kinds, alike = np.unique(np.column_stack([truth, own]), axis=0, return_counts=True)
    rng = np.random.default_rng(0)
    size = max(round(judged.labels.worth * len(own)), 1)
    drawn = rng.multinomial(size, alike / len(own), ECE_DRAWS)
    member = np.zeros((len(kinds), BINS))
    member[np.arange(len(kinds)), bins_of(kinds[:, 1])] = kinds[:, 0] - kinds[:, 1]
    draws = np.abs(drawn @ member).sum(axis=1) / size
    # Resampling adds noise that an ECE counts as error: shifted by the bootstrap's own bias.
    low, high = np.percentile(np.maximum(draws - draws.mean() + value, 0.0), (2.5, 97.5))
    return Figure(category, "ece", value, float(low), float(high), before, None)


def _trained_ece(outcomes: Outcomes, j: int) -> float:
    counts = outcomes.counts[j]
    cents = np.arange(len(counts)) / (len(counts) - 1)
    gaps = np.bincount(
        np.minimum((cents * 10).astype(int), 9), counts[:, 1] - cents * counts[:, 0], minlength=10
    )
    return float(np.abs(gaps).sum() / outcomes.rows)


def _whole(profile: Profile) -> int:
    """Rows with a label of every category."""
    some = profile.labelled
    return 0 if some is None else int(some.counts[(some.labels != UNKNOWN_LABEL).all(axis=1)].sum())


def _incomplete(profile: Profile) -> int:
    """Rows with labels of some categories and not of all."""
    return 0 if profile.labelled is None else profile.labelled.rows - _whole(profile)


def not_judged(profile: Profile, reason: str, cause: str = "") -> Quality:
    """What is said of labels that cannot be used.

    Parameters
    ----------
    profile : of the batch.
    reason : a sentence.
    cause : as :class:`Quality` has it.
    """
    sentence = wording.not_judged(reason)
    return Quality(
        profile.accepted, _whole(profile), False, (), OPEN, cause, sentence, _incomplete(profile)
    )
