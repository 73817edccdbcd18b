"""How far apart a batch and the reference lie by chance alone: tables made when a model is trained.

The training rows are split at random, again and again, into a batch of n rows and the rest, which
do not overlap, and both are compared in every measure. What that gives, divided by
√(1/n + 1/(N − n)), is the distribution under "nothing has changed" for batches of n rows. Beyond
N/2 rows the table of N/2 is kept, on the scale √(1/n + 1/N).

The measures are combined by the smallest of their p-values, each divided by the measure's weight
[1]_ [2]_: the tables hold the level c(n) of that minimum which is undercut, by any measure that
also lies beyond its practical floor, in a share α of the splits. So dependence between measures
is accounted for, and so is everything that can alarm.

Where the reference has hardly any case, a table of splits takes rare for impossible. So shares of
rows have a second condition, the predictive distribution of a count given the reference's
(gamma–Poisson, Jeffreys' prior [3]_); the threshold is the larger of the two.

References
----------
.. [1] Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley.
.. [2] Genovese, C. R., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value
   weighting. Biometrika 93(3), 509–524.
.. [3] Jeffreys, H. (1961). Theory of probability, 3rd ed. Oxford University Press.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.errors import ModelError
from afterword.measures.distances import (
    FLAGS,
    KS,
    MAHALANOBIS,
    MEAN,
    REJECTED,
    SHARE,
    SHORT_WORDS,
    STANDARD_ERRORS,
    Definition,
    Scale,
    Totals,
    cohens_h,
    definitions,
)
from afterword.model import registry
from afterword.model.outcomes import Outcomes
from afterword.model.reference import DECIMALS, probability_column
from afterword.records import Profile, how_to_restore
from afterword.text.descriptors import DESCRIPTORS, FEW_ENGLISH, MANY_UNKNOWN

if TYPE_CHECKING:
    import pandas as pd


LEVELS: Final = np.geomspace(1e-4, 0.5, 60)
"""p-values at which the tables are kept."""
ALPHAS: Final = np.array([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2])
"""False-alarm rates for which c(n) is kept."""
ORDINARY_REJECTED: Final = 0.01
"""Share of rejected rows that every feed has."""
RARE: Final = 50
"""Rows of the reference below which a share's table is not trusted alone."""
FORMAT: Final = 3


@dataclass(frozen=True)
class Rules:
    """What turns a row's numbers into "very long" or "unsure", fixed when a model is trained.

    Attributes
    ----------
    long_from : words of a very long description.
    thresholds : (k,) of the categories, balanced.
    bands : (k, 2) a probability p with low <= p < high is unsure.
    """

    long_from: float
    thresholds: np.ndarray
    bands: np.ndarray


def load_tables(folder: str | os.PathLike[str] | None = None) -> NullTables:
    """Load the tables that belong to a model, read once per process and folder.

    Parameters
    ----------
    folder : of the model; the one in service if None.

    Raises
    ------
    ModelError
        They are missing, damaged, or of another version.
    """
    found = registry.folder_of(folder)
    return _load_tables(found, registry.load_manifest(found).tables_sha256)


@lru_cache(maxsize=4)
def _load_tables(folder: Path, _digest: str) -> NullTables:
    try:
        return NullTables.from_bytes(registry.read_tables(folder))
    except (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile, zlib.error):
        raise ModelError(
            f"The tables of the check in {folder} are of another version. {how_to_restore(folder)}"
        ) from None


