"""Whether a saved profile tells if a given text was in it, better than its counts of words do.

    python benchmarks/profile_privacy.py     # two minutes; SAFECITY_DIR has the data

Somebody has texts, the model and a saved profile, and guesses of each text whether it is one of
those that the profile adds up. The texts of train.csv and dev.csv are halved. With profiles of one
half, of which it is known what is in them, a guesser is fitted (Shokri, Stronati, Song and
Shmatikov, "Membership inference attacks against machine learning models", IEEE Symposium on
Security and Privacy 2017); profiles of the other half are attacked, with as many texts that are in
them as texts of the same half that are not.

What a guesser goes by is the ratio of likelihoods of every count, with the text and without it: of
a count c among n descriptions, where the share of the source is p, that is c / (n p). Of sums it is
the normal distribution's (Homer et al., "Resolving individuals contributing trace amounts of DNA to
highly complex mixtures", PLoS Genetics 4, 2008). One guesser has the counts of the vocabulary
alone; another one everything in the file; a third one also the table of exact answers, which is in
memory and never saved.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from afterword.files.reading import read_batch  # noqa: E402
from afterword.measures.answers import Answers  # noqa: E402
from afterword.measures.coarse_counts import TOTAL_STEPS, grids_of, summed_of  # noqa: E402
from afterword.measures.moments import Moments, units_of  # noqa: E402
from afterword.measures.null_tables import load_tables  # noqa: E402
from afterword.measures.profiles import profile_of  # noqa: E402
from afterword.measures.saved_profiles import to_bytes  # noqa: E402
from afterword.measures.stand_ins import classes_of, starts_of_bins  # noqa: E402
from afterword.measures.totals import row_flags  # noqa: E402
from afterword.model.reference import probability_column  # noqa: E402
from afterword.model.registry import load_model, version_of  # noqa: E402
from afterword.model.scoring import score  # noqa: E402
from afterword.text.distinct import STEPS  # noqa: E402
from afterword.text.facts import find_facts  # noqa: E402

SIZES = {20: 100, 100: 40, 1_000: 12}
"""Descriptions of a profile → profiles that are attacked; half as many more teach the guesser."""
GUESSES = 500
"""Texts of a profile that are guessed at most, and as many others; of each in an interval."""
SAMPLES = 1_000
"""Bootstrap samples of 1,000 guesses, half of them right, behind the intervals."""
LITTLE = 0.05
"""What is added to a count, so that none is 0."""


@dataclass(frozen=True)
class Known:
    """What somebody who has n texts and the model knows of them.

    Attributes
    ----------
    texts : themselves.
    keys : (n,) equal for texts that are equal once normalised.
    words : (n, w) bool, which words of the vocabulary they hold.
    places : what is counted → (n,) place of each text in the counts.
    flags : (n, f) bool.
    lengths : (n,) characters, as equal lengths count them.
    sums : what is summed up → (n, d).
    cents : (n, k) answers.
    """

    texts: np.ndarray
    keys: np.ndarray
    words: np.ndarray
    places: dict[str, np.ndarray]
    flags: np.ndarray
    lengths: np.ndarray
    sums: dict[str, np.ndarray]
    cents: np.ndarray

    def take(self, rows: np.ndarray) -> Known:
        """Some of the texts."""

        def taken(named: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {name: own[rows] for name, own in named.items()}

        return Known(
            self.texts[rows],
            self.keys[rows],
            self.words[rows],
            taken(self.places),
            self.flags[rows],
            self.lengths[rows],
            taken(self.sums),
            self.cents[rows],
        )


def texts_of(folder: Path) -> list[str]:
    """The descriptions of both files that are not empty."""
    found = []
    for name in ("train.csv", "dev.csv"):
        with open(folder / name, encoding="utf-8", newline="") as file:
            found += [row["Description"] for row in csv.DictReader(file)]
    return [text for text in found if text.strip()]


def know(texts: list[str]) -> Known:
    """Work out all that the model and the descriptors say of texts."""
    model, tables = load_model(), load_tables()
    batch = read_batch(texts)
    texts, frame = batch.texts.tolist(), score(batch, model).frame
    facts = find_facts(texts, model)
    names = list(map(probability_column, model.categories))
    probabilities = frame[names].to_numpy(float)
    cents = np.rint(100 * probabilities).astype(np.uint8)
    grids = grids_of(len(names))
    places = {
        name: np.searchsorted((grid[1:] + grid[:-1]) / 2, frame[name].to_numpy(float))
        for name, grid in grids.items()
    }
    summed = [summed_of(name, grid)[places[name]] for name, grid in grids.items()]
    places |= {f"cents {j}": cents[:, j].astype(np.int64) for j in range(len(names))}
    k = len(names)
    rows = [
        Moments.of(Answers(one[None], np.ones(1, np.int64)), tables.rules.thresholds)
        for one in cents
    ]
    upper = np.triu_indices(3 * k + 1)
    units = units_of(k)
    return Known(
        texts=np.array(texts, dtype=object),
        keys=facts.keys,
        words=facts.words.toarray().astype(bool),
        places=places,
        flags=np.hstack([row_flags(frame, probabilities, tables.rules), facts.flags]).astype(bool),
        lengths=facts.lengths,
        sums={
            "moments": np.array([one.sums / units for one in rows]),
            "products": np.array([(one.products / np.outer(units, units))[upper] for one in rows]),
            "content": facts.content,
            "columns": np.column_stack(summed),
        },
        cents=cents,
    )


def file_of(texts: list[str]) -> tuple[dict[str, Any], Answers]:
    """What a saved profile of texts holds; and the answers that it does not hold."""
    profile = profile_of(score(texts, load_model()), load_tables().rules, version_of())
    return json.loads(gzip.decompress(to_bytes(profile))), profile.answers


def counts_of(saved: dict[str, Any]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each thing that a text has one value of: where its bins begin, and the rows in each."""
    found = {
        name: (np.array(own["starts"]), np.array(own["rows"]))
        for name, own in saved["columns"].items()
    }
    for j, told in enumerate(saved["rest"]["margins"]):
        starts = np.array(starts_of_bins(load_tables().rules.thresholds[j]))
        found[f"cents {j}"] = starts, np.array(told[: len(starts)])
    return found


