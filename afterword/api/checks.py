"""Checks over HTTP: a file in, a verdict out; and those that were kept.

The file is in memory only, from the first byte to the last: never on a disk, not even for a
moment, and its name is used for its ending alone.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import HTTPException
from starlette.datastructures import FormData

from afterword.api import wording
from afterword.api.body import Body
from afterword.api.predictions import Work
from afterword.api.schemas import CheckLine, CheckMade, CheckWhole
from afterword.api.upload_forms import read_form
from afterword.errors import (
    BatchError,
    CheckError,
    ColumnError,
    ModelError,
    StoreError,
    place_of,
)
from afterword.files import wording as files_wording
from afterword.files.isolation import READERS
from afterword.files.options import parse_options
from afterword.files.parted import parted
from afterword.model.scored import Scored
from afterword.records import Batch
from afterword.settings import Settings
from afterword.store.stream_records import FILES_NAME, SERVICE
from afterword.workers import Job

if TYPE_CHECKING:
    from afterword.drift.apart import Checked
    from afterword.drift.result import CheckResult
    from afterword.reports.one_page import Page
    from afterword.store.checks import KeptCheck

log = logging.getLogger(__name__)

Found = TypeVar("Found")

CHECKING: Final = 1
"""Checks at once of what was read: a large one fills a processor; predictions go on beside it."""
WAITING: Final = 4
"""Checks that may be in hand or wait; each holds its file in memory."""
TEXT_FIELDS: Final = ("column", "time", "sheet", "header_row", "date_order", "zone", "by")
FLAGS: Final = ("keep", "strict")
FIELDS: Final = ("file", *TEXT_FIELDS, "label", *FLAGS)
"""What a form may have; of these, what is a text, and what is true or false."""


@dataclass(frozen=True)
class Upload:
    """What a form brought.

    Attributes
    ----------
    content : of the file.
    ending : of its name, ".csv"; "" if it had none.
    options : what the caller says of the file, for :func:`afterword.read_batch`.
    keep : whether the check counts; it is a trial otherwise.
    """

    content: bytes
    ending: str
    options: Mapping[str, Any]
    keep: bool = False

    def __repr__(self) -> str:
        return f"Upload({len(self.content)} bytes)"


def read_upload(content_type: str, body: Body, settings: Settings) -> Upload:
    """Read a multipart form.

    Parameters
    ----------
    content_type : header of the request, with its boundary.
    body : of the request; nothing of it is left, as the file may be large.
    settings : say how large a file may be.

    Raises
    ------
    HTTPException
        400, 413, 415 or 422 with a sentence.
    """
    form, content, ending = read_form(content_type, body, settings, FIELDS, ("label",))
    options, keep = _read_fields(form)
    return Upload(content, ending, options, keep)


def _read_fields(form: FormData) -> tuple[dict[str, Any], bool]:
    """What a form says of its file, and whether the check counts; an empty field says nothing."""
    flags = {name: form.get(name, "false") for name in FLAGS}
    for name, flag in flags.items():
        if flag not in ("true", "false"):
            raise HTTPException(422, wording.true_or_false(name))
    texts = {
        name: value for name in TEXT_FIELDS if isinstance(value := form.get(name), str) and value
    }
    label = [value for value in form.getlist("label") if isinstance(value, str) and value]
    try:
        options = parse_options(**texts, label=label, strict=flags["strict"] == "true")
    except BatchError as error:
        raise HTTPException(422, str(error)) from None
    return options, flags["keep"] == "true"


class Checks:
    """Makes checks and tells of those that were kept.

    Parameters
    ----------
    work : with the model, the settings and the store.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self._reading = ThreadPoolExecutor(READERS - 1, "read")  # one is left to the pages
        self._checking = ThreadPoolExecutor(CHECKING, "check")
        self._in_hand = 0

    async def make(self, content_type: str, stream: AsyncIterator[bytes]) -> CheckMade:
        """Check a file and keep the result, as a trial unless the form says that it counts.

        Raises
        ------
        HTTPException
            As :func:`read_upload`; 422 if the file cannot be checked, 503 if there is no model or
            too many checks wait, 500 if the check failed.
        """
        if self._in_hand >= WAITING:
            raise HTTPException(503, wording.BUSY, {"Retry-After": "10"})
        self._in_hand += 1
        try:
            settings = self.work.settings
            body = Body()
            async for piece in stream:
                body.add(piece)
            work = _Work(
                await asyncio.to_thread(read_upload, content_type, body, settings), settings
            )
            served = await self.work.ready()
            loop = asyncio.get_running_loop()
            try:
                source = await loop.run_in_executor(self._reading, work.read)
                result, reading = await loop.run_in_executor(self._checking, work.check, source)
            finally:
                work.give_up()
        finally:
            self._in_hand -= 1
        number = None
        if settings.recording:
            number = await self.work.keep(lambda: self._keep(result, served.name, work.upload.keep))
        self.work.metrics.record(number is not None)
        return CheckMade(
            id=number,
            recorded=number is not None,
            trial=not work.upload.keep,
            stream=FILES_NAME if work.upload.keep and number is not None else None,
            model=served.name,
            reading=finite(reading),
            **finite(result.to_dict()),
        )

    def _keep(self, result: CheckResult, model: str, counts: bool) -> int | None:
        """Keep a check: a trial, or one that belongs to the stream of files."""
        store = self.work.store
        stream = store.streams.files().id if counts else SERVICE
        return store.checks.add(result, source="http", model=model, trial=not counts, stream=stream)

    async def lines(
        self, limit: int, since: datetime | None, sample: bool, trial: bool | None
    ) -> list[CheckLine]:
        """Tell of the newest checks.

        Raises
        ------
        HTTPException
            The store cannot be read: 503.
        """
        store = self.work.store
        kept = await self._read(
            lambda: store.checks.list(limit, since=since, sample=sample, trial=trial)
        )
        names = await self._names()
        return [CheckLine(**_about(one, names)) for one in kept]

    async def _names(self) -> dict[int, str]:
        """The names of the streams by their numbers."""
        streams = await self._read(lambda: self.work.store.streams.list())
        return {each.id: each.name for each in streams}

    async def whole(self, number: int) -> CheckWhole:
        """Tell all of one check.

        Raises
        ------
        HTTPException
            It is not there, 404, or the store cannot be read, 503.
        """
        kept = await self._kept(number)
        names = await self._names()
        return CheckWhole(**{**finite(dict(kept.content)), **_about(kept, names)})

    async def page(self, number: int) -> Page:
        """One check as a page to mail or print.

        Raises
        ------
        HTTPException
            As :meth:`whole`.
        """
        kept = await self._kept(number)
        stream = (await self._names()).get(kept.stream or 0, "")
        from afterword.reports import one_page  # late: it takes a while to import

        return await asyncio.to_thread(
            lambda: one_page.page_of(kept, stream=stream, period=kept.period)
        )

    async def _kept(self, number: int) -> KeptCheck:
        kept = await self._read(lambda: self.work.store.checks.get(number))
        if kept is None:
            raise HTTPException(404, wording.NO_CHECK)
        return kept

    async def _read(self, read: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(read)
        except StoreError as error:
            log.error("The checks cannot be read: %s", error)
        raise HTTPException(503, wording.UNREADABLE_STORE)


class _Work:
    """A check under way, which ends soon after nobody waits for it any more.

    Parameters
    ----------
    upload : what to check.
    settings : limits of its size.
    """

    def __init__(self, upload: Upload, settings: Settings) -> None:
        self.upload, self.settings = upload, settings
        self._job: Job | None = None
        self._given_up = False

    def give_up(self) -> None:
        """Nobody waits: the process that reads for it is ended, scoring stops at its next step."""
        self._given_up = True
        if self._job is not None:
            self._job.give_up()

    def read(self) -> Batch | Scored | Checked:
        """Read the file; a large one is checked where it is read.

        Raises
        ------
        HTTPException
            422 if it cannot be read.
        """
        return self._attempt(self._read)

    def check(self, source: Batch | Scored | Checked) -> Checked:
        """Check what was read: the result, and what was understood of the file.

        Raises
        ------
        HTTPException
            422 if it cannot be checked, 503 if there is no model, 500 if the check failed.
        """
        return self._attempt(lambda: self._check(source))

    def _attempt(self, step: Callable[[], Found]) -> Found:
        try:
            return step()
        except ColumnError as error:
            asked = str(error) == files_wording.COLUMN_NOT_TOLD
            problem = HTTPException(422, wording.NAME_THE_COLUMN if asked else str(error))
        except (BatchError, CheckError) as error:
            problem = HTTPException(422, str(error))
        except ModelError as error:
            log.error("No model: %s", error)
            problem = HTTPException(503, wording.NO_MODEL)
        except Exception as error:
            if not self._given_up:  # else what was waiting for has ended, as it should
                log.error("A check failed: %s", place_of(error))
            problem = HTTPException(500, wording.MODEL_FAILED)
        # Raised here and not above, because an exception keeps the one it was raised from.
        raise problem

    def _read(self) -> Batch | Scored | Checked:
        from afterword.drift import apart  # late: they take a while to import
        from afterword.model import scored_files

        read: Batch | Scored | Checked = scored_files.read(
            self.upload.content,
            name=f"file{self.upload.ending}",
            settings=self.settings,
            wait=self._wait,
            whole=False,
            then=apart.when_large(),
            **self.upload.options,
        )
        self.upload = replace(self.upload, content=b"")  # what was read takes its place in memory
        return read

    def _check(self, source: Batch | Scored | Checked) -> Checked:
        from afterword.drift import apart, checking
        from afterword.model import scoring

        if isinstance(source, apart.Checked):
            return source
        if not isinstance(source, Batch):
            return apart.Checked(checking.check(source, by=self.upload.options["by"]), [])
        scored = scoring.score(source, progress=self._go_on)
        return apart.Checked(checking.check(scored, by=parted(source)), source.reading.to_dict())

    def _wait(self, job: Job) -> Any:
        self._job = job
        self._go_on()
        return job.result()

    def _go_on(self, _done: float = 0) -> None:
        if self._given_up:
            if self._job is not None:
                self._job.give_up()
            raise BatchError(wording.GIVEN_UP)


def _about(kept: KeptCheck, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": kept.id,
        "at": kept.at,
        "source": kept.source,
        "model": kept.model,
        "level": kept.level,
        "alarm": kept.alarm,
        "alpha": kept.alpha,
        "headline": kept.headline,
        "rows": kept.rows,
        "accepted": kept.accepted,
        "window": list(kept.window) if kept.window else None,
        "sample": kept.sample,
        "trial": kept.trial,
        "stream": None if kept.stream is None else names.get(kept.stream),
        "stream_period": kept.period or None,
    }


def finite(content: Any) -> Any:
    """Replace what JSON has no number for by null."""
    if isinstance(content, dict):
        return {name: finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
