"""Log lines of what can happen a thousand times a second.

>>> calls = RateLimitedLog(logging.getLogger("afterword.example"), "Calls not recorded")
>>> calls.count("The disk is full.")
>>> dict(calls.counted)
{'The disk is full.': 1}
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import Counter
from typing import Final

EVERY_S: Final = 10.0
"""Seconds between two lines with the same reason."""


class RateLimitedLog:
    """Logs how often something happened and why: the first time at once, then in sums.

    Parameters
    ----------
    log : where the lines go.
    what : what each line counts.
    every_s : seconds between two lines with the same reason.

    Attributes
    ----------
    counted : reason → how often since the start.
    """

    def __init__(self, log: logging.Logger, what: str, every_s: float = EVERY_S) -> None:
        self.log = log
        self.what = what
        self.every_s = every_s
        self.counted: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._told_at: dict[str, float] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def count(self, reason: str, times: int = 1) -> None:
        """Count, and write a line now or, with what else comes, a little later.

        Parameters
        ----------
        reason : a fixed sentence, of which there are few; nothing that was sent.
        """
        with self._lock:
            self.counted[reason] += times
            last = self._told_at.get(reason)
            if last is not None and time.monotonic() - last < self.every_s:
                if self._timer is None:
                    self._timer = threading.Timer(self.every_s, self.flush)
                    self._timer.daemon = True
                    self._timer.start()
                return
        self._tell(reason)

    def flush(self) -> None:
        """Write the lines that wait."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            reasons = list(self.counted)
        for reason in reasons:
            self._tell(reason)

    def _tell(self, reason: str) -> None:
        with self._lock:
            times = self.counted[reason] - self._told[reason]
            self._told[reason] += times
            self._told_at[reason] = time.monotonic()
        if times:
            self.log.warning("%s: %d. %s", self.what, times, reason)
