"""Profiles: whatever a batch is cut into, and however the pieces are joined, nothing changes."""

from __future__ import annotations

import functools
import json
import operator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import afterword
from afterword.drift.checking import check
from afterword.errors import BatchError, ClusterError
from afterword.measures.profiles import Profile, join
from afterword.measures.wording import COUNTED_APART, COUNTED_TWICE
from afterword.profiling.making import profile
from afterword.settings import SHIPPED_DATA
from afterword.text.distinct import Joining, joined

SAMPLES = SHIPPED_DATA / "samples"


def batch_of(rows: int, seed: int) -> pd.DataFrame:
    """A batch with copies, rejected rows, a new word, a name, labels with gaps, and times."""
    rng = np.random.default_rng(seed)
    told = pd.read_csv(SAMPLES / "new-app-in-the-news.csv")
    column = "description" if "description" in told else told.columns[-1]
    texts = told[column].astype(str).to_numpy()[rng.integers(0, len(told), rows)]
    ends = rng.choice(["", ".", "...", " Zoltran said so", " on bytetok", "!!", "  "], rows)
    texts = np.array([f"{text.rstrip('.')}{end}" for text, end in zip(texts, ends, strict=True)])
    texts[rng.random(rows) < 0.05] = ""
    texts[rng.random(rows) < 0.2] = "A man whistled at me near the station."
    texts[rng.random(rows) < 0.05] = "a man whistled at me near the station"
    labels = rng.choice(["1", "0", ""], (rows, 3), p=[0.4, 0.5, 0.1])
    times = pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 30, rows), "D")
    return pd.DataFrame(
        {
            "description": texts,
            "time": times.strftime("%Y-%m-%d"),
            **{
                f"{name} label": labels[:, at]
                for at, name in enumerate(afterword.load_model().categories)
            },
        }
    )


def told(result: afterword.drift.result.CheckResult) -> str:
    return json.dumps(result.to_dict())


def same(one: Profile, other: Profile) -> None:
    """Both profiles have the same counts in everything."""
    assert set(one.names) == set(other.names)
    assert all(one.column(name).same(other.column(name)) for name in one.names)
    for name in ("cents", "counts"):
        assert np.array_equal(getattr(one.answers, name), getattr(other.answers, name))
    assert one.flags.tolist() == other.flags.tolist()
    assert one.texts is not None
    assert other.texts is not None
    assert one.texts.to_dict() == other.texts.to_dict()
    assert (one.rejections, one.period) == (other.rejections, other.period)
    assert (one.labelled is None) == (other.labelled is None)
    if one.labelled is not None and other.labelled is not None:
        for name in ("cents", "labels", "inclusion", "counts"):
            own, more = getattr(one.labelled, name), getattr(other.labelled, name)
            assert np.array_equal(own, more, equal_nan=name == "inclusion")


@st.composite
def split(draw: st.DrawFn) -> tuple[int, int, list[int], Any]:
    """Rows and seed of a batch, the part that each row goes to, and how parts are joined."""
    rows = draw(st.integers(1, 120))
    parts = draw(st.lists(st.integers(0, 5), min_size=rows, max_size=rows))
    return rows, draw(st.integers(0, 50)), parts, draw(st.randoms(use_true_random=False))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(split())
def test_any_split_order_and_grouping_gives_the_same_profile_and_verdict(
    how: tuple[int, int, list[int], Any],
) -> None:
    rows, seed, parts, random = how
    table = batch_of(rows, seed)
    pieces = [
        profile(table[np.array(parts) == part].reset_index(drop=True))
        for part in sorted(set(parts))
    ]
    random.shuffle(pieces)
    while len(pieces) > 1:
        one = pieces.pop(random.randrange(len(pieces)))
        other = pieces.pop(random.randrange(len(pieces)))
        pieces.append(one + other)
        random.shuffle(pieces)
    whole = profile(table)
    same(pieces[0], whole)
    assert told(check(pieces[0])) == told(check(whole)) == told(check(table))


def test_a_total_that_has_forgotten_what_texts_added_still_joins_pieces_that_know() -> None:
    table = batch_of(300, 3)
    pieces = [profile(table[at : at + 60].reset_index(drop=True)) for at in range(0, 300, 60)]
    total = pieces[0]
    for one in pieces[1:]:
        assert total.pieces is not None
        total = replace(total, pieces=total.pieces.settled()) + one
    same(total, profile(table))


