"""The history of checks: made of what the store holds, kept, compared, and made again."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from afterword.drift.checking import compare
from afterword.drift.detectable import Detectable
from afterword.drift.result import CheckResult
from afterword.drift.segment import Segment
from afterword.errors import CheckError
from afterword.measures.answers import Answers
from afterword.measures.definitions import Measure
from afterword.measures.distances import column_distance
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile, profile_of
from afterword.measures.thresholds import ALPHAS
from afterword.measures.word_changes import WORD_FIELDS
from afterword.model.reference import category_of, output_columns
from afterword.model.registry import load_reference, version_of
from afterword.model.scored import Scored
from afterword.monitoring import wording
from afterword.monitoring.windows import WEEK
from afterword.quality.category_shares import CategoryShare
from afterword.quality.expected import QualityEstimate
from afterword.quality.findings import Quality
from afterword.settings import Settings, get_settings
from afterword.store.moments import DAY
from afterword.store.stream_records import SERVICE
from afterword.store.tally import binned_reference
from afterword.streams.stored_profile import profile_from_store
from afterword.text.descriptors import NAMES

if TYPE_CHECKING:
    import pandas as pd

    from afterword.store import Store
    from afterword.store.checks import KeptCheck, Span, Trial

Found = TypeVar("Found")

YEAR: Final = 365
"""Days."""
LONGEST: Final = 365
"""Days that one check of the store may look back."""
SAME: Final = 1e-9
"""Difference of two distances that rounding explains."""
_SINCE = re.compile(r"\A\s*+(\d{1,6})\s*([dwh])\s*", re.IGNORECASE)
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24}


def parse_since(text: str) -> timedelta:
    """Read how far a check of the store looks back.

    Parameters
    ----------
    text : "7d", "2w" or "24h": whole days, from 1 to 365.

    Raises
    ------
    CheckError
        It is something else.

    Examples
    --------
    >>> parse_since("2w").days
    14
    """
    found = _SINCE.fullmatch(text)
    hours = int(found[1]) * _HOURS[found[2].lower()] if found else 0
    if not found or hours % 24 or not 24 <= hours <= 24 * LONGEST:
        raise CheckError(wording.no_days(LONGEST))
    return timedelta(hours=hours)


def days_of(since: timedelta, now: datetime | None = None) -> Span:
    """The whole UTC days that a check of the store looks at: the last ones, today included."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    return end - since, end


def chance_of(since: timedelta, settings: Settings | None = None) -> tuple[float, str]:
    """The chance of a false alarm that each scheduled check may have.

    Parameters
    ----------
    since : how far each looks back, and so how often one is made.
    settings : of this process if None. With ``false_alarms`` set to N, the chance is N a year
        divided by the checks of a year, as near as the tables of chance allow.

    Returns
    -------
    (chance, sentence)
        The sentence says what was not possible; empty if nothing.

    Examples
    --------
    >>> chance_of(timedelta(days=7), Settings(false_alarms=2))
    (0.038..., '')
    """
    settings = settings or get_settings()
    if settings.false_alarms is None:
        return settings.alpha, ""
    days = since / DAY
    wanted = settings.false_alarms * days / YEAR
    least, most = float(ALPHAS.min()), float(ALPHAS.max())
    chance = min(max(wanted, least), most)
    # A little more than nothing: 3.65 is rounded upwards.
    possible = chance * YEAR / days + 1e-9
    if wanted < least:
        weekly = since < WEEK
        return chance, wording.no_fewer(since.days, possible, settings.false_alarms, weekly=weekly)
    if wanted > most:
        return chance, wording.no_more(since.days, possible, settings.false_alarms)
    return wanted, ""


def check_store(
    store: Store,
    since: timedelta,
    *,
    now: datetime | None = None,
    sample: bool = False,
) -> tuple[CheckResult, Span]:
    """Check what the store holds of the last days.

    Nothing is kept: :func:`keep` does that.

    Parameters
    ----------
    store : where classifications are recorded.
    since : whole days, today included.
    now : the present; that of the clock if None.
    sample : whether to check the loaded samples instead.

    Returns
    -------
    (result, window)
        ``result.missing`` names the measures that need the texts, where these were not counted;
        ``result.limits`` says what of the days is not in it.

    Raises
    ------
    CheckError
        More was recorded than one check takes.
    StoreError
        The store cannot be read.
    ModelError
        The model or what belongs to it is missing or damaged.
    """
    settings = get_settings()
    start, end = days_of(since, now)
    profile = profile_from_store(store, start, end, sample=sample)
    result = compare(
        profile,
        load_reference(),
        load_tables(),
        alpha=chance_of(since, settings)[0],
        floors=settings.floors,
    )
    return result, (start, end)


def keep(
    store: Store,
    result: CheckResult,
    *,
    source: str,
    window: Span | None = None,
    at: datetime | None = None,
    trial: bool = False,
    replaces: Trial | None = None,
    stream: int = SERVICE,
    period: str = "",
    model_dir: str | os.PathLike[str] | None = None,
) -> int | None:
    """Keep a check by the model in service; its number, or None if it could not be kept.

    The parameters are those of :meth:`afterword.store.checks.CheckLog.add`.
    """
    return store.checks.add(
        result,
        source=source,
        model=version_of(model_dir),
        at=at,
        window=window,
        trial=trial,
        replaces=replaces,
        stream=stream,
        period=period,
    )


