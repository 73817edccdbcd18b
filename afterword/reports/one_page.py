"""A check as one page of HTML, to mail or to print: the verdict, why, what to do, the evidence.

The page is whole by itself: no script, no font, no file, nothing that is fetched. It is light or
dark as its reader's screen is, and prints to one or two sheets of A4. There are numbers in it, and
words that enough descriptions hold.

>>> name, content = page_of(kept, stream="web form", period="2026-W47")     # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from string import Template
from typing import TYPE_CHECKING, Final, NamedTuple

from afterword.drift import figures
from afterword.drift.segment import FEW
from afterword.drift.segment import MOVED as PART_MOVED
from afterword.links import address_of_check
from afterword.measures.definitions import QUALITY
from afterword.monitoring import history
from afterword.quality.category_shares import listed as shares_listed
from afterword.quality.category_shares import ordered
from afterword.quality.findings import Figure, Quality, figure_name
from afterword.quality.labelled import ACCURACY, ALL, added_name, f1_name, missing_name
from afterword.reports import pictures, wording
from afterword.reports.about import About, level_word, sign
from afterword.reports.page_parts import headed, left_out, listed, paragraph, table
from afterword.settings import get_settings

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.measures.definitions import Measure
    from afterword.store.checks import KeptCheck

SHOWN_WORDS: Final = 20
_WORDS_ON_PAPER: Final = 10
_PARTS_ON_PAPER: Final = 4
_SHARES_ON_PAPER: Final = 5
_FIGURES_ON_PAPER: Final = 8
_RISING: Final = ("missing", "added")
"""Figures that are worse when they are higher."""

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
  :root { color-scheme: light dark; --ink: #14201f; --ground: #fff; --soft: #55625f;
    --line: #d5dcdb; --stable: #0b6b64; --changed: #8a5a0c; --faulty: #b02a2a; --too_few: #55625f; }
  @media screen and (prefers-color-scheme: dark) { :root { --ink: #e8efee; --ground: #0f1718;
    --soft: #a4b1b0; --line: #2e3b3c; --stable: #4cc7bd; --changed: #e0ac53; --faulty: #f08a8a;
    --too_few: #a4b1b0; } }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
    max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
  header { border-left: .5rem solid var(--$level); padding: .25rem 1rem; }
  header p { margin: 0; } h1 { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0; }
  h2 { font-size: 1.1rem; line-height: 1.3; margin: 1.5rem 0 .4rem; break-after: avoid; }
  ul, ol { margin: .3rem 0; padding-left: 1.4rem; } p { margin: .3rem 0; }
  .feed { font-weight: 600; } .feed:empty { display: none; }
  .verdict { color: var(--$level); font-weight: 700; }
  .soft { color: var(--soft); font-size: .9em; } .paper { display: none; }
  .words { columns: 2 16rem; }
  .row { margin: .35rem 0; break-inside: avoid; align-items: center; }
  .row > div { display: flex; gap: .5rem; justify-content: space-between; }
  .told { display: inline-block; } .end { white-space: nowrap; }
  .row > svg { width: 100%; display: block; overflow: visible; }
  @media (min-width: 40rem) { .row { display: grid; grid-template-columns: 3fr 4fr; gap: 1rem; } }
  line { stroke-width: 3; } .calm { stroke: var(--soft); fill: var(--ground); stroke-width: 2; }
  .changed { stroke: var(--changed); fill: var(--changed); }
  .faulty { stroke: var(--faulty); fill: var(--faulty); }
  .limit { stroke: var(--ink); stroke-width: 2; } .ground { stroke: var(--line); stroke-width: 1; }
  .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top;
    border-bottom: 1px solid var(--line); }
  tr { break-inside: avoid; } tr.moved td { font-weight: 600; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  summary { font-size: 1.1rem; font-weight: 700; margin: 1.5rem 0 .4rem; cursor: pointer; }
  @page { size: A4; margin: 13mm 15mm; @bottom-right {
    content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; } }
  @media print {
    :root { color-scheme: light; }
    body { font-size: 9pt; line-height: 1.35; margin: 0; padding: 0; max-width: none; }
    header { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    h1 { font-size: 15pt; } h2 { font-size: 10.5pt; margin: 9pt 0 2pt; }
    .screen { display: none; } .paper { display: block; }
    .words { columns: 2; } .row { margin: 2pt 0; }
    th, td { padding: 1.5pt 6pt 1.5pt 0; }
  }
</style>
</head>
<body>
<header><p class="feed">$feed</p><p class="verdict">$sign $word</p><h1>$headline</h1>
<p class="soft">$made</p></header>
<main>
$parts
</main>
<footer>$footer</footer>
</body>
</html>
""")


