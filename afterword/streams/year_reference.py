"""A past period as the reference of a stream, and levels of a promise from sums alone.

Of a past period no rows are kept. Its years are simulated from what they add up to: means of
probabilities and of content are normal with the covariances of the rows, and as skewed as their
number leaves them; counts of rows are binomial, with rates drawn from what the reference's own
count leaves possible (Jeffreys' prior); all other measures lie as the model's tables have them,
as far alike all year as the reference's error makes them. Each year the reference has another
error, which stays all year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.columns import Column
from afterword.measures.definitions import (
    DEPLOYED,
    FLAGS,
    MEAN,
    ONE_SIDED,
    REJECTED,
    RISING,
    UNSURE,
    WHOLE,
)
from afterword.measures.distances import LEAST_DEVIATION, Scale, cohens_h
from afterword.measures.moments import units_of
from afterword.measures.null_tables import NullTables, totals_of
from afterword.measures.profiles import Profile
from afterword.measures.thresholds import ORDINARY_REJECTED, QUANTILE_LEVELS
from afterword.measures.year_levels import PERIODS, YearLevels
from afterword.measures.year_speeds import LEAST_SHARE, Periods
from afterword.measures.year_tails import COUNTED
from afterword.text.privacy import SHOWN_FROM
from afterword.training.year_promise import Year, simulate_levels

YEARS: Final = 600
"""Simulated years of each size behind the levels of a past period."""


def past_reference(
    profile: Profile, tables: NullTables
) -> tuple[NullTables, dict[str, Column], frozenset[str]]:
    """Make a reference of a past period.

    Parameters
    ----------
    profile : of the period, N rows.
    tables : of the model that scored it.

    Returns
    -------
    Tables and columns with which :func:`afterword.streams.year.judge_year` compares other periods,
    and words that are not new any more.
    """
    own = totals_of(profile, tables)
    # Pairs are all that is known of texts that came twice; of none, how many to expect is unknown.
    own = replace(own, new=np.array([SHOWN_FROM - 1.0]), again=own.pairs)
    scale = Scale(_deviations(profile), tables.scale.content)
    columns = {name: profile.column(name) for name in profile.names}
    words = frozenset(profile.texts.new_words) if profile.texts else frozenset()
    return replace(tables, totals=own, scale=scale, year=None), columns, words


def _deviations(profile: Profile) -> Floats:
    """Standard deviations (k + 1,) of each category's probability, and of that of none."""
    moments, k = profile.moments(), len(profile.categories)
    units = units_of(k)[: k + 1].astype(float)
    rows = max(moments.rows, 1)
    means = moments.sums[: k + 1] / units / rows
    squares = np.diag(moments.products)[: k + 1] / units**2 / rows
    found: Floats = np.sqrt(np.maximum(squares - means**2, LEAST_DEVIATION**2))
    return found


def levels_of(tables: NullTables) -> YearLevels:
    """The levels of a reference: those that were made in training, or simulated from its sums."""
    return tables.year or _simulated(tables)


@lru_cache(maxsize=16)
def _simulated(tables: NullTables) -> YearLevels:
    return simulate_levels(year_of_sums(tables), tables, years=YEARS)


def year_of_sums(tables: NullTables) -> Year:
    """Years of a reference of which no rows are known."""
    n, whole, d = tables.rows, tables.totals, tables.scale.content.shape[1]
    root, skewness = _shape(tables)
    names = [each.name for each in tables.definitions]
    means = [at for at, each in enumerate(tables.definitions) if each.distance == MEAN]
    flags = [(at, FLAGS.index(name)) for at, name in enumerate(names) if name in FLAGS]
    whole_at, unsure = names.index(WHOLE), FLAGS.index(UNSURE)
    silent = {names.index(REJECTED), names.index(DEPLOYED)}
    done = {whole_at, *means, *(at for at, _ in flags), *silent}
    others = [at for at in range(len(names)) if at not in done]
    # Directions in which no row differs have no unit.
    there = np.abs(tables.scale.content).sum(axis=0) > 0
    one_sided = np.array(
        [each.name in ONE_SIDED or each.distance == RISING for each in tables.definitions]
    )
    counted = whole.flags[0]
    known = ~np.isnan(counted)
    before = np.where(known, counted, 0) / n

    share = before[unsure]
    looked_at = LEAST_SHARE <= share <= 1 - LEAST_SHARE
    spread = np.sqrt(share * (1 - share)) if looked_at else np.nan

    def year(rng: np.random.Generator, size: int) -> Periods:
        shape = (PERIODS, len(names))
        gaps = np.zeros(shape)
        scores = _normal(rng, PERIODS, root, skewness, size) - _normal(rng, 1, root, skewness, n)
        content = rng.normal(0, size**-0.5, (PERIODS, d)) - rng.normal(0, n**-0.5, (1, d))
        content *= there
        gaps[:, means], gaps[:, whole_at] = np.abs(scores), np.linalg.norm(content, axis=1)
        counts = _counts(rng, before, n, size)
        for at, flag in flags:
            gap = cohens_h(counts[:, flag] / size, before[flag])
            rises = one_sided[at] or counted[flag] < COUNTED
            gaps[:, at] = np.maximum(gap, 0) if rises else np.abs(gap)
            gaps[:, at] = gaps[:, at] if known[flag] else np.nan
        gaps[:, others] = _by_chance(tables, others, size, rng)
        gaps[:, names.index(REJECTED)] = _rejected(rng, size)
        told = np.column_stack([scores, (counts[:, unsure] / size - share) / spread])
        rows = np.full(PERIODS, float(size))
        return Periods(
            rows, np.full(shape, float(size)), gaps, told, content, rows, np.zeros((PERIODS, 0))
        )

    return year