def totals_of(frame: pd.DataFrame, profile: Profile | None, tables: NullTables) -> Totals:
    """Add up one batch, as the reference of these tables was added up.

    Parameters
    ----------
    frame : (n, …) scored rows.
    profile : of the same rows; without it, what needs the text is NaN.
    tables : of the reference that the batch will be compared with.
    """
    names = [probability_column(name) for name in tables.categories]
    probabilities = frame[names].to_numpy(float)
    own = row_flags(frame, probabilities, tables.rules).sum(axis=0)
    texts = np.full(len(FLAGS) - len(own), math.nan) if profile is None else profile.flags
    flags = texts if len(texts) == len(FLAGS) else np.concatenate([own, texts])
    if profile is not None and not profile.whole:
        profile = None
    whole = tables.totals

    def counted(name: str) -> np.ndarray:
        return np.array([math.nan if profile is None else float(getattr(profile, name))])

    return Totals(
        rows=np.array([float(len(frame))]),
        distinct=counted("distinct"),
        scores=with_none(probabilities).sum(axis=0)[None],
        flags=flags[None].astype(float),
        repeats=counted("repeats"),
        answers=np.bincount(answer_keys(probabilities), minlength=1)
        .max(keepdims=True)
        .astype(float),
        lengths=counted("lengths"),
        words=np.full_like(whole.words, math.nan) if profile is None else profile.words[None],
        new=counted("new"),
        content=np.full_like(whole.content, math.nan) if profile is None else profile.content[None],
    )


def with_none(probabilities: np.ndarray) -> np.ndarray:
    return np.column_stack([probabilities, np.prod(1 - probabilities, axis=1)])


def answer_keys(probabilities: np.ndarray) -> np.ndarray:
    """Numbers (n,) that are equal for equal answers."""
    cents = np.round(probabilities * 10**DECIMALS).astype(np.int64)
    radix = 10**DECIMALS + 1
    # Digits of one number; with very many categories it wraps, and equal answers stay equal.
    numbers = cents @ radix ** np.arange(cents.shape[1], dtype=np.int64)
    keys: np.ndarray = np.unique(numbers, return_inverse=True)[1]
    return keys


def _within(probabilities: np.ndarray, bands: np.ndarray) -> np.ndarray:
    found: np.ndarray = (probabilities >= bands[:, 0]) & (probabilities < bands[:, 1])
    return found


def row_flags(
    frame: pd.DataFrame | Mapping[str, np.ndarray], probabilities: np.ndarray, rules: Rules
) -> np.ndarray:
    """Those of the flags that columns tell, (n, …), in the order of :data:`measures.FLAGS`."""
    words, unknown, english = (
        np.asarray(frame[name]) for name in ("words", "unknown_words", "english_words")
    )
    return np.column_stack(
        [
            *(np.asarray(frame[each.name]) > 0 for each in DESCRIPTORS if each.seldom),
            _within(probabilities, rules.bands).any(axis=1),
            words <= SHORT_WORDS,
            words >= rules.long_from,
            unknown >= MANY_UNKNOWN,
            (english < FEW_ENGLISH) & (words > SHORT_WORDS),
        ]
    )