def sums_of(saved: dict[str, Any]) -> dict[str, np.ndarray]:
    """Sums over all rows."""
    thresholds, margins = load_tables().rules.thresholds, saved["rest"]["margins"]
    k = len(margins)
    units, upper = units_of(k), np.triu_indices(3 * k + 1)
    below, above, given = [], [], []
    for told, threshold in zip(margins, thresholds, strict=True):
        starts = np.array(starts_of_bins(threshold))
        below.append(told[len(starts)] / 100)
        above.append(told[len(starts) + 1] / 100)
        given.append(np.array(told[: len(starts)])[starts >= 100 * threshold].sum())
    whole = np.add(below, above)
    return {
        "moments": np.array([*whole, saved["none"] / units[k], *below, *given]),
        "products": np.array(saved["products"]) / np.outer(units, units)[upper],
        "content": np.array(saved["texts"]["content"]) / STEPS,
        "columns": np.array([own["total"] / TOTAL_STEPS for own in saved["columns"].values()]),
    }


def by_words(saved: dict[str, Any], guesses: Known, source: Known) -> np.ndarray:
    """What the vocabulary's counts say of guesses, (n, features)."""
    counts, n = np.array(saved["texts"]["words"]), saved["texts"]["distinct"]
    share = (source.words.sum(axis=0) + 0.5) / (len(source.keys) + 1)
    held = np.log((counts + LITTLE) / (n * share + LITTLE))
    lacked = np.log((n - counts + LITTLE) / (n * (1 - share) + LITTLE))
    own = guesses.words.astype(float)
    number = own.sum(axis=1)
    lowest = np.where(guesses.words, held, np.inf).min(axis=1, initial=9.0)
    return np.column_stack(
        [
            own @ held,
            own @ held / np.maximum(number, 1),
            (1 - own) @ lacked,
            own @ (counts == 0),
            own @ (counts == 1),
            (own @ (counts == 0)) > 0,
            lowest,
            number,
        ]
    )


