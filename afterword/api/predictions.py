"""The work behind an answer: in threads of its own, recorded before it is sent.

Few threads compute, so that the pages beside them stay quick; many wait for the disk, so that
calls that come together are written together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from fastapi import HTTPException

from afterword.api import wording
from afterword.api.metrics import Metrics, Seen
from afterword.api.schemas import Category, Prediction
from afterword.errors import AfterwordError, NoStreamError, StoreError, place_of
from afterword.files.reading import EMPTY, NOT_TEXT, reason_to_reject
from afterword.files.tables import UNREADABLE
from afterword.settings import Settings
from afterword.text.chunks import in_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from afterword.model.modes import Mode
    from afterword.store import Store
    from afterword.store.stream_records import Stream
    from afterword.streams.recording import Observation
    from afterword.text.analysis import Analysis

log = logging.getLogger(__name__)

PREDICTING: Final = 2
"""Calls whose texts are classified at once: a third would only take from the pages."""
CHUNK: Final = 20_000
"""Characters that are classified at once, of one text or of several: some hundredths of a second.
The calls take turns after each, so that none waits for another's rest, and what nobody waits for
any more ends."""
KEEPING: Final = 32
"""Calls that wait for the disk at once."""
KEEP_S: Final = 5.0
"""Seconds after which an answer goes out unrecorded; the store gives up before."""

LATE: Final = wording.store_late(KEEP_S)

_REASONS: Final = {
    EMPTY: wording.EMPTY_TEXT,
    NOT_TEXT: wording.NO_STRING,
    UNREADABLE: wording.UNREADABLE_TEXT,
}

Result = TypeVar("Result")


class Model(Protocol):
    """What the service needs of a model; :func:`afterword.model.registry.load_model` returns
    one."""

    @property
    def categories(self) -> tuple[str, ...]:
        """(k,) names."""
        ...

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """(k,) probability from which a category is decided."""
        ...

    def mode(self, name: str | None = None) -> Mode:
        """Return a way to decide; that of the settings if None."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (n, k) probabilities."""
        ...


@dataclass(frozen=True)
class Served:
    """The model that answers, and the name under which it does."""

    model: Model
    name: str


@dataclass(frozen=True)
class Answer:
    """What the texts of one call were answered, and whether that is durable."""

    model: str
    predictions: list[Prediction]
    recorded: bool


@cache
def load_served() -> Served:
    """Return the model in service, loaded once."""
    from afterword.model.registry import (  # late: they take a while to import
        load_manifest,
        load_model,
    )

    model = load_model()
    # The start of its artefact's digest: what `sha256sum` says of the file.
    return Served(model, load_manifest().artefact_sha256[:12])