@dataclass(frozen=True, eq=False)
class NullTables:
    """What the check knows of the reference beside its columns, and of chance.

    Attributes
    ----------
    categories : k names.
    rules : how rows are counted.
    totals : of the reference.
    scale : units of distances.
    separation : (k, 2) mean out-of-fold probability of rows with each category, and without.
    words : (w,) the vocabulary.
    private : (w,) which of these words are never shown.
    sizes : (s,) batch sizes with a table.
    quantiles : (s, m, p) standardised distances of every measure at :data:`LEVELS`.
    levels : (2, s, a) c(n) at :data:`ALPHAS`; with the floors as they are, and without any.
    draws : splits that the tables come from.
    outcomes : how labels and probabilities went together in training.
    """

    categories: tuple[str, ...]
    rules: Rules
    totals: Totals
    scale: Scale
    separation: np.ndarray
    words: tuple[str, ...]
    private: np.ndarray
    sizes: np.ndarray
    quantiles: np.ndarray
    levels: np.ndarray
    draws: int
    outcomes: Outcomes

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The measures, in the order of ``quantiles``."""
        return definitions(self.categories)

    @property
    def rows(self) -> int:
        """Number of rows of the reference, N."""
        return int(self.totals.rows[0])

    @cached_property
    def private_words(self) -> frozenset[str]:
        """Words of the vocabulary that are never shown."""
        return frozenset(word for word, own in zip(self.words, self.private, strict=True) if own)

    def floors(self, own: Mapping[str, float] | None = None) -> np.ndarray:
        """Smallest distances (m,) that matter, never below four standard errors of the reference.

        Parameters
        ----------
        own : measure → floor that an operator set.
        """
        set_to = own or {}
        named = np.array([set_to.get(each.name, each.floor) for each in self.definitions])
        least = least_floors(self.definitions, self.rows, self.scale)
        floors: np.ndarray = np.maximum(named, least)
        return floors

    def level(self, rows: int, alpha: float, floors: Mapping[str, float] | None = None) -> float:
        """The level c(n) of the smallest weighted p-value, for batches of ``rows``."""
        return float(self._levels(alpha, floors)[_neighbours(self.sizes, rows)].min())

    def _levels(self, alpha: float, floors: Mapping[str, float] | None) -> np.ndarray:
        own = {each.name: each.floor for each in self.definitions}
        lowered = any(value < own[name] for name, value in (floors or {}).items())
        # With lower floors than the tables were made for, the level that needs none holds.
        logs = np.log(self.levels[int(lowered)])
        held = max(alpha, float(ALPHAS[0]))
        # Below the smallest rate of the tables the level shrinks with it.
        return np.exp([np.interp(math.log(held), np.log(ALPHAS), each) for each in logs]) * (
            alpha / held
        )

    def thresholds(
        self, rows: int, alpha: float, floors: Mapping[str, float] | None = None
    ) -> np.ndarray:
        """Distances (m,) from which the measures of a batch count as drifted.

        Parameters
        ----------
        rows : of the batch, n.
        alpha : chance of any false alarm, 0.01 to 0.2.
        floors : measure → floor that an operator set.
        """
        levels = self._levels(alpha, floors)
        chance = [self._beyond_chance(at, levels[at], rows) for at in _neighbours(self.sizes, rows)]
        rare = self.rare(rows, self.level(rows, alpha, floors))
        found: np.ndarray = np.maximum.reduce([self.floors(floors), *chance, rare])
        return found

    def at_level(self, rows: int, level: float) -> np.ndarray:
        """Distances (m,) that each measure alone exceeds by chance with probability ``level``."""
        alike = [level / each.weight for each in self.definitions]
        chance = [self._beyond_chance(at, alike, rows) for at in _neighbours(self.sizes, rows)]
        found: np.ndarray = np.maximum.reduce([*chance, self.rare(rows, level)])
        return found

    def rare(self, rows: int, level: float, below: float = RARE) -> np.ndarray:
        """Distances (m,) of counts that the predictive distribution makes as rare as the level."""
        found = _rare_thresholds(self.definitions, level, rows, self.totals, below)
        found[self._rejected] = rejected_threshold(rows, level)
        return found

    def _beyond_chance(self, at: int, level: float | Sequence[float], rows: int) -> np.ndarray:
        scale = math.sqrt(1 / rows + 1 / self.rows)
        return critical(self.quantiles[at], self.definitions, level) * scale

    @property
    def _rejected(self) -> int:
        return [each.name for each in self.definitions].index(REJECTED)

    def to_bytes(self) -> bytes:
        """Pack the tables; the same tables give the same bytes."""
        arrays: dict[str, Any] = {
            "format": FORMAT,
            "measures": [each.name for each in self.definitions],
            "categories": list(self.categories),
            "words": list(self.words),
            "long_from": self.rules.long_from,
            "thresholds": self.rules.thresholds,
            "bands": self.rules.bands,
            "scale_scores": self.scale.scores,
            "scale_content": self.scale.content,
            "quantiles": self.quantiles.astype(np.float32),
            "draws": self.draws,
            **{f"totals_{name}": value for name, value in vars(self.totals).items()},
            **{f"outcomes_{name}": value for name, value in self.outcomes.to_arrays().items()},
            **{name: getattr(self, name) for name in ("separation", "private", "sizes", "levels")},
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> NullTables:
        """Unpack tables; nothing in them is executed.

        Raises
        ------
        KeyError, OSError, ValueError
            They are damaged, or of another version.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
        categories = tuple(map(str, found["categories"]))
        measures = [each.name for each in definitions(categories)]
        if int(found["format"]) != FORMAT or found["measures"].tolist() != measures:
            raise ValueError("tables of another version")
        return cls(
            categories=categories,
            rules=Rules(float(found["long_from"]), found["thresholds"], found["bands"]),
            totals=Totals(**{each.name: found[f"totals_{each.name}"] for each in fields(Totals)}),
            scale=Scale(found["scale_scores"], found["scale_content"]),
            words=tuple(map(str, found["words"])),
            draws=int(found["draws"]),
            outcomes=Outcomes.from_arrays(
                {
                    name.removeprefix("outcomes_"): value
                    for name, value in found.items()
                    if name.startswith("outcomes_")
                }
            ),
            **{
                name: found[name]
                for name in ("separation", "private", "sizes", "quantiles", "levels")
            },
        )


