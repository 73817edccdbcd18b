"""What the page "Overview" says: the last verdict, what changed, and the one thing to do."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from afterword.errors import CheckError
from afterword.model.registry import load_manifest, placed_at, version_of
from afterword.monitoring import wording
from afterword.monitoring.history import shares_kept
from afterword.monitoring.monitor import monitor
from afterword.monitoring.overview_numbers import overview_numbers
from afterword.monitoring.windows import Summary, Watched, window_of
from afterword.monitoring.wording import (
    COLLECT,
    DUE,
    MODEL_CHANGED,
    NEVER,
    NOTHING,
    SEE_ALERTS,
    SEE_CHARTS,
)
from afterword.quality.category_shares import CategoryShare
from afterword.store import Store

if TYPE_CHECKING:
    from afterword.store.checks import KeptCheck

STALE: Final = timedelta(days=8)
"""Age of the last check from which the next one is due."""
MOST_CHANGES: Final = 3
MOST_CHECKS: Final = 1_000


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
    last = store.checks.last(sample=sample)
    model = version_of()
    # What another model's checks said does not vouch for the one in service.
    current = last if last and last.model == model else None
    levels = store.checks.levels(MOST_CHECKS, sample=sample)
    own = list(takewhile(lambda check: check.model == model, levels))
    same = list(takewhile(lambda check: check.level == own[0].level, own))
    seen = monitor(store, window_of("week", now=now), sample=sample, now=now)
    crossed = [one for one in seen.crossed if one.crossed]
    alerts = store.alerts.open_count(sample=sample)
    changed_at = max(placed_at(), last.at) if last and not current else None
    action, place = _action(current, bool(alerts), bool(crossed), now)
    if changed_at:
        action, place = MODEL_CHANGED, "drift"
    manifest = load_manifest()
    return Summary(
        level=current.level if current else "",
        headline=current.headline if current else "",
        checked_at=last.at if last else None,
        since=same[-1].at if len(own) > 1 else None,
        rows=last.rows if last else 0,
        changes=_changes(current, crossed),
        shares=_shares(current),
        action=action,
        place=place,
        numbers=overview_numbers(store, now=now, sample=sample),
        model=model,
        trained_at=datetime.fromisoformat(manifest.trained_at),
        open_alerts=alerts,
        sample=sample,
        check=current.id if current else None,
        changed_at=changed_at,
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


def _shares(last: KeptCheck | None) -> tuple[CategoryShare, ...]:
    """What the last check knows of each category's share; nothing where that is damaged."""
    with suppress(CheckError):
        return shares_kept(last.content) if last else ()
    return ()


def _changes(last: KeptCheck | None, crossed: list[Watched]) -> tuple[str, ...]:
    """What changed, in at most three sentences."""
    told = list(last.reasons) if last is not None and last.alarm else []
    told += [wording.beyond(one.label) for one in crossed]
    return tuple(told[:MOST_CHANGES])
