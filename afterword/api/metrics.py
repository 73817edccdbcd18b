"""What the service counts of itself, as Prometheus reads it.

A label is one of a few known words, or the name of a stream, which the operator chose: never an
address or anything that a caller sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from afterword.alerts.rules import SEVERITIES
from afterword.api import wording
from afterword.files.isolation import get_readers

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
OTHER: Final = "other"
"""Stands for every method and every address that there is not."""

VERDICTS: Final = ("stable", "changed", "faulty", "too_few")

BUCKETS_S: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

FRESH_S: Final = 5.0
"""Seconds for which what was read from the store is told again."""
WAIT_S: Final = 2.0
"""Seconds that a scrape waits for the store; it then tells what is known."""

disable_created_metrics()  # type: ignore[no-untyped-call]
# When each counter began is a second series of everything, which nobody reads.

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


@dataclass(frozen=True)
class Seen:
    """What the store and the model say of themselves; None where that is not known.

    Attributes
    ----------
    model : version of the model in service.
    writable : whether the store takes records.
    level : of the last check that counts, if the model in service made it.
    at : when that was, whichever model made it.
    alerts : severity and stream ("" of none) → alerts that nobody has acknowledged.
    """

    model: str | None = None
    writable: bool | None = None
    level: str | None = None
    at: datetime | None = None
    alerts: Mapping[tuple[str, str], int] | None = None


class Metrics:
    """Counters of one service.

    Parameters
    ----------
    look : reads what cannot be counted here; called in a thread, and not for every scrape.
    clock : seconds that only grow; for tests.
    """

    def __init__(
        self,
        look: Callable[[], Seen],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.look = look
        self.clock = clock
        self.registry = CollectorRegistry()
        self._seen = Seen()
        self._seen_at: float | None = None
        self._looking: Future[Seen] | None = None
        self._thread = ThreadPoolExecutor(1, "metrics")
        self.requests = Counter(
            "afterword_requests",
            "Requests by address, method and status.",
            ("path", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "afterword_request_seconds",
            "From the arrival of the whole request to its answer.",
            ("path",),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.errors = Counter(
            "afterword_errors",
            "Requests that were refused (4xx) or failed (5xx).",
            ("outcome",),
            registry=self.registry,
        )
        self.predictions = Counter(
            "afterword_predictions",
            "Descriptions that were answered, or rejected one by one.",
            ("outcome",),
            registry=self.registry,
        )
        self.recorded = Counter(
            "afterword_recorded",
            "Answers by whether they were recorded durably.",
            ("recorded",),
            registry=self.registry,
        )
        # A series that is not there cannot be told from one that does not count.
        for outcome in ("refused", "failed"):
            self.errors.labels(outcome)
        for outcome in ("answered", "rejected"):
            self.predictions.labels(outcome)
        for recorded in ("true", "false"):
            self.recorded.labels(recorded)
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Parameters
        ----------
        path : template of its address; :data:`OTHER` if there is none.
        """
        self.requests.labels(path, method if method in METHODS else OTHER, str(status)).inc()
        self.seconds.labels(path).observe(seconds)
        if status >= 400:
            self.errors.labels("failed" if status >= 500 else "refused").inc()

    def answer(self, answered: int, rejected: int) -> None:
        """Count descriptions."""
        self.predictions.labels("answered").inc(answered)
        self.predictions.labels("rejected").inc(rejected)

    def record(self, recorded: bool) -> None:
        """Count an answer that said whether it was recorded."""
        self.recorded.labels("true" if recorded else "false").inc()

    async def scrape(self) -> bytes:
        """Everything in Prometheus' text format; never fails, and never waits long."""
        if self._seen_at is None or self.clock() - self._seen_at >= FRESH_S:
            await self._look()
        return await asyncio.to_thread(generate_latest, self.registry)

    async def _look(self) -> None:
        if self._looking is None:
            self._looking = self._thread.submit(self.look)
        looking = self._looking
        await asyncio.wait([asyncio.wrap_future(looking)], timeout=WAIT_S)
        if not looking.done():
            # Whether it is still so is not known: nothing is told rather than something old.
            self._seen = replace(Seen(), model=self._seen.model)
            return
        self._looking = None
        failed = looking.cancelled() or looking.exception() is not None
        self._seen = Seen() if failed else looking.result()
        self._seen_at = self.clock()

    def collect(self) -> Iterator[Metric]:
        """Yield what was read: the way in which the registry asks."""
        yield GaugeMetricFamily(
            "afterword_files_waiting",
            wording.FILES_WAITING,
            get_readers().waiting,
        )
        seen = self._seen
        if seen.model is not None:
            model = GaugeMetricFamily(
                "afterword_model_info", "The model that answers.", labels=["version"]
            )
            model.add_metric([seen.model], 1)
            yield model
        if seen.writable is not None:
            yield GaugeMetricFamily(
                "afterword_store_writable", "Whether the store takes records.", seen.writable
            )
        if seen.level is not None:
            levels = GaugeMetricFamily(
                "afterword_last_check_level", "The last verdict: 1 at its level.", labels=["level"]
            )
            for level in VERDICTS:
                levels.add_metric([level], level == seen.level)
            yield levels
        if seen.alerts is not None:
            yield _open_alerts(seen.alerts)
        if seen.at is not None:
            yield GaugeMetricFamily(
                "afterword_last_check_timestamp_seconds",
                "Time of the last check, in seconds since 1970.",
                seen.at.timestamp(),
            )


def _open_alerts(alerts: Mapping[tuple[str, str], int]) -> Metric:
    """A series for each severity, and for each stream that has such an alert."""
    labels = ["severity", "stream"]
    told = GaugeMetricFamily("afterword_open_alerts", wording.OPEN_ALERTS, labels=labels)
    for key, count in ({(severity, ""): 0 for severity in SEVERITIES} | dict(alerts)).items():
        told.add_metric(list(key), count)
    return told