@dataclass
class Work:
    """What the service does, as functions that do not hold up the server.

    Attributes
    ----------
    load : returns the model; called on every request, so it keeps what it loaded.
    settings : limits, and whether anything is recorded.
    own_store : where it is recorded; this process's store if None.
    """

    load: Callable[[], Served]
    settings: Settings
    own_store: Store | None = None
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = Metrics(self._look)
        self._predicting = ThreadPoolExecutor(PREDICTING, "predict")
        self._keeping = ThreadPoolExecutor(KEEPING, "keep")

    @property
    def store(self) -> Store:
        """The store."""
        from afterword.store import get_store

        return self.own_store or get_store()

    async def ready(self) -> Served:
        """Return the model.

        Raises
        ------
        HTTPException
            There is none: 503.
        """
        return await asyncio.to_thread(self.loaded)

    def loaded(self) -> Served:
        """Return the model, in the thread that calls.

        Raises
        ------
        HTTPException
            There is none: 503.
        """
        try:
            return self.load()
        except Exception as error:
            # The message of our own errors is safe to log; others may quote what they were given.
            log.error("No model: %s", error if isinstance(error, AfterwordError) else _kind(error))
        raise HTTPException(503, wording.NO_MODEL)

    async def stream_of(self, name: str | None) -> Stream | None:
        """The stream that a call names; None if it names none, or nothing is recorded.

        Raises
        ------
        HTTPException
            There is no such stream, 404, or the store cannot be read, 503.
        """
        if name is None or not self.settings.recording:
            return None
        try:
            return await asyncio.to_thread(lambda: self.store.streams.get(name))
        except NoStreamError:
            problem = HTTPException(404, wording.NO_STREAM)
        except StoreError as error:
            log.error("The streams cannot be read: %s", error)
            problem = HTTPException(503, wording.UNREADABLE_STREAMS)
        raise problem

    async def predict_one(
        self, text: str, mode: str | None = None, stream: Stream | None = None
    ) -> tuple[Answer, dict[str, Category]]:
        """Answer one text, as :meth:`predict` does.

        Raises
        ------
        HTTPException
            As :meth:`predict`; or the text cannot be classified, 422.
        """
        answer = await self.predict([text], mode, refuse=True, stream=stream)
        (prediction,) = answer.predictions
        assert prediction.categories is not None
        return answer, prediction.categories

    async def predict(
        self,
        texts: Sequence[Any],
        mode: str | None = None,
        *,
        refuse: bool = False,
        stream: Stream | None = None,
    ) -> Answer:
        """Answer each text, or say what is wrong with it, and have the call recorded.

        Parameters
        ----------
        texts : whatever was sent.
        mode : how decisions are made; that of the settings if None.
        refuse : whether the whole call is refused for a text that cannot be classified.
        stream : to which the call belongs; that of the service if None.

        Raises
        ------
        HTTPException
            There is no model, 503, or it failed, 500; or the call is refused, 422.
        asyncio.CancelledError
            Nobody waits any more: the rest of the texts is left, and nothing is recorded.
        """
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        name, predictions = "", list[Prediction]()
        seen: list[Observation | None] = []
        for some in in_parts(texts, CHUNK):
            name, answers, observed = await loop.run_in_executor(
                self._predicting, self._predict, some, mode
            )
            predictions += answers
            if any(one.categories is not None for one in answers):
                seen.append(observed)
        rejected = sum(one.categories is None for one in predictions)
        self.metrics.answer(len(predictions) - rejected, rejected)
        if refuse and rejected:
            raise HTTPException(422, next(one.error for one in predictions if one.error))
        seconds = time.perf_counter() - started
        # Answers of which nothing was kept are not recorded, however well the call itself was.
        whole = [one for one in seen if one is not None]
        if len(whole) < len(seen) and self.settings.recording:
            self._unrecorded(wording.UNCOUNTED)
        recorded = len(whole) == len(seen) and await self.record(
            "answered", seconds, whole, rejected, stream
        )
        self.metrics.record(recorded)
        return Answer(name, predictions, recorded)

    def _predict(
        self, texts: Sequence[Any], mode: str | None
    ) -> tuple[str, list[Prediction], Observation | None]:
        served = self.loaded()
        reasons = [_reason(text, self.settings.max_characters) for text in texts]
        good = [text for text, reason in zip(texts, reasons, strict=True) if not reason]
        seen = None
        answers: list[dict[str, Category]] = []
        if good:
            found = self._look_through(good, served.model)
            try:
                probabilities = _probabilities(good, served.model, found)
                answers = _answers(served.model, probabilities, mode)
            except Exception as error:
                log.error("The prediction failed: %s", _kind(error))
                raise HTTPException(500, wording.MODEL_FAILED) from None
            seen = self._observe(good, probabilities, served.model, found)
        each = iter(answers)
        predictions = [
            Prediction(error=reason) if reason else Prediction(categories=next(each))
            for reason in reasons
        ]
        return served.name, predictions, seen

    def _look_through(self, texts: Sequence[str], model: Any) -> Analysis | None:
        """What the answer and its record need of texts; None if nothing is or can be recorded."""
        if not self.settings.recording:
            return None
        try:
            from afterword.text.analysis import analyse

            return analyse(texts, model)
        except Exception as error:
            log.error("Nothing of a call can be recorded: %s", place_of(error))
            return None

    @staticmethod
    def _observe(
        texts: Sequence[str],
        probabilities: NDArray[np.float64],
        model: Any,
        found: Analysis | None,
    ) -> Observation | None:
        if found is None:
            return None
        try:
            from afterword.streams import recording

            return recording.observe(texts, probabilities, model, found=found)
        except Exception as error:
            log.error("Nothing of a call can be recorded: %s", place_of(error))
            return None

    async def record(
        self,
        outcome: str,
        seconds: float,
        seen: Sequence[Observation] = (),
        rejected: int = 0,
        stream: Stream | None = None,
    ) -> bool:
        """Have a call recorded; False if it is not durable. Never raises, never waits long."""
        if not self.settings.recording:
            return False

        def write() -> bool:
            from afterword.streams import recording

            return recording.record(
                "http",
                recording.join(seen) if seen else None,
                rejected=rejected,
                latency_s=seconds,
                outcome=outcome,
                store=self.own_store,
                stream=stream,
            )

        kept = await self.keep(write)
        if kept is None:
            self._unrecorded(LATE)
        return kept or False

    @staticmethod
    def _unrecorded(reason: str) -> None:
        from afterword.store import unrecorded

        unrecorded.count(reason)

    async def keep(self, write: Callable[[], Result]) -> Result | None:
        """Let something be written or read; None if that fails or takes too long."""
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._keeping, write), KEEP_S)
        except Exception as error:
            log.error("The store did not answer: %s", place_of(error))
            return None

    async def writable(self) -> bool:
        """Whether the store takes records now."""
        return await self.keep(lambda: self.store.writable()) or False

    def _look(self) -> Seen:
        """What the metrics say of model and store; what cannot be read is not said."""
        model = writable = level = at = alerts = None
        try:
            model = self.load().name
        except Exception as error:
            log.debug("No model for the metrics: %s", _kind(error))
        if self.settings.recording:
            try:
                writable = self.store.writable()
                alerts = self.store.alerts.open_counts()
                last = self.store.checks.last()
                if last is not None:
                    at = last.at
                    # What another model's check said does not vouch for the one that answers.
                    level = last.level if last.model == model else None
            except Exception as error:
                log.debug("No store for the metrics: %s", _kind(error))
        return Seen(model, writable, level, at, alerts)


