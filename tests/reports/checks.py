"""Checks to write pages of: of the samples, with labels, and of a model of 28 categories."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

import afterword
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.drift.segment import MOVED, Segment
from afterword.quality.labelled import ALL

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
STABLE, CHANGED, FAULTY = "ordinary-week.parquet", "new-app-in-the-news.csv", "broken-export.csv"
MANY = 28


@cache
def found(name: str = CHANGED) -> CheckResult:
    """The check of a shipped sample."""
    return check(afterword.read(SAMPLES / name))


@cache
def too_few() -> CheckResult:
    """Of twelve rows."""
    scored = replace(found().scored, texts=None, rejections={})
    return check(replace(scored, frame=scored.frame.head(12)))


@cache
def labelled() -> CheckResult:
    """Of rows that have the labels that the model would give."""
    scored = found(STABLE).scored
    names = [f"{name} probability" for name in scored.categories]
    return check(replace(scored, labels=(scored.frame[names].to_numpy() > 0.5).astype(float)))


def of_many_categories(fallen: bool = False) -> CheckResult:
    """The same as a model of 28 categories would have it, of which all may have fallen."""
    base = labelled()
    assert base.quality is not None
    names = [f"Topic {number} of the service desk" for number in range(1, MANY + 1)]
    one = base.measures[base.measures["measure"].str.startswith("Ogling")]
    measures = [base.measures[~base.measures["measure"].str.contains("Ogling|Groping|Comment")]]
    figures = [each for each in base.quality.figures if each.scope == ALL]
    own = [each for each in base.quality.figures if each.scope == "Ogling"]
    for place, name in enumerate(names):
        measures.append(
            one.assign(
                measure=one["measure"].str.replace("Ogling", name),
                label=one["label"].str.replace("Ogling", name),
                drifted=one["drifted"] | (fallen & (one["group"] == "quality")),
            )
        )
        figures += [
            replace(each, scope=name, value=each.trained - place / 100)
            if fallen and each.name == "f1"
            else replace(each, scope=name)
            for each in own
        ]
    return replace(
        base,
        measures=pd.concat(measures, ignore_index=True),
        quality=replace(base.quality, figures=tuple(figures), incomplete=31),
        shares=tuple(replace(base.shares[0], category=name) for name in names),
    )


def of_everything() -> CheckResult:
    """All that a page can have to say at once: what moved, fell, changed and was not read."""
    many, base = of_many_categories(fallen=True), found(FAULTY)
    parts = tuple(
        Segment(rows=40, level=MOVED, label=f"“District {place}”", sentence=_PART.format(place))
        for place in range(30)
    )
    return replace(
        base,
        measures=pd.concat([base.measures, many.measures], ignore_index=True),
        quality=many.quality,
        shares=many.shares,
        segments=parts,
        remarks=("Marks and capitals are written otherwise than in training.",),
        missing=("Descriptions that begin alike", "Descriptions that end alike"),
    )


_PART = (
    "In district = “District {}” (40 descriptions) more Groping is reported: about 87 % of them "
    "(74–100), 31 % of training descriptions of such lengths."
)
