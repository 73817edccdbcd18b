"""Open reviews: a review comes back by its token, for a while, and not once it is forgotten."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from afterword.quality.labelling import Labelling
from afterword.store.open_reviews import OpenReviews


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reviews(clock: Clock) -> OpenReviews:
    return OpenReviews(60, 2 * review().size, clock)


def review(characters: int = 100) -> Labelling:
    table = pd.DataFrame({"description": ["x" * characters]}, index=[1])
    return Labelling("key", table, None, ("A",), np.array([0.5]), np.array([[0.5]]), np.array([0]))


def test_a_review_comes_back_by_its_token(reviews: OpenReviews) -> None:
    kept = review()
    token = reviews.put(kept)
    assert re.fullmatch(r"[\w-]{43}", token)  # 256 bits
    assert reviews.take(token) is kept
    assert reviews.take("a guess") is None


def test_every_step_keeps_it_longer_and_it_leaves_after_the_last(
    reviews: OpenReviews, clock: Clock
) -> None:
    kept = review()
    token = reviews.put(kept)
    clock.now = 59
    assert reviews.put(kept, token) == token
    clock.now = 118
    assert reviews.take(token) is kept
    clock.now = 120
    reviews.sweep()
    assert len(reviews) == 0


def test_to_take_a_review_is_no_step(reviews: OpenReviews, clock: Clock) -> None:
    token = reviews.put(review())
    clock.now = 59
    assert reviews.take(token) is not None
    clock.now = 60
    assert reviews.take(token) is None


def test_a_forgotten_review_is_gone(reviews: OpenReviews) -> None:
    kept = review()
    token = reviews.put(kept)
    reviews.drop(kept)
    reviews.drop(kept)
    assert reviews.take(token) is None


def test_a_review_that_has_expired_holds_no_text_wherever_it_is_still_held(
    reviews: OpenReviews, clock: Clock
) -> None:
    kept, large = review(), review(5_000)
    reviews.put(kept)
    reviews.put(large)
    clock.now = 60
    reviews.sweep()
    for one in (kept, large):
        assert one.gone
        assert one.table["description"].tolist() == [""]


def test_what_was_forgotten_in_one_tab_is_not_put_back_by_another(reviews: OpenReviews) -> None:
    kept = review()
    token = reviews.put(kept)
    reviews.drop(kept)
    assert reviews.put(kept, token) == token
    assert reviews.take(token) is None
    assert kept.table["description"].tolist() == [""]


def test_what_had_to_make_room_is_not_forgotten_and_comes_back_with_its_next_step(
    reviews: OpenReviews,
) -> None:
    first = review()
    token = reviews.put(first)
    reviews.put(review())
    reviews.put(review())
    assert reviews.take(token) is None
    assert not first.gone
    reviews.put(first, token)
    assert reviews.take(token) is first


def test_the_one_that_was_left_alone_longest_makes_room(reviews: OpenReviews) -> None:
    first, second = review(), review()
    one, two = reviews.put(first), reviews.put(second)
    reviews.put(first, one)
    reviews.put(review())
    assert reviews.take(one) is first
    assert reviews.take(two) is None


def test_what_is_larger_than_the_limit_is_not_kept_and_drives_nobody_out(
    reviews: OpenReviews,
) -> None:
    token = reviews.put(review())
    assert reviews.take(reviews.put(review(5_000))) is None
    assert reviews.take(token) is not None
