"""A window of time in numbers, and the one screen that is made of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from afterword.model.reference import output_columns
from afterword.model.registry import load_reference
from afterword.monitoring.metrics import metric_value
from afterword.monitoring.monitor import monitor, present
from afterword.monitoring.overview_numbers import overview_numbers
from afterword.monitoring.watched import watches_of
from afterword.monitoring.windows import HOUR, WEEK, Window, WindowError, window_of
from afterword.store import Recording, Store
from afterword.store.moments import DAY
from afterword.store.recordings import Texts
from afterword.store.tally import layout_of, tally_call, tally_rows
from afterword.text.descriptors import NAMES
from tests.stores import call, days

NOW = datetime(2026, 6, 10, 15, 30, tzinfo=UTC)


def fill(store, count, per_day=60, *, until=NOW, shift=0.0, seed=0, sample=False) -> None:
    """So many days of ordinary rows; on the last four, some answers are replaced by sure ones."""
    layout, reference = layout_of(), load_reference()
    rng = np.random.default_rng(seed)
    columns = list(output_columns(layout.categories))
    for day in range(count, 0, -1):
        frame = reference.iloc[rng.integers(0, len(reference), per_day)].copy()
        sure = rng.random(per_day) < (shift if day <= 4 else 0.0)
        frame.loc[sure, columns] = [0.0, 0.95, 0.0, 1.0, 0.98]
        store.write(
            [
                Recording(
                    at=until - days(day - 1),
                    source="http",
                    model=layout.model,
                    outcome="answered",
                    latency_s=0.02,
                    descriptions=per_day,
                    rejected=0,
                    answers=np.rint(100 * frame[columns[:3]].to_numpy()).astype(np.uint8),
                    thresholds=layout.thresholds.tolist(),
                    tally=tally_rows(frame, np.zeros(9, int), layout)
                    + tally_call(0.02, "answered", 0),
                    digests=range(per_day),
                    texts=Texts.uncounted(per_day),
                    sample=sample,
                )
            ]
        )


# ---------------------------------------------------------------- windows


def test_a_week_is_seven_whole_days_with_today() -> None:
    week = window_of("week", now=NOW)
    assert (week.start, week.end) == (datetime(2026, 6, 4, tzinfo=UTC),
                                      datetime(2026, 6, 11, tzinfo=UTC))  # fmt: skip
    assert len(week.times) == 7
    assert week.before.end == week.start
    assert week.before.start == week.start - days(7)


def test_a_day_is_twenty_four_hours_with_the_running_one() -> None:
    day = window_of("day", now=NOW)
    assert day.end == NOW.replace(hour=16, minute=0)
    assert (day.end - day.start, day.period, len(day.times)) == (DAY, HOUR, 24)


def test_a_long_window_is_cut_into_whole_weeks() -> None:
    year = window_of("custom", datetime(2025, 6, 1), datetime(2026, 5, 31))
    assert year.period == WEEK
    assert (year.end - year.start) % WEEK == timedelta()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("custom", datetime(2026, 5, 2), datetime(2026, 5, 1)), "ends before it starts"),
        (("custom", datetime(2005, 5, 2), datetime(2026, 5, 1)), "ten years"),
        (("custom", datetime(1, 1, 1), datetime(1, 1, 2)), "between 2000 and today"),
        (("custom", datetime(9999, 12, 30), datetime(9999, 12, 31)), "between 2000 and today"),
        (("custom",), "first and last day"),
        (("fortnight",), "Choose a day"),
    ],
)
def test_a_window_that_is_none_is_refused_in_a_sentence(arguments, sentence: str) -> None:
    with pytest.raises(WindowError, match=sentence):
        window_of(*arguments)


# ---------------------------------------------------------------- looking


def test_an_empty_store_is_grey_and_not_green(store: Store) -> None:
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    assert (seen.descriptions, seen.calls, seen.judged, seen.crossed) == (0, 0, 0, ())
    assert not any(one.enough for one in (*seen.inputs, *seen.outputs))
    assert all(np.isnan(one.now) for one in seen.outputs)


def test_ordinary_days_cross_nothing(store: Store) -> None:
    fill(store, 40)
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    assert seen.descriptions == 7 * 60
    assert (seen.calls, seen.judged, seen.period) == (7, 6, DAY)  # today is not over
    assert seen.crossed == ()
    assert 0 < seen.promised <= 2
    confidence = next(one for one in seen.outputs if one.name == "confidence")
    assert abs(confidence.now - confidence.training) < 4 * confidence.error
    assert confidence.training_range[0] < confidence.training < confidence.training_range[1]
    assert len(seen.inputs) == len(NAMES)


def test_what_comes_late_for_a_day_that_was_judged_is_judged_with_it(store: Store) -> None:
    fill(store, 40)
    week = window_of("week", now=NOW)
    before, again = (monitor(store, week, now=NOW).outputs[0].chart for _ in range(2))
    np.testing.assert_array_equal(before.upper, again.upper)
    fill(store, 1, 300, until=NOW - days(1), seed=1)
    after = monitor(store, week, now=NOW).outputs[0].chart
    assert after.rows[-2] == before.rows[-2] + 300
    assert after.upper[-2] < before.upper[-2]


def test_surer_answers_cross_the_line_of_confidence(store: Store) -> None:
    fill(store, 40, shift=0.35)
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    crossed = {one.name for one in seen.crossed}
    assert {"confidence", "category:Ogling"} <= crossed
    confidence = next(one for one in seen.outputs if one.name == "confidence")
    assert confidence.crossed
    assert min(confidence.alarms) >= NOW.replace(hour=0, minute=0) - days(3)


def test_few_descriptions_a_day_are_judged_by_weeks(store: Store) -> None:
    fill(store, 70, per_day=9)
    seen = monitor(store, window_of("month", now=NOW), now=NOW)
    assert seen.period == WEEK
    assert seen.judged >= 3


def test_the_window_is_compared_with_the_one_before(store: Store) -> None:
    fill(store, 7, until=NOW - days(7))
    fill(store, 7, per_day=30)
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    requests = next(line for line in seen.software if line.name == "requests")
    assert (requests.now, requests.before, requests.values.sum()) == (7, 7, 7)
    assert all(not np.isnan(one.before) for one in seen.outputs)


def test_shares_outside_the_training_range_come_with_an_exact_interval(store: Store) -> None:
    fill(store, 7)
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    assert len(seen.outside) == len(NAMES)
    for one in seen.outside:
        assert one.low <= one.now <= one.high
        assert one.training <= 0.02


def test_new_words_come_with_their_share_and_first_day(store: Store) -> None:
    fill(store, 3)
    for tag in range(6):
        store.write([call(NOW - days(1), unseen=({"zipgram": (False, tag), "rare": (False, tag)},)),
                     call(NOW, descriptions=0)])  # fmt: skip
    store.write([call(NOW, unseen=({"other": (False, 1)},))])
    seen = monitor(store, window_of("week", now=NOW), now=NOW)
    assert [(one.word, one.descriptions) for one in seen.new_words] == [("rare", 6), ("zipgram", 6)]
    assert seen.new_words[0].first_day == (NOW - days(1)).replace(hour=0, minute=0)
    assert seen.hidden_words == 1


def test_software_is_seen_by_the_hour(store: Store) -> None:
    for minute in (1, 2):
        store.write([call(NOW.replace(minute=minute), latency_s=0.2)])
    store.write([call(NOW - timedelta(hours=3), outcome="failed", descriptions=0, model="")])
    store.add_reading(NOW, 3, 0.25, 410.0)
    seen = monitor(store, window_of("day", now=NOW), now=NOW)
    lines = {line.name: line for line in seen.software}
    assert lines["requests"].values[-4:].tolist() == [1, 0, 0, 2]
    assert lines["errors"].now == 1
    assert lines["latency_p95"].values[-1] == pytest.approx(0.2, rel=0.13)
    assert np.isnan(lines["latency_p50"].values[-2])
    assert (lines["sessions"].now, lines["memory_mb"].values[-1]) == (3, 410)
    assert seen.calls == 3


def test_samples_are_looked_at_as_of_their_own_end(store: Store) -> None:
    fill(store, 10, until=NOW - days(30), sample=True)
    assert present(store, sample=True) == NOW.replace(hour=23, minute=59, second=59) - days(30)
    seen = monitor(store, window_of("week", now=present(store, sample=True)), sample=True)
    assert seen.descriptions == 7 * 60
    assert monitor(store, window_of("week", now=NOW), now=NOW).descriptions == 0


# ---------------------------------------------------------------- single numbers


def test_a_number_needs_enough_to_be_said(store: Store) -> None:
    assert np.isnan(metric_value(store, "error_share", "1h", now=NOW))
    assert np.isnan(metric_value(store, "confidence", "7d", now=NOW))
    assert metric_value(store, "requests", "1h", now=NOW) == 0
    store.write([call(NOW, outcome="failed" if each < 3 else "answered", descriptions=0)
                 for each in range(30)])  # fmt: skip
    assert 0.03 < metric_value(store, "error_share", "1h", now=NOW) < 0.1
    assert metric_value(store, "requests", "1d", now=NOW) == 30
    assert metric_value(store, "latency_p95", "1h", now=NOW) == pytest.approx(0.01, rel=0.1)


def test_numbers_of_outputs_are_those_of_their_window(store: Store) -> None:
    fill(store, 40, shift=1.0)
    assert metric_value(store, "category:Ogling", "1d", now=NOW) == 1
    assert metric_value(store, "confidence", "1d", now=NOW) == pytest.approx(0.98)
    assert 0.5 < metric_value(store, "category:Ogling", "7d", now=NOW) < 0.8
    assert metric_value(store, "chart_crossed", "1d", now=NOW) >= 2
    assert np.isnan(metric_value(store, "no such number", "7d", now=NOW))


def test_the_four_numbers_of_the_overview(store: Store) -> None:
    fill(store, 20)
    found = {one.name: one for one in overview_numbers(store, now=NOW)}
    assert len(found) == 4
    assert found["descriptions"].value == found["descriptions"].before == 420
    assert len(found["confidence"].values) == 28
    assert np.isnan(found["confidence"].values[0])
    assert 0.7 < found["confidence"].value < 0.95


def test_every_watched_number_is_labelled_once() -> None:
    watches = watches_of(layout_of())
    assert len({one.label for one in watches}) == len(watches) == len(NAMES) + 6


def test_a_window_needs_no_clock() -> None:
    assert isinstance(window_of("month"), Window)


def test_a_chart_of_answers_says_that_the_model_gave_them() -> None:
    watches = {one.name: one.label for one in watches_of(layout_of())}
    assert watches["category:Ogling"] == "Share that the model gives Ogling"
    assert watches["no_category"] == "Share that the model gives no category"
