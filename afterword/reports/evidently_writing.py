"""Evidently's reports as files: one page of HTML, or JSON, each with whose check it is above it."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from afterword.reports import wording
from afterword.reports.about import About, level_word, sign

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

    from afterword.drift.result import CheckResult

NOTES: Final = "notes"
"""Under which a snapshot keeps what it does not draw."""
_ABOUT: Final = "about"
_HEAD: Final = "head"

_NEUTRAL: Final = str.maketrans({"<": "\u2039", ">": "\u203a"})
"""Evidently writes names into a script as they are: ``</script>`` in one would run."""

_BANNER: Final = """
<style>
  .afterword {{ font: 16px/1.5 system-ui, sans-serif; padding: 16px 24px 0; }}
  .afterword h1 {{ font-size: 1.5em; margin: 0 0 .3em; }}
  .afterword p {{ margin: 0 0 .3em; }} .afterword p:empty {{ display: none; }}
</style>
<header class="afterword"><h1>{title}</h1>
<p><b>{feed}</b></p><p>{verdict}</p><p>{made}</p>
<p>{shuffled}</p>{notes}
</header>
"""


def tell(snapshot: Snapshot, about: About, result: CheckResult) -> None:
    """Have a snapshot tell whose check it is, in both of its forms.

    Parameters
    ----------
    snapshot : of a report of the check.
    about, result : of the check.
    """
    word = level_word(result.level)
    head = {
        "of": about.of_what,
        "level": word,
        "feed": about.feed(result),
        "verdict": f"{sign(result.level)} {word}",
        "made": about.made(result),
    }
    for place, known in ((_HEAD, head), (_ABOUT, about.told(result))):
        snapshot.report.metadata[place] = {name: neutral(text) for name, text in known.items()}


def to_html(snapshot: Snapshot, title: str) -> str:
    """Write a report as one HTML page that asks no host for anything.

    Parameters
    ----------
    snapshot : what :func:`report` returned.
    title : heading and title of the page, plain text.

    Returns
    -------
    str of 4 to 5 MB: the page holds Evidently's whole script and font.
    """
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in notes_of(snapshot))
    head: Mapping[str, str] = snapshot.report.metadata.get(_HEAD, {})
    heading = html.escape(wording.title(title, head.get("of", ""), head.get("level", "")))
    page = snapshot.get_html_str(as_iframe=False).strip()
    # A function as replacement: the title may hold a backslash.
    page = re.sub("<head>", lambda head: f"{head[0]}\n<title>{heading}</title>", page, count=1)
    banner = _BANNER.format(
        title=html.escape(title),
        shuffled=wording.SHUFFLED,
        notes=notes,
        **{name: html.escape(head.get(name, "")) for name in ("feed", "verdict", "made")},
    )
    return re.sub("<body>", lambda body: body[0] + banner, page, count=1)


def to_json(snapshot: Snapshot) -> str:
    """Write a report as JSON: Evidently's metrics and tests, whose check it is, and our notes.

    A test's ``status`` is ``FAIL`` for a column that drifted and ``SUCCESS`` for one that did
    not. Numbers that JSON cannot hold are ``null``.
    """
    content = json.loads(snapshot.json()) | {
        _ABOUT: snapshot.report.metadata.get(_ABOUT, {}),
        NOTES: list(notes_of(snapshot)),
    }
    return json.dumps(_finite(content), ensure_ascii=False)


def notes_of(snapshot: Snapshot) -> Sequence[str]:
    """What a report does not draw, and why: a sentence each."""
    notes: Sequence[str] = snapshot.report.metadata.get(NOTES, [])
    return notes


def neutral(name: str) -> str:
    """Return a name that cannot end a script or start an element."""
    return name.translate(_NEUTRAL)


def _finite(value: Any) -> Any:
    """Replace what JSON has no word for by None, at every depth."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
