"""How far apart a batch and the reference lie by chance alone: tables made when a model is trained.

The training rows are split at random, again and again, into a batch of n rows and the rest, which
do not overlap, and both are compared in every measure. What that gives, divided by
√(1/n + 1/(N − n)), is the distribution under "nothing has changed" for batches of n rows. Beyond
N/2 rows the table of N/2 is kept, on the scale √(1/n + 1/N).

The measures are combined by the smallest of their p-values, each divided by the measure's weight
[1]_ [2]_: the tables hold the level c(n) of that minimum which is undercut, by any measure that
also lies beyond its practical floor, in a share α of the splits. So dependence between measures
is accounted for, and so is everything that can alarm.

References
----------
.. [1] Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley.
.. [2] Genovese, C. R., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value
   weighting. Biometrika 93(3), 509–524.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from afterword.errors import ModelError
from afterword.measures.by_length import ByLength
from afterword.measures.definitions import (
    FLAGS,
    MEAN,
    REJECTED,
    SENT_TWICE,
    Definition,
    definitions,
)
from afterword.measures.distances import Scale
from afterword.measures.profiles import Profile
from afterword.measures.thresholds import (
    ALPHAS,
    GROWTH,
    GROWTHS,
    RARE,
    UNSEEN_LIFT,
    again_threshold,
    critical,
    least_floors,
    lifts,
    rare_thresholds,
    rejected_threshold,
)
from afterword.measures.totals import Rules, Totals
from afterword.measures.year_levels import YearLevels
from afterword.model import registry, wording
from afterword.model.outcomes import Outcomes
from afterword.records import how_to_restore

FORMAT: Final = 4
"""Version of the tables that this module reads and writes."""
_PLAIN: Final = ("separation", "private", "sizes", "levels", "unrepeated")


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
        raise ModelError(wording.other_tables(folder, how_to_restore(folder))) from None


def totals_of(profile: Profile, tables: NullTables) -> Totals:
    """Add up one batch, as the reference of these tables was added up.

    Parameters
    ----------
    profile : of the batch; without its texts, what needs them is NaN.
    tables : of the reference that the batch will be compared with.
    """
    flags = np.full(len(FLAGS), math.nan)
    flags[: len(profile.flags)] = profile.flags
    texts, whole = profile.texts, tables.totals

    def counted(name: str) -> np.ndarray:
        found = None if texts is None else getattr(texts, name)
        return np.array([math.nan if found is None else float(found)])

    return Totals(
        rows=np.array([float(profile.accepted)]),
        distinct=counted("distinct"),
        scores=profile.sums()[None],
        flags=flags[None],
        repeats=counted("repeats"),
        answers=np.array([float(profile.commonest_answer)]),
        lengths=counted("lengths"),
        words=np.full_like(whole.words, math.nan) if texts is None else texts.words[None],
        new=counted("new"),
        content=np.full_like(whole.content, math.nan) if texts is None else texts.content[None],
        begins=counted("begins"),
        ends=counted("ends"),
        common=counted("common"),
        pairs=counted("pairs"),
        again=counted("again"),
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
    separation : (k + 1, 2) mean out-of-fold probability of rows with each category, and without;
        the last is no category.
    words : (w,) the vocabulary.
    private : (w,) which of these words are never shown.
    sizes : (s,) batch sizes with a table; from N/2 on the table is that of N/2.
    quantiles : (s, m, p) standardised distances of every measure at
    :data:`~afterword.measures.thresholds.QUANTILE_LEVELS`.
    levels : (g, 2, s, a) c(n) for the floors :data:`~afterword.measures.thresholds.GROWTHS` of
        growth, at :data:`ALPHAS`; with all other floors as they are, and without them.
    unrepeated : (s,) share of batches that alarm at 5 % though nothing has changed, if none of
        their texts stands in two rows; NaN where that is not known.
    draws : splits that the tables come from.
    outcomes : how labels and probabilities went together in training.
    by_length : what rows of each length are answered.
    year : levels of a promise for a year; None where none were simulated.
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
    unrepeated: np.ndarray
    draws: int
    outcomes: Outcomes
    by_length: ByLength
    year: YearLevels | None = None

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

    @cached_property
    def lifts(self) -> np.ndarray:
        """How far (k + 1,) mean probabilities go if a share doubles, in standard deviations."""
        means = self.totals.scores[0] / self.totals.rows[0]
        return lifts(means, self.separation, self.scale.scores)

    def floors(self, own: Mapping[str, float] | None = None) -> np.ndarray:
        """Smallest distances (m,) that matter, most never below four standard errors.

        Parameters
        ----------
        own : measure → floor that an operator set; "growth" stands for all categories and for no
            category.
        """
        floors: np.ndarray = np.maximum(
            self._wanted(own), least_floors(self.definitions, self.rows, self.scale)
        )
        floors[self._growing] *= np.where(np.isnan(self.lifts), UNSEEN_LIFT, self.lifts)
        return floors

    def level(self, rows: int, alpha: float, floors: Mapping[str, float] | None = None) -> float:
        """The level c(n) of the smallest weighted p-value, for batches of ``rows``."""
        return float(self._levels(alpha, floors)[_neighbours(self.sizes, rows)].min())

    def _levels(self, alpha: float, floors: Mapping[str, float] | None) -> np.ndarray:
        """The levels (s,) that were made for floors like these, or for the next lower ones."""
        wanted, growing = self._wanted(floors), self._growing
        grown = int(np.searchsorted(GROWTHS, wanted[growing].min(), side="right")) - 1
        lowered = (wanted < self._wanted(None))[~growing].any()
        logs = np.log(self.levels[grown, int(lowered)])
        held = max(alpha, float(ALPHAS[0]))
        # Below the smallest rate of the tables the level shrinks with it.
        return np.exp([np.interp(math.log(held), np.log(ALPHAS), each) for each in logs]) * (
            alpha / held
        )

    def _wanted(self, own: Mapping[str, float] | None) -> np.ndarray:
        """Floors (m,) as a setting gives them, those of mean probabilities as growth."""
        set_to = own or {}
        common = {each.name: set_to.get(GROWTH, each.floor) for each in self.definitions}
        return np.array(
            [
                set_to.get(each.name, common[each.name] if each.distance == MEAN else each.floor)
                for each in self.definitions
            ]
        )

    @cached_property
    def _growing(self) -> np.ndarray:
        """Which measures (m,) are mean probabilities, in the order of the scores."""
        return np.array([each.distance == MEAN for each in self.definitions])

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
        found = rare_thresholds(self.definitions, level, rows, self.totals, below)
        found[self._place(REJECTED)] = rejected_threshold(rows, level)
        twice = self._place(SENT_TWICE)
        found[twice] = again_threshold(rows, level * self.definitions[twice].weight, self.totals)
        return found

    def _beyond_chance(self, at: int, level: float | Sequence[float], rows: int) -> np.ndarray:
        scale = math.sqrt(1 / rows + 1 / self.rows)
        return critical(self.quantiles[at], self.definitions, level) * scale

    def _place(self, name: str) -> int:
        return [each.name for each in self.definitions].index(name)

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
            **{f"length_{name}": value for name, value in self.by_length.to_arrays().items()},
            **{name: getattr(self, name) for name in _PLAIN},
        }
        if self.year is not None:
            arrays |= {f"year_{name}": value for name, value in self.year.to_arrays().items()}
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
            outcomes=Outcomes.from_arrays(_beginning("outcomes_", found)),
            by_length=ByLength.from_arrays(_beginning("length_", found)),
            # Tables that were made before there was such a promise have no levels of it.
            year=YearLevels.from_arrays(years) if (years := _beginning("year_", found)) else None,
            **{name: found[name] for name in (*_PLAIN, "quantiles")},
        )


def _beginning(with_: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin alike, by what follows."""
    return {
        name.removeprefix(with_): value for name, value in arrays.items() if name.startswith(with_)
    }


def _neighbours(sizes: np.ndarray, rows: int) -> list[int]:
    right = int(np.searchsorted(sizes, rows))
    return sorted(
        {max(right - (right == len(sizes) or sizes[right] != rows), 0), min(right, len(sizes) - 1)}
    )
