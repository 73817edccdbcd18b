"""What is said of how right the answers are: expected, judged by labels, or reviewed by people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from afterword.deployment import FINDINGS, TEXT, TEXTS
from afterword.model.evaluation import Estimate

# ---------------------------------------------------------------- expected, without labels

FAULTY: Final = "The feed looks broken, and on broken texts probabilities mean nothing."
PERFECT: Final = (
    "Labels that agree with every answer are unusual: make sure that people gave them, and that "
    "they are not the model’s own answers."
)
NO_WORDS: Final = (
    "These rows came without counts of words: whether other topics came in is not known."
)


def too_few_rows(rows: int, least: int) -> str:
    """Why nothing is estimated of a small batch."""
    return (
        f"With {rows:,} {TEXTS}, a change that would mislead an estimate could not be "
        f"seen; {least} are needed."
    )


def outside(measure: str) -> str:
    """Why nothing is estimated of a batch whose inputs have moved."""
    return (
        f"The inputs have moved outside what the calibration saw ({measure}), so an estimate "
        "from probabilities could be wrong. Have a sample labelled."
    )


def not_estimated(reason: str) -> str:
    """That nothing is estimated, and why."""
    return f"Not estimated. {reason}"


def expected_right(right: Estimate, rows: int) -> str:
    """How many answers are expected to be right."""
    return (
        f"Without labels, {_whole(right.value)} % of the answers about these {rows:,} "
        f"{TEXTS} are expected to be right (95 % interval {_whole(right.low)}–"
        f"{_whole(right.high)} %)."
    )


def expected_missed(missed: Sequence[tuple[str, Estimate, Estimate, float]]) -> str:
    """How many reports are expected to be missed.

    Parameters
    ----------
    missed : of each category its name, its missed reports, its reports, and the share of them that
        was missed in training.
    """
    each = ", ".join(
        f"{one.low:,.0f}–{one.high:,.0f} of about {reports.value:,.0f} with {category} "
        f"({_whole(trained)} of 100 in training)"
        for category, one, reports, trained in missed
    )
    return (
        f"{FINDINGS.capitalize()} expected to be missed, below their thresholds (95 % intervals): "
        f"{each}."
    )


def few_counts(alerts: float, reports: float, least: int) -> str:
    """Why a precision, recall or F1 is not estimated; "" if all are."""
    withheld = []
    if alerts < least:
        withheld.append(f"no precision, since there are {int(alerts)} alerts")
    if reports < least:
        withheld.append(f"no recall, since only about {reports:.0f} {FINDINGS} are expected")
    reason = f"{' and '.join(withheld)}; {least} are needed." if withheld else ""
    return reason[:1].upper() + reason[1:]


# ---------------------------------------------------------------- judged, by labels

NOT_WHOLE: Final = (
    "The chances of being labelled do not fit this file: give the whole file as Review wrote it, "
    "or take the column inclusion_probability out."
)
ROWS_OFF: Final = (
    f"The labels go with the model’s answers in no category, as labels of other {TEXTS} would: "
    f"look whether they stand a row off, or were sorted or shuffled apart from their {TEXTS}."
)
DRAWN_ROWS: Final = "Drawn rows do not count alike; label all rows to see it."
NO_FIT: Final = "The labels do not fit the answers."
MORE_ODD: Final = "Other labels are odd, too: the table of measures names them."
BELOW_EXPECTED: Final = (
    f"That is below what these {TEXTS} let expect, so the same words now get other labels than "
    "in training."
)
CAUSE_UNKNOWN: Final = (
    f"How much of it comes from other {TEXTS}, and how much from the same ones having other "
    "labels now, cannot be told."
)
MOST_MOVED: Final = 4
"""Columns that are named as exchanged or inverted."""
MOST_UNCOVERED: Final = 3
"""Categories of which a sentence tells what could not be seen."""
NO_ALARM_YET: Final = "At the check's rate that is no alarm yet."


def not_judged(reason: str) -> str:
    """That labels are not judged, and why."""
    return f"Quality is not judged. {reason}"


def columns_moved(columns: Sequence[tuple[str, str, bool]]) -> str:
    """Which columns of labels seem to be exchanged, or inverted.

    Parameters
    ----------
    columns : of each its name, the category that it goes with, and whether it has 1 for 0.

    >>> print(columns_moved([("Noise", "Noise", True)]))
    Columns of labels seem to be exchanged or inverted: the labels of Noise have 1 where the model’s
    answers let 0 be expected. Put them right, and check again.
    """
    told = [
        f"the labels of {column} have 1 where the model’s answers let 0 be expected"
        if column == category
        else f"the labels of {column} go with the answers for {category}"
        + (", 1 and 0 exchanged" if inverted else "")
        for column, category, inverted in columns
    ]
    return (
        f"Columns of labels seem to be exchanged or inverted: {'; '.join(told[:MOST_MOVED])}"
        f"{'; and more' if len(told) > MOST_MOVED else ''}. Put them right, and check again."
    )


def lacking(categories: Sequence[str]) -> str:
    """That there are no labels of some categories."""
    return (
        f"There are no labels of {', '.join(categories)}; a column of 1 and 0 is needed for every "
        "category."
    )


def too_few_labels(found: int, rows: int, least: int) -> str:
    """That too few descriptions have labels to judge them."""
    return (
        f"{found:,} of {rows:,} {TEXTS} have a label of every category; {least} are "
        f"needed to judge, {least - found} more."
    )


def too_few_once(labelled: int, once: int, least: int) -> str:
    """That labels of copies tell too little to judge.

    >>> too_few_once(300, 5, 30)
    'The 300 labels are of copies, and tell as much as 5 of descriptions that were sent once; 30 \
are needed to judge.'
    """
    return (
        f"The {labelled:,} labels are of copies, and tell as much as {once:,} of {TEXTS} that were "
        f"sent once; {least} are needed to judge."
    )


def right_now(value: float, trained: float) -> str:
    """How much is right, beside training; the part of a sentence."""
    return (
        f"{100 * value:.1f} % of the model's decisions are right, {100 * trained:.1f} % were in "
        "training"
    )


def quality_fell(what: str, why: str) -> str:
    """That quality fell, and why."""
    return f"Quality fell: {what}. {why}"


def mix_explains(now: str, expected: float, *, held: bool) -> str:
    """That fewer answers are right, as the mix lets expect; no fall of the model's quality."""
    return (
        f"{'Quality held: ' * held}{now}, and this mix of {TEXTS} lets {100 * expected:.1f} % be "
        "expected, so it is the mix that changed and not the answers."
    )


