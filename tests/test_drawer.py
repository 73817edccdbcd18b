"""The drawer: a review comes back by its token, for a while, and not once it is forgotten."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from afterword.drawer import Drawer
from afterword.labelling import Labelling
from afterword.sampling import Queue


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drawer(clock: Clock) -> Drawer:
    return Drawer(60, 250, clock)


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


def test_a_forgotten_review_is_gone(drawer: Drawer) -> None:
    token = drawer.put(review())
    drawer.drop(token)
    drawer.drop(token)
    assert drawer.take(token) is None


def test_the_one_that_was_left_alone_longest_makes_room(drawer: Drawer) -> None:
    first, second = review(), review()
    one, two = drawer.put(first), drawer.put(second)
    drawer.put(first, one)
    drawer.put(review())
    assert drawer.take(one) is first
    assert drawer.take(two) is None


def test_what_is_larger_than_the_drawer_is_not_kept_and_drives_nobody_out(drawer: Drawer) -> None:
    token = drawer.put(review())
    assert drawer.take(drawer.put(review(300))) is None
    assert drawer.take(token) is not None