class Page(NamedTuple):
    """A file to download, to attach or to serve: its name, and its content in UTF-8."""

    name: str
    content: bytes


def page_of(kept: KeptCheck, *, stream: str = "", period: str = "") -> Page:
    """A kept check as a page, whatever model made it.

    Parameters
    ----------
    kept : from the store.
    stream, period : of the check, as they are called where it belongs; "" where it belongs nowhere.

    Raises
    ------
    CheckError
        The check is damaged.
    """
    about = About.of(kept, stream=stream, period=period)
    return Page(about.file_name("html"), page(history.recall(kept), about=about).encode())


def page(
    result: CheckResult,
    *,
    window: tuple[datetime, datetime] | None = None,
    at: datetime | None = None,
    about: About | None = None,
) -> str:
    """Write a check as a page of HTML.

    Parameters
    ----------
    result : of the check.
    window : start and end of the days that were checked; None for a file.
    at : when it was made; now if None.
    about : all that is known of the check; ``window`` and ``at`` alone if None.

    Returns
    -------
    str of some 20 kB.
    """
    about = about or About(window=window)
    if about.at is None:
        about = replace(about, at=at or datetime.now(UTC))
    ranked = figures.judged(result.ranked())
    if not result.comparable:
        # The means of a few rows are nearly those rows; a kept check does not have them either.
        ranked = [one for one in ranked if one.drifted]
    parts = [
        headed(wording.WHY, listed(result.reasons)),
        headed(wording.ACTIONS, listed(result.actions, ordered=True)),
        _picture(ranked),
        _shares(result),
        _quality(result),
        headed(wording.REMARKS, listed(result.remarks)),
        _parts(result),
        _words(result),
        headed(wording.NOT_READ, listed(_not_read(result))),
        headed(wording.LIMITS, listed(result.limits)),
        _measures(ranked),
    ]
    return _PAGE.substitute(
        title=escape(wording.title(wording.CHECK, about.of_what, level_word(result.level))),
        level=escape(result.level),
        sign=sign(result.level),
        word=escape(level_word(result.level)),
        headline=escape(result.headline),
        feed=escape(about.feed(result)),
        made=escape(about.made(result)),
        parts="\n".join(part for part in parts if part),
        footer=_footer(about),
    )


def _picture(ranked: Sequence[Measure]) -> str:
    """What moved against its threshold, and what came near it."""
    shown = pictures.shown_measures(ranked)
    moved = [one for one in ranked if one.drifted]
    if not shown:
        return ""
    first = shown[0]
    title = wording.moved_title(len(moved), len(ranked), first.label, first.excess)
    rest = len(moved) - sum(one.drifted for one in shown)
    more = paragraph(wording.more_moved(rest), "soft") if rest else ""
    rows = pictures.drawn(pictures.measures(shown))
    return headed(title, paragraph(wording.THRESHOLD_LINE, "soft") + rows + more)


def _shares(result: CheckResult) -> str:
    """How many descriptions report each category, beside training."""
    title, *lines = shares_listed(result.shares) or ("",)
    title = title.rstrip(":")
    found = ordered(one for one in result.shares if one.value is not None)
    if not found:
        return headed(title, listed(lines))
    rows = pictures.shares(found)
    first, rest = rows[:_SHARES_ON_PAPER], rows[_SHARES_ON_PAPER:]
    content = paragraph(wording.SHARE_LINE, "soft") + pictures.drawn(first)
    if rest:
        content += f'<div class="screen">{pictures.drawn(rest)}</div>{left_out(len(rest))}'
    return headed(title, content)