def figure_mixed(category: str, value: float, trained: float) -> str:
    """That a category's F1 is lower, as the mix lets expect."""
    return (
        f"F1 of {category} is {100 * value:.1f} %, {100 * trained:.1f} % in training; this mix of "
        f"{TEXTS} explains that."
    )


def smallest_fall(fall: float) -> str:
    """The smallest fall that would be seen, in a table.

    >>> smallest_fall(0.123), smallest_fall(math.nan)
    ('12 points', 'none')
    """
    return "none" if math.isnan(fall) else f"{100 * fall:.0f} points"


def not_covered(falls: Sequence[tuple[str, float, float]]) -> str:
    """Which falls of single categories could not have been seen.

    Parameters
    ----------
    falls : of each category its name, and the smallest falls of its recall and its precision that
        could be seen; NaN where none could.

    >>> print(not_covered([("Noise", 0.12, 0.094), ("Litter", math.nan, 0.2)]))
    So many labels would show a fall of recall from 12 points on for Noise, and none for Litter; a
    fall of precision from 20 points on for Litter, and from 9 for Noise.
    """
    worst = sorted(falls, key=lambda one: -(2.0 if math.isnan(one[1]) else one[1]))[:MOST_UNCOVERED]
    recall = _from_points([(name, fall) for name, fall, _ in worst])
    precision = _from_points([(name, fall) for name, _, fall in worst])
    rest = "" if len(falls) <= MOST_UNCOVERED else " The figures have the other categories."
    return (
        f"So many labels would show a fall of recall {recall}; a fall of precision {precision}."
        f"{rest}"
    )


def _from_points(falls: Sequence[tuple[str, float]]) -> str:
    """From which fall on each category's would be seen.

    >>> _from_points([("Noise", math.nan), ("Litter", math.nan)])
    'in none of Noise, and Litter'
    """
    known = [(category, fall) for category, fall in falls if not math.isnan(fall)]
    told = [
        f"from {100 * fall:.0f}{'' if number else ' points on'} for {category}"
        for number, (category, fall) in enumerate(known)
    ]
    unknown = [category for category, fall in falls if math.isnan(fall)]
    if known:
        told += [f"none for {category}" for category in unknown]
    else:
        told = [f"in none of {unknown[0]}", *unknown[1:]]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])}, and {told[-1]}"


def figure_fell(label: str, value: float, trained: float) -> str:
    """A figure beside training's; the part of a sentence."""
    return f"{label} is {100 * value:.1f} %, {100 * trained:.1f} % in training"


def odd_labels(
    category: str,
    have: tuple[int, float, str],
    share: tuple[float, float, float],
    *,
    fewer: bool,
) -> str:
    """How a category's labels differ from what the probabilities let expect.

    Parameters
    ----------
    category : its name.
    have : how many have the label, how many are expected to, and of how many in words.
    share : of the labels that are missing, or of the others that have one, with its interval.
    fewer : whether labels are missing; otherwise there are too many.
    """
    count, expected, of = have
    value, low, high = share
    about = "all" if value > 0.995 else f"about {_whole(value)} %"
    about += f" (95 % interval {_whole(low)}–{_whole(high)} %)"
    either = (
        f"Either {about} of its labels are missing, or the same words are no longer called "
        f"{category}."
        if fewer
        else f"Either {about} of the others have the label by mistake, or more is called "
        f"{category} now than in training."
    )
    found = f"{count:,} of {of} have" if count > 1 else f"{'one' if count else 'none'} of {of} has"
    return (
        f"{category}: {found} the label; the probabilities let about {expected:,.0f} be expected. "
        f"{either}"
    )


