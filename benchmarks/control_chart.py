"""How often control charts of stable histories raise false alarms, and how soon they see a shift.

    python benchmarks/control_chart.py            # some minutes on two cores
    python benchmarks/control_chart.py --quick    # seconds, wide intervals

Each history draws a training set of 7,000 descriptions and then its periods from one population
of twenty charts. With a period effect, every period tilts every chart's population by a random
amount that moves its mean by .07 standard deviations (root mean square); training is drawn from
the average of the tilted populations. The peer is the rule of many dashboards: beyond mean ± 3
standard errors, with the training set's mean as if it were known.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from afterword.arrays import Floats  # noqa: E402
from afterword.monitoring.control_limits import Baselines, judge_charts  # noqa: E402
from afterword.monitoring.control_tails import newly  # noqa: E402

TRAINING = 7_000
EFFECT = 0.07
"""Standard deviation of a period effect, in standard deviations of one description's value."""
PROMISE = 1.0
"""False alarms a year that are asked for."""
WEEKS, DAYS = 52, 365
CONFIDENCE = 0
"""The chart of the mean confidence."""
BINS = (
    (0.60, 0.20, 0.10, 0.05, 0.03, 0.02),
    (0.80, 0.10, 0.05, 0.03, 0.02),
    (0.02, 0.03, 0.05, 0.10, 0.30, 0.50),
    (0.90, 0.06, 0.04),
    (0.30, 0.25, 0.20, 0.15, 0.07, 0.03),
    (0.15, 0.20, 0.30, 0.20, 0.15),
    (0.05, 0.25, 0.40, 0.20, 0.10),
    (0.70, 0.15, 0.10, 0.05),
    (0.45, 0.35, 0.12, 0.05, 0.03),
)
SHARES = (0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Setting:
    """Histories of one kind: H histories of T periods."""

    name: str
    per_year: int
    rows: int
    effect: float = 0.0
    lasting: int = 1
    """Periods that share one effect."""
    periods: int = 104
    histories: int = 200
    varying: bool = False
    """Whether a period's rows vary (Poisson times a log-normal of 30 %)."""
    charts: tuple[int, ...] = ()
    """The charts, all if empty."""
    seed: int = 11
    """Not 0, with which the constants of ``control_limits`` and ``control_tails`` were chosen."""

    @property
    def years(self) -> float:
        return self.histories * self.periods / self.per_year


def populations() -> list[tuple[Floats, Floats]]:
    """Values in standard units and their probabilities, of the twenty charts."""
    grid = np.linspace(0.35, 1, 14)
    confidence = (grid - 0.3) ** 1.5 * np.exp(-1.2 * np.abs(grid - 0.9) / 0.2)
    found = [(grid, confidence / confidence.sum())]
    found += [(np.arange(len(bins), dtype=float), np.array(bins) / sum(bins)) for bins in BINS]
    found += [(np.array([0.0, 1.0]), np.array([1 - p, p])) for p in SHARES]
    return found


def tilted(values: Floats, chances: Floats, effects: Floats) -> Floats:
    """Chances tilted exponentially so that the mean moves by ``effects`` standard deviations."""
    mean = values @ chances
    spread = math.sqrt((values - mean) ** 2 @ chances)
    weights = chances * np.exp(effects[..., None] * (values - mean) / spread)
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def histories(
    setting: Setting, shift: float = 0.0, after: int = 0
) -> tuple[Baselines, Floats, Floats]:
    """Draw H histories; from period ``after`` on, all means lie ``shift`` deviations higher."""
    rng = np.random.default_rng([setting.seed, setting.rows, setting.per_year, setting.lasting])
    pool = populations()
    chosen = setting.charts or tuple(range(len(pool)))
    h, m, t = setting.histories, len(chosen), setting.periods
    rows = np.full((h, m, t), setting.rows)
    if setting.varying:
        rows[:] = rng.poisson(setting.rows * np.exp(rng.normal(0, 0.3, (h, 1, t)) - 0.045))
    values = np.full((h, m, t), np.nan)
    centre, spread, skewness = (np.empty((h, m)) for _ in range(3))
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    for j, one in enumerate(chosen):
        grid, chances = pool[one]
        if setting.effect:
            average = weights @ tilted(grid, chances, setting.effect * nodes) / weights.sum()
            blocks = rng.normal(0, setting.effect, (h, -(-t // setting.lasting) + 1))
            start = rng.integers(setting.lasting, size=h)[:, None]
            effects = np.take_along_axis(blocks, (start + np.arange(t)) // setting.lasting, axis=1)
            now = tilted(grid, chances, effects)
        else:
            average, now = chances, np.broadcast_to(chances, (h, t, len(chances)))
        if shift:
            now = now.copy()
            now[:, after:] = _moved(grid, chances, now[:, after:], shift)
        training = rng.multinomial(TRAINING, average, size=h) / TRAINING
        centre[:, j] = training @ grid
        deviations = grid - centre[:, j, None]
        spread[:, j] = np.sqrt((training * deviations**2).sum(1))
        skewness[:, j] = (training * deviations**3).sum(1) / spread[:, j] ** 3
        values[:, j] = rng.multinomial(rows[:, j], now) @ grid / np.maximum(rows[:, j], 1)
    share = np.array([len(pool[one][0]) == 2 for one in chosen])
    return (
        Baselines.make(share, centre, spread, skewness, np.full((h, m), float(TRAINING))),
        values,
        rows.astype(float),
    )


def _moved(grid: Floats, chances: Floats, now: Floats, shift: float) -> Floats:
    """Tilt until the untilted population's mean has moved by ``shift`` deviations (bisection)."""
    mean = grid @ chances
    spread = math.sqrt((grid - mean) ** 2 @ chances)
    low, high = (0.0, 20.0) if shift > 0 else (-20.0, 0.0)
    for _ in range(60):
        middle = (low + high) / 2
        moved = (tilted(grid, chances, np.array(middle)) @ grid - mean) / spread
        low, high = (middle, high) if moved < shift else (low, middle)
    weights = now * np.exp(low * (grid - mean) / spread)
    return np.asarray(weights / weights.sum(-1, keepdims=True))


@dataclass(frozen=True)
class Tally:
    """False alarms of stable histories, by judged years."""

    setting: Setting
    years: float
    promised: float
    alarms: float
    margin: float
    """Half a 95 % interval of alarms / promised, by histories."""
    troubled: float
    """Periods a year with an alarm of any chart."""
    naive: float

    def __str__(self) -> str:
        return (
            f"{self.setting.name:34}{self.setting.rows:6}{self.years:7.0f}"
            f"{self.promised / self.years:10.2f}{self.alarms / self.years:10.2f}"
            f"{self.alarms / self.promised:8.2f} ± {self.margin:.2f}"
            f"{self.troubled / self.years:9.2f}{self.naive / self.years:10.1f}"
        )


def tally(setting: Setting) -> Tally:
    """Count the false alarms of one setting, by this method and by mean ± 3 standard errors."""
    drawn, values, rows = histories(setting)
    found = judge_charts(
        drawn, values, rows, periods_per_year=setting.per_year, alarms_per_year=PROMISE
    )
    by_history, promised = found.alarms.sum((1, 2)), float(found.chance.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (values - drawn.centre[..., None]) / drawn.scale[..., None] * np.sqrt(rows)
    naive = newly(np.abs(score) > 3, found.judged)
    return Tally(
        setting,
        years=float(found.judged.any(1).sum()) / setting.per_year,
        promised=promised,
        alarms=float(by_history.sum()),
        margin=float(1.96 * by_history.std() * math.sqrt(len(by_history)) / promised),
        troubled=float(found.alarms.any(1).sum()),
        naive=float(naive.sum()),
    )


def power(rows: int, stable: int, effect: float, per_year: int, runs: int) -> list[float]:
    """Shares of runs in which a shift of .3 deviations of the mean confidence, after so many
    stable periods, is found within 1 … 6 periods; all twenty charts are judged."""
    setting = Setting("shift", per_year, rows, effect, periods=stable + 6, histories=runs, seed=7)
    drawn, values, counts = histories(setting, shift=-0.3, after=stable)
    found = judge_charts(drawn, values, counts, periods_per_year=per_year, alarms_per_year=PROMISE)
    crossed = (found.jumped | found.drifted)[:, CONFIDENCE, stable:]
    return [float(crossed[:, : k + 1].any(1).mean()) for k in range(6)]


def settings(quick: bool) -> list[Setting]:
    """What is simulated: more than 2,000 years if not quick."""
    found = []
    weekly, daily = (40, 12) if quick else (100, 75)
    for rows in (40, 100, 1_000):
        for effect in (0.0, EFFECT):
            tail = ", effect" if effect else ", no effect"
            found.append(Setting("weeks" + tail, WEEKS, rows, effect, histories=weekly * 2))
            found.append(Setting("days" + tail, DAYS, rows, effect, periods=DAYS, histories=daily))
        found.append(Setting("days, effects last a week", DAYS, rows, EFFECT, 7, DAYS, daily))
    found.append(Setting("weeks, effect, rows vary", WEEKS, 200, EFFECT, 1, 104, weekly, True))
    found.append(Setting("first year of weeks, effect", WEEKS, 200, EFFECT, 1, 52, weekly * 2))
    found.append(
        Setting("weeks, effect, one chart", WEEKS, 200, EFFECT, 1, 104, weekly * 4, charts=(0,))
    )
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few histories, wide intervals")
    quick = parser.parse_args().quick
    began = time.perf_counter()
    print(
        f"False alarms a year, {PROMISE:g} asked for, of stable histories (training {TRAINING:,})\n"
    )
    print(
        f"{'':34}{'n':>6}{'years':>7}{'promised':>10}{'found':>10}   ratio, 95 %  periods     naive"
    )
    with ProcessPoolExecutor(2) as pool:
        tallies = []
        for one in pool.map(tally, settings(quick)):
            print(one, flush=True)
            tallies.append(one)
        total, promised = sum(one.alarms for one in tallies), sum(one.promised for one in tallies)
        print(
            f"\nAll: {sum(one.years for one in tallies):,.0f} years, ratio {total / promised:.2f}\n"
        )
        print("Shift of .3 deviations in mean confidence, 100 a period: found within 1 … 6 periods")
        for per_year, name in ((WEEKS, "weeks"), (DAYS, "days")):
            for effect in (0.0, EFFECT):
                for stable in (4, 8, 13, 26, 52):
                    shares = power(100, stable, effect, per_year, 100 if quick else 1_000)
                    row = " ".join(f"{share:6.1%}" for share in shares)
                    print(
                        f"{name:6} effect {effect:4.2f}, after {stable:3} stable: {row}", flush=True
                    )
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