def _reason(text: object, max_characters: int) -> str:
    """Say why an item cannot be classified, by the rules for a batch; empty if it can."""
    reason = reason_to_reject(text, max_characters)
    return _REASONS.get(reason, wording.text_too_long(max_characters)) if reason else ""


def _probabilities(texts: Sequence[str], model: Any, found: Analysis | None) -> NDArray[np.float64]:
    """(n, k) of texts, from what was found in them where they were looked through before."""
    if found is None:
        shares: NDArray[np.float64] = model.predict_proba(texts)
    else:
        shares = model.probabilities_of(found.tokens)
    return shares


def _answers(
    model: Model, probabilities: NDArray[np.float64], mode: str | None
) -> list[dict[str, Category]]:
    """One record per category and text, as the model's own ``predict`` decides."""
    chosen = model.mode(mode)
    decisions, unsure = chosen.decide(probabilities).tolist(), chosen.unsure(probabilities).tolist()
    return [
        {
            # Four digits say all that calibration can tell.
            category: Category(probability=round(share, 4), decision=decided, unsure=doubtful)
            for category, share, decided, doubtful in zip(model.categories, *row, strict=True)
        }
        for row in zip(probabilities.tolist(), decisions, unsure, strict=True)
    ]


def _kind(error: Exception) -> str:
    return type(error).__name__
