"""How often the check alarms on honest batches, against Evidently's preset in the same run.

    python benchmarks/false_alarms.py

The shipped reference is halved at random; one half is the reference, and batches are drawn from
the other without replacement, so nothing has changed and every alarm is false. Both halves are
rows of one training set: what this cannot show is how production differs from training on an
ordinary day. The check is not yet calibrated; this only looks at the rate that theory gives it.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SIZES = (50, 100, 200, 500, 1_000, 2_000)
SPLITS = 10
BATCHES = 20
"""Of each split and size."""
PEER_BATCHES = 2
"""Of each split and size for Evidently, which takes seconds for one."""


def main() -> None:
    """Print the shares of alarms with 95 % intervals from resampled splits."""
    warnings.filterwarnings("ignore")
    import numpy as np
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    import afterword
    from afterword.drift import check
    from afterword.registry import load_reference
    from afterword.schema import Scored

    rows = load_reference()
    sample = afterword.read(ROOT / "data" / "samples" / "ordinary-week.parquet")
    assert isinstance(sample, Scored)
    definition = DataDefinition(numerical_columns=list(rows.columns))
    rng = np.random.default_rng(0)
    halves = []
    for _ in range(SPLITS):
        order = rng.permutation(len(rows))
        halves.append((rows.iloc[order[: len(rows) // 2]], rows.iloc[order[len(rows) // 2 :]]))

    print(f"{'rows':>6}{'Afterword':>12}{'95 %':>16}{'Evidently preset':>20}{'ratio':>8}")
    for size in SIZES:
        ours, theirs = np.zeros((SPLITS, BATCHES)), np.zeros((SPLITS, PEER_BATCHES))
        for split, (reference, other) in enumerate(halves):
            before = Dataset.from_pandas(reference, data_definition=definition)
            for number in range(BATCHES):
                batch = other.sample(size, random_state=rng).reset_index(drop=True)
                ours[split, number] = check(replace(sample, frame=batch), reference=reference).alarm
                if number < PEER_BATCHES:
                    now = Dataset.from_pandas(batch, data_definition=definition)
                    found = Report([DataDriftPreset()]).run(now, before).dict()["metrics"][0]
                    theirs[split, number] = found["value"]["share"] >= 0.5
        draws = rng.integers(0, SPLITS, (2_000, SPLITS))
        low, high = np.quantile(ours.mean(axis=1)[draws].mean(axis=1), [0.025, 0.975])
        ratio = ours.mean() / theirs.mean() if theirs.any() else float("nan")
        print(
            f"{size:>6}{ours.mean():>12.1%}{f'{low:.1%} – {high:.1%}':>16}"
            f"{theirs.mean():>20.1%}{ratio:>8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
