"""The calibration: splits counted at all sizes at once equal those counted one by one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import afterword
from afterword.drift.checking import compare
from afterword.measures.definitions import (
    BEGINNINGS,
    DEPLOYED,
    ENDINGS,
    EQUAL_LENGTHS,
    FLAGS,
    KNOWN_WORDS,
    NEW_WORDS,
    NO_CAPITALS,
    NONE,
    REJECTED,
    REPEATS,
    SAME_ANSWER,
    SENT_TWICE,
    VERY_SHORT,
    WHOLE,
)
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import QUANTILE_LEVELS
from afterword.measures.totals import row_flags
from afterword.model.classifier import Classifier
from afterword.model.reference import probability_column
from afterword.model.registry import load_model, load_reference
from afterword.text.cleaning import clean, normalise, tokenise
from afterword.text.facts import COMMON_LENGTHS, Facts, find_facts
from afterword.text.privacy import SHOWN_FROM
from afterword.training.null_splits import TrainingRows, calibrate
from afterword.training.reference_rows import build_reference
from afterword.training.wording import LEARNING_CHANCE, LEARNING_YEARS
from tests.conftest import invented

ROWS = 260
SEEN = 5
"""Rows of the rest that must hold a word before it is known."""


def corpus() -> list[str]:
    """Invented texts with repeats, new words, shouting, fragments and cut lines."""
    texts = invented(ROWS, seed=11)["description"].tolist()
    rng = np.random.default_rng(4)
    for at in rng.choice(ROWS, 60, replace=False):
        texts[at] = texts[int(rng.integers(0, 12))]
    for at in rng.choice(ROWS, 40, replace=False):
        texts[at] += f" They said {rng.choice(['scooter', 'bytetok', 'wozzle', 'umbrella'])}."
    for at in rng.choice(ROWS, 24, replace=False):
        texts[at] = (texts[at].upper(), texts[at][:60], "48213-77", "test")[at % 4]
    return texts


@dataclass(frozen=True)
class World:
    """A reference, and the model that its numbers are of."""

    texts: list[str]
    frame: pd.DataFrame
    facts: Facts
    labels: np.ndarray
    model: Classifier

    def calibrate(self, draws: int, seed: int = 0) -> NullTables:
        return calibrate(
            TrainingRows(self.facts, self.frame, self.labels, np.arange(len(self.texts))),
            self.model,
            private=np.zeros(len(self.model.words), bool),
            draws=draws,
            seed=seed,
        )

    @cached_property
    def tables(self) -> NullTables:
        """Those of a single split."""
        return self.calibrate(draws=1)


@pytest.fixture(scope="module")
def world(small_model: Path) -> World:
    model, texts = load_model(small_model), corpus()
    probabilities = model.predict_proba(texts)
    return World(
        texts=texts,
        frame=build_reference(
            texts, probabilities, model.categories, model.thresholds, least=SHOWN_FROM
        ),
        facts=find_facts(texts, model),
        labels=np.random.default_rng(0).integers(0, 2, probabilities.shape),
        model=model,
    )


def h(share: float, other: float) -> float:
    return 2 * np.arcsin(np.sqrt(share)) - 2 * np.arcsin(np.sqrt(other))


@dataclass(frozen=True)
class Part:
    """One side of a split, counted one text after the other."""

    world: World
    rows: Sequence[int]

    @property
    def distinct(self) -> dict[str, str]:
        """Normalised text → the text as it first came."""
        found: dict[str, str] = {}
        for row in self.rows:
            found.setdefault(normalise(self.world.texts[row]), self.world.texts[row])
        return found

    def words(self) -> Counter[str]:
        return Counter(
            word for text in self.distinct.values() for word in set(tokenise(clean(text)))
        )

    def repeats(self) -> float:
        counts = Counter(normalise(self.world.texts[row]) for row in self.rows)
        return max(counts.values()) / len(self.rows)

    def counts(self) -> Counter[str]:
        """Normalised text → rows with it."""
        return Counter(normalise(self.world.texts[row]) for row in self.rows)

    def lengths(self) -> float:
        whole = (".", "!", "?", '"')
        texts = [text.strip() for text in self.distinct.values()]
        counts = Counter(len(text) for text in texts if not text.endswith(whole))
        windows = [counts[at] + counts[at - 1] for at in range(COMMON_LENGTHS, 2_001)]
        return max(windows) / len(self.distinct)

    def alike(self, place: int) -> float:
        """Share of rows with one of the five commonest first (0) or last (-1) words."""
        words = [tokenise(clean(self.world.texts[row])) for row in self.rows]
        counts = Counter(
            "4711" if any(map(str.isdigit, own[place])) else own[place] for own in words if own
        )
        return sum(count for _, count in counts.most_common(5)) / len(self.rows)

    def probabilities(self) -> np.ndarray:
        names = [probability_column(name) for name in self.world.model.categories]
        return self.world.frame.iloc[list(self.rows)][names].to_numpy(float)

    def answers(self) -> float:
        counts = Counter(tuple(row) for row in self.probabilities().round(2).tolist())
        return max(counts.values()) / len(self.rows)

    def flags(self, tables: NullTables) -> np.ndarray:
        rows = list(self.rows)
        own = row_flags(self.world.frame.iloc[rows], self.probabilities(), tables.rules)
        return np.hstack([own, self.world.facts.flags[rows]]).mean(axis=0)


def slowly(world: World, tables: NullTables, batch: Part, rest: Part) -> dict[str, float]:
    """Every distance of two parts, by its definition."""
    found: dict[str, float] = {}
    for each in tables.definitions:
        if each.distance == "ks":
            sides = [world.frame[each.name].to_numpy(float)[list(p.rows)] for p in (batch, rest)]
            found[each.name] = stats.ks_2samp(*sides, method="asymp").statistic
    for name, now, before in zip(FLAGS, batch.flags(tables), rest.flags(tables), strict=True):
        found[name] = h(now, before)

    scores = np.hstack([p := Part(world, range(ROWS)).probabilities(), np.prod(1 - p, 1)[:, None]])
    names = [*map(probability_column, world.model.categories), NONE]
    for at, name in enumerate(names):
        sides = [scores[list(part.rows), at].mean() for part in (batch, rest)]
        found[name] = abs(sides[0] - sides[1]) / scores[:, at].std()

    now, before = batch.words(), rest.words()
    known = {word for word in before if before[word] >= SEEN}
    sizes = len(batch.distinct), len(rest.distinct)
    found[KNOWN_WORDS] = max(
        abs(
            h(
                (now[word] * (word in known) + 0.375) / (sizes[0] + 0.75),
                (before[word] * (word in known) + 0.375) / (sizes[1] + 0.75),
            )
        )
        for word in world.model.words
    )
    new = max((count for word, count in now.items() if word not in known), default=0)
    found[NEW_WORDS] = h(new / sizes[0], 0)
    for name in ("repeats", "lengths", "answers"):
        measure = {"repeats": REPEATS, "lengths": EQUAL_LENGTHS, "answers": SAME_ANSWER}[name]
        found[measure] = h(getattr(batch, name)(), getattr(rest, name)())

    for measure, place in ((BEGINNINGS, 0), (ENDINGS, -1)):
        found[measure] = h(batch.alike(place), rest.alike(place))
    held, before = batch.counts(), rest.counts()
    often = {text for text, rows in before.items() if rows >= SEEN and len(text.split()) <= 6}
    again = sum(rows > 1 for text, rows in held.items() if text not in often)
    pairs = sum(
        math.comb(min(rows, SEEN - 1), 2) for text, rows in before.items() if text not in often
    )
    n, others = len(batch.rows), len(rest.rows)
    found[SENT_TWICE] = h(again / n, pairs * (n - 1) / (others * (others - 1)))

    content = world.facts.content
    means = [content[list(part.rows)].mean(axis=0) for part in (batch, rest)]
    inverse = np.linalg.pinv(np.cov(content.T), hermitian=True, rcond=1e-9)
    found[WHOLE] = np.sqrt((means[0] - means[1]) @ inverse @ (means[0] - means[1]))
    one_sided = {each.name for each in tables.definitions if each.fault}
    one_sided |= {NEW_WORDS, NO_CAPITALS, VERY_SHORT}
    return {name: max(gap, 0) if name in one_sided else abs(gap) for name, gap in found.items()}


@pytest.mark.whole
@pytest.mark.parametrize("seed", range(3))
def test_the_distances_of_a_split_are_those_of_its_two_parts(world: World, seed: int) -> None:
    """With one split, its standardised distances are the tables themselves."""
    tables = world.tables if seed == 0 else world.calibrate(draws=1, seed=seed)
    order = np.random.default_rng(seed).permutation(ROWS).tolist()
    assert tables.sizes.tolist() == [30, 40, 50, 70, 100, 130, ROWS, 2 * ROWS, 4 * ROWS]
    for at, size in enumerate(tables.sizes[:6].tolist()):
        batch, rest = Part(world, order[:size]), Part(world, order[size:])
        expected = slowly(world, tables, batch, rest)
        scale = np.sqrt(1 / size + 1 / (ROWS - size))
        names = [each.name for each in tables.definitions]
        found = dict(zip(names, (tables.quantiles[at][:, 0] * scale).tolist(), strict=True))
        assert set(names) - set(expected) == {REJECTED, DEPLOYED}
        assert {name: found[name] for name in expected} == pytest.approx(
            expected, rel=1e-4, abs=1e-4
        )


def test_the_invented_reference_has_what_the_splits_are_tested_with(world: World) -> None:
    """Repeats, new words, flags: else the test above would compare zeros."""
    tables, order = world.tables, np.random.default_rng(0).permutation(ROWS)
    batch, rest = Part(world, order[:50].tolist()), Part(world, order[50:].tolist())
    found = slowly(world, tables, batch, rest)
    assert sum(gap > 0 for gap in found.values()) >= 25
    assert found[REPEATS] > 0.05
    assert found[SENT_TWICE] > 0
    assert found[NEW_WORDS] > 0.2


def test_the_totals_are_those_of_the_whole_reference(world: World) -> None:
    tables = world.tables
    whole, totals = Part(world, range(ROWS)), tables.totals
    words = whole.words()
    assert totals.rows.tolist() == [ROWS]
    assert totals.distinct.tolist() == [len(whole.distinct)]
    assert totals.repeats / ROWS == pytest.approx([whole.repeats()])
    assert totals.lengths / len(whole.distinct) == pytest.approx([whole.lengths()])
    assert totals.words[0].tolist() == [words[word] for word in world.model.words]
    assert totals.flags[0] / ROWS == pytest.approx(whole.flags(tables))
    rows = whole.counts()
    often = {text for text in rows if rows[text] >= SEEN and len(text.split()) <= 6}
    rare = [count for text, count in rows.items() if text not in often]
    assert totals.common.tolist() == [sum(rows[text] for text in often)]
    assert totals.pairs.tolist() == [sum(math.comb(count, 2) for count in rare)]


def test_the_separation_is_the_mean_of_rows_with_and_without_a_category(world: World) -> None:
    found = world.tables.separation
    own = Part(world, range(ROWS)).probabilities()
    probabilities = np.column_stack([own, np.prod(1 - own, axis=1)])
    for at, has in enumerate([*(world.labels.T == 1), (world.labels == 0).all(axis=1)]):
        assert found[at] == pytest.approx(
            [probabilities[has, at].mean(), probabilities[~has, at].mean()]
        )


@pytest.mark.whole
def test_the_same_seed_gives_the_same_tables(world: World) -> None:
    first, second, other = (world.calibrate(draws=20, seed=seed).to_bytes() for seed in (1, 1, 2))
    assert first == second
    assert first != other


@pytest.mark.whole
def test_progress_names_its_step_and_stays_between_0_and_1(world: World) -> None:
    seen: list[tuple[str, float]] = []
    calibrate(
        TrainingRows(world.facts, world.frame, world.labels, np.arange(len(world.texts))),
        world.model,
        private=np.zeros(len(world.model.words), bool),
        draws=201,
        progress=lambda step, done: seen.append((step, done)),
    )
    steps = list(dict.fromkeys(step for step, _ in seen))
    assert steps == [LEARNING_CHANCE, LEARNING_YEARS]
    for step in steps:
        shares = [done for each, done in seen if each == step]
        assert shares == sorted(shares)
        assert 0 <= shares[0] < shares[-1] <= 1


@pytest.mark.whole
def test_a_quantile_is_reached_as_often_as_its_level_says(world: World) -> None:
    """A level of 10 %: of fresh splits, one in ten reaches the distance; ties are few."""
    tables = world.calibrate(draws=400)
    fresh = world.calibrate(draws=400, seed=99)
    level = int(np.searchsorted(QUANTILE_LEVELS, 0.1))
    for name in ("words", "Remarks probability", WHOLE):
        place = [each.name for each in tables.definitions].index(name)
        line = tables.quantiles[2, place, level]
        reached = [own >= line for own in fresh.quantiles[2, place]]
        # Where the fresh table crosses the line, its own level is the share that reaches it.
        assert QUANTILE_LEVELS[np.flatnonzero(reached)[-1]] == pytest.approx(
            QUANTILE_LEVELS[level], rel=0.7
        )


@pytest.mark.slow
@pytest.mark.parametrize("rows", [40, 150])
def test_fresh_honest_batches_alarm_about_as_seldom_as_they_may(
    small_model: Path, small_tables: NullTables, rows: int
) -> None:
    model, reference = load_model(small_model), load_reference(small_model)
    alpha, batches = 0.1, 80
    alarms = 0
    for seed in range(batches):
        texts = invented(rows, seed=1_000 + seed)[["description"]]
        scored = afterword.score(afterword.read_batch(texts), model)
        alarms += compare(scored, reference, small_tables, alpha=alpha).alarm
    assert alarms / batches <= 2 * alpha