def _shape(tables: NullTables) -> tuple[Floats, Floats]:
    """A root (k + 1, k + 1) of the answers' correlations, and their skewness (k + 1,)."""
    cells = tables.outcomes.cells
    k = len(tables.categories) + 1
    weights, values = cells.rows / cells.rows.sum(), cells.answers
    off = values - weights @ values
    covariance = (off * weights[:, None]).T @ off + cells.within[:k, :k]
    deviations = np.sqrt(np.maximum(np.diag(covariance), LEAST_DEVIATION**2))
    skewness = weights @ off**3 / deviations**3
    levels, vectors = np.linalg.eigh(covariance / np.outer(deviations, deviations))
    root: Floats = vectors * np.sqrt(np.maximum(levels, 0))
    return root, skewness


def _normal(
    rng: np.random.Generator, periods: int, root: Floats, skewness: Floats, rows: int
) -> Floats:
    """Means (T, k + 1) over rows in a row's deviations, as skewed as they are (Cornish, Fisher)."""
    drawn = rng.normal(size=(periods, len(root))) @ root.T
    found: Floats = (drawn + skewness / (6 * np.sqrt(rows)) * (drawn**2 - 1)) / np.sqrt(rows)
    return found


def _counts(rng: np.random.Generator, before: Floats, reference: int, size: int) -> Floats:
    """Rows (T, f) with each flag, at rates that the reference's shares leave possible."""
    rates = rng.beta(before * reference + 0.5, reference - before * reference + 0.5)
    return rng.binomial(size, rates, (PERIODS, len(rates))).astype(float)


def _rejected(rng: np.random.Generator, size: int) -> Floats:
    """Distances (T,) of rejected rows, as any feed has them."""
    shares = rng.binomial(size, ORDINARY_REJECTED, PERIODS) / size
    found: Floats = np.maximum(cohens_h(shares, np.array(ORDINARY_REJECTED)), 0)
    return found


def _by_chance(
    tables: NullTables, places: list[int], size: int, rng: np.random.Generator
) -> Floats:
    """Distances (T, c) of some measures as the tables have them, alike all year as they are."""
    from scipy.special import ndtr

    at = int(np.abs(np.log(tables.sizes / size)).argmin())
    shared = size / (size + tables.rows)
    drawn = np.sqrt(1 - shared) * rng.normal(size=(PERIODS, len(places)))
    tails = ndtr(drawn + np.sqrt(shared) * rng.normal(size=(1, len(places))))
    logs = np.log(QUANTILE_LEVELS)
    told = [
        np.interp(np.log(own), logs, tables.quantiles[at, place])
        for own, place in zip(tails.T, places, strict=True)
    ]
    unit = np.sqrt(1 / size + 1 / tables.rows)
    found: Floats = np.where(QUANTILE_LEVELS[-1] < tails.T, 0.0, told).T * unit
    return found


def without_known(profile: Profile, known: frozenset[str]) -> Profile:
    """A profile in which words that a past reference held are not new."""
    texts = profile.texts
    if texts is None or not known & set(texts.new_words):
        return profile
    left: Mapping[str, int] = {
        word: count for word, count in texts.new_words.items() if word not in known
    }
    # Of words that are not named, one less than is shown may hide behind those that are.
    most = max([*left.values(), 0])
    hidden = texts.new if texts.new > max(texts.new_words.values()) else SHOWN_FROM - 1
    return replace(
        profile, texts=replace(texts, new_words=left, new=max(most, min(hidden, texts.new)))
    )
