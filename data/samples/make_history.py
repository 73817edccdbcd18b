"""Make eight weeks of sample history: scored rows without text, drawn from the training set.

``python data/samples/make_history.py --data "$SAFECITY_DIR"`` writes eight-weeks.parquet, the same
to the byte each time. It trains twice, which takes some minutes. Texts are read, altered where a
week's story says so, turned into numbers, and forgotten.

Every row is what a *new* description would have got. Untouched ones are rows of the reference,
whose probabilities are out-of-fold. Altered ones are answered by a second model that was trained
without them: the shipped one has seen every description that there is.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from make_samples import APP, CUT_AT
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
# Run as a program, Python looks for modules here and not in the repository.
sys.path.insert(0, str(HERE.parents[1]))

from afterword.model.classifier import Classifier  # noqa: E402
from afterword.model.reference import (  # noqa: E402
    output_columns,
    outputs,
    to_parquet,
    unlink,
)
from afterword.model.registry import load_model, load_reference  # noqa: E402
from afterword.monitoring.sample_weeks import DAY, DAYS, FILE, HOUR, KIND, WEEK  # noqa: E402
from afterword.text.analysis import describe  # noqa: E402
from afterword.text.distinct import summarise  # noqa: E402
from afterword.text.facts import find_facts  # noqa: E402
from afterword.training.dataset import Dataset, read_dataset  # noqa: E402
from afterword.training.fit import MIN_DESCRIPTIONS, fit  # noqa: E402
from afterword.training.reference_rows import build_reference  # noqa: E402

SEED = 0
"""The first that was tried: honest weeks are stable without a choice. With seeds 1 to 25, 1 of 100
ordinary weeks alarms, the slow shift is seen in its first week 10 times and in its second 21."""
NAMES = {"Ogling/Facial Expressions/Staring": "Ogling", "Touching /Groping": "Groping"}
"""As the Makefile names the columns for ``make train``."""
SHIFTED = "Ogling"
PER_DAY = (59, 59, 59, 59, 59, 53, 52)
"""Descriptions expected from Monday to Sunday."""
FIRST_HOUR = 6
PER_HOUR = (1, 3, 6, 6, 4, 3, 4, 5, 5, 4, 5, 7, 9, 9, 7, 5, 3, 2)
"""How often people report from six in the morning to eleven at night."""
DECIMALS = 3
"""Of the dense representation's sums: a hundredth of what chance does to them."""


@dataclass(frozen=True)
class Story:
    """What happens in a week.

    Attributes
    ----------
    title, note : for people.
    shifted : how much a description of staring weighs in the draw, by day.
    app : share of descriptions that name the new app, by day.
    broken_from : first day of the broken export, counted from 0.
    """

    title: str
    note: str
    shifted: Sequence[float] = (1.0,) * DAYS
    app: Sequence[float] = (0.0,) * DAYS
    broken_from: int = DAYS


STORIES = (
    Story("An ordinary week", "People report what they reported in training."),
    Story("Another ordinary week", "People report what they reported in training."),
    Story(
        "A new app in the news",
        "An app that training never saw is named in about every sixth description.",
        app=(0.06, 0.22, 0.28, 0.24, 0.18, 0.12, 0.05),
    ),
    Story("The news is over", "Nobody names the app any more; the week is ordinary."),
    Story(
        "A broken export",
        f"From the third day on, texts arrive cut at {CUT_AT} characters and with HTML codes.",
        broken_from=2,
    ),
    Story("The export is mended", "Texts arrive whole again; the week is ordinary."),
    Story(
        "A slow shift begins",
        "From day to day, a few more descriptions tell of staring.",
        shifted=np.linspace(1.4, 1.8, DAYS),
    ),
    Story(
        "The slow shift goes on",
        "More and more descriptions tell of staring.",
        shifted=np.linspace(2.0, 3.0, DAYS),
    ),
)


@dataclass(frozen=True)
class Day:
    """What came in on one day: rows of the training set, their texts, and which were altered."""

    rows: np.ndarray
    texts: tuple[str, ...]
    altered: np.ndarray


def draw(dataset: Dataset, rng: np.random.Generator) -> list[list[Day]]:
    """Deal descriptions out to the days of all weeks, none of them twice."""
    shifted = dataset.labels[:, dataset.categories.index(SHIFTED)] == 1
    left = np.ones(len(dataset.texts))
    weeks = []
    for story in STORIES:
        days = []
        for day in range(DAYS):
            weights = np.where(shifted, story.shifted[day], 1.0) * left
            size = int(rng.poisson(PER_DAY[day]))
            rows = rng.choice(len(left), size, replace=False, p=weights / weights.sum())
            left[rows] = 0
            texts = [dataset.texts[row] for row in rows]
            altered = np.zeros(size, bool)
            if day >= story.broken_from:
                altered[:] = True
                texts = [damaged(text) for text in texts]
            for place in rng.choice(size, round(story.app[day] * size), replace=False):
                altered[place] = True
                texts[place] = with_sentence(texts[place], str(rng.choice(APP)))
            days.append(Day(rows, tuple(texts), altered))
        weeks.append(days)
    return weeks


