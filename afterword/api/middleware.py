"""What every request passes: limits of size and time, and one sentence for whatever goes wrong.

The middleware reads a body whole before anything else sees it, so that a slow or endless one costs
no more than its limit. It counts every request, and has refused and failed calls recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import compile_path

from afterword.api import wording
from afterword.api.body import Body
from afterword.api.failures import failure
from afterword.api.metrics import OTHER, Metrics
from afterword.errors import place_of

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

Note = Callable[[str, float], Awaitable[object]]
"""Records a call that got no answer: (outcome, seconds)."""

FRAME: Final = 100_000
"""Bytes that a form may have beside its file."""

UNREAD: Final = 1_000_000_000
"""Bytes of a body that was refused that are taken and thrown away: most clients send all before
they listen, and a line that closes while they send takes the answer with it."""


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Attributes
    ----------
    body_mb : largest body in megabytes.
    seconds : until the body is there, and again until the answer is.
    upload_mb : path → largest file that a form there may hold.
    """

    body_mb: int
    seconds: float
    upload_mb: Mapping[str, int]


class RequestMiddleware:
    """Passes requests on to the service, and answers for it where it cannot.

    Parameters
    ----------
    app : the service.
    limits : of size and time.
    metrics : what is counted.
    note : records a refused or failed call; awaited before its answer is sent.
    noted : addresses whose calls are recorded.
    """

    def __init__(
        self, app: FastAPI, limits: Limits, metrics: Metrics, note: Note, noted: frozenset[str]
    ) -> None:
        self.app = app
        self.limits = limits
        self.metrics = metrics
        self.note = note
        self.noted = noted
        self.paths = [(compile_path(path)[0], path) for path in paths_of(app)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _Call(self, scope, send)
        body = await self._read(scope, receive, call)
        if body is None:
            return
        call.started = time.perf_counter()
        try:
            async with asyncio.timeout(self.limits.seconds):
                await self._answer(scope, receive, body, call)
        except TimeoutError:
            log.error("A call was given up after %s s.", self.limits.seconds)
            await call.answer(504, wording.TOO_LONG)
        except Exception as error:
            # The service has answered; what is left is a traceback with whatever was in hand.
            log.error("A call failed: %s", place_of(error))
            await call.answer(500, wording.FAILED)
        call.count()

    async def _answer(self, scope: Scope, receive: Receive, body: Body, call: _Call) -> None:
        """Let the service answer, until it has or its client has left before it began to."""
        # After the body comes nothing else than that.
        left = asyncio.ensure_future(receive())

        begun = False

        async def replay() -> Message:
            nonlocal begun
            if begun and not body:
                return await asyncio.shield(left)
            begun = True
            # A piece that was handed on is not kept: the body may be large.
            piece = body.take()
            return {"type": "http.request", "body": piece, "more_body": bool(body)}

        # HEAD is GET without a body, on every address.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        work = asyncio.create_task(self.app({**scope, "method": method}, replay, call.send))
        try:
            await asyncio.wait([work, left], return_when=asyncio.FIRST_COMPLETED)
            if work.done() or call.status:
                await work
        finally:
            work.cancel()
            left.cancel()
            await asyncio.gather(work, left, return_exceptions=True)

    async def _read(self, scope: Scope, receive: Receive, call: _Call) -> Body | None:
        """Return the body in pieces; None where the answer was given without it."""
        upload_mb = self.limits.upload_mb.get(scope["path"])
        most_mb = upload_mb or self.limits.body_mb
        most = most_mb * 1_000_000 + (FRAME if upload_mb else 0)
        length = dict(scope["headers"]).get(b"content-length", b"")
        body, size, more = Body(), 0, True
        try:
            async with asyncio.timeout(self.limits.seconds):
                # Said to be too long: nothing is kept. Otherwise what counts is what comes.
                while more and size <= most and not (length.isdigit() and int(length) > most):
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    piece = message.get("body", b"")
                    size += len(piece)
                    body.add(piece)
                    more = message.get("more_body", False)
        except TimeoutError:
            await call.answer(408, wording.TOO_SLOW, {"Connection": "close"})
            call.count()
            return None
        if more or size > most:
            del body  # what came of it is not held while the rest comes
            call.unread = receive if more else None
            await call.answer(413, wording.body_too_large(most_mb), {"Connection": "close"})
            call.count()
            return None
        return body

    def path_of(self, scope: Scope) -> str:
        """The template of an address; what was asked for is never told."""
        return next((path for form, path in self.paths if form.match(scope["path"])), OTHER)


class _Call:
    """One request: what was answered, and when.

    Attributes
    ----------
    unread : receives what is left of a body that was refused; None if nothing is.
    """

    def __init__(self, middleware: RequestMiddleware, scope: Scope, send: Send) -> None:
        self.middleware = middleware
        self.scope = scope
        self.path = middleware.path_of(scope)
        self.to_client = send
        self.started = time.perf_counter()
        self.status = 0
        self.unread: Receive | None = None

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            if (
                status >= 400
                and self.scope["method"] == "POST"
                and self.path in self.middleware.noted
            ):
                await self.middleware.note("failed" if status >= 500 else "refused", self.seconds)
            if status == 405:
                message = {**message, "headers": _with_head(message["headers"])}
            self.status = status
        elif self.scope["method"] == "HEAD":
            message = {**message, "body": b""}
        if self.unread is not None and message["type"] == "http.response.body":
            # The answer is whole; the server closes the line when it is told that it ends.
            await self.to_client({**message, "more_body": True})
            await self._throw_away(self.unread)
            message = {**message, "body": b""}
        await self.to_client(message)

    async def _throw_away(self, unread: Receive) -> None:
        """Take what a client still sends, for as long and as much as a server can bear."""
        left, more, began = UNREAD, True, time.perf_counter()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.middleware.limits.seconds):
                while more and left > 0:
                    message = await unread()
                    left -= len(message.get("body", b""))
                    more = message.get("more_body", False)
        self.started += time.perf_counter() - began  # the answer was there before

    async def answer(
        self, code: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer for the service, unless it has begun to answer itself."""
        if not self.status:
            await failure(code, sentence, headers)(self.scope, _nothing, self.send)

    def count(self) -> None:
        """Count the request as answered."""
        if self.status:
            self.middleware.metrics.count(
                self.path, self.scope["method"], self.status, self.seconds
            )


def paths_of(app: FastAPI) -> list[str]:
    """The templates of every address of a service."""
    return list(dict.fromkeys(str(getattr(route, "path", "")) for route in app.routes))


def _with_head(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Say that HEAD is allowed where GET is."""
    return [
        (name, b"GET, HEAD" if name == b"allow" and b"GET" in value.split(b", ") else value)
        for name, value in headers
    ]


async def _nothing() -> Any:
    return {"type": "http.disconnect"}