def _quality(result: CheckResult) -> str:
    """How good the answers are: by the labels, or else by what is expected without them."""
    quality = result.quality
    if quality is None or not quality.figures:
        sentences = result.estimate.sentences if result.estimate is not None else ()
        unused = (quality.sentence,) if quality is not None else ()
        return headed(wording.WITHOUT_LABELS, listed((*sentences, *unused)))
    moved = {one.name for one in result.ranked(QUALITY) if one.drifted}
    needed = _by_need(quality, moved)
    rows = [
        (
            wording.figure(one.scope, one.name) or figure_name(one.scope, one.name),
            one.withheld or f"{100 * one.value:.1f} ({100 * one.low:.1f}–{100 * one.high:.1f})",
            "–" if math.isnan(one.trained) else f"{100 * one.trained:.1f}",
            one.fall_in_words,
        )
        for one in needed
    ]
    fell = [_measure_of(one) in moved for one in needed]
    return headed(
        wording.labelled(quality.labelled, quality.rows),
        # What fell is the reason of the verdict, and stands above.
        paragraph("" if quality.sentence in result.reasons else quality.sentence)
        + table(wording.QUALITY_COLUMNS, rows, most=_FIGURES_ON_PAPER, moved=fell),
    )


def _by_need(quality: Quality, moved: set[str]) -> list[Figure]:
    """The figures as a manager reads them: the whole, what fell, and of each category its F1."""

    def rank(one: Figure) -> tuple[int, float]:
        lost = one.trained - one.value
        fall = 0.0 if math.isnan(lost) else abs(lost) if one.name in _RISING else lost
        if one.scope == ALL:
            return 0, 0.0
        if _measure_of(one) in moved:
            return 1, -fall
        return (2, -fall) if one.name == "f1" else (3, 0.0)

    return sorted(quality.figures, key=rank)


def _measure_of(one: Figure) -> str:
    """The measure that tells whether a figure fell; "" of a figure that has none."""
    if one.scope == ALL:
        return ACCURACY if one.name == "accuracy" else ""
    measured = {"f1": f1_name, "missing": missing_name, "added": added_name}.get(one.name)
    return measured(one.scope) if measured else ""


def _parts(result: CheckResult) -> str:
    """What was found in the parts; of those that are too small, the number stands elsewhere."""
    told = [one for one in result.segments if one.sentence and one.level != FEW]
    told.sort(key=lambda one: one.level != PART_MOVED)
    return headed(wording.PARTS, listed([one.sentence for one in told], most=_PARTS_ON_PAPER))


def _words(result: CheckResult) -> str:
    changes = result.changed_words()
    chosen = figures.chosen_words(changes, SHOWN_WORDS)
    sentences = [wording.word(change.term, figures.word_shares(change)) for change in chosen]
    rest = len(changes) - len(chosen)
    more = paragraph(wording.more(rest), "soft screen") if rest else ""
    return headed(
        wording.CHANGED_WORDS, listed(sentences, most=_WORDS_ON_PAPER, kind="words") + more
    )


def _not_read(result: CheckResult) -> list[str]:
    """What of the rows is not in the verdict, a sentence each."""
    told = []
    if result.profile.rejected:
        told.append(wording.rejected(result.profile.rejections))
    if not result.comparable:
        told.append(wording.NOT_COMPARED)
    elif result.missing:
        told.append(wording.need_texts(result.missing))
    if result.quality is not None and result.quality.incomplete:
        told.append(wording.half_labelled(result.quality.incomplete))
    few = sum(one.level == FEW for one in result.segments)
    if few:
        told.append(wording.small_parts(few))
    return told or [wording.ALL_READ]


def _measures(ranked: Sequence[Measure]) -> str:
    """Every measure, which only a screen has room for."""
    rows = [
        (
            wording.MOVED if one.drifted else "",
            one.label,
            one.direction,
            figures.from_to(one),
            one.distance,
            one.threshold,
        )
        for one in ranked
    ]
    if not rows:
        return ""
    whole = table(wording.MEASURE_COLUMNS, rows, moved=[one.drifted for one in ranked])
    return f'<details class="screen"><summary>{wording.EVERY_MEASURE}</summary>{whole}</details>'


def _footer(about: About) -> str:
    """Where the check can be read whole, and what is not in the page."""
    told = [wording.NUMBERS_ONLY]
    # An address that nobody set is that of this machine, which leads others nowhere.
    if about.number is not None and "public_url" in get_settings().model_fields_set:
        told.insert(0, wording.read_at(address_of_check(about.number, sample=about.sample)))
    return "".join(paragraph(one, "soft") for one in told)
