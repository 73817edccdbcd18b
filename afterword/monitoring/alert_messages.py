"""What is said of an alert: the message that it opened, and the one that it is over.

Nothing in a message was typed by a person but the name of a stream, and nothing comes from a
description. docs/channels.md lists the fields.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final, Literal, cast

from afterword.alerts.channels import Message
from afterword.alerts.episodes import OPENED, OVER, RESOLVED, Alert
from afterword.alerts.evidence import to_rows
from afterword.alerts.rules import ABOVE, BELOW, metric_of
from afterword.links import address_of, address_of_check
from afterword.monitoring import wording
from afterword.store.wording import ENDED

BY_DAY: Final = ("verdict", "charts")
"""Kinds of metrics that data of whole days decide, and whose figures a message lists."""


def alert_message(alert: Alert, about: str = OPENED) -> Message:
    """Put an alert into words.

    Parameters
    ----------
    alert : as it stands.
    about : "opened", or "over" for those who were told that it opened.

    Returns
    -------
    A title like "Afterword: error share above 5 %", a body of a few lines, and the fields.
    """
    metric = metric_of(alert.metric)
    title = metric.title(direction_of(alert), alert.threshold)
    if about == OVER:
        title, lines = wording.title_over(title), _lines_over(alert)
    else:
        lines = _lines_opened(alert)
    if alert.sample:
        lines.append(wording.OF_SAMPLES)
    if link := check_address(alert):
        lines.append(wording.check_at(link))
    lines.append(_page(alert))
    severity = cast(Literal["info", "warning", "critical"], alert.severity)
    return Message(
        f"Afterword: {title}{' (sample)' if alert.sample else ''}",
        "\n".join(lines),
        "over" if about == OVER else severity,
        fields_of(alert, about),
    )


def direction_of(alert: Alert) -> str:
    """On which side of its threshold it opened; alerts of earlier versions do not say it."""
    if alert.direction:
        return alert.direction
    directions = metric_of(alert.metric).directions
    if len(directions) == 1:
        return directions[0]
    return ABOVE if alert.value > alert.threshold else BELOW


def figure_lines(alert: Alert) -> tuple[str, ...]:
    """The figures that the sentence of an alert does not tell, each in a line."""
    if metric_of(alert.metric).kind not in BY_DAY:
        return ()
    return tuple(one.line for one in alert.evidence.figures)


def since_said(alert: Alert) -> str:
    """Since when it is so: a day where days decide, and a time of the clock otherwise."""
    by_day = metric_of(alert.metric).kind in BY_DAY
    return _day(alert.since) if by_day else _moment(alert.since)


def check_address(alert: Alert) -> str:
    """Where the check is that an alert is about; "" if it is about none."""
    number = alert.evidence.check
    return "" if number is None else address_of_check(number, sample=alert.sample)


def fields_of(alert: Alert, about: str) -> dict[str, Any]:
    """The same for programs: what a webhook gets as ``alert``."""
    metric = metric_of(alert.metric)
    ended = alert.resolved_at
    limit = alert.threshold if metric.kind not in BY_DAY else None
    return {
        "id": alert.id,
        "about": about,
        "state": alert.state,
        "severity": alert.severity,
        "metric": alert.metric,
        "what": alert.what,
        "value": alert.value if limit is not None and math.isfinite(alert.value) else None,
        "unit": metric.unit,
        "limit": limit,
        "direction": direction_of(alert),
        "figures": to_rows(alert.evidence.figures),
        "since": alert.since.isoformat(),
        "opened_at": alert.opened_at.isoformat(),
        "ended_at": ended.isoformat() if ended else None,
        "stream": alert.evidence.stream or None,
        "period": alert.evidence.period or None,
        "check": alert.evidence.check,
        "check_address": check_address(alert) or None,
        "address": _page(alert),
        "sample": alert.sample,
    }


def _lines_opened(alert: Alert) -> list[str]:
    since, opened_at = since_said(alert), _moment(alert.opened_at)
    of_what = wording.of_what(alert.evidence.stream, alert.evidence.period)
    lines = [
        alert.what,
        *figure_lines(alert),
        "",
        *([of_what] if of_what else []),
        wording.opened(alert.severity, since, "" if since == opened_at else opened_at),
    ]
    if alert.state == RESOLVED and alert.resolved_at is not None:
        lines.append(wording.was_over(_moment(alert.resolved_at)))
    return lines


def _lines_over(alert: Alert) -> list[str]:
    step = next((one for one in reversed(alert.history) if one.state == RESOLVED), None)
    until = _moment(step.at if step else alert.last_at)
    of_what = wording.of_what(alert.evidence.stream, alert.evidence.period)
    return [
        _why_over(step.by if step else "", step.why if step else ""),
        wording.it_was(alert.what),
        *figure_lines(alert),
        "",
        *([of_what] if of_what else []),
        wording.lasted(alert.severity, since_said(alert), until),
    ]


def _why_over(by: str, why: str) -> str:
    if by:
        return wording.SOMEBODY_RESOLVED  # who, and in which words, is not sent
    return wording.IT_ENDED if why in ("", ENDED) else wording.closed(why)


def _page(alert: Alert) -> str:
    return address_of("monitoring", **({"data": "samples"} if alert.sample else {}))


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _moment(at: datetime) -> str:
    """A time as people read it.

    >>> _moment(datetime(2026, 3, 2, 9, 5))
    '2 March 2026, 09:05 UTC'
    """
    return f"{_day(at)}, {at:%H:%M} UTC"