def by_all(saved: dict[str, Any], guesses: Known, source: Known) -> np.ndarray:
    """What everything else in the file says of guesses, (n, features)."""
    n, whole = sum(next(iter(saved["columns"].values()))["rows"]), len(source.keys)
    found, zeros = [], np.zeros(len(guesses.keys))
    for name, (starts, counts) in counts_of(saved).items():
        at, own = (
            np.searchsorted(starts, one.places[name], "right") - 1 for one in (guesses, source)
        )
        share = (np.bincount(own, minlength=len(counts)) + 0.5) / whole
        found.append(np.log((counts + LITTLE) / (n * share + LITTLE))[at])
        zeros += counts[at] == 0
    flags, share = np.array(saved["flags"]), (source.flags.sum(axis=0) + 0.5) / whole
    ratio = np.where(
        guesses.flags,
        np.log((flags + LITTLE) / (n * share + LITTLE)),
        np.log((n - flags + LITTLE) / (n * (1 - share) + LITTLE)),
    )
    found += [zeros, ratio.sum(axis=1), (guesses.flags & (flags == 0)).sum(axis=1)]
    found.append(_in_cells(saved, guesses, source, n))
    texts = saved["texts"]
    equal = (guesses.lengths > 0) & np.isin(texts["common_length"] - guesses.lengths, (0, 1))
    found.append(equal * np.log((texts["lengths"] + 1) / (n * 0.02 + 1)))
    told = sums_of(saved)
    found += [_normal(told[name] / n, guesses.sums[name], source.sums[name], n) for name in told]
    return np.column_stack(found)


def _in_cells(saved: dict[str, Any], guesses: Known, source: Known, n: int) -> np.ndarray:
    """The ratio of likelihoods of the narrowest cell that holds each guess."""
    levels = classes_of(load_tables().rules.thresholds)
    rows: dict[Any, int] = {tuple(cell[1:]): cell[0] for cell in saved["rest"]["cells"]}

    def cell_of(known: Known) -> list[Any]:
        answers: list[Any] = [None] * len(known.keys)
        for level in reversed(range(len(levels))):
            own = np.column_stack(
                [one[code] for one, code in zip(levels[level], known.cents.T, strict=True)]
            )
            for row, classes in enumerate(own.tolist()):
                if (level, *classes) in rows:
                    answers[row] = (level, *classes)
        return answers

    expected: dict[Any, float] = {}
    for cell in cell_of(source):
        expected[cell] = expected.get(cell, 0.5) + 1
    rows[None] = n - sum(rows.values())
    whole = len(source.keys)
    return np.array(
        [
            np.log((rows[cell] + LITTLE) / (n * expected.get(cell, 0.5) / whole + LITTLE))
            for cell in cell_of(guesses)
        ]
    )


def _normal(mean: np.ndarray, own: np.ndarray, source: np.ndarray, n: int) -> np.ndarray:
    """The ratio of likelihoods of a mean of n rows, with each of these among them and without."""
    centre, spread = source.mean(axis=0), np.cov(source.T)
    inverse = np.linalg.pinv(spread + 1e-6 * np.diag(np.diag(spread) + 1e-9), rcond=1e-8)
    away = own - centre
    ratio: np.ndarray = away @ inverse @ (mean - centre)
    ratio -= ((away @ inverse) * away).sum(axis=1) / (2 * n)
    return ratio


