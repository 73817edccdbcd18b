"""The figures that an alert rests on, beside the limits that they crossed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from afterword.alerts.evidence import Evidence
from afterword.alerts.rules import ABOVE, Rule
from afterword.drift.wording import CHANGED, FAULTY
from afterword.measures.definitions import KS, MEAN, RISING, SHARE, Measure
from afterword.measures.distances import cohens_h
from afterword.model.reference import probability_column
from afterword.monitoring.alert_evidence import of_charts, of_check, of_number
from afterword.monitoring.control_charts import Chart
from afterword.monitoring.windows import Watched
from afterword.quality.category_shares import CategoryShare
from afterword.store.checks import KeptCheck

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=7))
OGLING = CategoryShare("Ogling", 214, 0.47, 0.4, 0.54, 0.21, 0.4, 0.2)


def measure(name: str, kind: str, reference: float, batch: float, **others: object) -> Measure:
    """A measure that moved to twice its threshold."""
    made = Measure(
        name=name,
        label=name.capitalize(),
        group="input",
        unit="share",
        kind=kind,
        reference=reference,
        batch=batch,
        distance=0.4,
        threshold=0.2,
        floor=0.1,
        drifted=True,
        direction="higher" if batch > reference else "lower",
        column=False,
        fault=False,
    )
    return replace(made, **others)  # type: ignore[arg-type]


def check(*measures: Measure, level: str = CHANGED, **content: object) -> KeptCheck:
    rows = [vars(one) | {"measure": one.name} for one in measures]
    for row in rows:
        del row["name"]
    return KeptCheck(
        id=12,
        at=MONDAY,
        source="page",
        model="m",
        level=level,
        rows=214,
        accepted=214,
        window=None,
        sample=False,
        trial=False,
        stream=1,
        period="",
        content={"measures": rows, "shares": [], "period": None} | content,
        columns={},
    )


def said(evidence: Evidence) -> list[str]:
    return [one.line for one in evidence.figures]


def test_of_a_category_the_estimated_share_is_told_with_interval_limit_and_training() -> None:
    moved = measure(probability_column("Ogling"), MEAN, 0.2, 0.4, unit="")
    longer = measure("words", KS, 20, 40, unit="words", distance=2.0)
    (figure,) = of_check(check(longer, moved, shares=[OGLING.to_dict()])).figures
    assert figure.line == "Ogling: 47 % (40–54) · above the limit of about 34 % · training 21 %"
    assert (figure.value, figure.low, figure.high) == (0.47, 0.4, 0.54)
    assert (figure.training, figure.direction) == (0.21, "above")
    # Half of the way: the mean probability is at twice its threshold.
    assert figure.limit == pytest.approx(0.34)


def test_a_category_that_the_check_does_not_call_moved_is_not_told() -> None:
    still = measure(probability_column("Ogling"), MEAN, 0.2, 0.25, unit="", drifted=False)
    shorter = measure("words", KS, 23, 9.3, unit="words", distance=0.62)
    told = of_check(check(still, shorter, shares=[OGLING.to_dict()]))
    assert said(told) == ["Words: 9.3 words · 3.1 times its limit · training 23 words"]
    assert told.figures[0].limit is None


@pytest.mark.parametrize("share", [0.013, 0.51])
def test_the_limit_of_a_share_is_where_its_distance_reaches_the_threshold(share: float) -> None:
    for kind, batch in ((SHARE, 0.9), (RISING, 0.9), (SHARE, 0.001)):
        (figure,) = of_check(check(measure("markup", kind, share, batch))).figures
        if figure.limit is not None:
            gap = float(cohens_h(np.array(figure.limit), np.array(share)))
            assert gap == pytest.approx(math.copysign(0.2, batch - share))
    assert figure.direction == "below"


def test_of_a_faulty_feed_the_fault_is_told_and_not_what_it_explains() -> None:
    fault = measure("equal_lengths", RISING, 0.013, 0.51, fault=True, detail="60 characters")
    moved = measure(probability_column("Ogling"), MEAN, 0.2, 0.4, unit="", distance=9.0)
    told = of_check(check(moved, fault, level=FAULTY, shares=[OGLING.to_dict()]))
    assert said(told)[0].startswith("Equal_lengths, 60 characters: 51 % · above the limit of ")


@pytest.mark.parametrize(
    ("period", "told", "since"),
    [
        (["2026-11-16T08:00:00", "2026-11-22T21:30:00"], "16 to 22 November 2026", 8),
        (["2026-11-16T08:00:00+00:00"], "", None),
        (["2026-11-30T23:30:00+00:00", "2027-01-02T00:00:00+00:00"], "x", None),
        (["2026-11-16", "2026-11-16"], "16 November 2026", 0),
        (["now", "then"], "", None),
        (None, "", None),
    ],
)
def test_the_days_are_those_of_the_data_and_not_of_the_check(
    period: list[str] | None, told: str, since: int | None
) -> None:
    found = of_check(check(period=period))
    if told == "x":
        assert found.period == "30 November 2026 to 2 January 2027"
        return
    assert found.period == told
    assert found.since == (None if since is None else MONDAY + timedelta(hours=since))
    assert found.check == 12


def test_days_of_the_store_end_before_their_last_midnight() -> None:
    found = of_check(replace(check(), window=WEEK))
    assert (found.period, found.since) == ("16 to 22 November 2026", MONDAY)


@pytest.mark.parametrize("content", [{"measures": [{}]}, {"shares": [{}]}, {"measures": [None]}])
def test_a_damaged_check_still_has_a_number_to_link_to(content: dict[str, Any]) -> None:
    found = of_check(check(**content))
    assert (found.figures, found.check) == ((), 12)


def chart(values: list[float], upper: float, crossed: list[bool], **others: object) -> Watched:
    n = len(values)
    gaps = np.full(n, math.nan)
    made = Chart(
        values=np.array(values),
        errors=np.full(n, 0.01),
        rows=np.full(n, 100),
        centre=0.21,
        lower=np.full(n, 0.1),
        upper=np.full(n, upper),
        trend=np.full(n, 0.312),
        trend_lower=gaps,
        trend_upper=np.full(n, 0.309),
        judged=np.array([*[True] * (n - 1), False]),
        jumped=np.array(crossed),
        drifted=np.zeros(n, bool),
    )
    return Watched(
        name="category:Ogling",
        label="Ogling",
        unit="share",
        group="output",
        times=tuple(MONDAY + timedelta(days=day) for day in range(n)),
        shown=0,
        chart=replace(made, **others),  # type: ignore[arg-type]
        now=0.3,
        error=0.01,
        before=0.2,
        training=0.21,
        training_range=(0.1, 0.33),
        rows=100,
        enough=True,
    )


def test_a_chart_is_told_by_its_last_judged_period_since_the_first_that_crossed() -> None:
    crossed = [True, False, True, True, False]
    found = of_charts([chart([0.5, 0.2, 0.45, 0.47, 0.9], 0.33, crossed)])
    assert said(found) == ["Ogling: 47 % (45–49) · above the limit of 33 % · training 21 %"]
    assert found.since == MONDAY + timedelta(days=2)


def test_a_creeping_chart_is_told_by_its_trend_with_decimals_that_tell_it_from_its_limit() -> None:
    crept = np.array([False, True, True])
    one = chart([0.2] * 3, 0.33, [False] * 3, drifted=crept)
    found = of_charts([one] * 5)
    line = "Ogling (trend): 31.2 % · above the limit of 30.9 % · training 21 %"
    assert said(found) == [line] * 3
    assert found.since == MONDAY + timedelta(days=1)


def test_one_number_is_told_beside_the_threshold_of_its_rule() -> None:
    rule = Rule(0, "Calls fail", "error_share", ABOVE, 0.05)
    (figure,) = of_number(rule, 0.0503).figures
    assert figure.line == "Error share: 5.03 % · above the limit of 5 %"
    assert (figure.value, figure.limit, figure.direction) == (0.0503, 0.05, "above")
