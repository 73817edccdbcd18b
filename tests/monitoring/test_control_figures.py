"""Figures over time: what crossed is said in the title, marked in the chart, told in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import plotly.graph_objects as go
import pytest

from afterword.monitoring import control_figures, line_figures, wording
from afterword.monitoring.control_charts import Chart
from afterword.monitoring.windows import WEEK, Line, Number, Outside, Watched
from afterword.palette import RED
from afterword.store.moments import DAY

START = datetime(2026, 3, 1, tzinfo=UTC)
N, SHOWN = 14, 7


def watched(
    values: list[float] | None = None,
    *,
    judged: bool = True,
    trend: float = 0.5,
    unit: str = "share",
    period: timedelta = DAY,
) -> Watched:
    """Fourteen periods around 50 %, the last seven of them in the window, red lines at ± 10."""
    shown = np.array(values or [0.5] * N, float)
    flags = np.full(N, judged)
    lower, upper = np.where(flags, 0.4, np.nan), np.where(flags, 0.6, np.nan)
    course = np.where(flags, np.full(N, 0.5), np.nan)
    course[-1] = trend if judged else np.nan
    chart = Chart(
        values=shown,
        errors=np.full(N, 0.02),
        rows=np.full(N, 100 if judged else 5),
        centre=0.5,
        lower=lower,
        upper=upper,
        trend=course,
        trend_lower=np.where(flags, 0.45, np.nan),
        trend_upper=np.where(flags, 0.55, np.nan),
        judged=flags,
        jumped=flags & ((shown < 0.4) | (shown > 0.6)),
        drifted=flags & ((course < 0.45) | (course > 0.55)),
    )
    times = tuple(START + place * period for place in range(N))
    return Watched(
        name="confidence",
        label="Mean confidence",
        unit=unit,
        group="output",
        times=times,
        shown=SHOWN,
        chart=chart,
        now=0.5,
        error=0.01,
        before=0.49,
        training=0.5,
        training_range=(0.48, 0.52),
        rows=700,
        enough=True,
    )


def with_value(value: float, *places: int) -> list[float]:
    return [value if place in places else 0.5 for place in range(N)]


def drawn(figure: go.Figure, symbol: str) -> go.Scatter:
    """The points of one symbol."""
    (found,) = (one for one in figure.data if one.marker.symbol == symbol)
    return found


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (watched(), "Mean confidence stayed within the red lines"),
        (
            watched(with_value(0.3, 13)),
            "Mean confidence fell below the red line on 14 March",
        ),
        (
            watched(with_value(0.7, 9)),
            "Mean confidence rose above the red line on 10 March, and came back",
        ),
        (watched(trend=0.56), "Mean confidence crept above the red line on 14 March"),
        (
            watched(with_value(0.3, *range(5, 14))),
            "Mean confidence: still below the red line, since before this window",
        ),
        (watched(with_value(0.3, 13), judged=False), "Mean confidence: too little data"),
        (
            watched(with_value(0.3, 13), period=WEEK),
            "Mean confidence fell below the red line in the week of 31 May",
        ),
        (
            watched(with_value(0.3, 13), period=timedelta(hours=1)),
            "Mean confidence fell below the red line at 13:00 on 1 March",
        ),
    ],
)
def test_the_title_says_what_was_found(one: Watched, says: str) -> None:
    assert control_figures.finding(one) == says


@pytest.mark.parametrize("dark", [False, True])
def test_a_crossing_is_a_large_red_diamond_with_its_day(dark: bool) -> None:
    figure = control_figures.control_chart(
        watched(with_value(0.3, 12, 13)), since="this week", dark=dark
    )
    points = drawn(figure, "diamond")
    assert list(points.text) == ["13 Mar", ""]
    assert list(points.y) == [0.3, 0.3]
    assert points.marker.color == RED
    assert points.marker.size[0] > points.marker.size[1] > drawn(figure, "circle").marker.size


def test_a_slow_drift_is_marked_at_its_trend_and_shows_the_trends_red_lines() -> None:
    figure = control_figures.control_chart(watched(trend=0.56))
    assert list(drawn(figure, "diamond").y) == [0.56]
    assert [one.line.dash for one in figure.data].count("dot") == 2
    calm = control_figures.control_chart(watched())
    assert "dot" not in [one.line.dash for one in calm.data]


def test_periods_that_were_not_judged_are_hollow_and_neither_red_nor_green() -> None:
    figure = control_figures.control_chart(watched(judged=False))
    assert len(drawn(figure, "circle-open").x) == N
    assert len(drawn(figure, "circle").x) == 0
    assert not [one for one in figure.data if one.marker.symbol == "diamond"]
    assert "not judged" in drawn(figure, "circle-open").hovertemplate[0]


def test_the_red_lines_are_steps_as_wide_as_their_periods() -> None:
    figure = control_figures.control_chart(watched())
    red = [one for one in figure.data if one.line.color == RED]
    assert len(red) == 2
    assert len(red[0].x) == 2 * N
    assert red[0].x[1] - red[0].x[0] == DAY


def test_the_shade_is_what_chance_does_to_so_many_descriptions() -> None:
    one = watched()
    wide = replace(one, chart=replace(one.chart, errors=np.full(N, 0.04)))
    narrow, broad = (
        max(part for part in figure.data[0].y if part is not None)
        for figure in (control_figures.control_chart(one), control_figures.control_chart(wide))
    )
    assert narrow == pytest.approx(0.5 + 1.96 * 0.02)
    assert broad > narrow


def test_the_lines_are_named_where_they_end_and_there_is_no_legend() -> None:
    figure = control_figures.control_chart(watched(), since="this week")
    names = [note.text for note in figure.layout.annotations]
    assert names.count(wording.RED_LINE) == 2
    assert wording.TRAINING in names
    assert any("this week" in name for name in names)
    assert not figure.layout.showlegend


def test_a_chart_without_descriptions_says_so() -> None:
    one = watched()
    empty = replace(one, chart=replace(one.chart, rows=np.zeros(N, int)))
    assert (
        control_figures.control_chart(empty).layout.annotations[0].text == "No data in this window."
    )


def test_the_chart_begins_with_what_there_is() -> None:
    one = watched()
    rows = one.chart.rows.copy()
    rows[:4] = 0
    late = replace(one, chart=replace(one.chart, rows=rows))
    assert len(drawn(control_figures.control_chart(late), "circle").x) == N - 4


def test_the_words_tell_the_window_the_one_before_training_and_what_was_judged() -> None:
    words = control_figures.control_alt(watched(with_value(0.3, 13)))
    for part in ("fell below", "50 % ± 1.0 points", "49 %", "48 % to 52 %", "7 of 7 periods"):
        assert part in words


def test_a_value_has_its_error_in_its_own_unit() -> None:
    one = replace(watched(), unit="characters", now=88.2, error=2.6)
    assert control_figures.value_with_error(one) == "88 ± 2.6 characters"
    assert control_figures.value_with_error(replace(one, now=float("nan"))) == "–"


def line(name: str = "requests", unit: str = "calls", value: float = 3.0) -> Line:
    times = tuple(START + place * DAY for place in range(3))
    return Line(name, "Requests", unit, times, np.array([value, np.nan, 2 * value]), 9.0, 4.0)


def test_counts_are_bars_and_levels_are_lines() -> None:
    assert isinstance(line_figures.line_chart([line()]).data[0], go.Bar)
    assert isinstance(line_figures.line_chart([line("memory_mb", "MB", 200.0)]).data[0], go.Scatter)


def test_two_lines_of_one_chart_differ_by_more_than_colour_and_are_named() -> None:
    both = [line("latency_p50", "seconds", 0.01), line("latency_p95", "seconds", 0.03)]
    figure = line_figures.line_chart(both)
    assert len({one.line.dash for one in figure.data}) == 2
    assert {note.text for note in figure.layout.annotations} == {"median", "95 %"}


def test_a_line_without_values_says_so() -> None:
    empty = replace(line(), values=np.full(3, np.nan))
    assert line_figures.line_chart([empty]).layout.annotations[0].text == "No data in this window."
    assert "–" in line_figures.lines_alt([replace(empty, now=float("nan"))])


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (0.0123, "seconds", "12.3 ms"),
        (2.5, "seconds", "2.5 s"),
        (1204, "calls", "1,204 calls"),
        (0.031, "share", "3.1 %"),
        (393, "", "393"),
        (float("nan"), "MB", "–"),
    ],
)
def test_a_number_reads_as_a_person_says_it(value: float, unit: str, says: str) -> None:
    assert line_figures.number(value, unit) == says


def test_a_share_outside_the_training_range_has_its_interval_and_trainings_own() -> None:
    shares = [
        Outside("characters", "Length", 0.05, 0.03, 0.08, 0.02),
        Outside("words", "Words", float("nan"), float("nan"), float("nan"), 0.02),
    ]
    figure = line_figures.outside_bars(shares)
    assert list(figure.data[0].x) == [0.05]
    assert figure.data[0].error_x.array[0] == pytest.approx(0.03)
    assert figure.layout.shapes[0].x0 == 0.02
    assert "Length 5.0 %" in line_figures.outside_alt(shares)


def test_a_sparkline_marks_its_newest_value() -> None:
    times = tuple(START + place * DAY for place in range(4))
    one = Number("requests", "Requests", "", 6.0, 5.0, times, np.array([1.0, 2.0, 3.0, np.nan]))
    assert list(line_figures.sparkline(one).data[1].y) == [3.0]
