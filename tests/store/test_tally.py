"""Counts in which no description has a line, and the batch that is made of them again."""

import tracemalloc
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from afterword.drift.checking import compare
from afterword.errors import CheckError
from afterword.measures.definitions import FLAGS, NOT_ENGLISH, UNSURE, VERY_SHORT
from afterword.measures.null_tables import load_tables, totals_of
from afterword.measures.profiles import profile_of
from afterword.model.registry import load_model, load_reference
from afterword.model.scoring import score
from afterword.monitoring.recording import observe, record
from afterword.monitoring.stored_batch import scored_from_store
from afterword.records import Batch, Columns
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.moments import day_start, seconds_of
from afterword.store.schema import EVENTS
from afterword.store.tally import (
    LATENCY_EDGES,
    Tally,
    binned_reference,
    latency_quantile,
    layout_of,
    tally_call,
    total,
)
from afterword.text.descriptors import DESCRIPTORS, NAMES
from tests.conftest import invented
from tests.stores import NOON, days


@pytest.fixture(scope="module")
def texts():
    return [f"{text} Ok?" for text in invented(60, seed=3)["description"]] + ["No.", "¿Qué pasó?"]


@pytest.fixture
def recorded(store: Store, texts) -> Store:
    model = load_model()
    seen = observe(texts, model.predict_proba(texts), model)
    assert record("http", seen, latency_s=0.01, store=store, at=NOON)
    return store


def test_bins_keep_what_the_rules_of_the_check_ask() -> None:
    layout, reference = layout_of(), load_reference()
    for each in DESCRIPTORS:
        bins = layout.bins[each.name]
        assert len(bins.values) == len(bins.edges) + 1 <= 8
        assert (np.diff(bins.values) > 0).all()
        # A bin's value lies in the bin.
        assert bins.of(bins.values).tolist() == list(range(len(bins.values)))
        assert bins.shares.sum() == pytest.approx(1)
        binned = bins.values[bins.of(reference[each.name].to_numpy(float))]
        assert binned.mean() == pytest.approx(reference[each.name].mean(), rel=1e-4, abs=1e-6)
        if each.seldom:
            assert ((binned > 0) == (reference[each.name] > 0)).all()


def test_the_training_range_leaves_about_two_per_cent_outside() -> None:
    for name, bins in layout_of().bins.items():
        assert bins.shares[bins.outside].sum() <= 0.02, name


def test_a_batch_of_counts_has_the_columns_and_flags_of_the_texts(recorded, texts) -> None:
    start = day_start(NOON)
    stored = scored_from_store(recorded, start, start + days(1))
    table = invented(0).reindex(columns=["description"])
    table["description"] = texts
    table.index = table.index + 1
    batch = Batch(
        table, table[[]].assign(row=[0] * len(texts), reason="").head(0), Columns("description")
    )
    direct = score(batch)
    layout, tables = layout_of(), load_tables()
    assert len(stored.frame) == len(texts)
    for name in NAMES:
        bins = layout.bins[name]
        expected = np.sort(bins.values[bins.of(direct.frame[name].to_numpy(float))])
        assert np.allclose(np.sort(stored.frame[name]), expected.astype(np.float32)), name
    for name in direct.outputs:
        assert np.allclose(np.sort(stored.frame[name]), np.sort(direct.frame[name])), name
    ours, theirs = (totals_of(profile_of(each, tables.rules), tables) for each in (stored, direct))
    assert ours.flags[0].tolist() == theirs.flags[0].tolist()
    assert ours.answers.tolist() == theirs.answers.tolist()
    assert np.allclose(ours.scores, theirs.scores)
    flags = dict(zip(FLAGS, ours.flags[0], strict=True))
    assert flags[VERY_SHORT] >= 1
    assert {UNSURE, NOT_ENGLISH} <= set(flags)


def test_a_check_of_counts_names_what_needs_the_text(recorded) -> None:
    start = day_start(NOON)
    stored = scored_from_store(recorded, start, start + days(1))
    result = compare(stored, binned_reference(), load_tables())
    assert len(result.missing) == 5
    assert "Commonest new word" in result.missing
    assert result.changed_words() == []


def test_a_day_without_anything_is_an_empty_batch(recorded) -> None:
    start = day_start(NOON) + days(3)
    stored = scored_from_store(recorded, start, start + days(1))
    assert len(stored.frame) == 0
    assert compare(stored, binned_reference(), load_tables()).level == "too_few"


def test_more_descriptions_than_a_check_takes_are_refused(
    recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = get_settings().model_copy(update={"max_rows": 10})
    monkeypatch.setattr("afterword.monitoring.stored_batch.get_settings", lambda: few)
    with pytest.raises(CheckError, match="check fewer days"):
        scored_from_store(recorded, day_start(NOON), day_start(NOON) + timedelta(days=1))


def test_a_tally_survives_json() -> None:
    one = Tally({"a": np.array([0, 3, 0, 1]), "b": np.array([2])})
    again = Tally.from_dict(one.to_dict())
    assert {name: value.tolist() for name, value in again.counts.items()} == {
        "a": [0, 3, 0, 1],
        "b": [2],
    }


def test_adding_tallies_does_not_depend_on_their_order() -> None:
    parts = [
        Tally({"a": np.array([1, 0])}),
        Tally({"b": np.array([4])}),
        Tally({"a": np.array([2, 2])}),
    ]
    forward, backward = total(parts), total(parts[::-1])
    assert forward.counts["a"].tolist() == backward.counts["a"].tolist() == [3, 2]
    assert (parts[0] + parts[1]).counts["b"].tolist() == [4]


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_latencies_are_kept_to_a_few_per_cent(share: float) -> None:
    rng = np.random.default_rng(0)
    latencies = rng.lognormal(-4, 1, 2_000)
    counted = total([tally_call(float(each), "answered", 0) for each in latencies])
    found = latency_quantile(counted.counts["latency"], share)
    assert found == pytest.approx(np.quantile(latencies, share), rel=0.06)


def test_latencies_beyond_the_bins_are_not_lost() -> None:
    for seconds in (0.0, 1e-9, 1e6):
        assert tally_call(seconds, "answered", 0).counts["latency"].sum() == 1
    assert np.isnan(latency_quantile(np.zeros(len(LATENCY_EDGES)), 0.5))


def test_counting_the_calls_of_a_busy_hour_takes_no_more_memory_than_of_a_quiet_one(
    store: Store,
) -> None:
    def peak(calls: int) -> int:
        row = {"at": seconds_of(NOON), "source": "http", "model": "m", "outcome": "ok"}
        row |= {"latency_ms": 5.0, "descriptions": 1, "rejected": 0, "answers": [[50, 0]]}
        with store.begin() as connection:
            connection.execute(insert(EVENTS), [row | {"sample": False}] * calls)
        tracemalloc.start()
        store.calls(NOON, NOON + timedelta(hours=1))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded once
    few = peak(2_000)
    assert peak(8_000) < 2 * few
