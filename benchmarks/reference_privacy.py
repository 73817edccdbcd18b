"""What the reference's cells of labels and answers tell somebody who has texts and the model.

    python benchmarks/reference_privacy.py           # two minutes on two cores
    python benchmarks/reference_privacy.py --quick   # two splits

The tables of a model hold, of cells of at least five training rows, mean probabilities out of fold
and labels (:class:`afterword.model.outcomes.Cells`). Somebody has a text, its true labels perhaps,
and the model, and guesses whether the text was trained on: by the model alone, or by the model and
how near the text's answers lie to those of the cells (of the cells with its labels, where these are
known). Guessers are boosted trees, fitted on half of the texts and tried on the others; .5 is a
guess, 1 is certain. Somebody who knows that a text was trained on guesses its labels by the
thresholds, or by the nearest cell. Texts that stand on both sides are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import half_of, over_splits, read, share  # noqa: E402
from benchmarks.record import Table, arguments, finish  # noqa: E402

SPLITS = 8
GUESSERS = ("text and model", "text, labels and model")


def answers_of_trained(folder: str, seed: int) -> tuple[list[str], np.ndarray]:
    """Texts and labels of the half that was trained on, as :func:`half_of` splits them."""
    texts, labels, _ = read(Path(folder))
    own = np.random.default_rng([seed, 7]).permutation(len(texts))[: len(texts) // 2]
    return [texts[row] for row in own], labels[own]


def area(features: np.ndarray, trained: np.ndarray, seed: int) -> float:
    """Probability that a text that was trained on looks more so than another one."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    taught = np.random.default_rng(seed).random(len(trained)) < 0.5
    guesser = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    guesser.fit(features[taught], trained[taught])
    return float(roc_auc_score(trained[~taught], guesser.predict_proba(features[~taught])[:, 1]))


def nearness(
    answers: np.ndarray, labels: np.ndarray | None, cells: np.ndarray, of: np.ndarray
) -> np.ndarray:
    """Distances (n, 3) to the nearest cells: of those with its labels, if known."""
    from scipy.spatial import cKDTree

    if labels is None:
        return np.asarray(cKDTree(cells).query(answers, k=3)[0])
    found = np.full((len(answers), 3), 2.0)
    for kind in np.unique(labels, axis=0):
        here, there = (labels == kind).all(axis=1), (of == kind).all(axis=1)
        if there.sum() >= 3:
            found[here] = cKDTree(cells[there]).query(answers[here], k=3)[0]
    return found


def split_job(folder: str, seed: int, quick: bool) -> dict[str, float]:
    """How well each guess is made in one split."""
    from scipy.spatial import cKDTree

    half = half_of(folder, seed, quick=quick)
    texts, labels = answers_of_trained(folder, seed)
    cells, new = half.tables.outcomes.cells, ~half.repeats()
    own, other = half.model.predict_proba(texts), half.probabilities()[new]
    answers = np.round(np.concatenate([own, other]), 2)
    truth = np.concatenate([labels, half.labels[new]])
    trained = np.arange(len(answers)) < len(own)
    found = {}
    for who, known in zip(GUESSERS, (None, truth), strict=True):
        alone = answers if known is None else np.hstack([answers, np.abs(answers - truth)])
        near = nearness(answers, known, cells.probabilities, cells.labels)
        found[f"{who}, without cells"] = area(alone, trained, seed)
        found[f"{who}, with cells"] = area(np.hstack([alone, near]), trained, seed)
    nearest = cKDTree(cells.probabilities).query(own)[1]
    decided = own >= half.model.thresholds
    found["labels by the thresholds"] = float((decided == labels).mean())
    found["labels by the nearest cell"] = float((cells.labels[nearest] == labels).mean())
    return found


def table(runs: Sequence[dict[str, float]]) -> Table:
    """Each guess, over the splits."""
    rows = [
        (
            name,
            "right labels" if name.startswith("labels") else "area under the curve",
            share([np.array([run[name]]) for run in runs], ".3f"),
        )
        for name in runs[0]
    ]
    return Table(("guess by", "measured by", "found"), tuple(rows))


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits")
    finish(options, {"guesses": table(over_splits(split_job, options, SPLITS))}, [])


if __name__ == "__main__":
    main()
