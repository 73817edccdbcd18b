"""What a check found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from afterword.drift.comparing import MIN_ROWS, ranked
from afterword.drift.detectable import Detectable
from afterword.drift.segment import Segment
from afterword.drift.wording import detectable_sentence, false_alarm_sentence
from afterword.measures.definitions import Measure
from afterword.measures.profiles import Profile
from afterword.measures.word_changes import WORD_FIELDS, WordChange
from afterword.model.outcomes import Outcomes
from afterword.model.scored import Scored
from afterword.quality.category_shares import CategoryShare
from afterword.quality.expected import QualityEstimate
from afterword.quality.findings import Quality

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    level : "stable", "changed" (the world moved), "faulty" (the feed looks broken) or "too_few".
    headline : one sentence.
    reasons : at most three sentences, largest first.
    actions : what to do, in order.
    remarks : what moved and alters no answer, where nothing else did: a sentence each.
    measures : DataFrame, one line per :class:`Measure`: measure, label, group, unit, kind,
        reference, batch, distance, threshold, floor, drifted, direction, column, fault.
    words : DataFrame of the words that changed, one line per
        :class:`~afterword.measures.word_changes.WordChange`, largest change first.
    detectable : what this number of rows could have shown, per category.
    missing : labels of measures that scored rows without a profile cannot have.
    alpha : chance of a false alarm that the thresholds hold.
    profile : what was checked, added up.
    scored : its rows as numbers; of a profile a sample of them, which may be empty.
    reference : what it was compared with; has the columns of ``scored.frame``.
    estimate : what the probabilities let expect of the decisions, without any label.
    shares : of each category how many descriptions really report it, as far as it is known; none
        of a batch that is too small. What every page and message says first of a category.
    quality : what the labels say of the decisions; None where there are none, or too few.
    outcomes : how labels and probabilities went together in training; None in a check that was
        kept.
    thresholds : (k,) from which the categories are predicted, balanced; None likewise.
    by : column whose parts were compared too, as a message may show its name; None if none was.
    segments : one :class:`~afterword.drift.segment.Segment` a part, what moved most first.
    notes : why this batch may alarm more often than promised, in sentences.
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
    profile: Profile
    scored: Scored
    reference: pd.DataFrame
    estimate: QualityEstimate | None = None
    quality: Quality | None = None
    shares: tuple[CategoryShare, ...] = ()
    outcomes: Outcomes | None = None
    thresholds: np.ndarray | None = None
    by: str | None = None
    segments: tuple[Segment, ...] = ()
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        """Whether somebody has to look."""
        return self.level in ("changed", "faulty")

    @property
    def comparable(self) -> bool:
        """Whether enough rows are left to compare; only the feed is judged otherwise."""
        return self.profile.accepted >= MIN_ROWS

    @property
    def limits(self) -> tuple[str, ...]:
        """What the check could have seen, how often it is wrong, and what of the rows was not
        counted or is not known any more: a sentence each."""
        if not self.comparable:
            return self.profile.notes
        seen = detectable_sentence(self.detectable, self.profile.accepted)
        told = (*([seen] if seen else []), false_alarm_sentence(self.alpha))
        return (*told, *self.notes, *self.profile.notes)

    def ranked(self, *groups: str) -> list[Measure]:
        """The measures of the named groups, or all, what moved most first."""
        measures = measures_of(self.measures)
        return ranked(one for one in measures if not groups or one.group in groups)

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
            "remarks": list(self.remarks),
            "limits": list(self.limits),
            "rows": self.profile.rows,
            "accepted": self.profile.accepted,
            "rejections": dict(self.profile.rejections),
            "period": [moment.isoformat() for moment in self.profile.period or ()] or None,
            "measures": measures.to_dict(orient="records"),
            "words": self.words.to_dict(orient="records"),
            "detectable": [asdict(each) for each in self.detectable],
            "missing": list(self.missing),
            "estimate": self.estimate.to_dict() if self.estimate else None,
            "quality": self.quality.to_dict() if self.quality else None,
            "shares": [one.to_dict() for one in self.shares],
            "by": self.by,
            "segments": [one.to_dict() for one in self.segments],
        }


def measures_table(measures: Sequence[Measure]) -> pd.DataFrame:
    """Measures as the table that :class:`CheckResult` has."""
    import pandas as pd

    return pd.DataFrame([vars(each) for each in measures]).rename(columns={"name": "measure"})


def measures_of(table: pd.DataFrame) -> list[Measure]:
    """The measures of such a table."""
    records = table.rename(columns={"measure": "name"}).to_dict(orient="records")
    return [Measure(**{str(key): value for key, value in row.items()}) for row in records]


def words_table(changes: Sequence[WordChange]) -> pd.DataFrame:
    """Words that changed as the table that :class:`CheckResult` has."""
    import pandas as pd

    columns = {name: [getattr(word, name) for word in changes] for name in WORD_FIELDS}
    # Without changes there are no values that tell of what type a column is.
    return pd.DataFrame(columns if changes else {}, columns=list(WORD_FIELDS))
