"""Where an answer is unsure: so that what is not unsure is right as often as promised."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.training.promises import LEAST_SURE, NEVER, Promise, choose_promise, distinct_rows

WANTED = 0.95


def rows_of(
    number: int, seed: int, spread: float = 3.0, centre: float = -1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and labels that were drawn with them; a wide spread is a good model."""
    rng = np.random.default_rng(seed)
    probabilities = 1 / (1 + np.exp(-rng.normal(centre, spread, number)))
    return probabilities, (rng.random(number) < probabilities).astype(float)


def is_kept(promise: Promise, p: np.ndarray, labels: np.ndarray, threshold: float) -> bool:
    """Whether "no" and "yes" are each right as often as promised, where they are sure."""
    low, high = promise.band(threshold)
    sides = ((promise.no, p < low, labels == 0), (promise.yes, p >= high, labels == 1))
    assert all(share is not None or not sure.any() for share, sure, _ in sides)
    return all(right[sure].mean() >= (share or 0) for share, sure, right in sides if sure.any())


@pytest.mark.parametrize(("spread", "centre"), [(5.0, -1.0), (3.0, -1.0), (2.0, -3.0)])
def test_the_promise_is_kept_on_the_other_half_in_95_of_100_resplits(
    spread: float, centre: float
) -> None:
    kept = 0
    p, labels = rows_of(4_000, 0, spread, centre)
    rng = np.random.default_rng(1)
    for _ in range(200):
        order = rng.permutation(len(p))
        own, other = order[:2_000], order[2_000:]
        found = choose_promise(p[own], labels[own], 0.35, WANTED)
        kept += is_kept(found, p[other], labels[other], 0.35)
    assert kept >= 190


def test_a_model_that_is_nearly_always_right_is_hardly_ever_unsure() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random(5_000) < 0.3).astype(float)
    p = np.where(labels == 1, 0.99, 0.01)
    turned = rng.random(5_000) < 0.01
    p = np.where(turned, 1 - p, p)
    found = choose_promise(p, labels, 0.5, WANTED)
    assert (found.no, found.yes) == (WANTED, WANTED)
    low, high = found.band(0.5)
    assert not ((p >= low) & (p < high)).any()


def test_a_yes_of_a_rare_category_is_unsure_although_nearly_every_answer_is_right() -> None:
    rng = np.random.default_rng(0)
    p = rng.choice([0.01, 0.4], 20_000, p=[0.95, 0.05])
    labels = (rng.random(20_000) < p).astype(float)
    assert ((p >= 0.3) == labels).mean() > 0.95
    found = choose_promise(p, labels, 0.3, WANTED)
    assert (found.no, found.yes) == (WANTED, None)
    assert found.band(0.3) == (0.3, NEVER)


def test_less_is_promised_where_more_would_leave_most_answers_unsure() -> None:
    p, labels = rows_of(8_000, 0, spread=2.0, centre=0.0)
    found = choose_promise(p, labels, 0.4, WANTED)
    assert found.no is not None
    assert found.yes is not None
    assert 0.75 <= found.no < WANTED
    assert 0.75 <= found.yes < WANTED
    low, high = found.band(0.4)
    assert (p < low)[p < 0.4].mean() >= LEAST_SURE
    assert (p >= high)[p >= 0.4].mean() >= LEAST_SURE
    assert is_kept(found, p, labels, 0.4)


def test_of_what_is_a_toss_of_a_coin_nothing_is_promised_and_all_is_unsure() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.48, 0.52, 5_000)
    found = choose_promise(p, (rng.random(5_000) < 0.5).astype(float), 0.5, WANTED)
    assert found == Promise(None, None, 0.0, NEVER)


def test_a_higher_promise_leaves_more_unsure() -> None:
    p, labels = rows_of(8_000, 0, spread=5.0)
    wide, narrow = (choose_promise(p, labels, 0.4, share).band(0.4) for share in (0.97, 0.9))
    assert wide[0] < narrow[0] <= narrow[1] < wide[1]


def test_a_few_rows_prove_nothing_even_if_all_are_right() -> None:
    p, labels = np.array([0.01] * 60 + [0.99] * 60), np.array([0.0] * 60 + [1.0] * 60)
    found = choose_promise(p, labels, 0.5, WANTED)
    assert (found.no, found.yes) == (0.9, 0.9)


def test_repeats_of_one_description_are_one_proof() -> None:
    labels = np.array([[0.0], [1.0], [1.0], [0.0]])
    p = np.array([[0.2], [0.4], [0.4], [0.1]])
    shares, found = distinct_rows(labels, p, np.array([7, 3, 3, 7]))
    assert shares.ravel().tolist() == [1.0, 0.0]
    assert found.ravel() == pytest.approx([0.4, 0.15])
    once, labels_once = rows_of(300, 0, spread=6.0)
    groups = np.repeat(np.arange(300), 20)
    many = distinct_rows(np.repeat(labels_once, 20)[:, None], np.repeat(once, 20)[:, None], groups)
    assert choose_promise(many[1][:, 0], many[0][:, 0], 0.4, WANTED) == choose_promise(
        once, labels_once, 0.4, WANTED
    )