def named_by_model(count: int) -> str:
    """The descriptions that the model names; the part of a sentence."""
    return f"the {descriptions(count)} that the model names"


def with_labels(count: int) -> str:
    """The descriptions with labels; the part of a sentence."""
    return f"the {descriptions(count)} with labels"


def not_seen(category: str, cases: int, needed: int) -> str:
    """That a category cannot have shown a fall."""
    return (
        f"{category} could not be judged: {cases:,} of the labelled {TEXTS} have it or were "
        f"given it by the model, and {needed:,} are needed."
    )


def more_not_seen(count: int) -> str:
    """That more categories cannot have shown a fall."""
    return f"Nor could {count} more categories."


def over_all(unseen: str, held: str) -> str:
    """That quality held over all categories, while some could not be judged."""
    return f"{unseen} Over all categories, {held.removeprefix('Quality held: ')}"


# ---------------------------------------------------------------- reviewed, by people

NO_ROWS: Final = f"The batch has no rows; read one with {TEXTS} first."
NO_LABELS: Final = "Ask for at least one label."
NO_SHARE: Final = "There is nothing in the batch that this would be a share of."


def too_few_to_tell(reason: str) -> str:
    """That labels tell nothing yet, and why."""
    return f"Too few labels to tell: {reason[0].lower()}{reason[1:]}"


def no_verdict(rows: int, needed: int, now: str) -> str:
    """That a batch is too small for a verdict, although all of it is labelled."""
    return (
        f"No verdict: it needs {needed} labelled {TEXTS}, and this batch has {rows:,}. Here, {now}."
    )


def review_fell(now: str) -> str:
    """That quality fell, by a review."""
    return f"Quality fell: {now}, and chance alone rarely makes such a difference."


def review_held(now: str, fall: float) -> str:
    """That quality held, by a review."""
    return f"Quality held: {now}, and a fall of {_points(fall)} or more can be ruled out."


def review_open(now: str, high: float, *, all_rows: bool) -> str:
    """That a review cannot tell."""
    few = "rows" if all_rows else "labels"
    return f"Too few {few} to tell: {now}, and the fall may be up to {_points(high)}."


def rows_needed(found: float, does: str, do: str, needed: int) -> str:
    """Why a figure is withheld; a verb for one row and for many."""
    rows = (f"No labelled row {does}", f"Only 1 labelled row {does}")
    said = rows[int(found)] if found < 2 else f"Only {found:.0f} labelled rows {do}"
    return f"{said}; this needs {needed}."


def labels_needed(labelled: int, needed: int) -> str:
    """Why a figure is withheld where few rows are labelled."""
    said = ("No row is", "Only 1 row is")[labelled] if labelled < 2 else f"Only {labelled} rows are"
    return f"{said} labelled; this needs {needed}."


# ---------------------------------------------------------------- reviewed, by two people

TWO_PEOPLE: Final = "Give both people's labels of the same rows, one column a category."
NONE_BY_BOTH: Final = "No row was labelled by both."
_HABIT: Final = "nothing tells agreement from habit."
OTHER_BATCH: Final = (
    "The other file is of another batch: its rows of the same numbers hold other "
    "texts. Choose the labels of this batch."
)
_CHOOSE_LABELS: Final = "Choose a file of labels that this page wrote"


def always_given(category: str) -> str:
    """Why two people's agreement is not told: they gave the category to all."""
    return f"Both gave {category} to every row: {_HABIT}"


def never_given(category: str) -> str:
    """Why two people's agreement is not told: they gave the category to none."""
    return f"Neither gave {category} to any row: {_HABIT}"


def no_row_numbers(column: str) -> str:
    """That a second person's labels cannot be matched."""
    return f"The other file has no column “{column}” with the rows’ numbers. {_CHOOSE_LABELS}."


def no_labels_of(category: str) -> str:
    """That a second person's labels lack a category."""
    return f"The other file has no labels of {category}. {_CHOOSE_LABELS}, for the same categories."


# ---------------------------------------------------------------- numbers


def descriptions(count: int) -> str:
    """A number of descriptions.

    >>> descriptions(1), descriptions(1_200)
    ('1 description', '1,200 descriptions')
    """
    return f"{count:,} {TEXT if count == 1 else TEXTS}"


def _whole(share: float) -> str:
    return f"{100 * min(share, 1.0):.0f}"


def _points(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " points"
