"""Every text of the pages about decisions and their quality: plain words, one voice."""

from __future__ import annotations

import math

import pandas as pd

from afterword.model.evaluation import Estimate
from afterword.model.modes import SURE, ModeQuality
from afterword.quality.expected import CategoryEstimate
from afterword.quality.findings import Quality
from afterword.quality.labelled import ALL
from afterword.quality.verdict import FELL, HELD, OPEN
from afterword.settings import BALANCED, BE_SURE, FIND_MORE
from afterword.ui.copy.shared import at_threshold, percent

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
    "Predicted from",
    "Found, of 100 reports",
    "Wrong, of 100 alerts",
    "Unsure between",
    "Not unsure, of 100",
    "Of these right",
)
MODE_SOURCE = (
    "Measured on {rows:,} training descriptions, each answered by a model that had not seen it "
    "nor a repeat of it; in brackets the 95 % interval. An answer that is called unsure counts as "
    "an alert if it reaches the threshold. What is checked and recorded is always decided as "
    "Balanced, so that weeks can be compared."
)
NOT_ATTAINABLE = "not attainable"


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


def _rest(estimate: Estimate) -> Estimate:
    return Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)


def _hundred(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{100 * estimate.value:.0f}"


def _hundreds(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})"


# ---------------------------------------------------------------- how good the answers are

QUALITY_TITLES = {
    FELL: "The answers got worse",
    HELD: "No fall of five points in the answers",
    OPEN: "No fall in quality was shown",
}
ESTIMATE_TITLE = "How good the answers are, without labels"
NOT_KNOWN = "This check does not say how good the answers are."
WITHHELD = "Not estimated"
UNCORRECTED = "No share of a category has shifted beyond chance, so nothing was corrected for it."
ALL_FIGURES = "All figures of quality"
FIGURES_ALT = "Every figure of quality with its interval"
FIGURE_COLUMNS = ("Figure", "In this batch, by labels", "In training", "Expected without labels")
ESTIMATE_COLUMNS = ("Figure", "Expected in this batch")
FIGURES_NOTE = (
    "In brackets the 95 % interval as figures of where the batch comes from. “Expected” is what "
    "the probabilities say without looking at the labels. “In training”: each description answered "
    "by a model that had not seen it, though perhaps a repeat of it, as in service. A recall or F1 "
    "needs at least 10 descriptions with the category among the labelled ones. A decision is the "
    "yes or no to one category for one description. Decided as Balanced."
)
ESTIMATE_NOTE = (
    "Worked out from the calibrated probabilities, with 95 % intervals that hold the chance of "
    "labels, of the calibration and of a changed mix. It holds as long as labels mean what they "
    "meant in training: only labels can show that. Decided as Balanced."
)


def drawn(quality: Quality) -> set[tuple[str, str]]:
    """Which figures the chart shows."""
    scopes = {one.scope for one in quality.figures} - {ALL}
    return {(ALL, "accuracy"), (ALL, "micro_f1")} | {
        (scope, name) for scope in scopes for name in ("precision", "recall")
    }


def labelled_note(quality: Quality) -> str:
    """On how many rows the figures rest, and how these were chosen."""
    if quality.labelled == quality.rows:
        how = "all of them labelled"
    elif quality.drawn:
        how = f"{quality.labelled:,} of them labelled, chosen by a review and weighed accordingly"
    else:
        how = (
            f"{quality.labelled:,} of them labelled; the file does not say how these were chosen, "
            "so they count as chosen at random"
        )
    partly = (
        f" {quality.incomplete:,} more have labels of some categories only and do not count."
        if quality.incomplete
        else ""
    )
    return (
        f"{quality.rows:,} descriptions, {how}.{partly} Intervals are about where the batch comes "
        "from; those on Review are about this batch alone, and narrower."
    )


def share(value: float) -> str:
    """A share with one decimal; "–" where there is none."""
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def with_interval(value: float, low: float, high: float) -> str:
    """A share with its interval."""
    return f"{share(value)} ({100 * low:.1f}–{100 * high:.1f})"


def about(missed: float, reports: float) -> str:
    """How many of how many reports are expected to be missed."""
    return f"≈ {missed:,.0f} of {reports:,.0f}"


def missed_label(category: str) -> str:
    """What a number of missed reports is called."""
    return f"{category}, reports missed (expected)"


def missed_help(one: CategoryEstimate) -> str:
    """How many of how many reports are missed."""
    return (
        f"Expected: {one.reports.value:,.0f} descriptions with {one.category}, "
        f"{one.missed.value:,.0f} of them below the threshold "
        f"(95 % interval {_range(one.missed)})."
    )


def _range(one: Estimate) -> str:
    return f"{max(one.low, 0):,.0f}–{one.high:,.0f}"
