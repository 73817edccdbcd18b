"""How many descriptions report a category: what is said of it first, with and without estimate."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import afterword
from afterword.drift.checking import check
from afterword.measures.intervals import of_mean, wilson
from afterword.measures.null_tables import load_tables
from afterword.model.reference import probability_column
from afterword.model.scored import Scored
from afterword.quality.category_shares import CategoryShare
from afterword.settings import SHIPPED_DATA

WEEK = SHIPPED_DATA / "samples" / "ordinary-week.parquet"
SHARE = CategoryShare("Ogling", 200, 0.47, 0.4, 0.54, 0.21, 0.31, 0.2)
WITHHELD = replace(SHARE, value=None, low=None, high=None, withheld="The feed looks broken.")


def test_an_estimated_share_is_told_with_its_interval_beside_training() -> None:
    assert SHARE.sentence == (
        "About 47 % of these 200 descriptions report Ogling (40–54); 21 % in training."
    )
    assert SHARE.figure == "47 % (40–54) · training 21 %"
    assert SHARE.explained.startswith("Ogling: about 47 % (40–54) · training 21 %.")
    assert "31 %" in SHARE.explained


def test_without_an_estimate_the_share_of_answers_is_told_by_its_name() -> None:
    assert WITHHELD.sentence == (
        "The model gives Ogling to 31 % of these 200 descriptions; 20 % in training."
    )
    assert WITHHELD.explained == (
        "The model gives Ogling to 31 % of these 200 descriptions (20 % in training); how many "
        "really report it cannot be estimated: the feed looks broken."
    )
    assert "about" not in WITHHELD.figure
    assert WITHHELD.moved == 0


def test_a_share_survives_json() -> None:
    for share in (SHARE, WITHHELD):
        told = json.loads(json.dumps(share.to_dict()))
        assert told.pop("sentence") == share.sentence
        assert CategoryShare.from_dict(told) == share


def week() -> Scored:
    found = afterword.read(WEEK)
    assert isinstance(found, Scored)
    return found


def test_what_the_model_gives_is_counted_at_its_thresholds() -> None:
    rows, thresholds = week(), load_tables().rules.thresholds
    for j, share in enumerate(check(rows).shares):
        own = rows.frame[probability_column(share.category)].to_numpy(float)
        assert share.given == pytest.approx((own >= thresholds[j]).mean())
        assert share.rows == len(own)


def test_a_batch_that_is_too_small_to_compare_tells_no_share() -> None:
    few = replace(week(), frame=week().frame.head(20), texts=None)
    assert check(few).shares == ()


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_interval_of_a_share_holds_it_in_about_95_of_100_samples(share: float) -> None:
    drawn = np.random.default_rng(0).binomial(200, share, 2_000) / 200
    held = [low <= share <= high for low, high in (wilson(one, 200) for one in drawn)]
    assert 0.93 < np.mean(held) <= 1


def test_without_cases_there_is_no_interval() -> None:
    assert np.isnan(wilson(0.5, 0)).all()
    assert np.isnan(of_mean(0.5, 0.1, 0)).all()