def damaged(text: str) -> str:
    """The text as the broken export gives it: escaped, then cut."""
    return html.escape(text).replace(", ", ",&nbsp;").replace(". ", ".&nbsp;")[:CUT_AT]


def with_sentence(text: str, phrase: str) -> str:
    """The text with one more sentence at its end."""
    text = text.rstrip()
    stop = "" if text.endswith((".", "!", "?")) else "."
    return f"{text}{stop} {phrase[0].upper()}{phrase[1:]}."


def numbers(day: Day, reference: pd.DataFrame, other: Classifier, model: Classifier) -> np.ndarray:
    """The scored rows (n, …) of a day, in the order of its texts."""
    found = reference.iloc[day.rows].to_numpy(copy=True)
    texts = [day.texts[place] for place in np.flatnonzero(day.altered)]
    if texts:
        answers = outputs(other.predict_proba(texts), other.categories, model.thresholds)
        found[day.altered] = pd.concat([describe(texts, other.vocabulary), answers], axis=1)
    return found


def hours(size: int, rng: np.random.Generator) -> np.ndarray:
    """Hours of a day in order; they come after the shuffle, and belong to no description."""
    weights = np.array(PER_HOUR) / sum(PER_HOUR)
    return FIRST_HOUR + np.sort(rng.choice(len(weights), size, p=weights))


def tell(
    number: int,
    days: Sequence[Day],
    reference: pd.DataFrame,
    other: Classifier,
    model: Classifier,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, dict[str, object]]:
    """One week: its rows, every column of a day shuffled by itself, and what is said of them."""
    together = [("words", "english_words"), output_columns(model.categories)]
    parts = []
    for day, own in enumerate(days):
        frame = pd.DataFrame(numbers(own, reference, other, model), columns=reference.columns)
        frame = unlink(frame, int(rng.integers(2**32)), together=together)
        when = {WEEK: number, DAY: day, HOUR: hours(len(frame), rng)}
        parts.append(frame.assign(**when).astype(dict.fromkeys(when, np.int8)))
    texts = [text for own in days for text in own.texts]
    facts = find_facts(texts, model)
    ends = np.cumsum([len(own.rows) for own in days])[:-1]
    flags = [part.sum(axis=0).tolist() for part in np.split(facts.flags, ends)]
    profile = summarise(facts, texts).to_dict()
    profile["content"] = [round(value, DECIMALS) for value in profile["content"]]
    about = {
        "title": STORIES[number].title,
        "note": STORIES[number].note,
        "profile": profile,
        "day_flags": flags,
    }
    return pd.concat(parts, ignore_index=True), about


def make(dataset: Dataset) -> bytes:
    """The file of all weeks."""
    model = load_model()
    probabilities = fit(dataset.texts, dataset.labels, dataset.categories).plain_probabilities
    reference = build_reference(
        dataset.texts,
        probabilities,
        dataset.categories,
        model.thresholds,
        least=MIN_DESCRIPTIONS,
    )
    if not unlink(reference).equals(load_reference()):
        sys.exit("The shipped model was trained on other data. Run `make train` first.")
    rng = np.random.default_rng(SEED)
    weeks = draw(dataset, rng)
    altered = np.concatenate([day.rows[day.altered] for days in weeks for day in days])
    rest = np.setdiff1d(np.arange(len(dataset.texts)), altered)
    texts = [dataset.texts[row] for row in rest]
    other = fit(texts, dataset.labels[rest], dataset.categories).classifier
    told = [tell(number, days, reference, other, model, rng) for number, days in enumerate(weeks)]
    about = {
        "kind": KIND,
        "categories": list(model.categories),
        "weeks": [week for _, week in told],
    }
    return to_parquet(pd.concat([frame for frame, _ in told], ignore_index=True), about)


def main() -> None:
    """Write the file beside this program."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="Folder of the training data.")
    parser.add_argument("--out", type=Path, default=HERE / FILE, help="File to write.")
    options = parser.parse_args()
    # One thread: sums in another order would change the last bits.
    with threadpool_limits(limits=1):
        options.out.write_bytes(make(read_dataset(options.data, NAMES)))


if __name__ == "__main__":
    main()
