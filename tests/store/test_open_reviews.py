"""The drawer: a review comes back by its token, for a while, and not once it is forgotten."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from afterword.quality.labelling import Labelling
from afterword.quality.sampling import Queue
from afterword.store.open_reviews import Drawer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drawer(clock: Clock) -> Drawer:
    return Drawer(60, 2 * review().size, clock)


def review(characters: int = 100) -> Labelling:
    table = pd.DataFrame({"description": ["x" * characters]}, index=[1])
    queue = Queue(np.array([0]), np.array([1.0]), 1)
    return Labelling("key", table, None, ("A",), np.array([0.5]), np.array([[0.5]]), queue)


def test_a_review_comes_back_by_its_token(drawer: Drawer) -> None:
    kept = review()
    token = drawer.put(kept)
    assert re.fullmatch(r"[\w-]{43}", token)  # 256 bits
    assert drawer.take(token) is kept
    assert drawer.take("a guess") is None


def test_every_step_keeps_it_longer_and_it_leaves_after_the_last(
    drawer: Drawer, clock: Clock
) -> None:
    kept = review()
    token = drawer.put(kept)
    clock.now = 59
    assert drawer.put(kept, token) == token
    clock.now = 118
    assert drawer.take(token) is kept
    clock.now = 120
    drawer.sweep()
    assert len(drawer) == 0


def test_to_take_a_review_is_no_step(drawer: Drawer, clock: Clock) -> None:
    token = drawer.put(review())
    clock.now = 59
    assert drawer.take(token) is not None
    clock.now = 60
    assert drawer.take(token) is None


def test_a_forgotten_review_is_gone(drawer: Drawer) -> None:
    kept = review()
    token = drawer.put(kept)
    drawer.drop(kept)
    drawer.drop(kept)
    assert drawer.take(token) is None


def test_a_review_that_has_expired_holds_no_text_wherever_it_is_still_held(
    drawer: Drawer, clock: Clock
) -> None:
    kept, large = review(), review(5_000)
    drawer.put(kept)
    drawer.put(large)
    clock.now = 60
    drawer.sweep()
    for one in (kept, large):
        assert one.gone
        assert one.table["description"].tolist() == [""]


def test_what_was_forgotten_in_one_tab_is_not_put_back_by_another(drawer: Drawer) -> None:
    kept = review()
    token = drawer.put(kept)
    drawer.drop(kept)
    assert drawer.put(kept, token) == token
    assert drawer.take(token) is None
    assert kept.table["description"].tolist() == [""]


def test_what_had_to_make_room_is_not_forgotten_and_comes_back_with_its_next_step(
    drawer: Drawer,
) -> None:
    first = review()
    token = drawer.put(first)
    drawer.put(review())
    drawer.put(review())
    assert drawer.take(token) is None
    assert not first.gone
    drawer.put(first, token)
    assert drawer.take(token) is first


def test_the_one_that_was_left_alone_longest_makes_room(drawer: Drawer) -> None:
    first, second = review(), review()
    one, two = drawer.put(first), drawer.put(second)
    drawer.put(first, one)
    drawer.put(review())
    assert drawer.take(one) is first
    assert drawer.take(two) is None


def test_what_is_larger_than_the_drawer_is_not_kept_and_drives_nobody_out(drawer: Drawer) -> None:
    token = drawer.put(review())
    assert drawer.take(drawer.put(review(5_000))) is None
    assert drawer.take(token) is not None
