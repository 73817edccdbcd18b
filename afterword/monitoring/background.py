"""What the server does by itself, once a minute: read its state, look at rules, tell people.

It also forgets reviews that nobody came back to, and once a day what is older than the settings
keep.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import psutil

from afterword.errors import AfterwordError, place_of
from afterword.monitoring import alerting
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.open_reviews import get_open_reviews

MEGABYTE: Final = 1e6

log = logging.getLogger(__name__)


class BackgroundWork:
    """Makes the rounds of one server.

    Parameters
    ----------
    store : where to look and to write.
    sessions : gives the number of visitors that are connected.
    """

    def __init__(self, store: Store, sessions: Callable[[], int]) -> None:
        self.store = store
        self.sessions = sessions
        self.process = psutil.Process()
        self.process.cpu_percent()  # the first call only starts the clock
        self.forgot_on: datetime | None = None

    def round(self, now: datetime | None = None) -> None:
        """Make one round; a fault in one part keeps nobody from the others."""
        now = now or datetime.now(UTC)
        for part in (self.tidy, self.keep_state, self.alert, self.tell, self.forget):
            try:
                part(now)
            except AfterwordError as error:
                log.warning("%s", error)
            except Exception as error:
                log.error("A round failed: %s", place_of(error))

    def tidy(self, _now: datetime) -> None:
        """Forget the reviews whose time is over."""
        get_open_reviews().sweep()

    def keep_state(self, now: datetime) -> None:
        """Keep the server's own state."""
        if get_settings().recording:
            memory = self.process.memory_info().rss / MEGABYTE
            cpu = self.process.cpu_percent() / 100
            self.store.add_reading(now, self.sessions(), round(cpu, 3), round(memory, 1))

    def alert(self, now: datetime) -> None:
        """Open and close alerts."""
        alerting.evaluate(self.store, now=now)

    def tell(self, _now: datetime) -> None:
        """Send what waits, and what failed and is due again."""
        alerting.deliver(self.store)

    def forget(self, now: datetime) -> None:
        """Delete what is too old, once a day."""
        if self.forgot_on is None or now.date() != self.forgot_on.date():
            self.store.forget(now - timedelta(days=get_settings().retention_days), now=now)
            self.forgot_on = now