@pytest.mark.parametrize("name", ["new-app-in-the-news.csv", "broken-export.csv"])
def test_the_check_of_a_profile_is_that_of_its_file(name: str) -> None:
    assert told(check(profile(SAMPLES / name))) == told(check(SAMPLES / name))


@pytest.mark.parametrize("many", [200_000, 7])
def test_pieces_that_are_joined_one_after_the_other_are_the_whole(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.text.distinct.MANY", many)
    monkeypatch.setattr("afterword.text.forms.MANY", many)
    table, joining = batch_of(400, 5), Joining()
    pieces = [profile(table[at : at + 40].reset_index(drop=True)) for at in range(0, 400, 40)]
    for one in pieces:
        assert one.pieces is not None
        joining.add(one.pieces)
    whole = joining.result()
    same(join(pieces, whole), profile(table))


def test_texts_that_count_twice_are_told() -> None:
    table = batch_of(120, 3)
    one, other = profile(table[:80]), profile(table[40:])
    assert (one + other).notes == ()
    assert one.pieces is not None
    assert other.pieces is not None
    settled = [replace(each, pieces=each.pieces.settled()) for each in (one, other) if each.pieces]
    found = settled[0] + settled[1]
    assert found.pieces is not None
    assert found.pieces.twice > 0
    assert (found + one).notes == found.notes == (COUNTED_TWICE,)
    assert check(found).limits[-1] == COUNTED_TWICE
    apart = one + replace(other, pieces=None)
    assert (apart + one).notes == apart.notes == (COUNTED_APART,)
    assert (one + profile(["", ""])).notes == ()
    scored = [afterword.score(table[:80]), afterword.score(table[40:])]
    assert profile(iter(scored)).notes == (COUNTED_APART,)
    assert profile(scored[0]).notes == ()


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (ClusterError, {"workers": 0}),
        (ClusterError, {"workers": -1}),
        (ClusterError, {"workers": 1.5}),
        (ClusterError, {"workers": True}),
        (ClusterError, {"workers": 10**6}),
        (ClusterError, {"cluster": 5}),
        (BatchError, {"drawn": -1}),
        (BatchError, {"drawn": 1.5}),
        (BatchError, {"drawn": None}),
        (BatchError, {"by": ""}),
        (BatchError, {"by": ["city"]}),
    ],
)
def test_an_option_that_cannot_be_is_refused_in_a_sentence(
    error: type[Exception], options: dict[str, Any]
) -> None:
    with pytest.raises(error, match=r"^(Give|Write) "):
        profile(["He whistled at me."], **options)


def test_a_name_that_no_file_can_have_is_no_file() -> None:
    for name in ("a" * 5_000 + ".csv", "a\0b.csv"):
        with pytest.raises(BatchError, match="no file"):
            profile(name)


@pytest.mark.parametrize("many", [200_000, 7])
def test_pieces_that_are_joined_all_at_once_are_those_joined_in_turn(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.text.distinct.MANY", many)
    monkeypatch.setattr("afterword.text.forms.MANY", many)
    table = batch_of(400, 5)
    pieces = [
        found
        for at in range(0, 400, 40)
        if (found := profile(table[at : at + 40].reset_index(drop=True)).pieces)
    ]
    whole = joined(pieces)
    assert whole.rows == len(table) - (table["description"].str.strip() == "").sum()
    in_turn = functools.reduce(operator.add, pieces)
    backwards = functools.reduce(operator.add, pieces[::-1])
    for other in (in_turn, backwards, joined(pieces[::-1])):
        assert other.closed().to_dict() == whole.closed().to_dict()
        assert np.array_equal(other.digests, whole.digests)
    # What it knows of its texts is enough to take off what comes again.
    again = joined([whole, *pieces, whole]).closed()
    assert again.words.tolist() == whole.words.tolist()
    assert (again.distinct, again.new) == (whole.closed().distinct, whole.closed().new)


def test_lengths_that_are_too_rare_to_be_told_are_not_taken_for_one() -> None:
    few = []
    for seed in (1, 2):
        one = profile(batch_of(40, seed))
        assert one.texts is not None
        texts = replace(one.texts, lengths=4, common_length=0)
        few.append(replace(one, pieces=None, texts=texts))
    found = (few[0] + few[1]).texts
    assert found is not None
    assert (found.lengths, found.common_length) == (4, 0)