def by_table(answers: Answers, guesses: Known, source: Known) -> np.ndarray:
    """What the table of exact answers would say of guesses, (n, features)."""
    rows = dict(zip(map(bytes, answers.cents), answers.counts.tolist(), strict=True))
    often: dict[bytes, int] = {}
    for cents in source.cents:
        often[bytes(cents)] = often.get(bytes(cents), 0) + 1
    n, whole = answers.rows, len(source.keys)
    own = [bytes(cents) for cents in guesses.cents]
    count = np.array([rows.get(one, 0) for one in own])
    expected = np.array([n * (often.get(one, 0) + 0.5) / whole for one in own])
    return np.column_stack([np.log((count + LITTLE) / (expected + LITTLE)), count > 0])


def guessed(
    known: Known, source: Known, size: int, profiles: int, rng: np.random.Generator
) -> tuple[list[np.ndarray], np.ndarray]:
    """Features of the three guessers, and whether each guess is right (n,)."""
    found: tuple[list[np.ndarray], ...] = ([], [], [])
    inside: list[np.ndarray] = []
    for _ in range(profiles):
        rows = rng.choice(len(known.keys), size, replace=False)
        saved, answers = file_of(known.texts[rows].tolist())
        most = min(size, GUESSES)
        others = np.delete(np.arange(len(known.keys)), rows)
        chosen = np.concatenate([rows[:most], rng.choice(others, most, replace=False)])
        guesses = known.take(chosen)
        words = by_words(saved, guesses, source)
        everything = np.hstack([words, by_all(saved, guesses, source)])
        table = np.hstack([everything, by_table(answers, guesses, source)])
        for one, own in zip(found, (words, everything, table), strict=True):
            one.append(own)
        inside.append(np.arange(2 * most) < most)
    return [np.vstack(one) for one in found], np.concatenate(inside)


def figures(scores: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """The area under the curve of right guesses over wrong ones, and the best balanced accuracy."""
    order = np.argsort(-scores, kind="stable")
    right = np.concatenate([[0], np.cumsum(inside[order])]) / inside.sum()
    wrong = np.concatenate([[0], np.cumsum(~inside[order])]) / (~inside).sum()
    return float(np.trapezoid(right, wrong)), float((1 + (right - wrong).max()) / 2)


def main() -> None:
    """Print a line per size and guesser."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = know(texts_of(Path(os.environ["SAFECITY_DIR"])))
    rng = np.random.default_rng(0)
    order = rng.permutation(np.unique(known.keys, return_index=True)[1])
    source, target = map(known.take, np.array_split(order, 2))
    names = ("words alone", "the whole file", "with the exact table")
    print(f"{'':14}{'guesser':22}{'AUC':>6}{'':16}{'best balanced accuracy':>24}{'more AUC':>26}")
    for size, profiles in SIZES.items():
        taught, known_inside = guessed(source, source, size, profiles // 2, rng)
        tried, inside = guessed(target, source, size, profiles, rng)
        scores = []
        for learn, own in zip(taught, tried, strict=True):
            guesser = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2_000))
            guesser.fit(learn, known_inside)
            scores.append(guesser.decision_function(own))
        drawn = []
        for _ in range(SAMPLES):
            rows = np.concatenate(
                [rng.choice(np.flatnonzero(side), GUESSES) for side in (inside, ~inside)]
            )
            drawn.append([figures(one[rows], inside[rows]) for one in scores])
        spread = np.array(drawn)
        for at, name in enumerate(names):
            auc, best = figures(scores[at], inside)
            low, high = np.percentile(spread[:, at], (2.5, 97.5), axis=0)
            more = spread[:, at, 0] - spread[:, 0, 0]
            less, most = np.percentile(more, (2.5, 97.5))
            gain = auc - figures(scores[0], inside)[0]
            print(
                f"{size:>6,} texts  {name:22}{auc:.3f} [{low[0]:.3f}, {high[0]:.3f}]"
                f"{best:>12.3f} [{low[1]:.3f}, {high[1]:.3f}]"
                f"{gain:>+12.3f} [{less:+.3f}, {most:+.3f}]"
            )


if __name__ == "__main__":
    main()
