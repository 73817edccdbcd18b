"""Whether a stream's promise for the year is kept, and how soon it finds what changed.

    python benchmarks/stream.py            # about half an hour on two cores
    python benchmarks/stream.py --quick    # two splits, few years, nothing written

Years of 52 weeks come from halves that were not trained on; see ``halves.py``. Each year has a
reference of its own, as large as a shipped model's, drawn with replacement from the same rows as
its weeks: so nothing has changed, and the reference's error is there all year. Levels come from the
training rows of the half alone; no year that judges has made any. A second kind of year is compared
with the training rows themselves, which are other rows than the weeks'; there reference and world
each have an error, so the reference counts as half as many rows.

A harmless effect tilts the rows of each week by a random amount, which moves each category's mean
probability by .03 standard deviations (root mean square). A change weighs the rows of a category.
Words and faults are made by ``scenarios.py``, read and added up as a file would be.

The peers, on the same years: a check of every week at 5 %, and at 5 % / 52.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import (  # noqa: E402
    ALPHA,
    CATEGORIES,
    POPULATION,
    Half,
    half_of,
    over_splits,
    share,
)
from benchmarks.record import Cell, Figure, Table, arguments, finish  # noqa: E402
from benchmarks.scenarios import FAULT, STRONGER, scenarios  # noqa: E402

if TYPE_CHECKING:
    from afterword.measures.columns import Column
    from afterword.measures.null_tables import NullTables
    from afterword.measures.year_levels import YearLevels
    from afterword.measures.year_speeds import Periods
    from afterword.streams.year_judging import Judged
    from afterword.training.year_splits import Reference

SPLITS = 10
WEEKS = 52
YEARS = 100
"""Honest years of each split and setting: 1,000 in all."""
RUNS = 40
"""Changed runs of each split."""
PAST, PAST_ROWS = 5, 1_000
"""Past periods of each split, and their rows."""
CALM = (0, 8)
"""Calm weeks of the promise before something changes."""
AFTER = 12
"""Weeks that a change has to be found in."""
TEXTS = 4
"""Weeks of each split with a word or a fault of each kind."""
OURS, WEEKLY, BONFERRONI = range(3)


@dataclass(frozen=True)
class Honest:
    """Years in which nothing changes."""

    name: str
    rows: int
    effect: float = 0.0
    unequal: bool = False
    """Whether weeks have lognormal sizes (σ = .5), and one in ten has none at all."""
    crossed: bool = False
    """Whether the reference is the training rows."""
    past: bool = False
    """Whether it is a past period, and the levels are simulated from its sums."""


HONEST = (
    Honest("nothing changes", 200),
    Honest("nothing changes", 300),
    Honest("harmless effect of .03", 200, effect=0.03),
    Honest("harmless effect of .03", 300, effect=0.03),
    Honest("unequal weeks, some missing", 200, unequal=True),
    Honest("against the training rows", 200, crossed=True),
    Honest("against a past period of 1,000 rows", 200, past=True),
)
CHANGES = (
    ("Ogling 22 → 30 %", 300, 1, None),
    ("Commenting × 3", 200, 0, 3.0),
    ("Ogling × 3", 200, 1, 3.0),
    ("Groping × 3", 200, 2, 3.0),
)
"""Name, rows a week, category, and weight of its rows; None for the share of the name."""
GROWN = 0.30


class World:
    """The rows of one half, of which years are drawn."""

    def __init__(self, half: Half) -> None:
        from afterword.measures.columns import Column
        from afterword.training.year_splits import RowSums

        self.half, self.tables = half, half.tables
        self.columns: dict[str, Column] = {
            str(name): Column.of(own.to_numpy(float)) for name, own in half.frame.items()
        }
        self.rows = RowSums(half.facts, half.scored.frame, half.tables, self.columns)
        if self.tables.year is None:
            raise ValueError("tables without levels of a year")
        self.levels: YearLevels = self.tables.year

    def reference(self, rng: np.random.Generator, size: int = POPULATION) -> Reference:
        """A reference that is drawn from the same rows as the weeks."""
        from afterword.training.year_splits import Reference

        drawn = rng.integers(0, self.rows.number, size)
        counts = self.rows.add_up(drawn, np.array([size]))
        own = self.rows.totals(
            counts,
            Reference(
                self.tables,
                counts.bins[0],
                counts.words[0] if size > PAST_ROWS else None,
                counts.unknown[0],
            ),
        )
        whole = self.tables.totals
        kept = {name: getattr(whole, name) for name in ("repeats", "common", "pairs", "again")}
        tables = replace(self.tables, totals=replace(own, new=whole.new, **kept))
        # Of a past period the model's vocabulary is known, however few rows held a word.
        words = counts.words[0] if size > PAST_ROWS else None
        return Reference(tables, counts.bins[0], words, counts.unknown[0])

    def trained(self) -> Reference:
        """The training rows, which count as half as many."""
        from afterword.training.year_splits import Reference

        whole = self.tables.totals
        names = ("rows", "distinct", "scores", "flags", "words", "content", "repeats", "answers")
        halved = {name: getattr(whole, name) / 2 for name in (*names, "lengths", "begins", "ends")}
        tables = replace(self.tables, totals=replace(whole, **halved))
        return Reference(tables, self.rows.bins_of(self.columns))

    def periods(
        self,
        reference: Reference,
        sizes: np.ndarray,
        rng: np.random.Generator,
        *,
        effect: float = 0.0,
        weights: np.ndarray | None = None,
        since: int = 0,
    ) -> Periods:
        """Weeks (T,) of so many rows, from one on with rows weighed (n,)."""
        plain = np.ones(self.rows.number)
        scores = self.rows.dense[:, : self.rows.k - 1]
        standard = (scores - scores.mean(axis=0)) / scores.std(axis=0)
        drawn = []
        for week, size in enumerate(sizes.tolist()):
            own = plain if weights is None or week < since else weights
            if effect:
                own = own * np.exp(standard @ rng.normal(0, effect, standard.shape[1]))
            cumulated = np.cumsum(own)
            drawn.append(np.searchsorted(cumulated, rng.random(size) * cumulated[-1]))
        rows = np.minimum(np.concatenate(drawn), self.rows.number - 1)
        counts = self.rows.add_up(rows, np.cumsum(sizes))
        return self.rows.periods(counts, reference, rng)


def judged(periods: Periods, tables: NullTables, levels: YearLevels) -> Judged:
    """What the promise says."""
    from afterword.streams.year_judging import judge_periods

    return judge_periods(periods, tables, levels)


def alarms(periods: Periods, tables: NullTables, levels: YearLevels) -> np.ndarray:
    """Weeks (T, 3) that alarm: ours, weekly checks at 5 %, and at 5 % / 52."""
    from afterword.measures.definitions import STYLE

    loud = np.array([each.name not in STYLE for each in tables.definitions])
    found = [judged(periods, tables, levels).alarms]
    for alpha in (ALPHA, ALPHA / WEEKS):
        lines = {
            size: tables.thresholds(int(size), alpha)
            for size in np.unique(periods.worth).tolist()
            if size >= 30
        }
        found.append(
            np.array(
                [
                    bool(size >= 30 and (gaps >= lines[size])[loud].any())
                    for size, gaps in zip(periods.worth.tolist(), periods.gaps, strict=True)
                ]
            )
        )
    return np.column_stack(found)


def split_job(folder: str, seed: int, quick: bool) -> dict[str, object]:
    """Everything of one split."""
    world = World(half_of(folder, seed, quick=quick))
    few = 10 if quick else 1
    return {
        "honest": {
            (each.name, each.rows): honest(world, each, seed, YEARS // few) for each in HONEST
        },
        "changes": {
            (name, calm): changed(world, place, calm, seed, RUNS // few)
            for place, (name, *_) in enumerate(CHANGES)
            for calm in CALM
        },
        "texts": in_texts(world, seed, max(TEXTS // few, 1)),
    }


def honest(world: World, setting: Honest, seed: int, years: int) -> np.ndarray:
    """Whether there is any alarm in each year, (years, 3)."""
    from afterword.streams.year_reference import year_of_sums
    from afterword.training.year_promise import simulate_levels

    rng = np.random.default_rng([seed, 23, setting.rows, HONEST.index(setting)])
    found, levels = [], world.levels
    reference = world.trained() if setting.crossed else world.reference(rng)
    for year in range(years):
        if setting.past and year % max(years // PAST, 1) == 0:
            reference = world.reference(rng, PAST_ROWS)
            of_sums = year_of_sums(reference.tables)
            levels = simulate_levels(of_sums, reference.tables, sizes=(setting.rows,), years=500)
        elif not (setting.crossed or setting.past):
            reference = world.reference(rng)
        sizes = np.full(WEEKS, setting.rows)
        if setting.unequal:
            sizes = np.rint(setting.rows * np.exp(rng.normal(0, 0.5, WEEKS))).astype(int)
            sizes[rng.random(WEEKS) < 0.1] = 0
        periods = world.periods(reference, sizes, rng, effect=setting.effect)
        found.append(alarms(periods, reference.tables, levels).any(axis=0))
    return np.array(found)


def changed(world: World, place: int, calm: int, seed: int, runs: int) -> np.ndarray:
    """Of each run (runs, 4) the first week that alarms of ours and the peers, and how far off the
    date is that is told for it; NaN where there is none."""
    _, size, category, weight = CHANGES[place]
    has = world.half.labels[:, category] == 1
    before = float(has.mean())
    if weight is None:
        weights = np.where(has, GROWN / before, (1 - GROWN) / (1 - before))
    else:
        weights = np.where(has, weight, 1.0)
    rng = np.random.default_rng([seed, 24, place, calm])
    found = np.full((runs, 4), np.nan)
    for run in range(runs):
        reference = world.reference(rng)
        sizes = np.full(calm + AFTER, size)
        periods = world.periods(reference, sizes, rng, weights=weights, since=calm)
        told = alarms(periods, reference.tables, world.levels)[calm:]
        for rule in range(3):
            if told[:, rule].any():
                found[run, rule] = told[:, rule].argmax() + 1
        if told[:, OURS].any():
            at = calm + int(told[:, OURS].argmax())
            found[run, 3] = dated(periods, reference.tables, world.levels, at) - calm
    return found


def dated(periods: Periods, tables: NullTables, levels: YearLevels, at: int) -> float:
    """The week in which a change is said to have begun, by an alarm in week ``at``."""
    from afterword.streams.year import year_of

    since = year_of(periods, tables, levels).since(at)
    return np.nan if since is None else float(since.period)


def in_texts(world: World, seed: int, count: int) -> dict[str, np.ndarray]:
    """Whether a first week with a new word, or a fault, alarms: (count,) of each kind."""
    from afterword.measures.profiles import profile_of
    from afterword.streams.year import judge_year

    half = world.half
    known = [each for each in scenarios(CATEGORIES) if each.level == FAULT]
    word = [each for each in scenarios(CATEGORIES) if each.name == "New word bytetok, 20 %"]
    faults = [each for each in known if each.strength == STRONGER and not each.held_out]
    others = [each for each in known if each.name == "Two texts, 10 % each"]
    found = {}
    for place, each in enumerate([*word, *faults, *others]):
        told = []
        for number in range(count):
            rng = np.random.default_rng([seed, 25, place, number])
            calm = half.batch(rng.permutation(len(half.texts))[:200])
            made = each.make(rng, half.texts, half.labels, 200)
            texts = [half.texts[one] if isinstance(one, int) else one for one in made]
            weeks = [profile_of(one, half.tables.rules) for one in (calm, half.read(texts))]
            told.append(judge_year(weeks, world.columns, half.tables).periods[1].alarm)
        found[each.name] = np.array(told)
    return found


def honest_table(runs: Sequence[Mapping[str, Mapping[tuple[str, int], np.ndarray]]]) -> Table:
    """Any false alarm in 52 weeks."""
    rows: list[tuple[Cell, ...]] = []
    for each in HONEST:
        found = [run["honest"][each.name, each.rows] for run in runs]
        figures = [share([one[:, rule] for one in found]) for rule in range(3)]
        rows.append((each.name, each.rows, sum(map(len, found)), *figures))
    columns = ("weeks", "rows a week", "years", "Afterword", "weekly checks at 5 %",
               "weekly checks at 5 % / 52")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def change_table(runs: Sequence[Mapping[str, Mapping[tuple[str, int], np.ndarray]]]) -> Table:
    """How soon a change is found, and whether its date is right."""
    rows: list[tuple[Cell, ...]] = []
    for name, size, *_ in CHANGES:
        for calm in CALM:
            found = [run["changes"][name, calm] for run in runs]
            by = [
                share([(one[:, OURS] <= week).astype(float) for one in found])
                for week in (1, 2, 3, AFTER)
            ]
            peer = share([(one[:, BONFERRONI] <= AFTER).astype(float) for one in found])
            off = [one[:, 3] for one in found]
            right = share([np.where(np.isnan(one), np.nan, np.abs(one) <= 2) for one in off])
            told: Figure | str = right if calm else ""
            rows.append((name, calm, size, sum(map(len, found)), *by, peer, told))
    columns = ("change", "calm weeks before", "rows a week", "runs", "week 1", "week 2", "week 3",
               f"week {AFTER}", f"5 % / 52, week {AFTER}", "date within two weeks")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def text_table(runs: Sequence[Mapping[str, Mapping[str, np.ndarray]]]) -> Table:
    """What is found in its first week of 200 rows."""
    rows = [
        (
            name,
            sum(len(run["texts"][name]) for run in runs),
            share([run["texts"][name] for run in runs]),
        )
        for name in runs[0]["texts"]
    ]
    return Table(("change", "weeks", "found in the first week"), tuple(rows))


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a tenth of the years")
    runs: list[dict] = over_splits(split_job, options, SPLITS)  # type: ignore[type-arg]
    tables = {
        "false alarms": honest_table(runs),
        "changes": change_table(runs),
        "texts": text_table(runs),
    }
    finish(options, tables, [])


if __name__ == "__main__":
    main()
