"""A check as one page of HTML, to mail or to print: the verdict, why, what to do, the evidence.

The page is whole by itself: no script, no font, no picture, nothing that is fetched. It is light or
dark as its reader's screen is. There are numbers in it, and words that enough descriptions hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from string import Template
from typing import TYPE_CHECKING, Final

from afterword.drift import figures
from afterword.drift.wording import CHANGED, FAULTY, LEVEL_WORDS, STABLE
from afterword.quality.category_shares import listed
from afterword.quality.findings import figure_name
from afterword.reports import wording
from afterword.store.moments import DAY

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.measures.definitions import Measure
    from afterword.measures.word_changes import WordChange

SHOWN_WORDS: Final = 20

_SIGNS: Final = {STABLE: "✓", CHANGED: "▲", FAULTY: "■"}
"""Colour never stands alone: each level has a sign and a word, too."""

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$word: $headline</title>
<style>
  :root { color-scheme: light dark; --ink: #14201f; --ground: #fff; --soft: #55625f;
    --line: #d5dcdb; --stable: #0b6b64; --changed: #8a5a0c; --faulty: #b02a2a; --too_few: #55625f; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8efee; --ground: #0f1718;
    --soft: #a4b1b0; --line: #2e3b3c; --stable: #4cc7bd; --changed: #e0ac53; --faulty: #f08a8a;
    --too_few: #a4b1b0; } }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
    max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  header { border-left: .5rem solid var(--$level); padding: .25rem 1rem; }
  header p { margin: 0; } h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; }
  .verdict { color: var(--$level); font-weight: 700; }
  .soft { color: var(--soft); }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  tr.moved td { font-weight: 600; }
</style>
</head>
<body>
<header><p class="verdict">$sign $word</p><h1>$headline</h1><p class="soft">$about</p></header>
<main>
$parts
</main>
<footer class="soft"><p>$limits $numbers_only</p></footer>
</body>
</html>
""")


def page(
    result: CheckResult,
    *,
    window: tuple[datetime, datetime] | None = None,
    at: datetime | None = None,
) -> str:
    """Write a check as a page of HTML.

    Parameters
    ----------
    result : of the check.
    window : start and end of the days that were checked; None for a file.
    at : when it was made; now if None.

    Returns
    -------
    str of some 20 kB.
    """
    about = [wording.checked(f"{at or datetime.now(UTC):%Y-%m-%d %H:%M}")]
    if window is not None:
        about.append(wording.inputs_of(f"{window[0]:%Y-%m-%d}", f"{window[1] - DAY:%Y-%m-%d}"))
    about.append(wording.rows(result.profile.accepted, result.profile.rejected))
    ranked = figures.judged(result.ranked())
    parts = [
        _listed(wording.WHY, result.reasons),
        _shares(result),
        _listed(wording.REMARKS, result.remarks),
        _listed(wording.ACTIONS, result.actions, ordered=True),
        _listed(wording.PARTS, [one.sentence for one in result.segments]),
        _quality(result),
        _words(result.changed_words()),
        _measures(ranked),
    ]
    if result.missing:
        parts.append(
            f"<h2>{wording.NOT_COMPARED}</h2><p>{escape(wording.need_texts(result.missing))}</p>"
        )
    return _PAGE.substitute(
        level=escape(result.level),
        sign=_SIGNS.get(result.level, "?"),
        word=escape(LEVEL_WORDS.get(result.level, result.level)),
        headline=escape(result.headline),
        about=escape(" · ".join(about)),
        parts="\n".join(part for part in parts if part),
        limits=escape(" ".join(result.limits)),
        numbers_only=escape(wording.NUMBERS_ONLY),
    )


def _listed(title: str, sentences: Sequence[str], *, ordered: bool = False) -> str:
    if not sentences:
        return ""
    kind = "ol" if ordered else "ul"
    items = "".join(f"<li>{escape(each)}</li>" for each in sentences)
    return f"<h2>{title}</h2><{kind}>{items}</{kind}>"


def _shares(result: CheckResult) -> str:
    """How many descriptions report each category."""
    title, *lines = listed(result.shares) or ("",)
    return _listed(escape(title.rstrip(":")), lines)


def _quality(result: CheckResult) -> str:
    """How good the answers are: by the labels, or else by what is expected without them."""
    quality = result.quality
    if quality is None or not quality.figures:
        sentences = result.estimate.sentences if result.estimate is not None else ()
        unused = (quality.sentence,) if quality is not None else ()
        return _listed(wording.WITHOUT_LABELS, (*sentences, *unused))
    rows = [
        (
            escape(figure_name(one.scope, one.name)),
            escape(
                one.withheld or f"{100 * one.value:.1f} ({100 * one.low:.1f}–{100 * one.high:.1f})"
            ),
            "–" if math.isnan(one.trained) else f"{100 * one.trained:.1f}",
            one.fall_in_words,
            "",
        )
        for one in quality.figures
    ]
    title = wording.labelled(quality.labelled, quality.rows)
    return f"<p>{escape(quality.sentence)}</p>" + _table(title, wording.QUALITY_COLUMNS, rows)


def _words(changes: Sequence[WordChange]) -> str:
    if not changes:
        return ""
    chosen = figures.chosen_words(changes, SHOWN_WORDS)
    rows = [(escape(change.term), escape(figures.word_shares(change)), "") for change in chosen]
    rest = len(changes) - len(chosen)
    more = f'<p class="soft">{wording.more(rest)}</p>' if rest else ""
    return _table(wording.CHANGED_WORDS, wording.WORD_COLUMNS, rows) + more


def _measures(ranked: Sequence[Measure]) -> str:
    rows = [
        (
            wording.MOVED if one.drifted else "",
            escape(one.label),
            escape(one.direction),
            escape(figures.from_to(one)),
            one.distance,
            one.threshold,
            "moved" if one.drifted else "",
        )
        for one in ranked
    ]
    return _table(wording.EVERY_MEASURE, wording.MEASURE_COLUMNS, rows) if rows else ""


def _table(title: str, names: Iterable[str], rows: Iterable[Sequence[str | float]]) -> str:
    """A table; the last cell of a row is its class, and numbers stand to the right."""
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = []
    for *cells, kind in rows:
        line = "".join(
            f'<td class="number">{cell:.3f}</td>' if isinstance(cell, float) else f"<td>{cell}</td>"
            for cell in cells
        )
        lines.append(f'<tr class="{kind}">{line}</tr>' if kind else f"<tr>{line}</tr>")
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