def _neighbours(sizes: np.ndarray, rows: int) -> list[int]:
    right = int(np.searchsorted(sizes, rows))
    return sorted(
        {max(right - (right == len(sizes) or sizes[right] != rows), 0), min(right, len(sizes) - 1)}
    )


def least_floors(measures: Sequence[Definition], rows: int, scale: Scale) -> np.ndarray:
    """Four standard errors (m,) that the reference brings into every distance."""
    error = 1 / math.sqrt(rows)
    # A gap of distribution functions has the error of a share, at most that of 1/2.
    steps = {each: STANDARD_ERRORS * error for each in (MEAN, SHARE)}
    steps[KS] = STANDARD_ERRORS * error / 2
    steps[MAHALANOBIS] = (STANDARD_ERRORS + math.sqrt(len(scale.content))) * error
    return np.array([steps[each.distance] for each in measures])


def critical(
    quantiles: np.ndarray, measures: Sequence[Definition], level: float | Sequence[float]
) -> np.ndarray:
    """Standardised distances (m,) at a level, each measure with its weight."""
    weights = np.array([each.weight for each in measures])
    wanted = np.log(np.asarray(level) * weights)
    logs = np.log(LEVELS)
    return np.array([np.interp(one, logs, own) for one, own in zip(wanted, quantiles, strict=True)])


def _rare_thresholds(
    measures: Sequence[Definition], level: float, rows: int, totals: Totals, below: float
) -> np.ndarray:
    """Distances (m,) of counts that the predictive distribution makes as rare as the level.

    Only where the reference has hardly any case; elsewhere the tables know better.
    """
    counts = dict(zip(FLAGS, totals.flags[0], strict=True))
    reference = float(totals.rows[0])
    found = np.zeros(len(measures))
    for at, each in enumerate(measures):
        count = counts.get(each.name)
        if count is not None and count < below:
            odds = rows / (rows + reference)
            tail = partial(_betainc_of, count + 0.5, odds)
            first = _first_rare(tail, rows, level * each.weight)
            found[at] = math.nan
            if first <= rows:
                found[at] = cohens_h(np.array(first / rows), np.array(count / reference))
    return found


def _betainc_of(shape: float, odds: float, count: int) -> float:
    """P(X ≥ count) of the gamma–Poisson predictive distribution."""
    from scipy.special import betainc

    return float(betainc(count, shape, odds))


def rejected_threshold(rows: int, level: float) -> float:
    """Distance of the smallest number of rejected rows that an ordinary feed has too seldom.

    Parameters
    ----------
    rows : that were read, rejected ones included.
    level : probability of an exact binomial test against :data:`ORDINARY_REJECTED`.
    """
    from scipy.special import bdtrc

    first = _first_rare(lambda x: bdtrc(x - 1, rows, ORDINARY_REJECTED), rows, level)
    if first > rows:
        return math.nan
    return float(cohens_h(np.array(first / rows), np.array(ORDINARY_REJECTED)))


def _first_rare(tail: Callable[[int], float], rows: int, level: float) -> int:
    """Smallest count, at most ``rows``, whose upper tail is at most the level."""
    if tail(rows) > level:
        return rows + 1
    low, high = 0, rows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tail(middle) <= level else (middle, high)
    return high
