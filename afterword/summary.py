"""What the page "Overview" says: the last verdict, what changed, and the one thing to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from afterword import monitoring
from afterword.registry import load_manifest
from afterword.store import Store
from afterword.tally import version_of
from afterword.windows import Summary, Watched, window_of

if TYPE_CHECKING:
    from afterword.store.checks import KeptCheck

STALE: Final = timedelta(days=8)
"""Age of the last check from which the next one is due."""
MOST_CHANGES: Final = 3
MOST_CHECKS: Final = 1_000

NEVER: Final = "Classify a first description, or check a file of recent ones."
DUE: Final = "The last check is old: check the descriptions of the last days."
SEE_ALERTS: Final = "Look at the open alerts, and say who takes care of them."
SEE_CHARTS: Final = "Look at the charts that crossed their red lines."
NOTHING: Final = "Nothing to do. Check again next week."
COLLECT: Final = "Collect more descriptions, then check again."


def summarise(store: Store, *, sample: bool = False, now: datetime | None = None) -> Summary:
    """Put the state of things into one screen.

    Parameters
    ----------
    store : where everything was recorded.
    sample : of the loaded sample weeks.
    now : the present; that of the clock if None.

    Raises
    ------
    StoreError
        The store cannot be read.
    ModelError
        There is no model.
    """
    now = now or datetime.now(UTC)
    checks = store.checks.list(MOST_CHECKS, sample=sample)
    last = checks[0] if checks else None
    since = last.at if last else None
    for check in checks:
        if last is None or check.level != last.level:
            break
        since = check.at
    seen = monitoring.look(store, window_of("week", now=now), sample=sample, now=now)
    crossed = [one for one in seen.crossed if one.crossed]
    alerts = store.alerts.open_count(sample=sample)
    action, place = _action(last, bool(alerts), bool(crossed), now)
    manifest = load_manifest()
    return Summary(
        level=last.level if last else "",
        headline=last.headline if last else "",
        checked_at=last.at if last else None,
        since=since if len(checks) > 1 else None,
        rows=last.rows if last else 0,
        changes=_changes(last, crossed),
        action=action,
        place=place,
        numbers=monitoring.numbers(store, now=now, sample=sample),
        model=version_of(),
        trained_at=datetime.fromisoformat(manifest.trained_at),
        open_alerts=alerts,
        sample=sample,
    )


def _action(last: KeptCheck | None, alerts: bool, crossed: bool, now: datetime) -> tuple[str, str]:
    """The one thing to do, and the page where it is done."""
    if last is not None and last.alarm and last.actions:
        return last.actions[0], "drift"
    if alerts:
        return SEE_ALERTS, "monitoring"
    if last is None:
        return NEVER, "drift"
    if crossed:
        return SEE_CHARTS, "monitoring"
    if now - last.at > STALE:
        return DUE, "drift"
    if last.level == "too_few":
        return COLLECT, "drift"
    return NOTHING, "monitoring"


def _changes(last: KeptCheck | None, crossed: list[Watched]) -> tuple[str, ...]:
    """What changed, in at most three sentences."""
    told = list(last.reasons) if last is not None and last.alarm else []
    told += [f"{one.label} is beyond its red line this week." for one in crossed]
    return tuple(told[:MOST_CHANGES])
