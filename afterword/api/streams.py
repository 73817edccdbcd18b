"""Streams over HTTP: listed, made, filled with files, and a period of them checked.

The file of a call is in memory only: a process of its own reads it and looks through its rows, and
gives back numbers and keyed digests.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import HTTPException
from starlette.datastructures import FormData

from afterword.api import wording
from afterword.api.body import Body
from afterword.api.checks import WAITING, finite
from afterword.api.predictions import Work
from afterword.api.schemas import NewStream, RowsAdded, StreamChecked, StreamLine, StreamPeriod
from afterword.api.upload_forms import read_form
from afterword.errors import (
    AfterwordError,
    BatchError,
    CheckError,
    ModelError,
    NoStreamError,
    StoreError,
    StreamError,
    place_of,
)
from afterword.files.options import parse_options
from afterword.streams import wording as stream_wording
from afterword.workers import Job

if TYPE_CHECKING:
    from afterword.streams.adding import Added

log = logging.getLogger(__name__)
Result = TypeVar("Result")

TEXT_FIELDS: Final = ("column", "time", "sheet", "header_row", "date_order", "zone")
OWN_FIELDS: Final = ("stream", "day", "period", "id")
FIELDS: Final = ("file", *OWN_FIELDS, *TEXT_FIELDS, "strict")
"""What a form may have."""


class Streams:
    """Lists, makes, fills and checks streams.

    Parameters
    ----------
    work : with the settings and the store.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self._working = ThreadPoolExecutor(1, "streams")
        self._in_hand = 0

    async def lines(self) -> list[StreamLine]:
        """Tell of every stream.

        Raises
        ------
        HTTPException
            The store cannot be read: 503.
        """
        from afterword.streams.listing import list_streams

        found = await self._do(lambda: list_streams(self.work.store))
        return [StreamLine(**each.to_dict()) for each in found]

    async def make(self, new: NewStream) -> StreamLine:
        """Make a stream.

        Raises
        ------
        HTTPException
            It cannot be made, 422, or the store cannot be written, 503.
        """
        streams = self.work.store.streams
        made = await self._do(lambda: streams.create(new.name, new.cadence, new.zone))
        return next(each for each in await self.lines() if each.name == made.name)

    async def check(self, asked: StreamPeriod) -> StreamChecked:
        """Check a period of a stream, and keep the result.

        Raises
        ------
        HTTPException
            There is no such stream, 404, or period, 422; no model or no store, 503.
        """
        from afterword.monitoring.stream_checks import check_stream, keep_stream_check

        store = self.work.store
        period, first, last = asked.period, asked.first, asked.last
        found = await self._do(
            lambda: check_stream(asked.stream, period, first=first, last=last, store=store)
        )
        number = None
        if self.work.settings.recording:
            number = await self.work.keep(lambda: keep_stream_check(store, found))
        return StreamChecked(
            id=number,
            recorded=number is not None,
            model=found.result.profile.model,
            **found.to_dict(),
            **finite(found.result.to_dict()),
        )

    async def add(self, content_type: str, stream: AsyncIterator[bytes]) -> RowsAdded:
        """Add the rows of a file to a stream.

        Raises
        ------
        HTTPException
            As :func:`afterword.api.upload_forms.read_form`; 404 if there is no such stream, 422
            if the file cannot be added, 503 if there is no model or no store, or too many wait.
        """
        if self._in_hand >= WAITING:
            raise HTTPException(503, wording.BUSY, {"Retry-After": "10"})
        self._in_hand += 1
        job: list[Job] = []
        try:
            body = Body()
            async for piece in stream:
                body.add(piece)
            read = partial(read_form, content_type, body, self.work.settings, FIELDS)
            form, content, ending = await asyncio.to_thread(read)
            await self.work.ready()
            added = await self._do(lambda: self._add(form, content, ending, job))
        finally:
            for each in job:
                each.give_up()
            self._in_hand -= 1
        return RowsAdded(**added.to_dict())

    def _add(self, form: FormData, content: bytes, ending: str, job: list[Job]) -> Added:
        from afterword.model import scored_files
        from afterword.model.registry import folder_of, loaded_version
        from afterword.streams.adding import add_looked, prepare
        from afterword.streams.file_rows import looked_apart

        texts = {
            name: value
            for name in (*OWN_FIELDS, *TEXT_FIELDS)
            if isinstance(value := form.get(name), str) and value
        }
        own = {name: texts.pop(name, None) for name in OWN_FIELDS}
        strict = form.get("strict", "false")
        if strict not in ("true", "false"):
            raise HTTPException(422, wording.true_or_false("strict"))
        name = own.pop("stream")
        if name is None:
            raise HTTPException(422, wording.NAME_THE_STREAM)
        options = parse_options(**texts, strict=strict == "true")
        kept, how = prepare(self.work.store, name, **own)
        options["zone"] = options["zone"] or kept.zone
        folder = folder_of(None)

        def wait(begun: Job) -> Any:
            job.append(begun)
            return begun.result()

        found = scored_files.read(
            content,
            name=f"file{ending}",
            settings=self.work.settings,
            wait=wait,
            then=partial(looked_apart, how, folder, loaded_version(folder)),
            **options,
        )
        if not isinstance(found, tuple):
            raise HTTPException(422, wording.SCORED_ROWS)
        return add_looked(*found, stream=kept, how=how, store=self.work.store)

    async def _do(self, step: Callable[[], Result]) -> Result:
        """Do something in the one thread for streams; what goes wrong is one sentence."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._working, self._attempt, step)

    @staticmethod
    def _attempt(step: Callable[[], Result]) -> Result:
        try:
            return step()
        except HTTPException as error:
            problem = error
        except NoStreamError:
            problem = HTTPException(404, wording.NO_STREAM)
        except (BatchError, CheckError, StreamError) as error:
            no_times = str(error) == stream_wording.NO_TIMES
            problem = HTTPException(422, wording.NO_TIMES if no_times else str(error))
        except ModelError as error:
            log.error("No model: %s", error)
            problem = HTTPException(503, wording.NO_MODEL)
        except StoreError as error:
            log.error("The streams cannot be read or written: %s", error)
            problem = HTTPException(503, wording.UNREADABLE_STREAMS)
        except AfterwordError as error:
            problem = HTTPException(422, str(error))
        except Exception as error:
            log.error("Something with a stream failed: %s", place_of(error))
            problem = HTTPException(500, wording.MODEL_FAILED)
        # Raised here and not above, because an exception keeps the one it was raised from.
        raise problem
