"""What commands print for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table

from afterword.cli import wording
from afterword.cli.application import err, plain, results, warn

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.model.evaluation import Evaluation
    from afterword.model.modes import ModeQuality
    from afterword.monitoring.stream_status import StreamStatus
    from afterword.quality.findings import Quality
    from afterword.records import Batch
    from afterword.store.checks import KeptCheck

SHOWN_WORDS = 10
"""Changed words that a check prints."""
NEAREST = 5
"""Measures within their thresholds that a check prints."""


def print_reading(batch: Batch) -> None:
    for note in batch.notes:
        err.print(plain(note))
    err.print(wording.read(len(batch.rows), len(batch.rejected)))
    for reason, count in batch.rejected["reason"].value_counts().items():
        err.print(f"  {count:,} {plain(str(reason))}")


def print_check(result: CheckResult) -> None:
    """Print the verdict, what it can tell, the words that changed, and the measures nearest it."""
    from afterword.drift import figures
    from afterword.drift.wording import LEVEL_WORDS

    results.print(f"[bold]{LEVEL_WORDS[result.level]}[/]: {plain(result.headline)}")
    for line in _lines(result):
        results.print(plain(line), highlight=False)
    if result.quality is not None and result.quality.figures:
        _print_quality(result.quality)
    if result.segments:
        _print_segments(result)
    ranked = figures.judged(result.ranked())
    shown = ranked[: sum(measure.drifted for measure in ranked) + NEAREST]
    table = Table("moved", "measure", "direction", "training → batch", "distance", "threshold")
    for measure in shown:
        table.add_row(
            "moved" if measure.drifted else "",
            plain(measure.label),
            measure.direction,
            figures.from_to(measure),
            f"{measure.distance:.3f}",
            f"{measure.threshold:.3f}",
        )
    results.print(table)
    rest = len(ranked) - len(shown)
    if rest:
        results.print(wording.more_measures(rest))


def _lines(result: CheckResult) -> list[str]:
    """What is said below the headline, sentence by sentence."""
    from afterword.drift import figures
    from afterword.quality.category_shares import listed

    title, *shares = listed(result.shares) or ("",)
    lines = [
        *result.reasons,
        *result.remarks,
        *([title] if title else []),
        *(f"  {share}" for share in shares),
    ]
    lines += [*(f"→ {action}" for action in result.actions), *result.limits]
    quality = result.quality
    if result.estimate is not None and (quality is None or not quality.figures):
        told = {share.sentence for share in result.shares}
        lines += [each for each in result.estimate.sentences if each not in told]
    if quality is not None:
        lines.append(quality.sentence)
    lines = list(dict.fromkeys(lines))
    changes = result.changed_words()
    lines += [wording.CHANGED_WORDS] * bool(changes)
    lines += [
        f"  {change.term}: {figures.word_shares(change)}"
        for change in figures.chosen_words(changes, SHOWN_WORDS)
    ]
    if len(changes) > SHOWN_WORDS:
        lines.append(wording.more_words(len(changes) - SHOWN_WORDS))
    if result.missing:
        lines.append(wording.not_compared(", ".join(result.missing)))
    return lines


def _print_segments(result: CheckResult) -> None:
    """Print the parts of the batch, what moved most first."""
    from afterword.drift import parts_wording

    # Of a part its name matters most: the others wrap.
    part = Column(result.by or parts_wording.PART_OF, no_wrap=True)
    table = Table(part, "rows", "level", *parts_wording.FIGURE_COLUMNS)
    for one in result.segments:
        table.add_row(
            plain(one.label),
            f"{one.rows:,}",
            one.level,
            plain(parts_wording.measured(one)),
            parts_wording.with_interval(one),
            parts_wording.percent(one.reference),
            parts_wording.chance(one),
        )
    results.print(table)


def _print_quality(quality: Quality) -> None:
    """Print what the labels say, figure by figure, beside training."""
    from afterword.quality.findings import figure_name

    expected = any(one.expected for one in quality.figures)
    names = ["of 100", "by labels (95 % interval)", "in training"]
    table = Table(*names, *(["expected without labels"] if expected else []))
    for one in quality.figures:
        if not one.withheld:
            table.add_row(
                plain(figure_name(one.scope, one.name)),
                f"{100 * one.value:.1f} ({100 * one.low:.1f}–{100 * one.high:.1f})",
                f"{100 * one.trained:.1f}",
                *([f"{100 * one.expected.value:.1f}" if one.expected else ""] if expected else []),
            )
    results.print(wording.labelled(quality.labelled, quality.rows))
    if quality.incomplete:
        results.print(wording.incomplete(quality.incomplete))
    results.print(table)
    for one in quality.figures:
        if one.withheld:
            reason = wording.withheld(figure_name(one.scope, one.name), one.withheld)
            results.print(plain(reason), highlight=False)


def print_checks(
    checks: Sequence[KeptCheck], model: str | None, streams: Mapping[int, str]
) -> None:
    """Print kept checks, a line each; one says so that another than a known model made."""
    from afterword.drift.wording import LEVEL_WORDS

    table = Table("no.", "when (UTC)", "verdict", "of", "rows", "what")
    for kept in checks:
        table.add_row(
            str(kept.id),
            f"{kept.at:%Y-%m-%d %H:%M}",
            LEVEL_WORDS.get(kept.level, kept.level),
            plain(_subject(kept, model, streams)),
            f"{kept.rows:,}",
            plain(kept.headline),
        )
    results.print(table)


def _subject(kept: KeptCheck, model: str | None, streams: Mapping[int, str]) -> str:
    """What was checked: the days, or where the file came from; and what it does not stand for."""
    from afterword.store.moments import DAY
    from afterword.store.stream_records import SERVICE

    subject = f"file ({kept.source})"
    if kept.window is not None:
        first, end = kept.window
        subject = f"{first:%Y-%m-%d} to {end - DAY:%Y-%m-%d}"
        if kept.stream is not None and kept.stream != SERVICE:
            subject = f"{streams.get(kept.stream, '?')}, {kept.period or subject}"
    marks = [", a trial"] * kept.trial
    marks += [", another model"] * (model is not None and kept.model != model)
    return subject + "".join(marks)


def print_periods(status: StreamStatus) -> None:
    """Print the periods of a stream, newest first: what the promise for the year says of each."""
    from afterword.measures.null_tables import load_tables

    labels = {each.name: each.label for each in load_tables().definitions}
    if not status.periods:
        return
    table = Table(*wording.PERIOD_COLUMNS)
    for one in reversed(status.periods):
        first = next(iter(one.findings), None)
        told = ("", "", "")
        if first is not None:
            sizes = f"{abs(first.score):.1f} of {first.limit:.1f}"
            told = (labels[first.measure], first.speed, sizes)
        level = wording.LEVELS_OF_PERIODS[one.level if one.rows else ""]
        table.add_row(one.period.label, f"{one.rows:,}", level, *map(plain, told))
    results.print(table)


def print_ways(modes: Sequence[ModeQuality]) -> None:
    """Print what is not attainable, and what is promised of answers that are not unsure."""
    balanced = modes[0]
    for each in balanced.categories:
        if not each.works:
            warn(each.cost)
    results.print(plain(balanced.promise), highlight=False)
    table = Table("of 100", *(plain(each.category) for each in balanced.categories))
    for answer, promised in (
        ("no", [each.right_no for each in balanced.categories]),
        ("yes", [each.right_yes for each in balanced.categories]),
    ):
        table.add_row(
            f"right of each sure {answer}, promised",
            *("none is sure" if share is None else f"{100 * share:.4g}" for share in promised),
        )
    for mode in modes:
        unsure = [f"{100 * (1 - each.decided.value):.0f}" for each in mode.categories]
        table.add_row(f"unsure, {mode.name}", *unsure)
    results.print(table)


def print_metrics(title: str, evaluation: Evaluation) -> None:
    """Print overall quality, then each category's, with 95 % intervals."""
    overall = Table(
        "", "at .5", "at the thresholds", title=f"{plain(title)}: {evaluation.rows:,} rows"
    )
    for field, label in (
        ("accuracy", "label accuracy"),
        ("exact_match", "exact match"),
        ("micro_f1", "micro-F1"),
        ("macro_f1", "macro-F1"),
    ):
        overall.add_row(
            label,
            str(getattr(evaluation.at_half, field)),
            str(getattr(evaluation.at_thresholds, field)),
        )
    results.print(overall)
    table = Table("", *(plain(quality.category) for quality in evaluation.categories))
    rows: list[tuple[str, list[str]]] = [
        ("threshold", [_threshold(quality.threshold) for quality in evaluation.categories])
    ]
    for field, where in (("at_half", "at .5"), ("at_threshold", "at the threshold")):
        for metric in ("precision", "recall", "f1"):
            values = [
                str(getattr(getattr(quality, field), metric)) for quality in evaluation.categories
            ]
            rows.append((f"{metric} {where}", values))
    for metric, label in (
        ("average_precision", "average precision"),
        ("brier", "Brier score"),
        ("prevalence", "prevalence"),
        ("ece", "calibration error (ECE)"),
    ):
        rows.append((label, [str(getattr(quality, metric)) for quality in evaluation.categories]))
    rows.append(
        (
            "ECE of a perfect model, 95 %",
            [f"{quality.ece_limit:.3f}" for quality in evaluation.categories],
        )
    )
    for label, values in rows:
        table.add_row(label, *values)
    results.print(table)


def _threshold(threshold: float) -> str:
    """A threshold, or that no way to decide has one."""
    return "not attainable" if math.isnan(threshold) else f"{threshold:.3f}"
