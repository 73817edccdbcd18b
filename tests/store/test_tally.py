"""Counts in which no description has a line, and the batch that is made of them again."""

import tracemalloc
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from afterword.model.registry import load_reference
from afterword.store import Store
from afterword.store.moments import seconds_of
from afterword.store.schema import EVENTS
from afterword.store.tally import (
    LATENCY_EDGES,
    Tally,
    latency_quantile,
    layout_of,
    tally_call,
    total,
)
from afterword.text.descriptors import DESCRIPTORS
from tests.stores import NOON


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