def remake(kept: KeptCheck, model_dir: str | os.PathLike[str] | None = None) -> CheckResult:
    """Make the result of a kept check again, so that it can be shown and its reports be drawn.

    Every column of its rows has the values that it had, in an order of its own; what belonged
    together is not known any more.

    Parameters
    ----------
    kept : from the store.
    model_dir : of the model that made it; the one in service if None.

    Raises
    ------
    CheckError
        Another model made it, or its reference is another one now.
    """
    if kept.model != version_of(model_dir):
        raise CheckError(wording.CHECK_OF_OTHER_MODEL)
    told = recall(kept)
    frame, categories = _frame_of(kept), told.profile.categories
    scored = Scored(
        frame=frame,
        descriptors=tuple(name for name in NAMES if name in kept.columns),
        categories=categories,
        outputs=output_columns(categories),
        rejections=told.profile.rejections,
        period=told.profile.period,
        sample=kept.sample,
    )
    profile = profile_of(scored, load_tables(model_dir).rules)
    return replace(
        told,
        profile=replace(profile, notes=told.profile.notes),
        scored=scored,
        reference=_reference_of(kept, frame, told.measures, model_dir),
    )


def recall(kept: KeptCheck) -> CheckResult:
    """What a kept check found, whatever model made it, without anything of its rows.

    It can be read, shown and passed on; no report can be drawn of it, as :func:`remake` can.

    Parameters
    ----------
    kept : from the store.

    Raises
    ------
    CheckError
        It is damaged.
    """
    import pandas as pd

    content = kept.content
    categories = tuple(name for name in map(category_of, kept.columns) if name is not None)
    measures = pd.DataFrame(content["measures"])
    numbers = ["reference", "batch", "distance", "threshold", "floor"]
    measures[numbers] = measures[numbers].astype(float)
    period = [datetime.fromisoformat(moment) for moment in content["period"] or ()]
    profile = Profile(
        categories=categories,
        columns={},
        # The rows are known by number only.
        answers=Answers(np.zeros((1, len(categories)), np.uint8), np.array([kept.accepted])),
        flags=np.zeros(0, np.int64),
        model=kept.model,
        rejections=content["rejections"],
        period=(period[0], period[-1]) if period else None,
        sample=kept.sample,
    )
    found = CheckResult(
        level=kept.level,
        headline=kept.headline,
        reasons=kept.reasons,
        actions=kept.actions,
        remarks=tuple(content.get("remarks", ())),
        measures=measures,
        words=pd.DataFrame(content["words"], columns=list(WORD_FIELDS)),
        detectable=tuple(Detectable(**each) for each in content["detectable"]),
        missing=kept.missing,
        alpha=kept.alpha,
        profile=profile,
        scored=profile.scored,
        reference=profile.scored.frame,
        estimate=_made(QualityEstimate.from_dict, content.get("estimate")),
        quality=_made(Quality.from_dict, content.get("quality")),
        shares=shares_kept(content),
        by=content.get("by"),
        segments=tuple(Segment(**each) for each in content.get("segments", ())),
    )
    # What was told of the rows themselves, which are not there any more.
    notes = [told for told in content.get("limits", ()) if told not in found.limits]
    return replace(found, profile=replace(profile, notes=tuple(notes)))


def _frame_of(kept: KeptCheck) -> pd.DataFrame:
    """Rows with the values that were counted, column by column; which belonged together is gone."""
    import pandas as pd

    columns = {
        name: np.repeat(np.array(column["values"], float), np.array(column["counts"], int))
        for name, column in kept.columns.items()
    }
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {name: rng.permutation(values) for name, values in columns.items()}
        if kept.comparable
        # The rows are known by number only.
        else {name: np.full(kept.accepted, math.nan) for name in columns},
        dtype=np.float32,
    )


def shares_kept(content: Mapping[str, Any]) -> tuple[CategoryShare, ...]:
    """What a kept check knows of each category's share; checks of earlier versions know nothing.

    Raises
    ------
    CheckError
        It is damaged.
    """
    made = _made(
        lambda kept: tuple(map(CategoryShare.from_dict, kept["shares"])),
        content if "shares" in content else None,
    )
    return made or ()


def measures_kept(content: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The measures of a kept check.

    Raises
    ------
    CheckError
        It is damaged.
    """
    try:
        return tuple(one for row in content.get("measures", ()) if (one := measure_of(row)))
    except (KeyError, TypeError):
        raise CheckError(wording.DAMAGED_QUALITY) from None


def _made(
    make: Callable[[Mapping[str, Any]], Found], content: Mapping[str, Any] | None
) -> Found | None:
    """What was kept, if it was; checks of earlier versions lack it."""
    if content is None:
        return None
    try:
        return make(content)
    except (KeyError, ValueError):
        raise CheckError(wording.DAMAGED_QUALITY) from None


def _reference_of(
    kept: KeptCheck,
    frame: pd.DataFrame,
    measures: pd.DataFrame,
    model_dir: str | os.PathLike[str] | None,
) -> pd.DataFrame:
    """The reference from which the check's own distances follow.

    Before there were profiles of days, checks of the store were compared in bins.
    """
    candidates: list[Callable[[], pd.DataFrame]] = [
        lambda: load_reference(model_dir),
        lambda: binned_reference(model_dir),
    ]
    if not kept.comparable:
        return candidates[0]()
    rows = measures[measures["column"]].to_dict(orient="records")
    for candidate in candidates:
        reference = candidate()
        if all(
            row["measure"] in reference
            and row["measure"] in frame
            and abs(
                column_distance(
                    row["kind"],
                    reference[row["measure"]].to_numpy(float),
                    frame[row["measure"]].to_numpy(float),
                )
                - row["distance"]
            )
            <= SAME
            for row in rows
        ):
            return reference
    raise CheckError(wording.CHECK_OF_OTHER_MODEL)


def measure_of(row: Mapping[str, Any] | None) -> Measure | None:
    """A measure of a kept check; None where there is none."""
    if row is None:
        return None
    values: dict[str, Any] = {
        key: math.nan if value is None else value for key, value in row.items()
    }
    return Measure(name=values.pop("measure"), **values)
