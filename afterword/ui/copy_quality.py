"""Every text of the pages about decisions and their quality: plain words, one voice."""

from __future__ import annotations

import pandas as pd

from afterword.evaluation import Estimate
from afterword.modes import SURE, CategoryMode, ModeQuality
from afterword.settings import BALANCED, BE_SURE, FIND_MORE
from afterword.ui.copy import at_threshold, percent

# ---------------------------------------------------------------- how to decide

MODE_LABEL = "How to decide"
MODES = {BALANCED: "Balanced", FIND_MORE: "Find more", BE_SURE: "Be sure"}
MODE_NOTES = {
    BALANCED: "A missed report and a needless alert count alike.",
    FIND_MORE: "Misses fewest: finding counts four times as much as being right.",
    BE_SURE: (
        f"Alerts are right in at least {percent(SURE)} of cases, where the model can promise that."
    ),
}
MODE_TABLE = "What each finds and costs"
MODE_COLUMNS = (
    "Category",
    "From",
    "Finds, of 100 reports",
    "Wrong, of 100 alerts",
    "Unsure between",
    "Decides, of 100",
    "Of these right",
)
MODE_SOURCE = (
    "Measured on {rows:,} training descriptions, each answered by a model that had not seen it; "
    "in brackets the 95 % interval. What is checked and recorded is always decided as Balanced, so "
    "that weeks can be compared."
)
NOT_ATTAINABLE = "not attainable"


def mode_sentence(mode: ModeQuality) -> str:
    """What the chosen mode finds and costs, in a sentence or two."""
    attained = [each for each in mode.categories if each.recall is not None]
    found = ", ".join(f"{_hundred(each.recall)} with {each.category}" for each in attained)
    wrong = ", ".join(_wrong(each) for each in attained)
    parts = []
    if attained:
        parts.append(f"Of 100 reports with each category this finds {found}.")
        parts.append(f"Of 100 alerts {wrong} are wrong (in the same order).")
    lacking = [each.category for each in mode.categories if each.recall is None]
    if lacking:
        parts.append(
            f"{', '.join(lacking)}: {NOT_ATTAINABLE}, so not predicted; where it may be, the "
            "answer is unsure."
        )
    return " ".join(parts)


def mode_table(mode: ModeQuality) -> pd.DataFrame:
    """One mode's figures, a line per category."""
    return pd.DataFrame(
        [
            (
                each.category,
                at_threshold(each.threshold),
                NOT_ATTAINABLE if each.recall is None else _hundreds(each.recall),
                "–" if each.precision is None else _hundreds(_rest(each.precision)),
                f"{at_threshold(each.low)} – {at_threshold(each.high)}",
                _hundred(each.decided),
                percent(each.accuracy.value),
            )
            for each in mode.categories
        ],
        columns=MODE_COLUMNS,
    )


def _wrong(each: CategoryMode) -> str:
    return _hundred(_rest(each.precision)) if each.precision is not None else "–"


def _rest(estimate: Estimate) -> Estimate:
    return Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)


def _hundred(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{100 * estimate.value:.0f}"


def _hundreds(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})"
